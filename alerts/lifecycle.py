"""Lifecycle of an alert: raise, acknowledge, resolve, snooze, comment."""

from datetime import timedelta

from django.db import IntegrityError, transaction

from alerts import message_text
from alerts.models import Alert, Comment, Severity
from alerts.rules.conditions import THRESHOLD_KINDS, Limit
from core.dates import format_moment
from factories.models import Membership, User
from factories.roles import Right, roles_with
from telemetry.analytics.step_words import describe_step

OFFLINE = "device_offline"
SUSPECT = "sensor_suspect"
COUNTER = "counter_doubtful"
ALERT_TYPE_BY_KIND = {"flat": "sensor_flat", "silence": "sensor_silent", "budget": "energy_budget"}
ALERT_TYPE_BY_KIND |= {"capture": "data_capture", "health": "health_score"}  # of others the metric
SENSOR_TYPES = (SUSPECT, COUNTER, "sensor_flat", "sensor_silent")  # about a sensor, not about the process
LONGEST_SNOOZE = timedelta(days=7)
LATE_AFTER = timedelta(minutes=15)  # a breach older than this when it is evaluated is found late
KINDS_WITHOUT_VALUE = ("flat", "silence")
RESPONSE_COMMENTS = {"assignee": "Assigned to {}.", "cause": "Cause: {}", "action": "Corrective action: {}"}
RULE_CHANGED = "Resolved because the rule was changed or switched off."


def raise_alert(rule, device, *, alert_type, since, **fields):
    """A new alert on `device` since `since` (event time), or None where one is open already.

    A unique constraint decides: of two concurrent evaluations one inserts it.
    """
    return insert_alert(build_alert(rule, device, alert_type=alert_type, since=since, **fields))


def build_alert(rule, device, *, alert_type, since, **fields):
    """An unsaved alert; severity, title and terms are the rule's unless given."""
    fields.setdefault("severity", rule.severity if rule else Severity.WARNING)
    fields.setdefault("title", rule.title if rule else "")
    fields.setdefault("terms", rule.terms if rule else {})
    return Alert(
        factory_id=device.factory_id, rule=rule, device=device, alert_type=alert_type, triggered_at=since, **fields
    )


def insert_alert(alert):
    """Insert and return `alert`, or None where the same one is open already."""
    try:
        with transaction.atomic():
            alert.save(force_insert=True)
    except IntegrityError:
        return None
    return alert


def raise_alerts(alerts):
    """Insert alerts in one statement → those inserted; one by one where one of them is open already."""
    try:
        with transaction.atomic():
            return Alert.objects.bulk_create(alerts)
    except IntegrityError:
        return [alert for alert in alerts if insert_alert(alert)]


def alert_from_breach(rule, device, breach, *, ended_at=None, found_late=False):
    """An unsaved alert of a rule's breach (for `raise_alerts`), resolved already where the breach has ended."""
    return build_alert(
        rule,
        device,
        alert_type=ALERT_TYPE_BY_KIND.get(rule.kind, rule.metric),
        since=breach.since,
        status=Alert.Status.ACTIVE if ended_at is None else Alert.Status.RESOLVED,
        message=breach_message(rule, device, breach, ended_at),
        severity=rule.severity_at(breach.peak),
        **value_fields(rule, rule.limit, breach),
        fired_at=breach.fired_at,
        resolved_at=ended_at,
        is_ended_by_readings=ended_at is not None,
        found_late=found_late,
    )


def breach_message(rule, device, breach, ended_at) -> str:
    """The message of an alert of this breach; `ended_at`: its end, where it is over."""
    limit, zone = rule.limit, device.factory.zone
    if not rule.is_threshold:
        value = breach.value if ended_at is None else breach.peak
        return message_text.kind_message(
            device.label, rule.terms, value, breach.since, ended_at, zone, breach.derived_from
        )
    if ended_at is None:
        return message_text.active_threshold_message(device.label, rule.metric, limit, breach.value, breach.since, zone)
    return message_text.resolved_threshold_message(
        device.label, rule.metric, limit, breach.peak, breach.since, ended_at, zone
    )


def raise_severity(alert, severity) -> None:
    """Raise the severity of an alert beyond the rule's second level; it stays until the alert is resolved."""
    alert.severity = severity
    alert.save(update_fields=["severity"])


def value_fields(rule, limit, breach) -> dict:
    """Measured value, limit and peak; none for flat lines and silences, which have no value."""
    if rule.kind in KINDS_WITHOUT_VALUE:
        return {}
    return {
        "metric_value": breach.value,
        "threshold_value": limit.bound(breach.value),
        "peak_value": breach.peak,
        "peak_at": breach.peak_at,
    }


def raise_suspect(device, kinds, *, since, value, found_late=False):
    """The sensor alert of a device: these metrics ({name: "range" or "flat"}) are suspect, the first at `value`."""
    return insert_alert(build_suspect(device, kinds, since=since, value=value, found_late=found_late))


def build_suspect(device, kinds, *, since, value, **fields):
    """An unsaved sensor alert."""
    return build_alert(
        None,
        device,
        alert_type=SUSPECT,
        since=since,
        title="Sensor values are not plausible",
        message=suspect_message(device, kinds, since, fields.get("resolved_at")),
        metric_value=value,
        terms=suspect_terms(kinds),
        **fields,
    )


def suspect_terms(kinds) -> dict:
    return {"metrics": list(kinds), "kinds": dict(kinds)}


def suspect_message(device, kinds, since, ended_at) -> str:
    zone = device.factory.zone
    if ended_at is None:
        return message_text.active_suspect_message(device.label, kinds, since, zone)
    return message_text.resolved_suspect_message(device.label, kinds, since, ended_at, zone)


def raise_counter_doubt(device, steps, *, found_late=False):
    """The sensor alert of a device about doubtful steps of its counters, the oldest first."""
    return raise_alert(
        None,
        device,
        alert_type=COUNTER,
        since=steps[0].after_at,
        title="A counter made a doubtful step",
        message=counter_message(device, steps),
        terms=counter_terms(steps),
        found_late=found_late,
    )


def counter_terms(steps) -> dict:
    return {"steps": [step.pk for step in steps]}


def counter_message(device, steps):
    step = describe_step(steps[0], device.profile_at(steps[0].after_at), device.factory.zone)
    return message_text.counter_message(device.label, step, len(steps))


def raise_offline(rule, device, *, since, interval_s):
    """The alert of a silence rule: the device's last reading came at `since`."""
    return raise_alert(
        rule,
        device,
        alert_type=OFFLINE,
        since=since,
        message=message_text.active_silence_message(device.label, since, interval_s, device.factory.zone),
    )


def mark_resolved(alert, *, at, device, by=None, by_readings=False):
    """Resolve an open alert at `at` and put its message into the past tense → rows changed.

    `by`: the person who did; `by_readings`: what came says that it is over, so that late readings may move its end.
    """
    alert.resolved_at, alert.resolved_by, alert.status = max(at, alert.triggered_at), by, Alert.Status.RESOLVED
    alert.message, alert.is_ended_by_readings = resolved_message(alert, device), by_readings
    fields = ("resolved_at", "resolved_by", "status", "message", "is_ended_by_readings")
    return Alert.objects.open().filter(pk=alert.pk).update(**{name: getattr(alert, name) for name in fields})


def resolved_message(alert, device):
    """The message of an alert once it is resolved."""
    zone, ended_at = device.factory.zone, alert.resolved_at
    if alert.alert_type == OFFLINE:
        return message_text.resolved_silence_message(device.label, alert.triggered_at, ended_at, zone)
    if alert.alert_type == SUSPECT:
        return suspect_message(device, suspect_metrics(alert), alert.triggered_at, ended_at)
    if "kind" in alert.terms and alert.terms["kind"] not in THRESHOLD_KINDS:
        return message_text.kind_message(
            device.label, alert.terms, alert.peak_value, alert.triggered_at, ended_at, zone
        )
    if alert.peak_value is None or "kind" not in alert.terms:
        return alert.message
    limit = limit_of(alert)
    return message_text.resolved_threshold_message(
        device.label, alert.terms["metric"], limit, alert.peak_value, alert.triggered_at, ended_at, zone
    )


def suspect_metrics(alert) -> dict:
    return {name: alert.terms.get("kinds", {}).get(name, "") for name in alert.terms["metrics"]}


def limit_of(alert):
    """The limit an alert was evaluated by, from the terms stored with it."""
    terms = alert.terms
    return Limit(terms["kind"], terms.get("level"), terms.get("clear_level"), terms.get("low"), terms.get("high"))


def acknowledge(alert, *, by, now, comment=""):
    """Acknowledge an active alert. Idempotent: repeated, or on a resolved alert, it changes nothing."""
    with transaction.atomic():
        updated = Alert.objects.filter(pk=alert.pk, status=Alert.Status.ACTIVE).update(
            status=Alert.Status.ACKNOWLEDGED, acknowledged_at=now, acknowledged_by=by
        )
        if updated and comment.strip():
            add_comment(alert, by=by, text=comment)
    alert.refresh_from_db()
    return alert


def resolve(alert, *, by, now, comment=""):
    """Resolve an alert by hand, also while the value is still across; it fires again after clearing and crossing."""
    with transaction.atomic():
        if mark_resolved(alert, at=now, device=alert.device, by=by) and comment.strip():
            add_comment(alert, by=by, text=comment)
    alert.refresh_from_db()
    return alert


def comment(alert, *, by, now, comment) -> None:
    """Add a comment, whatever the state of the alert."""
    add_comment(alert, by=by, text=comment)


def respond(alert, *, by, now, assignee, cause, action):
    """Set assignee, cause and corrective action, also after it is resolved. A comment records who changed them."""
    response = {"assignee": assignee, "cause": cause.strip(), "action": action.strip()}
    changes = {name: value for name, value in response.items() if getattr(alert, name) != value}
    if not changes:
        return alert
    with transaction.atomic():
        for name, value in changes.items():
            setattr(alert, name, value)
        alert.save(update_fields=list(changes))
        add_comment(
            alert,
            by=by,
            text="\n".join(RESPONSE_COMMENTS[name].format(value or "nobody") for name, value in changes.items()),
        )
    return alert


def snooze(alert, *, by, now, minutes):
    """Suppress messages and escalation for `minutes`, at most LONGEST_SNOOZE; the alert stays on the board."""
    until = now + min(timedelta(minutes=minutes), LONGEST_SNOOZE)
    if Alert.objects.open().filter(pk=alert.pk).update(snoozed_until=until):
        add_comment(alert, by=by, text=f"Snoozed until {format_moment(until, alert.factory.zone)}.")
    alert.refresh_from_db()
    return alert


def apply_to_all(alerts, transition, *, by, now, comment=""):
    """Apply a transition to several alerts → how many it changed."""
    changed_count = 0
    for alert in alerts:
        status_before = alert.status
        changed_count += transition(alert, by=by, now=now, comment=comment).status != status_before
    return changed_count


def alert_responders(factory_id, now):
    """Members of a factory whose role may act on alerts."""
    members = Membership.objects.valid(now).filter(factory=factory_id, role__in=roles_with(Right.ACT_ON_ALERTS))
    return User.objects.filter(pk__in=members.values("user_id"), is_active=True).order_by("full_name", "email")


def close(alert, *, now, reason) -> None:
    """Resolve an alert whose rule or device is no longer in force; a comment gives the reason."""
    if mark_resolved(alert, at=now, device=alert.device):
        add_comment(alert, by=None, text=reason)


def withdraw(alert, *, now, reason) -> None:
    """Take an alert back that late readings prove wrong; its row stays, with a comment that gives the reason."""
    alert.status, alert.withdrawn_at, alert.withdrawn_reason = Alert.Status.WITHDRAWN, now, reason
    alert.resolved_at = alert.resolved_at or max(now, alert.triggered_at)
    alert.save(update_fields=["status", "withdrawn_at", "withdrawn_reason", "resolved_at"])
    add_comment(alert, by=None, text=f"withdrawn: {reason}.")


def add_comment(alert, *, by, text):
    return Comment.objects.create(alert=alert, author=by, text=text.strip())
