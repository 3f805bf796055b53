"""Sensor alerts: one per device, naming each suspect metric and why, until its sensors have been well for a while."""

from alerts import lifecycle
from alerts.lifecycle import LATE_AFTER
from alerts.notifications import outbox
from alerts.rules.conditions import BreachState
from alerts.rules.sensor_faults import SensorFault, SensorJudgement, Trace, fault_as_json, fault_from_json
from telemetry.metrics import IMPLAUSIBLE_BIT, SUSPECT_BIT


def check_sensors(context) -> None:
    """Open, update or resolve the sensor alert of a device from its new readings."""
    state = context.state_of(None, context.readings[0].at)
    judgement = SensorJudgement(running_fault(context, state))
    resumed = judgement.fault
    for reading in context.readings:
        if reading.at > state.evaluated_until:
            feed(judgement, reading, context.metrics_in_question)
    for fault in [*judgement.faults, *filter(None, [judgement.fault])]:
        if fault is not resumed:
            raise_fault(context, fault)
        update_fault(context, fault)
    context.advance(state, until=context.readings[-1].at, breach_state=BreachState())
    save_fault(context, state, judgement.fault)


def save_fault(context, state, fault) -> None:
    data = fault_as_json(fault)
    if data != state.sensor_faults:
        state.sensor_faults = data
        context.changed_states[None] = state


def running_fault(context, state) -> SensorFault | None:
    """The fault of the open alert. Where a person resolved it, the next suspect value begins a new one."""
    alert = context.alerts.get(lifecycle.SUSPECT)
    if alert is None:
        return None
    fault = fault_from_json(state.sensor_faults)
    if fault is not None and fault.since == alert.triggered_at:
        return fault
    kinds = lifecycle.suspect_metrics(alert)
    traces = {name: Trace(kind, max(alert.triggered_at, state.evaluated_until)) for name, kind in kinds.items()}
    return SensorFault(alert.triggered_at, traces)


def feed(judgement, reading, in_question=()) -> None:
    """Judge one reading; metrics whose unit is in question say nothing."""
    if not reading.suspect and judgement.fault is None:
        return
    suspects = {name: kind for name, kind in suspect_kinds(reading).items() if name not in in_question}
    traces = judgement.fault.traces if judgement.fault is not None else ()
    plausible = [name for name in traces if name not in suspects and getattr(reading, name) is not None]
    value = getattr(reading, min(suspects)) if suspects else None
    judgement.feed(reading.at, suspects, plausible, value)


def raise_fault(context, fault) -> None:
    found_late = context.now - fault.since > LATE_AFTER
    alert = lifecycle.raise_suspect(
        context.device, fault.kinds, since=fault.since, value=fault.value, found_late=found_late
    )
    if alert is None:
        return
    context.alerts[lifecycle.SUSPECT] = alert
    if found_late:
        outbox.notify_late([alert], now=context.now)
    else:
        outbox.notify(alert, now=context.now)


def update_fault(context, fault) -> None:
    """Name the metrics that joined, and resolve the alert when the fault is over."""
    alert = context.alerts.get(lifecycle.SUSPECT)
    if alert is None:
        return
    terms = lifecycle.suspect_terms(fault.kinds)
    if terms != alert.terms:
        alert.terms = terms
        alert.message = lifecycle.suspect_message(context.device, fault.kinds, fault.since, None)
        alert.save(update_fields=["terms", "message"])
    if fault.ended_at is not None:
        del context.alerts[lifecycle.SUSPECT]
        lifecycle.mark_resolved(alert, at=fault.ended_at, device=context.device, by_readings=True)


def suspect_kinds(reading) -> dict:
    """{metric: "flat" or "range"} of the suspect values of a reading."""
    return {
        name: "range" if reading.suspect & IMPLAUSIBLE_BIT[name] else "flat"
        for name, bit in SUSPECT_BIT.items()
        if reading.suspect & bit
    }
