"""A device before the judge: its rules and where they stand, what is open, what it said and what was found."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from alerts import maintenance_windows
from alerts.evaluation.samples import samples_for, samples_of
from alerts.models import EvaluationState
from devices.models import Device
from telemetry.rollups.quarter_hours import QUARTER, floor


@dataclass
class EvaluationContext:
    device: Device
    now: datetime
    rules: list
    states: dict  # {rule pk or None: Watch}
    alerts: dict  # {rule pk or alert type: Alert}, open ones
    windows: list = field(default_factory=list)  # (start, end) of planned work
    changed: dict = field(default_factory=dict)  # {rule pk or None: Watch}, to be kept
    heard: list = field(default_factory=list)
    readings: list = field(default_factory=list)
    first: datetime | None = None
    samples_by_metric: dict = field(default_factory=dict)
    new_alerts: list = field(default_factory=list)  # alerts found, not in the database yet
    alerts_to_notify: list = field(default_factory=list)  # those of them somebody is to hear of

    @property
    def lead(self):
        """How far before what is new its rules must look."""
        return max((rule.lead for rule in self.rules), default=timedelta(0))

    def hear(self, readings, first):
        """`readings` from `first` on are to be judged; older ones only tell where these come from."""
        self.heard, self.first, self.samples_by_metric = (
            maintenance_windows.outside_windows(self.windows, readings),
            first,
            {},
        )
        self.readings = [reading for reading in self.heard if reading.at >= first]

    def samples(self, rule):
        if not rule.is_threshold:
            return [sample for sample in samples_for(rule, self.device, self.heard) if sample.at >= self.first]
        if rule.metric not in self.samples_by_metric:
            self.samples_by_metric[rule.metric] = samples_of(self.device, rule.metric, self.readings)
        return self.samples_by_metric[rule.metric]

    def quarters_to_evaluate(self, rule):
        """(after, until] of the quarter hours that are over by now, and of those that what came late has changed."""
        boundary, done = self.watch(rule.pk, self.readings[0].at).evaluated_until, floor(self.readings[-1].at)
        ends = [floor(reading.at) + QUARTER for reading in self.readings]
        late = [end for end in ends if end <= boundary]
        spans = [(late[0] - QUARTER, late[-1])] if late else []
        return [*spans, (boundary, done)] if done > boundary else spans

    def watch(self, rule, first_at):
        """The watch of `rule`; a new rule starts where the device's own watch stands, or just before `first_at`."""
        if rule not in self.states:
            own = self.states.get(None)
            start = own.evaluated_until if own and rule is not None else first_at - timedelta(microseconds=1)
            self.states[rule] = EvaluationState(rule_id=rule, device=self.device, evaluated_until=start)
        return self.states[rule]

    def move(self, watch, *, until, standing):
        moved = (max(until, watch.evaluated_until), standing.crossed_since, standing.has_fired)
        if moved != (watch.evaluated_until, watch.crossed_since, watch.has_fired) or watch.pk is None:
            watch.evaluated_until, watch.crossed_since, watch.has_fired = moved
            self.changed[watch.rule_id] = watch
