"""Who hears of an alert, and the message itself: rows first, then a worker sends, then a sweep finds what was lost.

A message arrives at least once (see `Delivery`): a lost alarm is worse than a second copy.
"""

import logging
from datetime import timedelta

from celery import signature
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string

from alerts import tap
from alerts.models import Delivery
from factories.models import Membership
from factories.rights import Role

SEND_TASK = "alerts.tasks.send_delivery"  # by name: work knows no door
ATTEMPTS = 5
WAITS = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60)]  # after the first, second … failed attempt
HANDED_OVER_FOR = timedelta(minutes=1)  # so long a worker has to take up a new message before the sweep does

log = logging.getLogger(__name__)


def announce(alert, *, now):
    """A message to each owner of the alert's factory; sent when this transaction is kept, and only then."""
    announce_all([alert], now=now)


def announce_again(alert, *, now):
    """It got worse: those who had a message get another."""
    afresh = {"sent_at": None, "claimed_at": None, "given_up_at": None, "next_attempt_at": None, "attempts": 0}
    Delivery.objects.filter(alert=alert).update(created_at=now, error="", **afresh)
    announce(alert, now=now)


def announce_all(alerts, *, now):
    """The messages of many alerts at once, in as many statements as there are factories, and one."""
    people = {pk: owners_of(pk, now) for pk in {alert.factory_id for alert in alerts}}
    Delivery.objects.bulk_create(
        [Delivery(alert=alert, recipient_id=pk, created_at=now) for alert in alerts for pk in people[alert.factory_id]],
        ignore_conflicts=True,
    )
    pks = [alert.pk for alert in alerts]
    transaction.on_commit(lambda: hand_over_all(Delivery.objects.due(now).filter(alert__in=pks)))


def owners_of(factory_id, now):
    members = Membership.objects.valid(now).filter(factory=factory_id, role=Role.OWNER.value, user__is_active=True)
    return list(members.values_list("user_id", flat=True))


def hand_over_all(deliveries):
    for pk in deliveries.values_list("pk", flat=True):
        hand_over(pk)


def hand_over(pk):
    """Tell the workers. A broker that is away delays this message until the sweep, and nothing else."""
    try:
        signature(SEND_TASK, args=[pk]).apply_async(retry=False)
    except Exception as error:
        log.warning("Message %s waits for the sweep: the broker did not take it (%s).", pk, error)


def sweep(now):
    """Hand over what nobody sent: lost by the broker, claimed by a worker that died, or due again → how many."""
    waiting = Delivery.objects.due(now).exclude(attempts=0, created_at__gt=now - HANDED_OVER_FOR)
    pks = list(waiting.order_by("created_at").values_list("pk", flat=True)[:1000])
    for pk in pks:
        hand_over(pk)
    return len(pks)


def claim(pk, now):
    """True for the one worker that gets to send this."""
    return Delivery.objects.due(now).filter(pk=pk).update(claimed_at=now, attempts=F("attempts") + 1) == 1


def send(pk, *, now):
    """Send one message if it is due and nobody else is at it → whether it was sent. Safe to run twice."""
    if not claim(pk, now):
        return False
    delivery = Delivery.objects.select_related("alert__device", "alert__factory", "recipient").get(pk=pk)
    if delivery.recipient_id not in owners_of(delivery.alert.factory_id, now):
        give_up(delivery, now, f"{delivery.recipient} is no longer an owner of {delivery.alert.factory}.")
        return False
    try:
        letter(delivery).send()
    except Exception as error:  # whatever a mail server or its network does
        put_back(delivery, now, f"{type(error).__name__}: {error}")
        return False
    delivery.sent_at, delivery.error = now, ""
    delivery.save(update_fields=["sent_at", "error"])
    return True


def put_back(delivery, now, why):
    """Try again later; after the last attempt give up, with the reason."""
    log.warning("Message %s was not sent (attempt %s): %s", delivery.pk, delivery.attempts, why)
    if delivery.attempts >= ATTEMPTS:
        give_up(delivery, now, why)
        return
    delivery.claimed_at, delivery.error = None, printable(why)
    delivery.next_attempt_at = now + WAITS[delivery.attempts - 1]
    delivery.save(update_fields=["claimed_at", "error", "next_attempt_at"])


def give_up(delivery, now, why):
    delivery.given_up_at, delivery.error = now, printable(why)
    delivery.save(update_fields=["given_up_at", "error"])


def printable(why):
    return why.replace("\x00", "")[:500]


def letter(delivery):
    alert = delivery.alert
    context = {
        "alert": alert,
        "device": alert.device,
        "factory": alert.factory,
        "recipient": delivery.recipient,
        "tap": tap.link_for(alert, delivery.recipient),
        "link": f"{settings.SITE_URL}/dashboard/alerts/{alert.pk}/",
    }
    state = "Over" if alert.resolved_at else alert.get_severity_display()
    subject = " ".join(f"{state}: {alert.title}, {alert.device.label} ({alert.factory})".split())
    message = EmailMultiAlternatives(
        subject, render_to_string("mail/alert.txt", context), to=[delivery.recipient.email]
    )
    message.attach_alternative(render_to_string("mail/alert.html", context), "text/html")
    return message
