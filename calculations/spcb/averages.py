"""Averages and exceedance events of continuous measurements, by the rules printed in the document.

A rule without a source here is this product's own: no Indian rule for it was found, and the document says so.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

# "Exceedance" belongs to these alone; an uncertified sensor gives process alerts.
CERTIFIED = {"NABL_LAB", "CERTIFIED_CEMS", "CAAQMS"}
QUARTER = timedelta(minutes=15)
LEAST_SAMPLES_SHARE = Decimal("0.75")
LEAST_QUARTERS_PER_HOUR = 3
LEAST_HOURS_PER_DAY = 16  # borrowed from the AQI, which needs 16 hours of a day
LONGEST_GAP = timedelta(minutes=30)
RULES = [
    "A 15-minute mean is the arithmetic mean of the valid samples of a block that begins at :00, :15, :30 or :45 "
    "IST, labelled by its start; it needs 75 % of the expected samples.",
    "An hourly mean needs three valid quarter hours, a daily mean 16 valid hours; otherwise: insufficient data.",
    "An exceedance event is an unbroken run of 15-minute means above the limit; a gap of more than 30 minutes ends "
    "it. Only laboratory, certified CEMS and CAAQMS data can have one.",
    "Values that fail quality control (out of range, flat line, calibration, maintenance) are left out and counted "
    "by reason. Gaps are never filled with zero or by interpolation.",
    "A day with the plant shut is a shutdown, not missing data.",
]


class NotCertified(ValueError):
    """An exceedance was asked of data that can have none."""


def mean(values: list[Decimal], least: int) -> Decimal | None:
    """The arithmetic mean, or None ("insufficient data") of fewer than `least` values."""
    return sum(values, Decimal(0)) / len(values) if values and len(values) >= least else None


def quarter_mean(samples: list[Decimal], expected: int) -> Decimal | None:
    """`expected` samples a block: 900 s over the interval."""
    return mean(samples, 1) if len(samples) >= LEAST_SAMPLES_SHARE * expected else None


def hourly_mean(quarters: Iterable[Decimal | None]) -> Decimal | None:
    return mean([value for value in quarters if value is not None], LEAST_QUARTERS_PER_HOUR)


def daily_mean(hours: Iterable[Decimal | None]) -> Decimal | None:
    return mean([value for value in hours if value is not None], LEAST_HOURS_PER_DAY)


@dataclass(frozen=True)
class Exceedance:
    """A run of 15-minute means above the limit."""

    start: datetime
    end: datetime
    highest: Decimal
    mean: Decimal

    @property
    def duration(self) -> timedelta:
        return self.end - self.start


def exceedances(quarters: Iterable[tuple[datetime, Decimal]], limit: Decimal, instrument_class: str):
    """Events of [(start of the block, mean)] in order of time. Raises NotCertified for uncertified instruments."""
    if instrument_class not in CERTIFIED:
        raise NotCertified(f"{instrument_class or 'This instrument'} is not certified: its alerts are process alerts.")
    events, run = [], []
    for at, value in quarters:
        if run and (value <= limit or at - (run[-1][0] + QUARTER) > LONGEST_GAP):
            events.append(event(run))
            run = []
        if value > limit:
            run.append((at, value))
    return [*events, event(run)] if run else events


def event(run) -> Exceedance:
    """The duration is that of the blocks measured, from the first start to the last end."""
    values = [value for _, value in run]
    return Exceedance(run[0][0], run[-1][0] + QUARTER, max(values), sum(values, Decimal(0)) / len(values))
