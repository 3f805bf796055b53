"""Suspect values: one sensor alert per device, saying which metric and why, until all of them are plausible."""

from alerts.evaluation.conditions import Standing
from alerts.lifecycle import transitions
from alerts.lifecycle.transitions import FRESH
from alerts.notifications import outbox
from telemetry.metrics import IMPLAUSIBLE_BIT, SUSPECT_BIT


def judge_sensors(case):
    """Suspect values: one sensor alert per device, which ends when every metric it names is plausible again."""
    watch = case.watch(None, case.readings[0].at)
    for reading in case.readings:
        if reading.at > watch.judged_until:
            judge_plausibility(case, reading)
    case.move(watch, until=case.readings[-1].at, standing=Standing())


def judge_plausibility(case, reading):
    kinds, alert = suspect_kinds(reading), case.alerts.get(transitions.SUSPECT)
    names = list(kinds)
    if alert is None and names:
        raise_suspect(case, reading, kinds)
    elif alert is not None:
        healed = {name for name in alert.terms["metrics"] if name not in names and getattr(reading, name) is not None}
        still = sorted((set(alert.terms["metrics"]) | set(names)) - healed)
        if not still:
            transitions.end(case.alerts.pop(transitions.SUSPECT), at=reading.at, device=case.device)
        elif still != alert.terms["metrics"]:
            its = alert.terms.get("kinds", {}) | kinds
            alert.terms = {"metrics": still, "kinds": {name: its[name] for name in still if name in its}}
            alert.save(update_fields=["terms"])


def raise_suspect(case, reading, kinds):
    found_late = case.now - reading.at > FRESH
    alert = transitions.raise_suspect(case.device, reading, kinds, found_late=found_late)
    if alert is not None:
        case.alerts[transitions.SUSPECT] = alert
        if found_late:
            outbox.announce_late([alert], now=case.now)
        else:
            outbox.announce(alert, now=case.now)


def suspect_kinds(reading):
    """{metric: "flat" or "range"} of the suspect values of a reading."""
    return {
        name: "range" if reading.suspect & IMPLAUSIBLE_BIT[name] else "flat"
        for name, bit in SUSPECT_BIT.items()
        if reading.suspect & bit
    }
