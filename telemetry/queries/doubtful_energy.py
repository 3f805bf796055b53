"""What doubtful steps of counters leave out of a span: their number, the kWh that could not have flowed, the time."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from telemetry.models import DoubtfulStep


@dataclass(frozen=True)
class LeftOut:
    """Of open steps that reach into a span; a step has its kWh in full, and the hours of it within the span."""

    steps: int = 0
    kwh: float = 0.0
    hours: float = 0.0

    def __add__(self, other: "LeftOut") -> "LeftOut":
        return LeftOut(self.steps + other.steps, self.kwh + other.kwh, self.hours + other.hours)


def left_out(pks: Iterable[int], start: datetime, end: datetime) -> dict[int, LeftOut]:
    """{device pk: LeftOut} of devices, those with an open step only; one query."""
    result: dict[int, LeftOut] = defaultdict(LeftOut)
    for step in DoubtfulStep.objects.open().filter(device__in=list(pks), after_at__gt=start):
        since = step.before_at or step.after_at
        if since < end:
            seconds = (min(step.after_at, end) - max(since, start)).total_seconds()
            result[step.device_id] += LeftOut(1, step.gained_kwh or 0.0, max(0.0, seconds) / 3600)
    return dict(result)


def left_out_in_all(pks: Iterable[int], start: datetime, end: datetime) -> LeftOut:
    return sum(left_out(pks, start, end).values(), LeftOut())
