"""What people decided about the doubtful steps of one counter, by the moment of a reading. Pure."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from telemetry.signal.meter_registers import REAL, SWAPPED

GLITCH, METER_SWAPPED, DECIDED_REAL = "glitch", "meter_swapped", "real"  # models.DoubtfulStep.Decision


class CounterDecisions:
    """The decisions about one counter (`metric`) of a device, from its decided `DoubtfulStep` rows."""

    def __init__(self, steps: Iterable[Any], metric: str) -> None:
        own = [step for step in steps if step.metric == metric]
        self.steps = own
        self.swap_times = sorted(step.takes_effect_at for step in own if step.decision == METER_SWAPPED)

    def is_ignored(self, at: datetime) -> bool:
        """Whether the reading at this moment was declared a glitch."""
        return any(
            is_within(step, at) or (step.ignored_until is not None and step.after_at <= at <= step.ignored_until)
            for step in self.steps
            if step.decision == GLITCH
        )

    def meters_before(self, at: datetime) -> int:
        """How often the meter was swapped up to a moment."""
        return bisect_right(self.swap_times, at)

    def verdict(self, at: datetime) -> str:
        """The verdict on the gain that a reading at this moment ends: real, across a swap, or none."""
        for step in self.steps:
            if is_within(step, at):
                if step.decision == DECIDED_REAL:
                    return REAL
                if step.decision == METER_SWAPPED:
                    return SWAPPED
        return ""

    def concerns(self, start: datetime, end: datetime) -> bool:
        """Whether a decision reaches into a span."""
        return any(reaches_into(step, start, end) for step in self.steps)


def is_within(step: Any, at: datetime) -> bool:
    """Whether a reading at this moment ends the step, or a gain of its run."""
    return at == step.after_at or (step.before_at is not None and step.before_at < at <= step.after_at)


def reaches_into(step: Any, start: datetime, end: datetime) -> bool:
    moments = [
        moment
        for moment in (step.before_at, step.after_at, step.effective_at, step.ignored_until)
        if moment is not None
    ]
    return min(moments) <= end and start <= max(moments)
