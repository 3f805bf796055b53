"""Reading a calculation's input strictly: known keys, numbers with units and signs. Each fault names its place.

All faults of a file are found in one go, so that it can be put right in one go.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, NoReturn, TypeVar, overload

# 10²⁴ of anything is a slip of units; what is smaller than 10⁻⁶⁰ would be lost in sums anyway.
EXPONENTS = range(-60, 25)
LONGEST_SHOWN = 80
ZERO = Decimal(0)
Built = TypeVar("Built")


@dataclass(frozen=True)
class Fault:
    """`place` is the path of the value, e.g. `processes[0].electricity.emission_factor`."""

    place: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence}" if self.place else self.sentence


class StructureError(ValueError):
    """The input cannot be calculated; `faults` says where and why."""

    def __init__(self, faults: Iterable[Fault]):
        self.faults = list(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


def parse(text: str | bytes) -> dict:
    """JSON with its numbers as Decimals; a key that stands twice, NaN and other slips are faults."""
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8-sig")
        return json.loads(
            text,
            parse_float=Decimal,
            parse_int=Decimal,
            parse_constant=refuse_constant,
            object_pairs_hook=without_doubles,
        )
    except UnicodeDecodeError as error:
        raise StructureError([Fault("", f"This is not UTF-8 text (byte {error.start}).")]) from None
    except json.JSONDecodeError as error:
        raise StructureError([Fault(f"line {error.lineno}, column {error.colno}", error.msg + ".")]) from None
    except RecursionError:
        raise StructureError([Fault("", "This is nested too deeply.")]) from None


def refuse_constant(name: str) -> NoReturn:
    raise StructureError([Fault("", f"{name} is not a number that can be calculated with.")])


def without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = {}
    for key, value in pairs:
        if not is_text(key) or (isinstance(value, str) and not is_text(value)):
            raise StructureError([Fault("", "A text holds half a character (a lone surrogate).")])
        if key in found:
            raise StructureError([Fault(shown(key), "This key stands twice.")])
        found[key] = value
    return found


def is_text(value: str) -> bool:
    """JSON can write halves of characters, which nothing can print or store."""
    return not any("\ud800" <= letter <= "\udfff" for letter in value)


def shown(value: str) -> str:
    """A written value in a sentence, cut where somebody wrote a novel."""
    return value if len(value) <= LONGEST_SHOWN else value[: LONGEST_SHOWN - 1] + "…"


class Node:
    """One object of the input: takes its keys one by one, and complains about what nobody took."""

    def __init__(self, data: object, place: str, faults: list[Fault]):
        self.place, self.faults, self.taken = place, faults, set[str]()
        self.data = data if isinstance(data, dict) else {}
        if not isinstance(data, dict):
            self.fault("", "must be an object with keys.")

    def at(self, key: str) -> str:
        return f"{self.place}.{key}" if self.place and key else self.place or key

    def fault(self, key: str, sentence: str) -> None:
        self.faults.append(Fault(self.at(key), sentence))

    def has(self, key: str) -> bool:
        return self.data.get(key) is not None

    def take(self, key: str, required: bool = False) -> Any:
        self.taken.add(key)
        value = self.data.get(key)
        if value is None and required:
            self.fault(key, "is missing.")
        return value

    def text(self, key: str, required: bool = False, default: str = "") -> str:
        value = self.take(key, required)
        if value is None:
            return default
        if not isinstance(value, str) or (required and not value.strip()):
            self.fault(key, "must be a text.")
            return default
        return value

    def choice(self, key: str, options: list[str], required: bool = False) -> str:
        value = self.text(key, required)
        if value and value not in options:
            self.fault(key, f"“{shown(value)}” is not one of {', '.join(options)}.")
        return value

    def day(self, key: str, required: bool = False) -> date | None:
        value = self.text(key, required)
        try:
            return date.fromisoformat(value) if value else None
        except ValueError:
            self.fault(key, f"“{shown(value)}” is not a date (YYYY-MM-DD).")
            return None

    @overload
    def number(
        self,
        key: str,
        required: bool = False,
        *,
        default: Decimal,
        least: Decimal | None = ZERO,
        most: Decimal | None = None,
        above: Decimal | None = None,
    ) -> Decimal: ...
    @overload
    def number(
        self,
        key: str,
        required: bool = False,
        default: None = None,
        least: Decimal | None = ZERO,
        most: Decimal | None = None,
        above: Decimal | None = None,
    ) -> Decimal | None: ...
    def number(
        self,
        key: str,
        required: bool = False,
        default: Decimal | None = None,
        least: Decimal | None = ZERO,
        most: Decimal | None = None,
        above: Decimal | None = None,
    ) -> Decimal | None:
        """A finite number within its bounds; `least=None` allows negative ones."""
        value = self.take(key, required)
        if value is None:
            return default
        number = as_number(value)
        sentence = fault_of_number(value, number, least, most, above)
        if sentence:
            self.fault(key, sentence)
            return default
        return number

    def truth(self, key: str, default: bool = False) -> bool:
        value = self.take(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.fault(key, "must be true or false.")
            return default
        return value

    def fraction(self, key: str, default: Decimal) -> Decimal:
        return self.number(key, default=default, most=Decimal(1))

    def child(self, key: str, required: bool = False) -> "Node | None":
        """The object under `key`, or None where there is none."""
        value = self.take(key, required)
        return None if value is None else Node(value, self.at(key), self.faults)

    def rows(self, key: str, required: bool = False) -> "list[Node]":
        value = self.take(key, required)
        if value is None:
            return []
        if not isinstance(value, list):
            self.fault(key, "must be a list.")
            return []
        return [Node(row, f"{self.at(key)}[{place}]", self.faults) for place, row in enumerate(value)]

    def close(self) -> None:
        """Every key that nobody took is unknown."""
        for key in self.data:
            if key not in self.taken:
                near = get_close_matches(key, self.taken, n=1)
                self.fault(shown(key), f"is not a key of this format{f'; is {near[0]} meant?' if near else '.'}")


def as_number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, Decimal | int | float):
        return None
    return value if isinstance(value, Decimal) else Decimal(repr(value))


def fault_of_number(
    value: object, number: Decimal | None, least: Decimal | None, most: Decimal | None, above: Decimal | None
) -> str:
    if number is None:
        return f"must be a number, not {'yes or no' if isinstance(value, bool) else 'a text or a list'}."
    if not number.is_finite() or (number and number.adjusted() not in EXPONENTS):
        return "is a number out of range."
    if above is not None and number <= above:
        return f"must be above {above}."
    if least is not None and number < least:
        return f"must not be below {least}."
    if most is not None and number > most:
        return f"must not be above {most}."
    return ""


def read(data: object, build: Callable[["Node"], Built]) -> Built:
    """What `build` makes of the input; a StructureError with every fault if there is one."""
    faults: list[Fault] = []
    built = build(Node(data, "", faults))
    if faults:
        raise StructureError(faults)
    return built
