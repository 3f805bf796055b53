"""Alerts of breaches: raised once their hold is met, updated while they last, resolved when the value has cleared."""

from dataclasses import replace

from alerts import lifecycle
from alerts.evaluation import silence
from alerts.evaluation.samples import has_reported
from alerts.lifecycle import LATE_AFTER
from alerts.models import RuleKind
from alerts.notifications import outbox


def limit_on(rule, device, now):
    """The rule's limit; a sensor silence rule without a hold uses the hold of its device's silence."""
    limit = rule.limit
    if rule.kind == RuleKind.SILENCE and not rule.hold_seconds:
        return replace(limit, hold=silence.longest_silence(rule, device, now))
    return limit


def add_alert(context, rule, breach) -> None:
    """Add the alert of a breach that fired in this batch; notified at once unless it is late and over."""
    if not has_sensor(context, rule, breach):
        return
    found_late = context.now - breach.fired_at > LATE_AFTER
    if rule.pk in context.alerts and not breach.ended_at:  # raised already
        update_alert(context, rule, breach)
        return
    alert = lifecycle.alert_from_breach(rule, context.device, breach, ended_at=breach.ended_at, found_late=found_late)
    context.new_alerts.append(alert)
    if not found_late or is_ongoing(context, breach):
        context.alerts_to_notify.append(alert)


def update_alert(context, rule, breach) -> None:
    """Update the open alert of a breach that continues or ends; nothing to do where a person resolved it meanwhile."""
    alert = context.alerts.get(rule.pk)
    if alert is None:
        return
    peak = rule.limit.worse_of(alert.peak_value, breach.peak)
    if peak != alert.peak_value and rule.kind not in lifecycle.KINDS_WITHOUT_VALUE:
        alert.peak_value, alert.peak_at = peak, breach.peak_at
        alert.save(update_fields=["peak_value", "peak_at"])
    is_worse = alert.severity == rule.severity != rule.severity_at(peak)
    if is_worse:
        lifecycle.raise_severity(alert, rule.severity_at(peak))
    if breach.ended_at:
        alert = context.alerts.pop(rule.pk)
        lifecycle.mark_resolved(alert, at=breach.ended_at, device=context.device, by_readings=True)
    elif is_worse and is_ongoing(context, breach):
        outbox.renotify(alert, now=context.now)
    elif alert.found_late and is_ongoing(context, breach):
        outbox.notify(alert, now=context.now)


def is_ongoing(context, breach):
    """Whether the breach still holds at a sample no older than LATE_AFTER."""
    return breach.ended_at is None and breach.last_at is not None and context.now - breach.last_at <= LATE_AFTER


def has_sensor(context, rule, breach):
    """Whether the device ever sent the metric: a sensor it does not have is not silent."""
    return rule.kind != RuleKind.SILENCE or has_reported(context.device, rule.metric, breach.since, context.windows)


def raise_new_alerts(contexts, now) -> None:
    """Insert and notify the new alerts of all contexts together: a few statements even when two thousand rules fire."""
    if not any(context.new_alerts for context in contexts):
        return  # as nearly always, and a backlog asks once a slice
    created = lifecycle.raise_alerts([alert for context in contexts for alert in context.new_alerts])
    created_ids = {id(alert) for alert in created}
    notify_ids = {id(alert) for context in contexts for alert in context.alerts_to_notify}
    told = {id(alert) for context in contexts for alert in context.told_alerts}
    outbox.notify_all([alert for alert in created if id(alert) in notify_ids], now=now)
    outbox.notify_late([alert for alert in created if id(alert) not in notify_ids | told], now=now)
    for context in contexts:
        inserted = [alert for alert in context.new_alerts if id(alert) in created_ids]
        context.alerts.update({alert.rule_id or alert.alert_type: alert for alert in inserted if alert.is_open})
        context.new_alerts, context.alerts_to_notify, context.told_alerts = [], [], []
