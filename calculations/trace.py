"""How a figure came about: a tree of steps, each with its formula, clause and inputs, to be followed by hand.

A step's formula is written in the symbols of its inputs (`AD × NCV / 1000 × EF`); "Σ X" adds the inputs up. A step
without a formula is a value somebody entered, a standard factor, or the result of another tree, as `source` says.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from calculations.quantities import text_of

ENTERED = "entered"
Known = TypeVar("Known")


# What a value without a formula is, by the words of its source; the first that fits.
KINDS = (
    ("derived", re.compile(r"result above|worked out|carbon content and ncv")),
    ("invoice", re.compile(r"invoice|\bbill")),
    ("measured", re.compile(r"meter|measured|device")),
    ("laboratory", re.compile(r"laborator")),
    ("supplier", re.compile(r"supplier")),
    ("estimate", re.compile(r"estimate")),
    ("notified", re.compile(r"notification|authority")),
    ("table", re.compile(r"\btables?\b|\bs\.o\. |\bannex\b|\b20\d\d/\d|standard|default|inventory")),
)


def kind_of(source: str) -> str:
    """entered, measured, invoice, laboratory, table, derived …: what a value that is not calculated here is.

    What stands behind a semicolon is said of blank months or of documents.
    """
    words = source.partition(";")[0].lower()
    return next((kind for kind, pattern in KINDS if pattern.search(words)), ENTERED)


@dataclass(frozen=True)
class Step:
    symbol: str
    name: str
    value: Decimal
    unit: str
    formula: str = ""
    clause: str = ""
    source: str = ""
    inputs: tuple["Step", ...] = ()

    @property
    def kind(self) -> str:
        """What a value without a formula is; empty for a calculated one."""
        return "" if self.formula else kind_of(self.source)

    def frozen(self) -> dict:
        """Plain data for a report's row; the value is a text with all its digits."""
        return {
            "symbol": self.symbol,
            "name": self.name,
            "value": text_of(self.value),
            "unit": self.unit,
            "formula": self.formula,
            "clause": self.clause,
            "source": self.source,
            "inputs": [step.frozen() for step in self.inputs],
        }

    def lines(self, depth: int = 0) -> Iterator[tuple[int, "Step"]]:
        """(depth, step) of this step and all beneath it, in the order a reader follows."""
        yield depth, self
        for step in self.inputs:
            yield from step.lines(depth + 1)


# The calculations behind values of an entry, by its field: what was entered is something else, e.g. stocks.
Derived = tuple[tuple[str, Step], ...]


def require(value: Known | None) -> Known:
    """A value that the reader of the input has made sure of; a ValueError where it is missing all the same."""
    if value is None:
        raise ValueError("A value that this calculation needs is missing.")
    return value


def given(symbol: str, name: str, value: Decimal, unit: str, source: str = ENTERED) -> Step:
    """A value that is not calculated here."""
    return Step(symbol, name, value, unit, source=source)


def worked_out(symbol: str, name: str, value: Decimal, unit: str, formula: str, clause: str, *inputs: Step) -> Step:
    return Step(symbol, name, value, unit, formula, clause, inputs=tuple(inputs))


def derived_or_given(
    derived: Derived, field: str, symbol: str, name: str, value: Decimal, unit: str, source: str = ENTERED
) -> Step:
    """The calculation a value of an entry came from, where there is one; else the value as it was entered."""
    return dict(derived).get(field) or given(symbol, name, value, unit, source)


def summed(symbol: str, name: str, unit: str, clause: str, steps: Iterable[Step], formula: str = "") -> Step:
    """The sum of steps of one unit; zero where there are none."""
    steps = tuple(steps)
    value = sum((step.value for step in steps), Decimal(0))
    each = steps[0].symbol if steps else symbol
    return Step(symbol, name, value, unit, formula or f"Σ {each}", clause, inputs=steps)
