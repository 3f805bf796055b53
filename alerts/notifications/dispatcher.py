"""Messages on their way: rows first, then a worker sends, then a sweep finds what was lost.

A message arrives at least once (see `Delivery`): a lost alarm is worse than a second copy. Whatever is due for the same
person by the same way goes out as one message, and who got many lately gets the rest together.
"""

import logging
from datetime import timedelta
from random import Random

from celery import signature
from django.db import transaction
from django.db.models import F

from alerts.models import Channel, Delivery, EscalationStep, Severity
from alerts.notifications import rendering
from alerts.notifications.channels import NotSent, messaging_service, webhook
from alerts.notifications.recipients import listeners_of

SEND_TASK = "alerts.tasks.send_delivery"  # by name: work knows no door
ATTEMPTS = 5
WAITS = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60)]  # after the first, second … failed attempt
JITTER = 0.2  # of the wait, either way: those who failed together do not try again together
HANDED_OVER_FOR = timedelta(minutes=1)  # so long a worker has to take up a new message before the sweep does
MOST_TOGETHER = 100  # alerts in one message
FLOOD = 6  # messages to one person by one way within FLOOD_SPAN; what comes then waits and goes together
FLOOD_SPAN = timedelta(minutes=10)

log = logging.getLogger(__name__)


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


def claim_others(first, now):
    """What else is due for the same person by the same way, claimed too: it goes in the same message."""
    rows = Delivery.objects.due(now).filter(
        recipient=first.recipient_id, channel=first.channel_id, alert__factory=first.alert.factory_id
    )
    with transaction.atomic():
        free = rows.exclude(pk=first.pk).order_by("pk").select_for_update(skip_locked=True, of=("self",))
        pks = list(free.values_list("pk", flat=True)[: MOST_TOGETHER - 1])
        Delivery.objects.filter(pk__in=pks).update(claimed_at=now, attempts=F("attempts") + 1)
    return list(loaded().filter(pk__in=pks).order_by("pk"))


def loaded():
    return Delivery.objects.select_related("alert__device", "alert__factory", "recipient", "channel")


def send(pk, *, now):
    """Send one message, and all that is due with it, if it is due and nobody else is at it → whether it was sent."""
    if not claim(pk, now):
        return False
    first = loaded().get(pk=pk)
    if until := rests_until(first, now):
        put_off(first, until)
        return False
    if why := why_unheard(first, now):
        give_up([first], now, why)
        return False
    together = [one for one in [first, *claim_others(first, now)] if not put_off_snoozed(one, now)]
    try:
        bring(together, now)
    except Exception as error:  # whatever a mail server, a provider or the network does
        put_back(together, now, str(error) if isinstance(error, NotSent) else f"{type(error).__name__}: {error}")
        return False
    note_sent(together, now)
    return True


def bring(deliveries, now):
    """By mail, service or webhook. Raises."""
    channel = deliveries[0].channel
    if channel is None:
        rendering.letter(deliveries).send()
    elif channel.kind == Channel.Kind.SERVICE:
        messaging_service.send(channel.credentials, rendering.title(deliveries), rendering.short(deliveries))
    else:
        body = rendering.as_json(deliveries, now)
        webhook.send(channel.credentials, rendering.message_id(deliveries), body, now=now)


def rests_until(delivery, now):
    """When it may go: later than now while the alert is snoozed, or while its reader is being flooded."""
    snoozed = delivery.alert.is_open and delivery.alert.snoozed_until
    if snoozed and snoozed > now:
        return snoozed
    lately = Delivery.objects.filter(
        recipient=delivery.recipient_id, channel=delivery.channel_id, sent_at__gt=now - FLOOD_SPAN
    )
    if delivery.alert.severity == Severity.CRITICAL:
        lately = lately.filter(alert__severity=Severity.CRITICAL)  # no emergency waits behind lesser ones
    sent = sorted(set(lately.values_list("sent_at", flat=True)))
    return sent[-FLOOD] + FLOOD_SPAN if len(sent) >= FLOOD else None


def put_off_snoozed(delivery, now):
    alert = delivery.alert
    if not (alert.is_open and alert.snoozed_until and alert.snoozed_until > now):
        return False
    put_off(delivery, alert.snoozed_until)
    return True


def put_off(delivery, until):
    """Not tried at all: it costs no attempt."""
    Delivery.objects.filter(pk=delivery.pk).update(claimed_at=None, next_attempt_at=until, attempts=F("attempts") - 1)


def why_unheard(delivery, now):
    """Why this person should not get it any more; "" where they should."""
    person, factory, channel = delivery.recipient, delivery.alert.factory, delivery.channel
    if channel and (channel.removed_at or not channel.is_on):
        return f"{channel} was removed or switched off."
    steps = EscalationStep.objects.filter(factory=factory, person=person)
    also = [person.pk] if steps.exists() else []
    ways = [(one.user_id, one.channel_id) for one in listeners_of(factory.pk, now, also=also)]
    return (
        "" if (person.pk, delivery.channel_id) in ways else f"{person} no longer hears of {factory} by {delivery.way}."
    )


def note_sent(deliveries, now):
    Delivery.objects.filter(pk__in=[one.pk for one in deliveries]).update(sent_at=now, error="")
    Channel.objects.filter(pk=deliveries[0].channel_id).update(sent_at=now, error="")


def put_back(deliveries, now, why):
    """Try again later; after the last attempt give up, with the reason."""
    Channel.objects.filter(pk=deliveries[0].channel_id).update(error=printable(why))
    for one in deliveries:
        one.refresh_from_db(fields=["attempts"])
        log.warning("Message %s was not sent (attempt %s): %s", one.pk, one.attempts, why)
    give_up([one for one in deliveries if one.attempts >= ATTEMPTS], now, why)
    for one in deliveries:
        if one.attempts < ATTEMPTS:
            one.claimed_at, one.error = None, printable(why)
            one.next_attempt_at = now + wait_of(one)
            one.save(update_fields=["claimed_at", "error", "next_attempt_at"])


def wait_of(delivery):
    chance = Random(f"{delivery.pk} {delivery.attempts}").uniform(-JITTER, JITTER)
    return WAITS[delivery.attempts - 1] * (1 + chance)


def give_up(deliveries, now, why):
    Delivery.objects.filter(pk__in=[one.pk for one in deliveries]).update(given_up_at=now, error=printable(why))


def printable(why):
    return why.replace("\x00", "")[:500]
