"""A rule, the case it looks at, and what it finds."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

BLOCKS, WARNS = "blocks", "warns"
# What a rule finds: place and sentence, and a severity where it is not the rule's own.
Found = Iterator[tuple[str, str] | tuple[str, str, str]]


@dataclass(frozen=True)
class Finding:
    """`place` is the path of the field in the case (`processes[0].activity_level_t`), for a link to it."""

    rule: str
    severity: str
    place: str
    sentence: str

    def frozen(self) -> dict:
        return {"rule": self.rule, "severity": self.severity, "place": self.place, "sentence": self.sentence}


@dataclass(frozen=True)
class Case:
    """What is judged: plain data, the figures worked out of it (None where they could not be), and the factors it is
    compared with, by ledger key. `is_report` asks for everything a report must hold, not only for sound arithmetic.
    """

    data: dict
    found: Any = None
    is_report: bool = False
    references: dict[str, Decimal] = field(default_factory=dict)

    @cached_property
    def codes_by_process(self) -> dict[str, list[str]]:
        """The CN codes of each process's goods."""
        found: dict[str, list[str]] = {}
        for good in self.data.get("goods") or []:
            found.setdefault(good.get("process"), []).append(str(good.get("cn_code") or ""))
        return found

    def rows(self, *keys: str) -> Iterable[tuple[str, dict]]:
        """(place, row) of the lists under these keys, each within the rows of the one before."""
        places = [("", self.data)]
        for key in keys:
            places = [
                (f"{place}.{key}[{number}]".lstrip("."), row)
                for place, holder in places
                for number, row in enumerate(holder.get(key) or [])
            ]
        return places


@dataclass(frozen=True)
class Rule:
    """`look(case)` yields (place, sentence) or (place, sentence, severity) where the severity differs."""

    id: str
    title: str
    severity: str
    look: Callable[[Case], Found]
    reports_only: bool = False


def rule(
    rules: list[Rule], id: str, title: str, severity: str = BLOCKS, reports_only: bool = False
) -> Callable[[Callable[[Case], Found]], Callable[[Case], Found]]:
    """Decorator: the function becomes a rule of `rules`."""

    def enter(look: Callable[[Case], Found]) -> Callable[[Case], Found]:
        rules.append(Rule(id, title, severity, look, reports_only))
        return look

    return enter


def check(rules: Iterable[Rule], case: Case) -> list[Finding]:
    """Everything the rules find, what blocks first."""
    found = [
        Finding(entry.id, severity[0] if severity else entry.severity, place, sentence)
        for entry in rules
        if case.is_report or not entry.reports_only
        for place, sentence, *severity in entry.look(case)
    ]
    return sorted(found, key=lambda finding: finding.severity != BLOCKS)


def number(row: dict, *keys: str) -> Decimal | None:
    """A number under nested keys; None where one of them is missing."""
    value: object = row
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    if isinstance(value, bool) or not isinstance(value, Decimal | int | float):
        return None
    return value if isinstance(value, Decimal) else Decimal(repr(value))


def numbers(row: dict, *keys: str) -> list[Decimal]:
    """The numbers under each of these keys; an empty list where one of them is missing."""
    known = [value for key in keys if (value := number(row, key)) is not None]
    return known if len(known) == len(keys) else []


def day(value: object) -> date | None:
    """A date of a case, written or as one; None where it is neither."""
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def name_of(row: dict) -> str:
    return str(row.get("name") or row.get("process") or "this row")
