"""What a machine's own stored quarter hours say about it under load: production days and the 99th percentile."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from math import ceil
from typing import NamedTuple

from alerts.default_limits.limits import Machine
from devices.models import Device
from telemetry.models import QuarterHour

SPAN = timedelta(days=60)
LEARNING_TIME = timedelta(days=14)
PRODUCTION_DAYS = 10
QUARTERS_OF_A_PRODUCTION_DAY = 4
OFF_SHARE = 0.02  # of full load; below it a machine is off


class Quarter(NamedTuple):
    """`kw`: mean power, None where no energy is known; `value`: highest value of the metric, None without readings."""

    at: datetime
    kw: float | None
    value: float | None


class History(NamedTuple):
    """`p99`: of the metric under load; None where nothing is stored."""

    first_at: datetime | None
    production_days: int
    p99: float | None

    def is_known(self, now: datetime) -> bool:
        """Whether the machine was seen for fourteen days, and on ten production days."""
        return (
            self.first_at is not None
            and self.p99 is not None
            and now - self.first_at >= LEARNING_TIME
            and self.production_days >= PRODUCTION_DAYS
        )

    def learned_at(self, now: datetime) -> datetime:
        """The earliest moment at which it may be known."""
        earliest = (self.first_at or now) + LEARNING_TIME
        return max(earliest, now + timedelta(days=max(1, PRODUCTION_DAYS - self.production_days)))


def history_of(device: Device, machine: Machine, metric: str, now: datetime) -> History:
    rows = QuarterHour.objects.filter(device=device, starts_at__gte=now - SPAN, starts_at__lt=now).order_by("starts_at")
    column = "energy_kwh" if metric == "power_consumption" else f"{metric}_max"
    quarters = [build_quarter(metric, *row) for row in rows.values_list("starts_at", "energy_kwh", "covered_s", column)]
    return summarise([quarter for quarter in quarters if quarter.value is not None], machine, device.factory.zone)


def build_quarter(
    metric: str, at: datetime, energy_kwh: float | None, covered_s: float, value: float | None
) -> Quarter:
    kw = energy_kwh * 3600 / covered_s if energy_kwh is not None and covered_s else None
    return Quarter(at, kw, kw if metric == "power_consumption" else value)


def summarise(quarters: list[Quarter], machine: Machine, zone) -> History:
    """History of one metric from its quarter hours, oldest first; pure."""
    loaded = under_load(quarters, machine)
    days = Counter(quarter.at.astimezone(zone).date() for quarter in loaded)
    return History(
        quarters[0].at if quarters else None,
        sum(count >= QUARTERS_OF_A_PRODUCTION_DAY for count in days.values()),
        percentile((quarter.value for quarter in loaded), 0.99),
    )


def under_load(quarters: list[Quarter], machine: Machine) -> list[Quarter]:
    """Those in which the machine works: from a share of its full load on, or of what it is seen to draw at most.

    Where its power is not known, all of them.
    """
    load = machine.full_load
    off_kw = OFF_SHARE * load.kw if load else 0.0
    running = [quarter.kw for quarter in quarters if quarter.kw is not None and quarter.kw > off_kw]
    if not running:
        return [quarter for quarter in quarters if quarter.kw is None]
    most = percentile(running, 0.95) or 0.0
    from_kw = machine.proposal.loaded_share * (min(load.kw, most) if load else most)
    return [quarter for quarter in quarters if quarter.kw is not None and quarter.kw >= from_kw]


def percentile(values: Iterable[float | None], share: float) -> float | None:
    """The smallest value that `share` of all values do not exceed."""
    ordered = sorted(value for value in values if value is not None)
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else None
