"""Escalation: an alert that nobody acknowledges is told to the next person, and the next.

Counted from the moment it was noticed. It stops with an acknowledgement, its end or a snooze; what was found late is
no emergency. That somebody was told is the delivery's row, so nothing is told twice, whatever restarts meanwhile.
"""

from datetime import timedelta
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q

from alerts.models import Alert, Delivery, EscalationStep
from alerts.notifications import outbox
from alerts.notifications.recipients import SEVERITY_RANK
from factories.models import Membership

LOOKBACK = timedelta(days=2)  # a step added later does not ring for what is older


class NotificationEntry(NamedTuple):
    person: object
    at: object  # when they were told, or will be
    is_sent: bool
    way: str


def escalate(now) -> int:
    """Tell those whose turn it is → how many alerts were told on."""
    return sum(escalate_step(step, now) for step in active_steps(now))


def active_steps(now):
    """Steps whose person is still a member: who has left is passed over, not waited for."""
    member = Membership.objects.valid(now).filter(factory=OuterRef("factory"), user=OuterRef("person"))
    return EscalationStep.objects.filter(Exists(member), person__is_active=True).select_related("factory", "person")


def escalate_step(step, now) -> int:
    rows = unacknowledged_alerts(now).filter(factory=step.factory_id, severity__in=severities_from(step.lowest))
    rows = rows.filter(created_at__lte=now - timedelta(minutes=step.after_minutes))
    already_notified = Delivery.objects.filter(recipient=step.person_id).values("alert")
    count = 0
    for alert in rows.exclude(pk__in=already_notified).select_related("factory"):
        outbox.notify_members(alert, [step.person_id], now=now)
        count += 1
    return count


def unacknowledged_alerts(now):
    """Alerts that nobody has answered."""
    not_snoozed = Q(snoozed_until=None) | Q(snoozed_until__lte=now)
    return Alert.objects.open().filter(
        not_snoozed, status=Alert.Status.ACTIVE, found_late=False, created_at__gt=now - LOOKBACK
    )


def severities_from(severity):
    return [name for name, order in SEVERITY_RANK.items() if order >= SEVERITY_RANK[severity]]


def notification_timeline(alert, now) -> list[NotificationEntry]:
    """Who was told of an alert, and who will be while nobody acknowledges it."""
    deliveries = alert.deliveries.select_related("recipient", "channel").order_by("created_at", "pk")
    entries = [
        NotificationEntry(
            delivery.recipient, delivery.sent_at or delivery.created_at, delivery.sent_at is not None, delivery.way
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
