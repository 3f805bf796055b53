"""Evaluation context of one device: rules, their states, open alerts, readings, and the alerts found."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from alerts import maintenance_windows
from alerts.evaluation.samples import samples_for, samples_of
from alerts.models import EvaluationState
from devices.models import Device
from telemetry.analytics.unit_doubts import metrics_in_question
from telemetry.rollups.quarter_hours import floor


@dataclass
class EvaluationContext:
    """Everything needed to evaluate one device's rules, and what the evaluation produced."""

    device: Device
    now: datetime
    rules: list
    states: dict  # {rule pk or None: EvaluationState}
    alerts: dict  # {rule pk or alert type: Alert}, open ones
    windows: list = field(default_factory=list)  # (start, end) of maintenance
    unit_doubts: list = field(default_factory=list)  # UnitDoubts of the device, open or answered
    changed_states: dict = field(default_factory=dict)  # {rule pk or None: EvaluationState}, to be saved
    readings_with_lookback: list = field(default_factory=list)  # those within maintenance windows too
    readings: list = field(default_factory=list)  # new ones outside maintenance windows
    first: datetime | None = None
    samples_by_metric: dict = field(default_factory=dict)
    new_alerts: list = field(default_factory=list)  # alerts not in the database yet
    alerts_to_notify: list = field(default_factory=list)  # those of them that are notified at once
    told_alerts: list = field(default_factory=list)  # those of them that are part of what was notified already

    @property
    def metrics_in_question(self):
        """Metrics whose unit is in doubt: nothing is judged by them until a person answers."""
        return metrics_in_question(self.unit_doubts)

    @property
    def lookback(self):
        """How far before the new readings its rules need readings."""
        return max((rule.lookback for rule in self.rules), default=timedelta(0))

    @property
    def judged_until(self):
        """Up to when the readings of the device were judged; None before the first."""
        return self.states[None].evaluated_until if None in self.states else None

    def set_readings(self, readings, first) -> None:
        """Evaluate `readings` from `first` on; older ones are only the lookback of derived series."""
        self.readings_with_lookback, self.first, self.samples_by_metric = readings, first, {}
        new = [reading for reading in readings if reading.at >= first]
        self.readings = maintenance_windows.outside_windows(self.windows, new)

    def samples(self, rule):
        if not rule.is_threshold:
            samples = samples_for(rule, self.device, self.readings_with_lookback, self.windows)
            return [sample for sample in samples if sample.at >= self.first]
        if rule.metric not in self.samples_by_metric:
            new = [reading for reading in self.readings_with_lookback if reading.at >= self.first]
            self.samples_by_metric[rule.metric] = samples_of(self.device, rule.metric, new, self.windows)
        return self.samples_by_metric[rule.metric]

    def quarters_to_evaluate(self, rule):
        """The span (after, until] of the quarter hours that are complete and were not evaluated yet, if any."""
        boundary = self.state_of(rule.pk, self.readings[0].at).evaluated_until
        complete_until = floor(self.readings[-1].at)
        return [(boundary, complete_until)] if complete_until > boundary else []

    def state_of(self, rule_pk, first_at):
        """The state of a rule; a new one starts at the device's own state (rule None), or just before `first_at`.

        A rule that is newer than the device's first readings judges none that were there before it.
        """
        if rule_pk not in self.states:
            device_state = self.states.get(None)
            has_start = device_state is not None and rule_pk is not None
            start = device_state.evaluated_until if has_start else first_at - timedelta(microseconds=1)
            self.states[rule_pk] = EvaluationState(
                rule_id=rule_pk, device=self.device, evaluated_until=start, judged_since=start if has_start else None
            )
        return self.states[rule_pk]

    def begin(self, rule) -> None:
        """Note that the rule judges this device from its first readings on, also where they hold nothing for it."""
        state = self.state_of(rule.pk, self.readings[0].at)
        if state.pk is None:
            self.changed_states[rule.pk] = state

    def advance(self, state, *, until, breach_state) -> None:
        """Move `state` on to `until` and `breach_state`, and mark it to be saved where that changes it."""
        evaluated_until = max(until, state.evaluated_until)
        has_changed = (evaluated_until, breach_state) != (state.evaluated_until, state.breach_state)
        if has_changed or state.pk is None:
            state.evaluated_until, state.breach_state = evaluated_until, breach_state
            self.changed_states[state.rule_id] = state
