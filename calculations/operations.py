"""Energy and operating hours of machines, from quarter hours."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from calculations.quantities import share_pct, total

OPERATING_SHARE = Decimal("0.10")
HOURS_PER_QUARTER = Decimal("0.25")
LEAST_COVERED_S = Decimal(450)
OPERATING_RULE = (
    "A quarter hour counts as operating when the machine's mean power in it is at least 10 % of its rated power "
    "or, where no rated power is entered, of its highest quarter hour in the period. Mean power is the energy "
    "measured in the quarter hour divided by the time measured. A quarter hour measured for less than half of its "
    "length is not judged: it counts as not known, never as stopped. Planned stops without data are left out."
)


@dataclass(frozen=True)
class Quarter:
    """A quarter hour of one machine: energy measured in it, seconds of it that were measured, rating at that time."""

    energy_kwh: Decimal
    covered_s: Decimal
    rated_kw: Decimal | None = None

    @property
    def mean_kw(self) -> Decimal:
        return self.energy_kwh * 3600 / self.covered_s


@dataclass(frozen=True)
class OperatingHours:
    operating_h: Decimal | None  # None: nothing could be judged
    idle_h: Decimal | None
    unknown_h: Decimal
    period_h: Decimal
    basis: str

    @property
    def coverage_pct(self) -> Decimal | None:
        return share_pct(self.period_h - self.unknown_h, self.period_h)


def operating_hours(quarters: Iterable[Quarter], period_h: Decimal) -> OperatingHours:
    """Hours in which a machine ran, by OPERATING_RULE. Hours of the period without a judged quarter are unknown."""
    judged = [quarter for quarter in quarters if quarter.covered_s >= LEAST_COVERED_S]
    if not judged:
        return OperatingHours(None, None, period_h, period_h, "no power reported")
    peak_kw = max(quarter.mean_kw for quarter in judged)
    running = sum(1 for quarter in judged if is_operating(quarter, peak_kw))
    operating_h, judged_h = running * HOURS_PER_QUARTER, len(judged) * HOURS_PER_QUARTER
    return OperatingHours(
        operating_h, judged_h - operating_h, max(period_h - judged_h, Decimal(0)), period_h, basis_of(judged, peak_kw)
    )


def is_operating(quarter: Quarter, peak_kw: Decimal) -> bool:
    return quarter.mean_kw > 0 and quarter.mean_kw >= OPERATING_SHARE * (quarter.rated_kw or peak_kw)


def basis_of(quarters: list[Quarter], peak_kw: Decimal) -> str:
    """The threshold in words: "15 kW (10 % of 150 kW rated)"."""
    ratings = sorted({quarter.rated_kw for quarter in quarters if quarter.rated_kw})
    if not ratings:
        return f"{plain(OPERATING_SHARE * peak_kw)} kW (10 % of the highest quarter hour, {plain(peak_kw)} kW)"
    if len(ratings) == 1:
        return f"{plain(OPERATING_SHARE * ratings[0])} kW (10 % of {plain(ratings[0])} kW rated)"
    return f"10 % of the rating of its time ({', '.join(plain(rating) for rating in ratings)} kW)"


def plain(value: Decimal) -> str:
    return format(value.quantize(Decimal("0.1")).normalize(), "f")


@dataclass(frozen=True)
class MachineEnergy:
    """What one machine drew, and the hours of evidence for it.

    `bridged` is known only as a meter difference across a gap, not when it flowed. Planned stops without data count
    in none of the hours.
    """

    measured_kwh: Decimal | None = None
    bridged_kwh: Decimal | None = None
    covered_h: Decimal = Decimal(0)
    bridged_h: Decimal = Decimal(0)
    missing_h: Decimal = Decimal(0)

    @property
    def total_kwh(self) -> Decimal | None:
        return total([self.measured_kwh, self.bridged_kwh])

    @property
    def expected_h(self) -> Decimal:
        return self.covered_h + self.bridged_h + self.missing_h

    @property
    def coverage_pct(self) -> Decimal | None:
        """Measured share of the hours in which measurement was expected."""
        return share_pct(self.covered_h, self.expected_h)


def energy_total(machines: list[MachineEnergy]) -> MachineEnergy:
    """All machines together; hours are machine hours."""
    return MachineEnergy(
        total(machine.measured_kwh for machine in machines),
        total(machine.bridged_kwh for machine in machines),
        sum((machine.covered_h for machine in machines), Decimal(0)),
        sum((machine.bridged_h for machine in machines), Decimal(0)),
        sum((machine.missing_h for machine in machines), Decimal(0)),
    )
