"""The silence of a machine is found by the clock; late readings of that time shorten it, or show that none was."""

from datetime import timedelta

from django.db import connection
from django.db.models import Q

from alerts import lifecycle, message_text
from alerts.evaluation import revisions
from alerts.evaluation.silence import longest_silence
from alerts.models import Alert

TOLERANCE = timedelta(minutes=1)  # a reading is a little older than its arrival, which ended the silence
REASON = "readings that came late show that the machine was measuring all the time: they were delayed, not missing"
LONGEST_GAP = """
SELECT since, until FROM (
    SELECT lag(at) OVER (ORDER BY at) AS since, at AS until FROM (
        SELECT at FROM telemetry_reading WHERE device_id = %(device)s AND at > %(start)s AND at < %(end)s
        UNION ALL VALUES (%(start)s::timestamptz), (%(end)s::timestamptz)
    ) moments
) gaps WHERE since IS NOT NULL ORDER BY until - since DESC, since LIMIT 1
"""


def may_be_revised(context, late_spans) -> bool:
    """Whether this batch may say anything of a past silence: late readings, or the first ones after a silence."""
    return bool(late_spans) or any(alert.alert_type == lifecycle.OFFLINE for alert in context.alerts.values())


def revise_silences(contexts, spans) -> None:
    """`spans`: {device pk: [(first, last), …]} of all readings that came."""
    contexts_by_pk = {context.device.pk: context for context in contexts if spans.get(context.device.pk)}
    if not contexts_by_pk:
        return
    first = min(span[0] for pk in contexts_by_pk for span in spans[pk])
    alerts = Alert.objects.standing().filter(alert_type=lifecycle.OFFLINE, device__in=list(contexts_by_pk))
    alerts = alerts.filter(Q(resolved_at=None) | Q(resolved_at__gte=first)).select_related("rule")
    for alert in alerts:
        context = contexts_by_pk[alert.device_id]
        end = alert.resolved_at or context.now
        if any(first < end and last > alert.triggered_at for first, last in spans[alert.device_id]):
            revise_silence(context, alert, end)


def revise_silence(context, alert, end) -> None:
    since, until = longest_gap(alert, end)
    if end - alert.triggered_at - (until - since) <= TOLERANCE:
        return
    if alert.rule is None or until - since <= longest_silence(alert.rule, context.device, context.now):
        revisions.withdraw(context, alert, REASON)
        return
    before, saved_before = revisions.described(alert, context.device), revisions.saved_values(alert)
    alert.triggered_at = since
    if alert.is_ended_by_readings:
        alert.resolved_at = until
    if not alert.is_open:
        zone = context.device.factory.zone
        alert.message = message_text.resolved_silence_message(context.device.label, since, alert.resolved_at, zone)
    revisions.save_revision(context, alert, saved_before, before)


def longest_gap(alert, end) -> tuple:
    """(start, end) of the longest time without a reading between the alert's start and `end`."""
    with connection.cursor() as cursor:
        cursor.execute(LONGEST_GAP, {"device": alert.device_id, "start": alert.triggered_at, "end": end})
        return cursor.fetchone()
