"""A plausible range with its source, and what it says about a value. Pure."""

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

WRITTEN_OUT = range(-9, 16)  # powers of ten


class Slip(NamedTuple):
    """A usual mistake: a value typed in `unit` times `factor` is in the unit of the field."""

    unit: str
    factor: Decimal


class Doubt(NamedTuple):
    """`is_impossible`: outside the hard range. The sentence begins with the value and ends with a full stop."""

    is_impossible: bool
    sentence: str


@dataclass(frozen=True)
class PlausibleRange:
    """`usual` lies within `hard`; both ends belong to a range. `source` says what the hard one rests on."""

    quantity: str
    unit: str
    hard: tuple[Decimal, Decimal]
    usual: tuple[Decimal, Decimal]
    source: str
    slips: tuple[Slip, ...] = ()

    def doubt(self, value: Decimal) -> Doubt | None:
        """None for a usual value."""
        if within(self.usual, value):
            return None
        is_impossible = not within(self.hard, value)
        low, high = (plain(bound) for bound in (self.hard if is_impossible else self.usual))
        word = "possible" if is_impossible else "usual"
        sentence = f"{plain(value)} {self.unit} for the {self.quantity}: {low} to {high} is {word}"
        return Doubt(is_impossible, f"{sentence} ({self.source}).{self.named_slip(value)}")

    def named_slip(self, value: Decimal) -> str:
        """The first slip that would make the value usual, as a question."""
        for unit, factor in self.slips:
            if within(self.usual, value * factor):
                return f" Is it in {unit}? That would be {plain(value * factor)} {self.unit}."
        return ""


def within(bounds: tuple[Decimal, Decimal], value: Decimal) -> bool:
    return bounds[0] <= value <= bounds[1]


def plain(value: Decimal) -> str:
    """About five significant digits, grouped by thousands; with an exponent only far beyond what anybody measures."""
    if value and value.adjusted() not in WRITTEN_OUT:
        return f"{value:.4g}"
    rounded = round(value, max(0, 4 - value.adjusted())) if value else Decimal(0)
    text = f"{rounded:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
