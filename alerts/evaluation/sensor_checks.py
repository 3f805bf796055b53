"""Sensor alerts: one per device, naming each suspect metric and why, until all of them are plausible."""

from alerts import lifecycle
from alerts.lifecycle import LATE_AFTER
from alerts.notifications import outbox
from alerts.rules.conditions import BreachState
from telemetry.metrics import IMPLAUSIBLE_BIT, SUSPECT_BIT


def check_sensors(context) -> None:
    """Open, update or resolve the sensor alert of a device from its new readings."""
    state = context.state_of(None, context.readings[0].at)
    for reading in context.readings:
        if reading.at > state.evaluated_until:
            check_plausibility(context, reading)
    context.advance(state, until=context.readings[-1].at, breach_state=BreachState())


def check_plausibility(context, reading) -> None:
    in_question, alert = context.metrics_in_question, context.alerts.get(lifecycle.SUSPECT)
    kinds = {name: kind for name, kind in suspect_kinds(reading).items() if name not in in_question}
    names = list(kinds)
    if alert is None and names:
        raise_suspect(context, reading, kinds)
    elif alert is not None:
        plausible_names = {
            name for name in alert.terms["metrics"] if name not in names and getattr(reading, name) is not None
        }
        suspect_names = sorted((set(alert.terms["metrics"]) | set(names)) - plausible_names)
        if not suspect_names:
            lifecycle.mark_resolved(context.alerts.pop(lifecycle.SUSPECT), at=reading.at, device=context.device)
        elif suspect_names != alert.terms["metrics"]:
            kind_by_name = alert.terms.get("kinds", {}) | kinds
            alert.terms = {
                "metrics": suspect_names,
                "kinds": {name: kind_by_name[name] for name in suspect_names if name in kind_by_name},
            }
            alert.save(update_fields=["terms"])


def raise_suspect(context, reading, kinds) -> None:
    found_late = context.now - reading.at > LATE_AFTER
    alert = lifecycle.raise_suspect(context.device, reading, kinds, found_late=found_late)
    if alert is not None:
        context.alerts[lifecycle.SUSPECT] = alert
        if found_late:
            outbox.notify_late([alert], now=context.now)
        else:
            outbox.notify(alert, now=context.now)


def suspect_kinds(reading) -> dict:
    """{metric: "flat" or "range"} of the suspect values of a reading."""
    return {
        name: "range" if reading.suspect & IMPLAUSIBLE_BIT[name] else "flat"
        for name, bit in SUSPECT_BIT.items()
        if reading.suspect & bit
    }
