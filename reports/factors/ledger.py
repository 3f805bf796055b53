"""Looking factors up: the row in force on a day, with its citation; and what a new version would change."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from reports.calculations.cbam.goods import FERTILISERS, category_of, digits_of
from reports.factors.models import Factor


class NoFactor(LookupError):
    """No row of this key holds on that day: there is nothing to calculate with, and nothing is guessed."""

    def __init__(self, key, on):
        self.key, self.on = key, on
        super().__init__(f"No factor “{key}” holds on {on:%-d %B %Y}.")


def factor(key: str, on: date, known_by: date | None = None) -> Factor:
    """The row of `key` in force on a day, of the version published last (by `known_by`, where given).

    Raises NoFactor. `on` is a day of the report's period: a grid factor's row holds for its financial year, however
    late it was published.
    """
    rows = Factor.objects.filter(key=key).in_force(on)
    if known_by:
        rows = rows.filter(factor_set__published_on__lte=known_by)
    found = rows.newest_first().select_related("factor_set").first()
    if found is None:
        raise NoFactor(key, on)
    return found


def default_value(cn_code: str, on: date, variant: str = "", country: str = "in") -> Factor:
    """The default total of a CN code: the longest code that stands in the act, else that of other countries.

    Base value; `mark_up` gives what is added. Raises NoFactor. `variant` is white or grey for clinker.
    """
    suffix = f".{variant}" if variant else ""
    for origin in (country, "other"):
        keys = [f"cbam.default.{origin}.{code}{suffix}.total" for code in beginnings(cn_code)]
        if found := longest(keys, on):
            return found
    raise NoFactor(f"cbam.default.{country}.{digits_of(cn_code)}{suffix}.total", on)


def mark_up(cn_code: str, on: date) -> Factor:
    """The mark-up of the year of import: 1 % for fertilisers, rising for the rest."""
    kind = "fertilisers" if category_of(cn_code) in FERTILISERS else "general"
    return factor(f"cbam.mark_up.{kind}", on)


def benchmark(cn_code: str, column: str, on: date, route: str = "") -> Factor:
    """Column a (process) or b (chain) of a CN code and route. Raises NoFactor: then SEFA is not determined."""
    keys = [f"cbam.benchmark.{column}.{code}{f'.{route.lower()}' if route else ''}" for code in beginnings(cn_code)]
    plain = [f"cbam.benchmark.{column}.{code}" for code in beginnings(cn_code)]
    found = longest(keys, on) or longest(plain, on)
    if found is None:
        raise NoFactor(keys[0], on)
    return found


def beginnings(cn_code: str) -> list[str]:
    """A code and its beginnings down to the heading, longest first."""
    code = digits_of(cn_code)
    return [code[:length] for length in range(len(code), 3, -1)]


def longest(keys: list[str], on: date) -> Factor | None:
    rows = Factor.objects.filter(key__in=keys).in_force(on).select_related("factor_set")
    return next((row for key in keys for row in rows.newest_first() if row.key == key), None)


@dataclass(frozen=True)
class Change:
    """A factor that a report froze, and what would stand in its place today. `now` is None where nothing holds."""

    key: str
    name: str
    before: Decimal
    now: Decimal | None
    unit: str
    version_before: str
    version_now: str

    @property
    def changes_value(self) -> bool:
        return self.now != self.before


def changes(frozen: list[dict], on: date) -> list[Change]:
    """What the newest versions would change in a report of a period ending `on`, from the factors it froze.

    An issued report keeps its own whatever this says; an open one can be made again.
    """
    newest = {}
    keys = [entry["key"] for entry in frozen]
    for row in Factor.objects.filter(key__in=keys).in_force(on).select_related("factor_set").newest_first():
        newest.setdefault(row.key, row)
    found = [change(entry, newest.get(entry["key"])) for entry in frozen]
    return [entry for entry in found if entry.changes_value or entry.version_now != entry.version_before]


def change(entry, row) -> Change:
    return Change(
        entry["key"],
        entry["name"],
        Decimal(entry["value"]),
        row.amount if row else None,
        entry["unit"],
        entry["version"],
        row.factor_set.version if row else "",
    )
