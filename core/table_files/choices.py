"""What a person said about how to read a table, and what a reader asks. Values that can be stored and used again."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from core.table_files.days import DayOrder
from core.table_files.months import MonthMeaning
from core.table_files.numbers import Notation

ALL = "*"  # every column that is undecided
MAX_COLUMNS = 200


class ChoiceError(ValueError):
    """An answer that is none; `field` names it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Question:
    """`key` is the name of its answer, `options` are (value, words), `proposed` is one of their values or ""."""

    key: str
    sentence: str
    options: tuple[tuple[str, str], ...]
    proposed: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Choices:
    """Answers to the questions; what is not said is found out, or asked.

    `columns` and `decimals` are by column number from 1; decimals also by ALL. A column whose field is "" is left out.
    """

    head_line: int | None = None  # 0: the table has no head
    columns: Mapping[str, str] = field(default_factory=dict)
    decimals: Mapping[str, str] = field(default_factory=dict)
    dates: str = ""
    months: str = ""
    accepted: tuple[str, ...] = ()

    def decimal_of(self, column: int) -> Notation | None:
        said = self.decimals.get(str(column)) or self.decimals.get(ALL)
        return Notation(said) if said else None

    @property
    def day_order(self) -> DayOrder | None:
        return DayOrder(self.dates) if self.dates else None

    @property
    def month_meaning(self) -> MonthMeaning | None:
        return MonthMeaning(self.months) if self.months else None

    def merged(self, other: "Choices") -> "Choices":
        """These, with what the other says besides or instead."""
        return replace(
            self,
            head_line=self.head_line if other.head_line is None else other.head_line,
            columns={**self.columns, **other.columns},
            decimals={**self.decimals, **other.decimals},
            dates=other.dates or self.dates,
            months=other.months or self.months,
            accepted=tuple(dict.fromkeys([*self.accepted, *other.accepted])),
        )

    def as_json(self) -> dict[str, Any]:
        """Without what was not said."""
        return {name: value for name, value in asdict(self).items() if value not in (None, "", {}, (), [])}


def choices_from_json(data: Any) -> Choices:
    """Raises ChoiceError naming the field."""
    if not isinstance(data, Mapping):
        raise ChoiceError("choices", "An object is expected.")
    unknown = set(data) - {"head_line", "columns", "decimals", "dates", "months", "accepted"}
    if unknown:
        raise ChoiceError(sorted(map(str, unknown))[0], "This is no choice of an import.")
    return Choices(
        head_line=head_line_of(data.get("head_line")),
        columns=by_column("columns", {} if data.get("columns") is None else data["columns"]),
        decimals=by_column("decimals", decimals_of(data.get("decimals")), allowed=tuple(Notation)),
        dates=one_of("dates", data.get("dates"), tuple(DayOrder)),
        months=one_of("months", data.get("months"), tuple(MonthMeaning)),
        accepted=accepted_of(data.get("accepted") or ()),
    )


def head_line_of(value: Any) -> int | None:
    if value is None or value == "":
        return None
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = -1
    if isinstance(value, bool) or not 0 <= number < 10_000:
        raise ChoiceError("head_line", "The number of a line is expected, 0 for a table without a head.")
    return number


def decimals_of(value: Any) -> Any:
    """A single word is of every undecided column."""
    return {ALL: value} if isinstance(value, str) and value else value or {}


def by_column(name: str, data: Any, allowed: tuple[str, ...] = ()) -> dict[str, str]:
    if not isinstance(data, Mapping):
        raise ChoiceError(name, "An object is expected: the column's number → its value.")
    found = {}
    for column, value in data.items():
        number = str(column)
        if number != ALL and not (number.isdecimal() and 1 <= int(number[:6]) <= MAX_COLUMNS):
            raise ChoiceError(name, f"{number[:40]!r} is no number of a column.")
        if not isinstance(value, str) or len(value) > 64 or (allowed and value and value not in allowed):
            words = f"One of {', '.join(allowed)} is expected." if allowed else "The name of a field is expected."
            raise ChoiceError(name, words)
        if value or not allowed:
            found[number] = value
    return found


def one_of(name: str, value: Any, allowed: tuple[str, ...]) -> str:
    if value in (None, ""):
        return ""
    if value not in allowed:
        raise ChoiceError(name, f"One of {', '.join(allowed)} is expected.")
    return str(value)


def accepted_of(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(key, str) and len(key) <= 64 for key in value):
        raise ChoiceError("accepted", "A list of keys of questions is expected.")
    return tuple(value)
