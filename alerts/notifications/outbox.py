"""The outbox of alerts: a row per recipient and channel, stored with the alert; the dispatcher sends them."""

from datetime import timedelta

from django.db import transaction

from alerts.models import Delivery
from alerts.notifications.dispatcher import enqueue_all
from alerts.notifications.recipients import Recipient, not_before, recipients_of
from factories.models import Factory

NOTIFY_WITHIN = timedelta(days=2)  # older alerts are history: an imported year of readings notifies nobody


def notify(alert, *, now) -> None:
    """Create a delivery for each recipient and channel; enqueued when this transaction commits, and only then."""
    notify_all([alert], now=now)
    if alert.found_late:  # it still holds: its waiting deliveries need not wait
        expedite(alert, now)


def notify_all(alerts, *, now) -> None:
    """Create the deliveries of many alerts at once: one statement per factory, and two."""
    create_deliveries(alerts, now)


def notify_late(alerts, *, now) -> None:
    """Deliveries of alerts found when they were over: with the next digest; none for those beyond NOTIFY_WITHIN."""
    create_deliveries([alert for alert in alerts if alert.triggered_at > now - NOTIFY_WITHIN], now, is_late=True)


def renotify(alert, *, now) -> None:
    """Send the deliveries of an alert again, since its severity was raised."""
    reset_fields = {"sent_at": None, "claimed_at": None, "given_up_at": None, "next_attempt_at": None, "attempts": 0}
    Delivery.objects.filter(alert=alert).update(created_at=now, error="", **reset_fields)
    expedite(alert, now)
    notify(alert, now=now)


def cancel(alert, *, now, reason) -> None:
    """Send nothing more of an alert that is withdrawn."""
    Delivery.objects.unsent().filter(alert=alert).update(given_up_at=now, error=reason)


def notify_members(alert, user_ids, *, now) -> None:
    """Notify these members too, whatever severities they chose: nobody else has acknowledged."""
    recipients = [
        recipient
        for recipient in recipients_of(alert.factory_id, now, extra_user_ids=user_ids)
        if recipient.user_id in set(user_ids)
    ]
    insert_deliveries([build_delivery(alert, recipient, now, alert.factory.zone) for recipient in recipients], now)


def create_deliveries(alerts, now, *, is_late=False) -> None:
    """Create the deliveries of alerts to each recipient who accepts their severity."""
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
    """An unsaved delivery, due when the recipient's preference allows it."""
    at = not_before(recipient.preference, alert.severity, now, zone, is_late=is_late)
    return Delivery(
        alert=alert,
        recipient_id=recipient.user_id,
        channel_id=recipient.channel_id,
        created_at=now,
        next_attempt_at=at,
    )


def insert_deliveries(rows, now) -> None:
    """Insert deliveries that do not exist yet, and enqueue those that are due on commit."""
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    pks = {row.alert_id for row in rows}
    transaction.on_commit(lambda: enqueue_all(Delivery.objects.due(now).filter(alert__in=pks)))


def expedite(alert, now) -> None:
    """Move waiting deliveries forward to when each person's preference allows them now."""
    pending = Delivery.objects.unsent().filter(alert=alert, attempts=0)
    for recipient in recipients_of(alert.factory_id, now):
        at = not_before(recipient.preference, alert.severity, now, alert.factory.zone)
        pending.filter(recipient=recipient.user_id, channel=recipient.channel_id).update(next_attempt_at=at)
