"""Evaluation context of one device: rules, their states, open alerts, readings, and the alerts found."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from alerts import maintenance_windows
from alerts.evaluation.samples import samples_for, samples_of
from alerts.models import EvaluationState
from devices.models import Device
from telemetry.rollups.quarter_hours import QUARTER, floor


@dataclass
class EvaluationContext:
    """Everything needed to evaluate one device's rules, and what the evaluation produced."""

    device: Device
    now: datetime
    rules: list
    states: dict  # {rule pk or None: EvaluationState}
    alerts: dict  # {rule pk or alert type: Alert}, open ones
    windows: list = field(default_factory=list)  # (start, end) of maintenance
    changed_states: dict = field(default_factory=dict)  # {rule pk or None: EvaluationState}, to be saved
    readings_with_lookback: list = field(default_factory=list)
    readings: list = field(default_factory=list)
    first: datetime | None = None
    samples_by_metric: dict = field(default_factory=dict)
    new_alerts: list = field(default_factory=list)  # alerts not in the database yet
    alerts_to_notify: list = field(default_factory=list)  # those of them that are notified at once

    @property
    def lookback(self):
        """How far before the new readings its rules need readings."""
        return max((rule.lookback for rule in self.rules), default=timedelta(0))

    def set_readings(self, readings, first) -> None:
        """Evaluate `readings` from `first` on; older ones are only the lookback of derived series."""
        self.readings_with_lookback = maintenance_windows.outside_windows(self.windows, readings)
        self.first, self.samples_by_metric = first, {}
        self.readings = [reading for reading in self.readings_with_lookback if reading.at >= first]

    def samples(self, rule):
        if not rule.is_threshold:
            samples = samples_for(rule, self.device, self.readings_with_lookback)
            return [sample for sample in samples if sample.at >= self.first]
        if rule.metric not in self.samples_by_metric:
            self.samples_by_metric[rule.metric] = samples_of(self.device, rule.metric, self.readings)
        return self.samples_by_metric[rule.metric]

    def quarters_to_evaluate(self, rule):
        """Spans (after, until] of the quarter hours that are complete, and of those that late readings changed."""
        boundary = self.state_of(rule.pk, self.readings[0].at).evaluated_until
        complete_until = floor(self.readings[-1].at)
        ends = [floor(reading.at) + QUARTER for reading in self.readings]
        late = [end for end in ends if end <= boundary]
        spans = [(late[0] - QUARTER, late[-1])] if late else []
        return [*spans, (boundary, complete_until)] if complete_until > boundary else spans

    def state_of(self, rule_pk, first_at):
        """The state of a rule; a new one starts at the device's own state (rule None), or just before `first_at`."""
        if rule_pk not in self.states:
            device_state = self.states.get(None)
            has_start = device_state is not None and rule_pk is not None
            start = device_state.evaluated_until if has_start else first_at - timedelta(microseconds=1)
            self.states[rule_pk] = EvaluationState(rule_id=rule_pk, device=self.device, evaluated_until=start)
        return self.states[rule_pk]

    def advance(self, state, *, until, breach_state) -> None:
        """Move `state` on to `until` and `breach_state`, and mark it to be saved where that changes it."""
        new_values = (max(until, state.evaluated_until), breach_state.crossed_since, breach_state.has_fired)
        if new_values != (state.evaluated_until, state.crossed_since, state.has_fired) or state.pk is None:
            state.evaluated_until, state.crossed_since, state.has_fired = new_values
            self.changed_states[state.rule_id] = state
