"""One figure reached by two independent roads, and by how much the two may differ. Pure.

The allowances are rules of this product, printed with every comparison.
"""

from dataclasses import dataclass
from decimal import Decimal

from calculations.quantities import share_pct

HUNDRED = Decimal(100)
METERS_PCT = Decimal(5)
METERS_REASON = (
    "1 % each for the billing meter and the feeders' meters (class 1), 3 % for losses and small loads without a meter"
)
STOCK_PCT = Decimal(1)
STOCK_REASON = "1 % for reading a tank or weighing a heap"
HOURS_PCT = Decimal(5)
HOURS_REASON = "5 % for starts and stops within a quarter hour"
CEILING_REASON = "what the consent allows is not passed"


@dataclass(frozen=True)
class TwoRoads:
    """`allowed_pct` is of `first`. A ceiling is kept by anything below it."""

    first: Decimal | None
    second: Decimal | None
    allowed_pct: Decimal
    is_ceiling: bool = False

    @property
    def difference(self) -> Decimal | None:
        return None if self.first is None or self.second is None else self.first - self.second

    @property
    def difference_pct(self) -> Decimal | None:
        return share_pct(self.difference, self.first)

    @property
    def agrees(self) -> bool | None:
        """None where one of the roads is not known, or the first leads to nothing."""
        pct = self.difference_pct
        if pct is None:
            return None
        return pct >= -self.allowed_pct if self.is_ceiling else abs(pct) <= self.allowed_pct


def allowed_with_gaps(allowed_pct: Decimal, coverage_pct: Decimal | None) -> Decimal:
    """The allowance, and what was not measured beside it."""
    return allowed_pct + (HUNDRED - coverage_pct if coverage_pct is not None else Decimal(0))
