"""How often a rule would have fired: the rule is held against what was stored, by the judge that judges live.

Readings are judged one by one where a month of them is few; where it is many, quarter hours stand for them, by their
highest or lowest value: a hold below 15 minutes and a quick flutter cannot be told there, and the answer says so.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F

from alerts import quiet
from alerts.rules import Breach, Limit, Sample, judge
from alerts.samples import samples_of
from devices.models import Device
from telemetry.models import QuarterHour, Reading

MONTH = timedelta(days=30)
MOST_READINGS = 20_000  # of all machines together
QUARTER = timedelta(minutes=15)
MOST_DEVICES = 50


@dataclass(frozen=True)
class Machine:
    """What would have happened on one machine. `first_at` None: it said nothing of this value in the span."""

    device: Device
    breaches: list[Breach]
    first_at: datetime | None

    @property
    def count(self):
        return len(self.breaches)


@dataclass(frozen=True)
class Replay:
    machines: list[Machine]
    by_quarters: bool
    start: datetime
    left_out: int = 0  # machines beyond MOST_DEVICES

    @property
    def count(self):
        return sum(machine.count for machine in self.machines)

    @property
    def spoke(self):
        """Machines that said anything of the value."""
        return [machine for machine in self.machines if machine.first_at]

    @property
    def fired(self):
        return sorted((one for one in self.machines if one.count), key=lambda one: -one.count)


def replay(devices: list[Device], metric: str, limit: Limit, now: datetime, span=MONTH) -> Replay:
    """`devices` with their profiles prefetched. Planned work is left out, as it is live."""
    start, some = now - span, devices[:MOST_DEVICES]
    by_quarters = readings_promised(some, now, span) > MOST_READINGS
    windows = quiet.windows_of(some, start)
    machines = []
    for device in some:
        told = quarters_of(device, metric, limit, start, now) if by_quarters else said(device, metric, start, now)
        told = quiet.spoken_outside(windows[device.pk], told)
        machines.append(Machine(device, judge(limit, told).breaches, told[0].at if told else None))
    return Replay(machines, by_quarters, start, len(devices) - len(some))


def readings_promised(devices, now, span) -> float:
    return sum(span.total_seconds() / device.profile_at(now).interval_s for device in devices)


def said(device, metric, start, now):
    rows = Reading.objects.filter(device=device, at__gte=start, at__lt=now).order_by("at")
    return samples_of(device, metric, rows)


def quarters_of(device, metric, limit, start, now):
    """A sample a quarter hour: its farthest value, at the quarter's start."""
    rows = QuarterHour.objects.filter(device=device, starts_at__gte=start, starts_at__lt=now)
    rows = rows.filter(**{f"{metric}_count__gt": 0}).order_by("starts_at")
    rows = rows.values_list("starts_at", F(f"{metric}_min"), F(f"{metric}_max"))
    return [Sample(at, limit.farther(low, high)) for at, low, high in rows if low is not None]
