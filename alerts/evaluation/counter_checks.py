"""Sensor alerts about counters: one per device, open while a doubtful step of it waits for a person's decision."""

from django.db.models import Exists, OuterRef

from alerts import lifecycle
from alerts.lifecycle import LATE_AFTER
from alerts.models import Alert
from alerts.notifications import outbox
from telemetry.models import DoubtfulStep


def check_counters(contexts, now) -> None:
    """Open, update or resolve the counter alert of each device by its open doubtful steps; one query for all.

    A step that a question about the unit explains raises none: the question is on the machine's page, and notifies
    nobody.
    """
    open_steps = {context.device.pk: [] for context in contexts}
    rows = DoubtfulStep.objects.open().filter(device__in=list(open_steps))
    for step in rows.order_by("after_at", "pk"):
        open_steps[step.device_id].append(step)
    for context in contexts:
        steps = [step for step in open_steps[context.device.pk] if step.metric not in context.metrics_in_question]
        check_steps(context, steps, now)


def check_steps(context, steps, now) -> None:
    alert = context.alerts.get(lifecycle.COUNTER)
    if alert is None:
        if steps:
            raise_counter_alert(context, steps, now)
    elif not steps:
        lifecycle.close(context.alerts.pop(lifecycle.COUNTER), now=now, reason=reason_closed(alert))
    elif (terms := lifecycle.counter_terms(steps)) != alert.terms:
        alert.terms, alert.message = terms, lifecycle.counter_message(context.device, steps)
        alert.save(update_fields=["terms", "message"])


def raise_counter_alert(context, steps, now) -> None:
    """Raise it, unless a person resolved one about the same steps: they are on the machine's page all the same."""
    if not {step.pk for step in steps} - resolved_steps(context.device):
        return
    found_late = now - steps[0].after_at > LATE_AFTER
    alert = lifecycle.raise_counter_doubt(context.device, steps, found_late=found_late)
    if alert is None:
        return
    context.alerts[lifecycle.COUNTER] = alert
    if found_late:
        outbox.notify_late([alert], now=now)
    else:
        outbox.notify(alert, now=now)


def resolved_steps(device) -> set:
    """The steps of counter alerts that people resolved without deciding."""
    alerts = Alert.objects.filter(device=device, alert_type=lifecycle.COUNTER).exclude(resolved_by=None)
    return {pk for terms in alerts.values_list("terms", flat=True) for pk in terms.get("steps", [])}


def close_decided(now) -> None:
    """Close the counter alerts of devices without an open step: a decision brings no reading that would."""
    alerts = Alert.objects.open().filter(alert_type=lifecycle.COUNTER)
    waiting = DoubtfulStep.objects.open().filter(device=OuterRef("device"))
    for alert in alerts.filter(~Exists(waiting)).select_related("device__factory"):
        lifecycle.close(alert, now=now, reason=reason_closed(alert))


def reason_closed(alert) -> str:
    decided = DoubtfulStep.objects.decided().filter(pk__in=alert.terms.get("steps", [])).exists()
    return "Resolved: the step is decided." if decided else "Resolved: later readings explain the step."
