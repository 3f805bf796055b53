"""A figure: a Decimal with its unit, its source, the share of its period that was measured, and that period.

Frozen in a report as `{value, unit, coverage_pct, source, period}`; Decimals are strings there, never floats.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

SIGNIFICANT = 15  # a float holds no more; what lies behind is noise of the binary form


def decimal_of(value: Decimal | float | int | str | None) -> Decimal | None:
    """A float or int from a row as the Decimal a person would write; None stays None."""
    if value is None:
        return None
    number = Decimal(format(value, f".{SIGNIFICANT}g")) if isinstance(value, float) else Decimal(value)
    return number if number.is_finite() else None


def text_of(value: Decimal | None) -> str | None:
    """Plain digits without exponent: 1234.5, never 1.2345E+3."""
    return None if value is None else format(value, "f")


def decimal_places(value: Decimal) -> int:
    """Digits after the decimal point; negative for trailing zeros before it (1E+3), 0 for what is no finite number."""
    exponent = value.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def total(values: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of what is known; None when nothing is known. A blank is not a zero."""
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if known else None


def weighted_mean(rows: Iterable[tuple[Decimal, Decimal]]) -> Decimal | None:
    """The mean of [(quantity, value)] by quantity; None where there is no quantity."""
    rows = list(rows)
    quantity = sum((entry for entry, _ in rows), Decimal(0))
    return sum((entry * value for entry, value in rows), Decimal(0)) / quantity if quantity else None


def share_pct(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    return None if part is None or not whole else part * 100 / whole


@dataclass(frozen=True)
class Figure:
    value: Decimal | None
    unit: str
    source: str
    period: str
    coverage_pct: Decimal | None = None
    decimals: int = 1

    def frozen(self) -> dict:
        return {
            "value": text_of(self.value),
            "unit": self.unit,
            "coverage_pct": text_of(self.coverage_pct),
            "source": self.source,
            "period": self.period,
            "decimals": self.decimals,
        }
