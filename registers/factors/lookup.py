"""Factor lookup by day, and the differences that newer versions would make."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from calculations.cbam.goods import FERTILISERS, TARIC_DIGITS, category_of, digits_of
from registers.models.factors import Factor


class FactorNotFound(LookupError):
    """No factor of this key is valid on that day; there is no fallback."""

    def __init__(self, key, on) -> None:
        self.key, self.on = key, on
        super().__init__(f"No factor “{key}” holds on {on:%-d %B %Y}.")


def factor(key: str, on: date, known_by: date | None = None) -> Factor:
    """The row of `key` in force on a day, of the version published last (by `known_by`, where given).

    Raises FactorNotFound. `on` is a day of the report's period: a grid factor is valid for its financial year,
    however late it was published.
    """
    rows = Factor.objects.filter(key=key).in_force(on)
    if known_by:
        rows = rows.filter(factor_set__published_on__lte=known_by)
    newest = rows.newest_first().select_related("factor_set").first()
    if newest is None:
        raise FactorNotFound(key, on)
    return newest


@dataclass(frozen=True)
class DefaultValues:
    """Default values and mark-ups of one day; those of a country are read once, for any number of goods."""

    on: date
    by_origin: dict[str, dict[str, Factor]] = field(default_factory=dict)  # and the mark-ups, once read

    def value(self, cn_code: str, variant: str = "", country: str = "in") -> Factor:
        """The default total of a CN code: by its longest prefix listed in the act, else that of other countries.

        Without the mark-up, which `mark_up` returns. Raises FactorNotFound. `variant` is white or grey for clinker.
        """
        suffix = f".{variant}.total" if variant else ".total"
        for origin in (country, "other"):
            for code in code_prefixes(cn_code):
                if factor := self.rows_of(origin).get(f"cbam.default.{origin}.{code}{suffix}"):
                    return factor
        raise FactorNotFound(f"cbam.default.{country}.{digits_of(cn_code)}{suffix}", self.on)

    def mark_up(self, cn_code: str) -> Factor:
        """The mark-up of the year of import: 1 % for fertilisers, rising for the rest."""
        kind = "fertilisers" if category_of(cn_code) in FERTILISERS else "general"
        key = f"cbam.mark_up.{kind}"
        if "mark_up" not in self.by_origin:
            rows = Factor.objects.filter(key__startswith="cbam.mark_up.")
            self.by_origin["mark_up"] = newest_by_key(rows, self.on)
        if key not in self.by_origin["mark_up"]:
            raise FactorNotFound(key, self.on)
        return self.by_origin["mark_up"][key]

    def rows_of(self, origin: str) -> dict[str, Factor]:
        """The totals of a country (ISO code in lower case) or of "other", by key."""
        if origin not in self.by_origin:
            rows = Factor.objects.filter(key__startswith=f"cbam.default.{origin}.", key__endswith=".total")
            self.by_origin[origin] = newest_by_key(rows, self.on)
        return self.by_origin[origin]


def default_values_on(on: date) -> DefaultValues:
    return DefaultValues(on)


def default_value(cn_code: str, on: date, variant: str = "", country: str = "in") -> Factor:
    return default_values_on(on).value(cn_code, variant, country)


def mark_up(cn_code: str, on: date) -> Factor:
    return default_values_on(on).mark_up(cn_code)


def benchmark(cn_code: str, column: str, on: date, route: str = "") -> Factor:
    """Column a (process) or b (chain) of a CN code and route. Raises FactorNotFound: then SEFA is not determined."""
    codes = [f"cbam.benchmark.{column}.{code}" for code in code_prefixes(cn_code)]
    keys = [f"{code}.{route.lower()}" for code in codes if route] + codes
    rows = newest_by_key(Factor.objects.filter(key__in=keys), on)
    factor = next((rows[key] for key in keys if key in rows), None)
    if factor is None:
        raise FactorNotFound(keys[0], on)
    return factor


def code_prefixes(cn_code: str) -> list[str]:
    """A code and its prefixes down to the 4-digit heading, longest first."""
    code = digits_of(cn_code)[:TARIC_DIGITS]
    return [code[:length] for length in range(len(code), 3, -1)]


def newest_by_key(rows, on: date) -> dict[str, Factor]:
    """The row of each key that is in force, of the version published last."""
    by_key: dict[str, Factor] = {}
    for row in rows.in_force(on).select_related("factor_set").newest_first():
        by_key.setdefault(row.key, row)
    return by_key


@dataclass(frozen=True)
class FactorDifference:
    """A factor frozen in a report against the one valid today; `now` is None where there is none."""

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


def factor_differences(frozen: list[dict], on: date) -> list[FactorDifference]:
    """Differences between the factors frozen in a report of a period ending `on` and the newest versions.

    Issued reports keep their factors; an open one can be generated again.
    """
    rows = newest_by_key(Factor.objects.filter(key__in=[entry["key"] for entry in frozen]), on)
    differences = [factor_difference(entry, rows.get(entry["key"])) for entry in frozen]
    return [entry for entry in differences if entry.changes_value or entry.version_now != entry.version_before]


def factor_difference(entry, row) -> FactorDifference:
    return FactorDifference(
        entry["key"],
        entry["name"],
        Decimal(entry["value"]),
        row.amount if row else None,
        entry["unit"],
        entry["version"],
        row.factor_set.version if row else "",
    )
