"""The outbox of alerts: a row per recipient and channel, stored with the alert; the dispatcher sends them."""

from datetime import timedelta

from django.db import transaction

from alerts.models import Delivery
from alerts.notifications.dispatcher import enqueue_all
from alerts.notifications.recipients import Recipient, not_before, recipients_of
from factories.models import Factory

NOTIFY_WITHIN = timedelta(days=2)  # what began earlier is history: an imported year of it is no news


def notify(alert, *, now):
    """A message to each who listens, by each of their ways; sent when this transaction is kept, and only then."""
    notify_all([alert], now=now)
    if alert.found_late:  # it still holds: what waits for a common message need not
        expedite(alert, now)


def notify_all(alerts, *, now):
    """The messages of many alerts at once, in as many statements as there are factories, and two."""
    create_deliveries(alerts, now)


def notify_late(alerts, *, now):
    """Found when it was over: no emergency, so it comes with the next common message. Old history tells nobody."""
    create_deliveries([alert for alert in alerts if alert.triggered_at > now - NOTIFY_WITHIN], now, is_late=True)


def renotify(alert, *, now):
    """It got worse: those who had a message get another."""
    reset_fields = {"sent_at": None, "claimed_at": None, "given_up_at": None, "next_attempt_at": None, "attempts": 0}
    Delivery.objects.filter(alert=alert).update(created_at=now, error="", **reset_fields)
    expedite(alert, now)
    notify(alert, now=now)


def notify_members(alert, user_ids, *, now):
    """Tell these members too, whatever severities they asked for: nobody else has answered."""
    recipients = [
        recipient
        for recipient in recipients_of(alert.factory_id, now, extra_user_ids=user_ids)
        if recipient.user_id in set(user_ids)
    ]
    insert_deliveries([build_delivery(alert, recipient, now, alert.factory.zone) for recipient in recipients], now)


def create_deliveries(alerts, now, *, is_late=False):
    pks = {alert.factory_id for alert in alerts}
    zones = {factory.pk: factory.zone for factory in Factory.objects.filter(pk__in=pks)}
    recipients = {pk: recipients_of(pk, now) for pk in pks}
    rows = [
        build_delivery(alert, recipient, now, zones[alert.factory_id], is_late=is_late)
        for alert in alerts
        for recipient in recipients[alert.factory_id]
        if recipient.accepts(alert)
    ]
    insert_deliveries(rows, now)


def build_delivery(alert, recipient: Recipient, now, zone, *, is_late=False):
    at = not_before(recipient.preference, alert.severity, now, zone, is_late=is_late)
    return Delivery(
        alert=alert,
        recipient_id=recipient.user_id,
        channel_id=recipient.channel_id,
        created_at=now,
        next_attempt_at=at,
    )


def insert_deliveries(rows, now):
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    pks = {row.alert_id for row in rows}
    transaction.on_commit(lambda: enqueue_all(Delivery.objects.due(now).filter(alert__in=pks)))


def expedite(alert, now):
    """Messages that wait go when each person would have it now."""
    pending = Delivery.objects.unsent().filter(alert=alert, attempts=0)
    for recipient in recipients_of(alert.factory_id, now):
        at = not_before(recipient.preference, alert.severity, now, alert.factory.zone)
        pending.filter(recipient=recipient.user_id, channel=recipient.channel_id).update(next_attempt_at=at)
