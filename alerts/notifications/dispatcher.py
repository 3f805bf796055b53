"""Dispatcher of deliveries: claim, send, retry with backoff; a sweep re-enqueues what was lost.

Delivery is at least once (see `Delivery`): a lost alarm is worse than a second copy. What is due for the same person by
the same channel goes out as one message, and above a rate limit the rest waits and goes together.
"""

import logging
from datetime import timedelta
from random import Random

from celery import signature
from django.db import transaction
from django.db.models import F

from alerts.models import Channel, Delivery, EscalationStep, Severity
from alerts.notifications import rendering
from alerts.notifications.channels import DeliveryError, messaging_service, webhook
from alerts.notifications.recipients import recipients_of

SEND_TASK = "alerts.tasks.send_delivery"  # by name: importing alerts.tasks here would be a circle
MAX_ATTEMPTS = 5
BACKOFF = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60)]  # after the first, second … failed attempt
JITTER = 0.2  # share of the wait, either way: those that failed together do not retry together
QUEUE_GRACE = timedelta(minutes=1)  # how long a worker has to pick up a new message before the sweep does
MAX_ALERTS_PER_MESSAGE = 100
THROTTLE_LIMIT = 6  # messages per person and channel within THROTTLE_WINDOW; the rest waits and goes together
THROTTLE_WINDOW = timedelta(minutes=10)

log = logging.getLogger(__name__)


def enqueue_all(deliveries) -> None:
    for pk in deliveries.values_list("pk", flat=True):
        enqueue(pk)


def enqueue(pk) -> None:
    """Enqueue the task. While the broker is down this message waits for the sweep; nothing else fails."""
    try:
        signature(SEND_TASK, args=[pk]).apply_async(retry=False)
    except Exception as error:
        log.warning("Message %s waits for the sweep: the broker did not take it (%s).", pk, error)


def sweep(now) -> int:
    """Enqueue due deliveries again: lost by the broker, claimed by a worker that died, or due for retry → how many."""
    due = Delivery.objects.due(now).exclude(attempts=0, created_at__gt=now - QUEUE_GRACE)
    pks = list(due.order_by("created_at").values_list("pk", flat=True)[:1000])
    for pk in pks:
        enqueue(pk)
    return len(pks)


def claim(pk, now) -> bool:
    """True for the one worker that gets to send this."""
    return Delivery.objects.due(now).filter(pk=pk).update(claimed_at=now, attempts=F("attempts") + 1) == 1


def claim_others(first, now) -> list:
    """Claim what else is due for the same person, channel and factory: it goes in the same message."""
    rows = Delivery.objects.due(now).filter(
        recipient=first.recipient_id, channel=first.channel_id, alert__factory=first.alert.factory_id
    )
    with transaction.atomic():
        unclaimed = rows.exclude(pk=first.pk).order_by("pk").select_for_update(skip_locked=True, of=("self",))
        pks = list(unclaimed.values_list("pk", flat=True)[: MAX_ALERTS_PER_MESSAGE - 1])
        Delivery.objects.filter(pk__in=pks).update(claimed_at=now, attempts=F("attempts") + 1)
    return list(with_relations().filter(pk__in=pks).order_by("pk"))


def with_relations():
    return Delivery.objects.select_related("alert__device", "alert__factory", "recipient", "channel")


def send(pk, *, now) -> bool:
    """Send one delivery, and what is due with it, unless another worker has claimed it → whether it was sent."""
    if not claim(pk, now):
        return False
    first = with_relations().get(pk=pk)
    if until := earliest_send_at(first, now):
        defer(first, until)
        return False
    if reason := undeliverable_reason(first, now):
        give_up([first], now, reason)
        return False
    batch = [delivery for delivery in [first, *claim_others(first, now)] if not defer_if_snoozed(delivery, now)]
    try:
        deliver(batch, now)
    except Exception as error:  # any error of a mail server, a provider or the network
        schedule_retry(
            batch, now, str(error) if isinstance(error, DeliveryError) else f"{type(error).__name__}: {error}"
        )
        return False
    mark_sent(batch, now)
    return True


def deliver(deliveries, now) -> None:
    """Send one message by e-mail, messaging service or webhook. Raises what the sender raises."""
    channel = deliveries[0].channel
    if channel is None:
        rendering.build_email(deliveries).send()
    elif channel.kind == Channel.Kind.SERVICE:
        messaging_service.send(channel.credentials, rendering.subject(deliveries), rendering.short_text(deliveries))
    else:
        body = rendering.webhook_payload(deliveries, now)
        webhook.send(channel.credentials, rendering.message_id(deliveries), body, now=now)


def earliest_send_at(delivery, now):
    """When it may be sent: later than now while the alert is snoozed or its recipient throttled, else None."""
    snoozed_until = delivery.alert.is_open and delivery.alert.snoozed_until
    if snoozed_until and snoozed_until > now:
        return snoozed_until
    recent = Delivery.objects.filter(
        recipient=delivery.recipient_id, channel=delivery.channel_id, sent_at__gt=now - THROTTLE_WINDOW
    )
    if delivery.alert.severity == Severity.CRITICAL:
        recent = recent.filter(alert__severity=Severity.CRITICAL)  # a critical alert never waits for lesser ones
    sent_times = sorted(set(recent.values_list("sent_at", flat=True)))
    return sent_times[-THROTTLE_LIMIT] + THROTTLE_WINDOW if len(sent_times) >= THROTTLE_LIMIT else None


def defer_if_snoozed(delivery, now) -> bool:
    """Defer a delivery whose alert is snoozed → whether it is."""
    alert = delivery.alert
    if not (alert.is_open and alert.snoozed_until and alert.snoozed_until > now):
        return False
    defer(delivery, alert.snoozed_until)
    return True


def defer(delivery, until) -> None:
    """Release the claim until `until`, without counting an attempt."""
    Delivery.objects.filter(pk=delivery.pk).update(claimed_at=None, next_attempt_at=until, attempts=F("attempts") - 1)


def undeliverable_reason(delivery, now) -> str:
    """Why this person should not receive it any more; "" where they should."""
    person, factory, channel = delivery.recipient, delivery.alert.factory, delivery.channel
    if channel and (channel.removed_at or not channel.is_on):
        return f"{channel} was removed or switched off."
    steps = EscalationStep.objects.filter(factory=factory, person=person)
    extra_user_ids = [person.pk] if steps.exists() else []
    routes = [
        (recipient.user_id, recipient.channel_id)
        for recipient in recipients_of(factory.pk, now, extra_user_ids=extra_user_ids)
    ]
    return (
        ""
        if (person.pk, delivery.channel_id) in routes
        else f"{person} no longer hears of {factory} by {delivery.channel_name}."
    )


def mark_sent(deliveries, now) -> None:
    Delivery.objects.filter(pk__in=[delivery.pk for delivery in deliveries]).update(sent_at=now, error="")
    Channel.objects.filter(pk=deliveries[0].channel_id).update(sent_at=now, error="")


def schedule_retry(deliveries, now, reason) -> None:
    """Schedule the next attempt with backoff; after the last one give up, with the reason."""
    Channel.objects.filter(pk=deliveries[0].channel_id).update(error=sanitize_error(reason))
    for delivery in deliveries:
        delivery.refresh_from_db(fields=["attempts"])
        log.warning("Message %s was not sent (attempt %s): %s", delivery.pk, delivery.attempts, reason)
    give_up([delivery for delivery in deliveries if delivery.attempts >= MAX_ATTEMPTS], now, reason)
    for delivery in deliveries:
        if delivery.attempts < MAX_ATTEMPTS:
            delivery.claimed_at, delivery.error = None, sanitize_error(reason)
            delivery.next_attempt_at = now + backoff_of(delivery)
            delivery.save(update_fields=["claimed_at", "error", "next_attempt_at"])


def backoff_of(delivery):
    """Wait before the next attempt, with jitter: random, but the same for the same attempt."""
    jitter = Random(f"{delivery.pk} {delivery.attempts}").uniform(-JITTER, JITTER)
    return BACKOFF[delivery.attempts - 1] * (1 + jitter)


def give_up(deliveries, now, reason) -> None:
    Delivery.objects.filter(pk__in=[delivery.pk for delivery in deliveries]).update(
        given_up_at=now, error=sanitize_error(reason)
    )


def sanitize_error(text):
    return text.replace("\x00", "")[:500]
