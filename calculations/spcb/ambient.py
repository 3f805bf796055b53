"""Ambient air against the NAAQS of 18 November 2009: annual means, the 98 % rule, consecutive values above a limit.

Of certified measurements only (laboratory, CAAQMS). Limits are factors of the ledger and come as arguments.
"""

from dataclasses import dataclass
from decimal import Decimal

from calculations.quantities import share_pct

LEAST_MEASUREMENTS = 104  # a year, twice a week, 24-hourly at uniform interval
LEAST_WITHIN_PCT = Decimal(98)
CONSECUTIVE = 2
RULE = (
    "NAAQS, 18 November 2009: the annual mean is the arithmetic mean of at least 104 measurements, twice a week, "
    "24-hourly at uniform interval. 24-hour, 8-hour and 1-hour values shall be met 98 % of the time; 2 % of the time "
    "they may be passed, but not on two consecutive days of monitoring."
)


@dataclass(frozen=True)
class AnnualMean:
    mean: Decimal | None
    measurements: int
    limit: Decimal | None

    @property
    def is_representative(self) -> bool:
        return self.measurements >= LEAST_MEASUREMENTS

    @property
    def is_above(self) -> bool | None:
        """None where nothing was measured or no limit is known."""
        return None if self.mean is None or self.limit is None else self.mean > self.limit


def annual_mean(values: list[Decimal], limit: Decimal | None) -> AnnualMean:
    mean = sum(values, Decimal(0)) / len(values) if values else None
    return AnnualMean(mean, len(values), limit)


@dataclass(frozen=True)
class ShortTerm:
    """24-hour, 8-hour or 1-hour values of a year, in the order of monitoring."""

    measurements: int
    above: int
    longest_run_above: int

    @property
    def within_pct(self) -> Decimal | None:
        return share_pct(Decimal(self.measurements - self.above), Decimal(self.measurements))

    @property
    def meets_share(self) -> bool | None:
        return None if self.within_pct is None else self.within_pct >= LEAST_WITHIN_PCT

    @property
    def has_consecutive(self) -> bool:
        """Two in a row are reason enough for regular or continuous monitoring and an investigation."""
        return self.longest_run_above >= CONSECUTIVE


def short_term(values: list[Decimal], limit: Decimal) -> ShortTerm:
    above, run, longest = 0, 0, 0
    for value in values:
        run = run + 1 if value > limit else 0
        above, longest = above + bool(run), max(longest, run)
    return ShortTerm(len(values), above, longest)
