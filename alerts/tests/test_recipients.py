"""Who hears of an alert, of which, and when; many at once as one message."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core import mail

from alerts import lifecycle
from alerts.evaluation.evaluator import evaluate_new_readings
from alerts.models import Alert, Channel, Delivery, Preference
from alerts.notifications import dispatcher, recipients
from alerts.tests.cast import fire_alert, minutes, store_reading
from alerts.tests.model_factories import AlertMaker, ChannelMaker, DeliveryMaker, PreferenceMaker
from factories.roles import Role

pytestmark = pytest.mark.django_db
PUBLIC = [(2, 1, 6, "", ("93.184.216.34", 443))]


def test_an_operator_hears_once_they_ask_and_only_what_they_asked_for(device, asha, vik, now):
    PreferenceMaker(user=vik, factory=device.factory, lowest="critical")
    fire_alert(device, now, temperature=950, gas_index=500)
    told = {(row.recipient, row.alert.severity) for row in Delivery.objects.all()}
    assert told == {(asha, "critical"), (asha, "warning"), (vik, "critical")}


def test_who_switched_it_off_hears_nothing(device, asha, now):
    PreferenceMaker(user=asha, factory=device.factory, is_on=False)
    fire_alert(device, now)
    assert Alert.objects.exists() and not Delivery.objects.exists()


IST = timedelta(hours=5, minutes=30)


def at(clock):
    """That time of 16 January 2025 in the factory's zone."""
    return datetime.combine(date(2025, 1, 16), clock, UTC) - IST


@pytest.mark.parametrize(
    ("said", "clock", "severity", "waits"),
    [
        ({}, time(3), "warning", None),
        ({"quiet_from": time(22), "quiet_until": time(6)}, time(3), "warning", at(time(6))),
        ({"quiet_from": time(22), "quiet_until": time(6)}, time(23), "warning", at(time(6)) + timedelta(days=1)),
        ({"quiet_from": time(22), "quiet_until": time(6)}, time(12), "warning", None),
        ({"quiet_from": time(22), "quiet_until": time(6)}, time(6), "warning", None),
        ({"quiet_from": time(22), "quiet_until": time(6)}, time(3), "critical", None),
        ({"quiet_from": time(22), "quiet_until": time(6), "critical_always": False}, time(3), "critical", at(time(6))),
        ({"quiet_from": time(12), "quiet_until": time(14)}, time(13), "info", at(time(14))),
        ({"rhythm": "hourly"}, time(9, 20), "warning", at(time(10))),
        ({"rhythm": "daily", "digest_at": time(8)}, time(9), "warning", at(time(8)) + timedelta(days=1)),
        ({"rhythm": "daily", "digest_at": time(8)}, time(7), "warning", at(time(8))),
        ({"rhythm": "hourly", "quiet_from": time(22), "quiet_until": time(6)}, time(21, 30), "info",
         at(time(6)) + timedelta(days=1)),
    ],
)  # fmt: skip
def test_when_a_message_may_go(steel_forge, said, clock, severity, waits):
    found = recipients.not_before(Preference(**said), severity, at(clock), steel_forge.zone)
    assert found == waits


def test_what_waits_for_the_morning_comes_as_one_message(device, asha, now):
    PreferenceMaker(user=asha, factory=device.factory, rhythm="hourly", critical_always=False)
    fire_alert(device, now, temperature=950, gas_index=500)
    assert dispatcher.sweep(now + minutes(2)) == 0
    later = Delivery.objects.first().next_attempt_at
    assert [dispatcher.send(pk, now=later) for pk in Delivery.objects.values_list("pk", flat=True)] == [True, False]
    [letter] = mail.outbox
    assert letter.subject == "2 alerts, 1 critical (Steel Forge)"
    assert "Temperature above" in letter.alternatives[0].content and "Gas index" in letter.alternatives[0].content
    assert not Delivery.objects.unsent().exists()


def create_deliveries(device, person, count, now):
    for number in range(count):
        alert = AlertMaker(
            device=device, severity="warning", title=f"Alert {number}", status="resolved", resolved_at=now
        )
        DeliveryMaker(alert=alert, recipient=person)


def test_a_flood_collapses_into_one_message(device, asha, now):
    create_deliveries(device, asha, 40, now)
    for pk in Delivery.objects.values_list("pk", flat=True):
        dispatcher.send(pk, now=now)
    assert [letter.subject for letter in mail.outbox] == ["40 alerts (Steel Forge)"]


def test_who_got_many_messages_lately_gets_the_rest_together(device, asha, now):
    for number in range(dispatcher.THROTTLE_LIMIT + 4):
        create_deliveries(device, asha, 1, now)
        moment = now + timedelta(seconds=20 * number)
        dispatcher.send(Delivery.objects.latest("pk").pk, now=moment)
    assert len(mail.outbox) == dispatcher.THROTTLE_LIMIT
    waiting = Delivery.objects.unsent()
    assert waiting.count() == 4 and not waiting.exclude(attempts=0).exists()
    dispatcher.send(waiting.first().pk, now=now + dispatcher.THROTTLE_WINDOW + minutes(1))
    assert mail.outbox[-1].subject == "4 alerts (Steel Forge)" and not Delivery.objects.unsent().exists()


def test_an_emergency_waits_behind_no_lesser_messages(device, asha, now):
    for _ in range(dispatcher.THROTTLE_LIMIT):
        create_deliveries(device, asha, 1, now)
        dispatcher.send(Delivery.objects.latest("pk").pk, now=now + timedelta(seconds=len(mail.outbox)))
    fire_alert(device, now)
    assert dispatcher.send(Delivery.objects.get(alert__severity="critical").pk, now=now + minutes(1))
    assert mail.outbox[-1].subject.startswith("Critical: ")


def test_who_switches_it_off_gets_nothing_that_was_waiting(device, asha, now):
    fire_alert(device, now)
    PreferenceMaker(user=asha, factory=device.factory, is_on=False)
    delivery = Delivery.objects.get()
    assert not dispatcher.send(delivery.pk, now=now)
    delivery.refresh_from_db()
    assert "no longer hears of Steel Forge by e-mail" in delivery.error and mail.outbox == []


def test_a_snoozed_alert_sends_nothing_until_it_is_over(device, asha, now):
    fire_alert(device, now)
    lifecycle.snooze(Alert.objects.get(), by=asha, now=now, minutes=30)
    delivery = Delivery.objects.get()
    assert not dispatcher.send(delivery.pk, now=now)
    delivery.refresh_from_db()
    assert (delivery.next_attempt_at, delivery.attempts, mail.outbox) == (now + minutes(30), 0, [])
    assert dispatcher.send(delivery.pk, now=now + minutes(30))


def test_what_was_found_late_comes_with_the_next_common_message(device, asha, now):
    store_reading(device, now - timedelta(hours=3), temperature=950)
    store_reading(device, now - timedelta(hours=2), temperature=850)
    evaluate_new_readings(now)
    assert Alert.objects.get().found_late
    delivery = Delivery.objects.get()
    assert now < delivery.next_attempt_at <= now + timedelta(hours=1)
    assert not dispatcher.send(delivery.pk, now=now)
    assert dispatcher.send(delivery.pk, now=delivery.next_attempt_at)
    assert mail.outbox[0].subject.startswith("Over: ")


def test_history_that_is_brought_in_rings_no_bell(device, asha, now):
    store_reading(device, now - timedelta(days=20), temperature=950)
    store_reading(device, now - timedelta(days=20, minutes=-5), temperature=850)
    evaluate_new_readings(now)
    assert Alert.objects.get().found_late and not Delivery.objects.exists()


def test_a_removed_way_is_used_no_more(receiver, device, asha, now):
    channel = ChannelMaker(user=asha, url=receiver.url, label="ERP")
    fire_alert(device, now)
    Channel.objects.update(removed_at=now, encrypted_credentials="", is_on=False)
    delivery = Delivery.objects.get(channel=channel)
    assert not dispatcher.send(delivery.pk, now=now)
    delivery.refresh_from_db()
    assert delivery.error == "ERP was removed or switched off." and receiver.got == []


def test_a_viewer_gets_no_link_that_acknowledges(device, vera, now):
    assert vera.memberships.get().role == Role.VIEWER.value
    PreferenceMaker(user=vera, factory=device.factory)
    fire_alert(device, now)
    dispatcher.send(Delivery.objects.get(recipient=vera).pk, now=now)
    assert "/tap/" not in mail.outbox[0].body
