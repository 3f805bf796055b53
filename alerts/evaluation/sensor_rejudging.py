"""The sensors of a device judged again around readings that came late, as rules are (`alerts.evaluation.rejudging`)."""

from alerts import lifecycle
from alerts.evaluation import revisions
from alerts.evaluation.history import INSTANT
from alerts.evaluation.rejudging import covers, has_read_end
from alerts.evaluation.sensor_checks import feed, save_fault, suspect_kinds
from alerts.lifecycle import LATE_AFTER
from alerts.rules.matching import match
from alerts.rules.sensor_faults import SensorFault, SensorJudgement, Trace

WALK_BACK = (200, 2_000, 20_000)  # readings searched for the last suspect value of each metric
PHANTOM = "the readings of that time hold no suspect value"
MERGED = "a reading that came late shows that it is part of another alert of this sensor"


class SensorJudge:
    """The second judgement of the sensors. `source` stands for `alerts.evaluation.sample_sources`."""

    floor = None

    def __init__(self, context, history, windows, alerts) -> None:
        self.context, self.history, self.windows, self.alerts = context, history, windows, alerts
        self.source = self
        self.set_ends = sorted(alert.resolved_at for alert in alerts if not has_read_end(alert))
        self.judgement = None

    def run(self, first, last, stop) -> None:
        if self.judgement is None:
            self.start(first)
        self.late_until = max(self.late_until, last)
        while self.judgement is not None:
            readings = [r for r in self.history.after(self.cursor) if stop is None or r.at < stop]
            if not readings:
                if stop is None:
                    self.finish(None)
                return
            self.cursor = readings[-1].at
            for reading in readings:
                self.consume(reading)
                if reading.at > self.late_until and self.has_converged(reading.at, stop):
                    self.finish(reading.at)
                    break

    def start(self, first) -> None:
        """Outside of every alert no sensor is at fault; within one, its last suspect values say how it stands."""
        self.first, self.cursor, self.late_until, self.followed = first, first - INSTANT, first, None
        self.set_end_place = sum(at < first for at in self.set_ends)
        self.base = self.covering(first)
        self.judgement = SensorJudgement(self.fault_within(self.base, first) if self.base else None)

    def covering(self, at):
        """The alert that began before `at` and ran up to it, if any."""
        return next(
            (
                alert
                for alert in reversed(self.alerts)
                if alert.triggered_at < at and (alert.is_open or alert.resolved_at >= at)
            ),
            None,
        )

    def fault_within(self, alert, at) -> SensorFault:
        kinds = lifecycle.suspect_metrics(alert)
        fault = SensorFault(alert.triggered_at, value=alert.metric_value)
        for count in WALK_BACK:
            rows = self.history.before(at, count)
            is_whole = len(rows) < count or rows[0].at <= alert.triggered_at
            rows = [row for row in rows if row.at >= alert.triggered_at]
            fault.traces = {name: trace for name in kinds if (trace := last_trace(rows, name))}
            if is_whole or len(fault.traces) == len(kinds):
                return fault
        for name, kind in kinds.items():
            fault.traces.setdefault(name, Trace(kind, alert.triggered_at))
        return fault

    def consume(self, reading) -> None:
        while self.set_end_place < len(self.set_ends) and self.set_ends[self.set_end_place] < reading.at:
            self.judgement.end(self.set_ends[self.set_end_place])
            self.set_end_place += 1
        if not any(start <= reading.at < end for start, end in self.windows):
            feed(self.judgement, reading, self.context.metrics_in_question)

    def has_converged(self, at, stop) -> bool:
        fault, alert = self.judgement.fault, self.covering(at + INSTANT)
        if fault is None or alert is None:
            return fault is None and alert is None
        is_renewed = all(trace.last_at > self.late_until for trace in fault.traces.values())
        if not is_renewed or not set(fault.traces) <= set(alert.terms["metrics"]):
            return False
        if not has_read_end(alert) or (stop is not None and covers(alert, stop)):
            return False
        fault.ended_at, self.followed = alert.resolved_at, alert
        return True

    def finish(self, until) -> None:
        judgement, self.judgement = self.judgement, None
        faults = [*judgement.faults, *filter(None, [judgement.fault])]
        state = self.context.states[None]
        if until is None:
            save_fault(self.context, state, judgement.fault)
        elif self.followed is not None and self.followed.is_open and state.sensor_faults:
            state.sensor_faults = {**state.sensor_faults, "since": judgement.fault.since.isoformat()}
            self.context.changed_states[None] = state
        since = self.base.triggered_at if self.base else self.first
        alerts = [a for a in self.alerts if a.triggered_at >= since and (until is None or a.triggered_at <= until)]
        revise_sensor_alerts(self.context, faults, alerts, (self.base, self.followed))


def last_trace(rows, name) -> Trace | None:
    """How a metric stands after `rows`: its last suspect value, and the plausible ones since; None without any."""
    plausible = 0
    for row in reversed(rows):
        kind = suspect_kinds(row).get(name)
        if kind:
            return Trace(kind, row.at, plausible)
        plausible += getattr(row, name) is not None
    return None


def revise_sensor_alerts(context, faults, alerts, partly_judged) -> None:
    """`partly_judged`: alerts of which only a part was judged again; their metrics stay named."""
    spans = [(fault.since, fault.ended_at) for fault in faults]
    matching = match(spans, [(alert.triggered_at, alert.resolved_at) for alert in alerts])
    matched = [alerts[other] for _place, other in matching.pairs]
    for other in matching.gone:
        is_part = any(alert.triggered_at <= alerts[other].triggered_at for alert in matched)
        revisions.withdraw(context, alerts[other], MERGED if is_part else PHANTOM)
    for place, other in sorted(matching.pairs, key=lambda pair: faults[pair[0]].ended_at is None):
        fault, alert = faults[place], alerts[other]
        kinds = fault.kinds
        if alert in partly_judged:
            kinds = dict(sorted({**lifecycle.suspect_metrics(alert), **kinds}.items()))
        revise(context, fault, alert, kinds)
    for place in matching.new:
        add_found_late(context, faults[place])


def revise(context, fault, alert, kinds) -> None:
    before, saved_before = revisions.described(alert, context.device), revisions.saved_values(alert)
    alert.triggered_at, alert.metric_value, alert.terms = fault.since, fault.value, lifecycle.suspect_terms(kinds)
    if has_read_end(alert):
        revisions.set_end(alert, fault.ended_at)
    alert.message = lifecycle.suspect_message(context.device, kinds, alert.triggered_at, alert.resolved_at)
    revisions.save_revision(context, alert, saved_before, before)


def add_found_late(context, fault) -> None:
    found_late = context.now - fault.since > LATE_AFTER
    alert = lifecycle.build_suspect(
        context.device,
        fault.kinds,
        since=fault.since,
        value=fault.value,
        found_late=found_late,
        resolved_at=fault.ended_at,
        status="active" if fault.ended_at is None else "resolved",
        is_ended_by_readings=fault.ended_at is not None,
    )
    context.new_alerts.append(alert)
    if not found_late:
        context.alerts_to_notify.append(alert)
