"""Escalation: an alert that nobody acknowledges notifies the next person, step by step.

Counted from the moment it was noticed. It stops with an acknowledgement, the alert's end or a snooze; alerts found late
are not escalated. The delivery's row records who was notified, so a restart notifies nobody twice.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q

from alerts.models import Alert, Delivery, EscalationStep
from alerts.notifications import outbox
from alerts.notifications.recipients import SEVERITY_RANK
from factories.models import Membership, User

LOOKBACK = timedelta(days=2)  # a step added later does not notify of older alerts


class NotificationEntry(NamedTuple):
    """Who was, or will be, notified of an alert."""

    person: User
    at: datetime  # when they were notified, or will be
    is_sent: bool
    channel_name: str


def escalate(now) -> int:
    """Notify the persons of all due steps → number of alerts escalated."""
    return sum(escalate_step(step, now) for step in active_steps(now))


def active_steps(now):
    """Steps whose person is still a member; those of former members are skipped."""
    member = Membership.objects.valid(now).filter(factory=OuterRef("factory"), user=OuterRef("person"))
    return EscalationStep.objects.filter(Exists(member), person__is_active=True).select_related("factory", "person")


def escalate_step(step, now) -> int:
    """Notify the person of one step of each alert that is due → how many."""
    rows = unacknowledged_alerts(now).filter(factory=step.factory_id, severity__in=severities_from(step.lowest))
    rows = rows.filter(created_at__lte=now - timedelta(minutes=step.after_minutes))
    already_notified = Delivery.objects.filter(recipient=step.person_id).values("alert")
    count = 0
    for alert in rows.exclude(pk__in=already_notified).select_related("factory"):
        outbox.notify_members(alert, [step.person_id], now=now)
        count += 1
    return count


def unacknowledged_alerts(now):
    """Open alerts that are neither acknowledged, snoozed nor found late."""
    not_snoozed = Q(snoozed_until=None) | Q(snoozed_until__lte=now)
    return Alert.objects.open().filter(
        not_snoozed, status=Alert.Status.ACTIVE, found_late=False, created_at__gt=now - LOOKBACK
    )


def severities_from(severity) -> list:
    """This severity and those above it."""
    return [name for name, order in SEVERITY_RANK.items() if order >= SEVERITY_RANK[severity]]


def notification_timeline(alert, now) -> list[NotificationEntry]:
    """Who was notified of an alert, and who will be while nobody acknowledges it."""
    deliveries = alert.deliveries.select_related("recipient", "channel").order_by("created_at", "pk")
    if alert.withdrawn_at:  # what was not sent by then is not sent
        deliveries = deliveries.filter(sent_at__isnull=False)
    entries = [
        NotificationEntry(
            delivery.recipient,
            delivery.sent_at or delivery.created_at,
            delivery.sent_at is not None,
            delivery.channel_name,
        )
        for delivery in deliveries
    ]
    if not unacknowledged_alerts(now).filter(pk=alert.pk).exists():
        return entries
    notified_pks = {delivery.recipient_id for delivery in deliveries}
    steps = active_steps(now).filter(factory=alert.factory_id).exclude(person__in=notified_pks)
    due = [step for step in steps if alert.severity in severities_from(step.lowest)]
    return [
        *entries,
        *(
            NotificationEntry(s.person, alert.created_at + timedelta(minutes=s.after_minutes), False, "next")
            for s in due
        ),
    ]
