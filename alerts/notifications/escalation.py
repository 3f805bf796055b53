"""Escalation: an alert that nobody acknowledges is told to the next person, and the next.

Counted from the moment it was noticed. It stops with an acknowledgement, its end or a snooze; what was found late is
no emergency. That somebody was told is the delivery's row, so nothing is told twice, whatever restarts meanwhile.
"""

from datetime import timedelta
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q

from alerts.models import Alert, Delivery, EscalationStep
from alerts.notifications import outbox
from alerts.notifications.recipients import ORDER
from factories.models import Membership

LOOKED_BACK = timedelta(days=2)  # a step added later does not ring for what is older


class Told(NamedTuple):
    person: object
    at: object  # when they were told, or will be
    has_been: bool
    way: str


def escalate(now) -> int:
    """Tell those whose turn it is → how many alerts were told on."""
    return sum(tell(step, now) for step in standing(now))


def standing(now):
    """Steps whose person is still a member: who has left is passed over, not waited for."""
    member = Membership.objects.valid(now).filter(factory=OuterRef("factory"), user=OuterRef("person"))
    return EscalationStep.objects.filter(Exists(member), person__is_active=True).select_related("factory", "person")


def tell(step, now) -> int:
    rows = waiting(now).filter(factory=step.factory_id, severity__in=at_least(step.lowest))
    rows = rows.filter(created_at__lte=now - timedelta(minutes=step.after_minutes))
    told = Delivery.objects.filter(recipient=step.person_id).values("alert")
    count = 0
    for alert in rows.exclude(pk__in=told).select_related("factory"):
        outbox.announce_to(alert, [step.person_id], now=now)
        count += 1
    return count


def waiting(now):
    """Alerts that nobody has answered."""
    awake = Q(snoozed_until=None) | Q(snoozed_until__lte=now)
    return Alert.objects.open().filter(
        awake, status=Alert.Status.ACTIVE, found_late=False, created_at__gt=now - LOOKED_BACK
    )


def at_least(severity):
    return [name for name, order in ORDER.items() if order >= ORDER[severity]]


def course_of(alert, now) -> list[Told]:
    """Who was told of an alert, and who will be while nobody acknowledges it."""
    deliveries = alert.deliveries.select_related("recipient", "channel").order_by("created_at", "pk")
    told = [Told(one.recipient, one.sent_at or one.created_at, one.sent_at is not None, one.way) for one in deliveries]
    if not waiting(now).filter(pk=alert.pk).exists():
        return told
    heard = {one.recipient_id for one in deliveries}
    steps = standing(now).filter(factory=alert.factory_id).exclude(person__in=heard)
    due = [step for step in steps if alert.severity in at_least(step.lowest)]
    return [
        *told,
        *(Told(s.person, alert.created_at + timedelta(minutes=s.after_minutes), False, "next") for s in due),
    ]
