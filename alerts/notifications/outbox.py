"""The outbox of alerts: a row per recipient and channel, stored with the alert; the dispatcher sends them."""

from datetime import timedelta

from django.db import transaction

from alerts.models import Delivery
from alerts.notifications.dispatcher import hand_over_all
from alerts.notifications.recipients import Listener, listeners_of, not_before
from factories.models import Factory

LATEST = timedelta(days=2)  # what began earlier is history: an imported year of it is no news


def announce(alert, *, now):
    """A message to each who listens, by each of their ways; sent when this transaction is kept, and only then."""
    announce_all([alert], now=now)
    if alert.found_late:  # it still holds: what waits for a common message need not
        hasten(alert, now)


def announce_all(alerts, *, now):
    """The messages of many alerts at once, in as many statements as there are factories, and two."""
    tell(alerts, now)


def announce_late(alerts, *, now):
    """Found when it was over: no emergency, so it comes with the next common message. Old history tells nobody."""
    tell([alert for alert in alerts if alert.triggered_at > now - LATEST], now, is_late=True)


def announce_again(alert, *, now):
    """It got worse: those who had a message get another."""
    afresh = {"sent_at": None, "claimed_at": None, "given_up_at": None, "next_attempt_at": None, "attempts": 0}
    Delivery.objects.filter(alert=alert).update(created_at=now, error="", **afresh)
    hasten(alert, now)
    announce(alert, now=now)


def announce_to(alert, user_ids, *, now):
    """Tell these members too, whatever severities they asked for: nobody else has answered."""
    listeners = [one for one in listeners_of(alert.factory_id, now, also=user_ids) if one.user_id in set(user_ids)]
    keep([delivery_of(alert, one, now, alert.factory.zone) for one in listeners], now)


def tell(alerts, now, *, is_late=False):
    pks = {alert.factory_id for alert in alerts}
    zones = {factory.pk: factory.zone for factory in Factory.objects.filter(pk__in=pks)}
    listeners = {pk: listeners_of(pk, now) for pk in pks}
    rows = [
        delivery_of(alert, listener, now, zones[alert.factory_id], is_late=is_late)
        for alert in alerts
        for listener in listeners[alert.factory_id]
        if listener.hears(alert)
    ]
    keep(rows, now)


def delivery_of(alert, listener: Listener, now, zone, *, is_late=False):
    at = not_before(listener.preference, alert.severity, now, zone, is_late=is_late)
    return Delivery(
        alert=alert,
        recipient_id=listener.user_id,
        channel_id=listener.channel_id,
        created_at=now,
        next_attempt_at=at,
    )


def keep(rows, now):
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    pks = {row.alert_id for row in rows}
    transaction.on_commit(lambda: hand_over_all(Delivery.objects.due(now).filter(alert__in=pks)))


def hasten(alert, now):
    """Messages that wait go when each person would have it now."""
    waiting = Delivery.objects.unsent().filter(alert=alert, attempts=0)
    for listener in listeners_of(alert.factory_id, now):
        at = not_before(listener.preference, alert.severity, now, alert.factory.zone)
        waiting.filter(recipient=listener.user_id, channel=listener.channel_id).update(next_attempt_at=at)
