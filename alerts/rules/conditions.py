"""Evaluate limits with hysteresis and hold time. Pure: samples in, breaches out, event time only.

A crossing starts with the first sample across the level and lasts until a sample comes back to the clear level; it
*fires* with the first sample still across the level at least `hold` after the start. So a value that flaps around
its limit is one breach and not twenty, a hold is met by samples and never by the wall clock, and a gap without
samples neither fires nor clears.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import isfinite
from typing import NamedTuple

from telemetry.metrics import ROLLED_UP_METRICS

RULE_METRICS = [
    m for m in ROLLED_UP_METRICS if m.name not in {"vibration_x", "vibration_y", "vibration_z", "energy_kwh"}
]
RULE_METRIC_NAMES = [m.name for m in RULE_METRICS]
THRESHOLD_KINDS = ("above", "below", "outside")


class RuleSample(NamedTuple):
    at: datetime
    value: float
    derived_from: tuple | None = None  # what the value was derived from, for the message


@dataclass(frozen=True)
class Limit:
    """A threshold: above or below `level`, or outside the band `low` to `high`. A value on the limit is not across."""

    kind: str
    level: float | None = None
    clear_level: float | None = None
    low: float | None = None
    high: float | None = None
    hold: timedelta = timedelta(0)

    def excess(self, value: float) -> float:
        """Distance across the limit, in the metric's unit; zero or less when it is not across."""
        if self.kind == "above":
            return value - known(self.level)
        if self.kind == "below":
            return known(self.level) - value
        return max(known(self.low) - value, value - known(self.high))

    def is_across(self, value: float) -> bool:
        return self.excess(value) > 0

    def has_cleared(self, value: float) -> bool:
        if self.kind == "outside" or self.clear_level is None:
            return not self.is_across(value)
        return value <= self.clear_level if self.kind == "above" else value >= self.clear_level

    def worse_of(self, first: float | None, second: float | None) -> float | None:
        """The value farther across the limit; None is ignored."""
        if first is None or second is None:
            return second if first is None else first
        return max(first, second, key=self.excess)

    def bound(self, value: float) -> float:
        """The level that `value` is compared with: of a band, the nearer edge."""
        if self.kind != "outside":
            return known(self.level)
        return known(self.low) if value < known(self.low) else known(self.high)


def known(level: float | None) -> float:
    """A level that validation has made sure of (`alerts.rules.validation`); a ValueError where it is missing."""
    if level is None:
        raise ValueError("The limit has no level of its kind.")
    return level


class BreachState(NamedTuple):
    """State of a rule on one device between two batches of samples."""

    crossed_since: datetime | None = None
    has_fired: bool = False
    peak: float | None = None  # farthest across since then
    peak_at: datetime | None = None
    last_at: datetime | None = None  # newest sample across


CLEAR = BreachState()


@dataclass
class Breach:
    """One crossing that fired. `is_continued` when it fired in an earlier batch."""

    since: datetime
    is_continued: bool = False
    fired_at: datetime | None = None
    value: float | None = None  # at the moment it fired
    derived_from: tuple | None = None  # what that value was derived from
    peak: float | None = None  # farthest across, from the start of the crossing on
    peak_at: datetime | None = None
    last_at: datetime | None = None  # newest sample across
    ended_at: datetime | None = None

    def observe(self, sample: RuleSample, limit: Limit) -> None:
        """Update peak and last sample, and fire once the hold is met."""
        if not limit.is_across(sample.value):
            return
        self.last_at = sample.at
        if self.peak is None or limit.excess(sample.value) > limit.excess(self.peak):
            self.peak, self.peak_at = sample.value, sample.at
        if self.fired_at is None and sample.at - self.since >= limit.hold:
            self.fired_at, self.value, self.derived_from = sample.at, sample.value, sample.derived_from


@dataclass
class Judgement:
    """A limit on a stream of samples, oldest first: the crossing that runs, and the breaches so far.

    A sample that has cleared leaves no crossing, whatever was before it: from there on the judgement depends on no
    earlier sample. `alerts.evaluation.rejudging` rests on that.
    """

    limit: Limit
    crossing: Breach | None = None
    breaches: list[Breach] = field(default_factory=list)  # those that fired and are over

    def feed(self, sample: RuleSample) -> None:
        if not isfinite(sample.value):
            return
        if self.crossing is None:
            if not self.limit.is_across(sample.value):
                return
            self.crossing = Breach(since=sample.at)
        elif self.limit.has_cleared(sample.value):
            self.end(sample.at)
            return
        self.crossing.observe(sample, self.limit)

    def end(self, at: datetime) -> None:
        """End the running crossing, which is a breach only if it has fired."""
        crossing, self.crossing = self.crossing, None
        if crossing is not None and crossing.fired_at is not None:
            crossing.ended_at = at
            self.breaches.append(crossing)

    @property
    def fired_breaches(self) -> list[Breach]:
        """The breaches, the running one included where it has fired."""
        if self.crossing is None or self.crossing.fired_at is None:
            return self.breaches
        return [*self.breaches, self.crossing]

    @property
    def state(self) -> BreachState:
        crossing = self.crossing
        if crossing is None:
            return CLEAR
        return BreachState(
            crossing.since, crossing.fired_at is not None, crossing.peak, crossing.peak_at, crossing.last_at
        )


class EvaluationResult(NamedTuple):
    breaches: list[Breach]
    state: BreachState


def evaluate(limit: Limit, samples: Iterable[RuleSample], state: BreachState = CLEAR) -> EvaluationResult:
    """Evaluate `samples` (oldest first, all newer than those evaluated before), starting from `state`."""
    judgement = Judgement(limit, resume_breach(state))
    for sample in samples:
        judgement.feed(sample)
    return EvaluationResult(judgement.fired_breaches, judgement.state)


def resume_breach(state: BreachState) -> Breach | None:
    if state.crossed_since is None:
        return None
    return Breach(
        since=state.crossed_since,
        is_continued=state.has_fired,
        fired_at=state.crossed_since if state.has_fired else None,
        peak=state.peak,
        peak_at=state.peak_at,
        last_at=state.last_at,
    )
