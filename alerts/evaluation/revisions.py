"""What a second judgement changes in the alerts of the first: revised, merged, split, added or withdrawn.

What people did stays: acknowledgement, comments, the end a person set. Nobody is notified again of what they were
notified of; of an alert found late they hear as of any other found late.
"""

from typing import Any, NamedTuple

from alerts import lifecycle, message_text
from alerts.evaluation.breach_alerts import has_sensor, is_ongoing
from alerts.lifecycle import LATE_AFTER
from alerts.models import Alert
from alerts.notifications import outbox
from alerts.notifications.recipients import SEVERITY_RANK
from alerts.rules.conditions import THRESHOLD_KINDS
from alerts.rules.matching import match, overlap
from telemetry.metrics import AXES, SUSPECT_BIT
from telemetry.models import Reading

SAVED_FIELDS = [
    *["triggered_at", "fired_at", "resolved_at", "status", "is_ended_by_readings", "severity", "message", "terms"],
    *["metric_value", "threshold_value", "peak_value", "peak_at", "acknowledged_at", "acknowledged_by_id"],
    *["snoozed_until"],
]


class Outcome(NamedTuple):
    """A second judgement: breaches and alerts of the same span, and the peaks up to the ends that people set."""

    breaches: list
    alerts: list
    set_end_peaks: dict[int, tuple]  # {alert pk: (peak, its time)}


def revise_alerts(context, rule, outcome) -> None:
    breaches, alerts = [breach for breach in outcome.breaches if has_sensor(context, rule, breach)], outcome.alerts
    breach_spans = [(breach.since, breach.ended_at) for breach in breaches]
    alert_spans = [(alert.triggered_at, alert.resolved_at) for alert in alerts]
    matching = match(breach_spans, alert_spans)
    pairs = [(breaches[place], alerts[other]) for place, other in matching.pairs]
    merged = {
        other: next((pair for pair in pairs if overlap((pair[0].since, pair[0].ended_at), alert_spans[other])), None)
        for other in matching.gone
    }
    for other, pair in merged.items():
        reason = merged_reason(context, pair[0]) if pair else phantom_reason(rule, alerts[other])
        withdraw(context, alerts[other], reason)
    for breach, alert in sorted(pairs, key=lambda pair: pair[0].ended_at is None):  # one open alert at a time
        others = [alerts[other] for other, pair in merged.items() if pair is not None and pair[1] is alert]
        revise(context, rule, breach, alert, outcome.set_end_peaks.get(alert.pk), others)
    for place in matching.new:
        former = [alert for alert, span in zip(alerts, alert_spans, strict=True) if overlap(breach_spans[place], span)]
        add_found_late(context, rule, breaches[place], former)


def phantom_reason(rule, alert) -> str:
    names = AXES if rule.metric == "vibration" else [rule.metric]
    bits = sum(SUSPECT_BIT[name] for name in names if name in SUSPECT_BIT)
    first = Reading.objects.filter(device=alert.device_id, at=alert.triggered_at).first()
    if first is not None and first.suspect & bits and rule.kind in (*THRESHOLD_KINDS, "rate"):
        return "its values turned out to be implausible: see the sensor alert"
    return message_text.withdrawal_reason(rule.kind, has_hold=rule.hold_seconds > 0)


def merged_reason(context, breach) -> str:
    began = message_text.format_moment(breach.since, context.device.factory.zone)
    return f"a reading that came late shows that it is part of the alert that began at {began}"


def withdraw(context, alert, reason) -> None:
    """Take an alert back: its row stays, with the reason; what was not sent yet is not sent."""
    if context.alerts.get(alert.rule_id or alert.alert_type) == alert:
        del context.alerts[alert.rule_id or alert.alert_type]
    lifecycle.withdraw(alert, now=context.now, reason=reason)
    outbox.cancel(alert, now=context.now, reason=f"withdrawn: {reason}")


def revise(context, rule, breach, alert, set_end_peak, merged) -> None:
    """Give an alert the start, end, peak and severity of its breach, and say what changed in a comment."""
    before = described(alert, context.device)
    severity_before, saved_before = alert.severity, saved_values(alert)
    has_set_end = not alert.is_open and not alert.is_ended_by_readings
    if set_end_peak and has_set_end:
        breach.peak, breach.peak_at = set_end_peak
    alert.triggered_at, alert.fired_at = breach.since, breach.fired_at
    for name, value in lifecycle.value_fields(rule, rule.limit, breach).items():
        setattr(alert, name, value)
    alert.severity = rule.severity_at(breach.peak)
    if not has_set_end:
        set_end(alert, breach.ended_at)
    else:
        alert.resolved_at = max(alert.resolved_at, alert.triggered_at)
    take_over(alert, merged)
    if described(alert, context.device) != before:
        alert.message = lifecycle.breach_message(rule, context.device, breach, alert.resolved_at)
    save_revision(context, alert, saved_before, before)
    notify_revised(context, alert, breach, severity_before)


def saved_values(alert) -> dict[str, Any]:
    return {name: getattr(alert, name) for name in SAVED_FIELDS}


def set_end(alert, ended_at) -> None:
    """The end that the readings give it; an alert they reopen is acknowledged if it was."""
    alert.resolved_at, alert.is_ended_by_readings = ended_at, ended_at is not None
    if ended_at is not None:
        alert.status = Alert.Status.RESOLVED
    else:
        alert.status = Alert.Status.ACKNOWLEDGED if alert.acknowledged_at else Alert.Status.ACTIVE


def take_over(alert, others) -> None:
    """What people did with alerts that turn out to be part of this one counts for it too."""
    for other in others:
        if other.acknowledged_at and not alert.acknowledged_at:
            alert.acknowledged_at, alert.acknowledged_by_id = other.acknowledged_at, other.acknowledged_by_id
            if alert.status == Alert.Status.ACTIVE:
                alert.status = Alert.Status.ACKNOWLEDGED
        if other.snoozed_until and (alert.snoozed_until is None or other.snoozed_until > alert.snoozed_until):
            alert.snoozed_until = other.snoozed_until


def save_revision(context, alert, saved_before, before) -> None:
    changed = [name for name in SAVED_FIELDS if getattr(alert, name) != saved_before[name]]
    if changed:
        alert.save(update_fields=[name.removesuffix("_id") for name in changed])
    after = described(alert, context.device)
    changes = message_text.changes(before, after)
    if changes:
        lifecycle.add_comment(alert, by=None, text=f"revised: {changes}. Readings of that time came late.")
    key = alert.rule_id or alert.alert_type
    if alert.is_open:
        context.alerts[key] = alert
    elif context.alerts.get(key) == alert:
        del context.alerts[key]


def described(alert, device) -> dict[str, Any]:
    """What a comment says of an alert: {what: its text}."""
    zone = device.factory.zone
    moment = message_text.format_second
    has_metric = alert.terms.get("kind") in (*THRESHOLD_KINDS, "rate")
    peak = alert.peak_text if has_metric else alert.peak_value and message_text.format_number(alert.peak_value, 1)
    return {
        "began": moment(alert.triggered_at, zone),
        "over": moment(alert.resolved_at, zone) if alert.resolved_at else "not yet",
        "farthest": peak or "",
        "severity": alert.severity,
    }


def notify_revised(context, alert, breach, severity_before) -> None:
    """Only a higher severity is news; as in the order of time, at once only while the breach holds."""
    if SEVERITY_RANK[alert.severity] <= SEVERITY_RANK[severity_before]:
        return
    if alert.is_open and is_ongoing(context, breach):
        outbox.renotify(alert, now=context.now)
    else:
        outbox.notify_late([alert], now=context.now)


def add_found_late(context, rule, breach, former) -> None:
    """The alert of a breach that late readings show; `former`: alerts that held part of its time, split by them."""
    found_late = context.now - breach.fired_at > LATE_AFTER
    alert = lifecycle.alert_from_breach(rule, context.device, breach, ended_at=breach.ended_at, found_late=found_late)
    context.new_alerts.append(alert)
    if former:
        context.told_alerts.append(alert)
        if alert.is_open:
            take_over(alert, former)
    elif not found_late or is_ongoing(context, breach):
        context.alerts_to_notify.append(alert)
