"""A device that says nothing is found within its interval; one that nobody expects to speak is left alone."""

from datetime import timedelta

import pytest

from alerts import lifecycle, service_uptime
from alerts.evaluation.evaluator import evaluate_new_readings
from alerts.evaluation.silence import check_silent_devices
from alerts.models import Alert, AlertRule, Delivery
from alerts.tests.cast import minutes, set_last_seen, store_reading
from devices.models import DeviceProfile
from telemetry.models import DirtySpan

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


@pytest.mark.parametrize(
    ("interval_s", "silent_for", "is_silent"), [(60, 14, 0), (60, 16, 1), (600, 29, 0), (600, 31, 1)]
)
def test_silence_is_three_intervals_and_no_less_than_15_minutes(device, now, interval_s, silent_for, is_silent):
    DeviceProfile.objects.filter(device=device).update(interval_s=interval_s)
    set_last_seen(device, now - minutes(silent_for))
    assert check_silent_devices(now) == is_silent


def test_one_silence_is_one_alert_until_the_device_is_heard(device, asha, now):
    heard_at = now - minutes(40)
    set_last_seen(device, heard_at)
    assert (check_silent_devices(now), check_silent_devices(now)) == (1, 0)
    alert = Alert.objects.get()
    assert (alert.alert_type, alert.severity, alert.triggered_at) == ("device_offline", "warning", heard_at)
    assert alert.message == "Main furnace has been silent since 15:20 on 16 Jan 2025; it reports every 5 min."
    assert Delivery.objects.get().recipient == asha
    set_last_seen(device, now + minutes(1))
    check_silent_devices(now + minutes(1))
    alert.refresh_from_db()
    assert (alert.status, alert.resolved_at) == ("resolved", now + minutes(1))
    assert "was silent from 15:20" in alert.message


def test_the_digest_ends_a_silence_at_once(device, now):
    set_last_seen(device, now - minutes(40))
    check_silent_devices(now)
    set_last_seen(device, now)
    store_reading(device, now, temperature=20)
    evaluate_new_readings(now)
    assert not Alert.objects.open().exists()


def test_a_silence_a_person_resolved_is_not_told_again(device, asha, now):
    set_last_seen(device, now - minutes(40))
    check_silent_devices(now)
    lifecycle.resolve(Alert.objects.get(), by=asha, now=now)
    assert check_silent_devices(now + minutes(5)) == 0
    set_last_seen(device, now + minutes(10))
    assert sum(check_silent_devices(now + minutes(passed)) for passed in range(10, 60, 5)) == 1


def test_nobody_waits_for_a_device_that_was_never_heard_or_is_paused_or_archived(device, now):
    assert check_silent_devices(now) == 0
    set_last_seen(device, now - timedelta(days=1))
    device.is_active = False
    device.save()
    assert check_silent_devices(now) == 0
    device.is_active, device.archived_at = True, now
    device.save()
    assert check_silent_devices(now) == 0


def test_pausing_a_device_ends_its_alerts(device, now):
    store_reading(device, now, temperature=950)
    evaluate_new_readings(now)
    device.is_active = False
    device.save()
    check_silent_devices(now)
    alert = Alert.objects.get()
    assert (alert.status, alert.comments.get().text) == (
        "resolved",
        "Resolved because the device was paused or archived.",
    )


def test_words_that_wait_for_the_digest_are_words(device, now):
    set_last_seen(device, now - timedelta(hours=1))
    DirtySpan.objects.create(device=device, first_at=now, last_at=now, readings=1)
    assert check_silent_devices(now) == 0


def test_a_rule_may_name_its_own_silence_and_without_one_nothing_is_silent(device, now):
    set_last_seen(device, now - minutes(40))
    rules = AlertRule.objects.filter(device=device, kind="silence")
    rules.update(hold_seconds=3600)
    assert check_silent_devices(now) == 0
    rules.update(hold_seconds=0, is_enabled=False)
    assert check_silent_devices(now) == 0


def record_heartbeats(first, last):
    """Beats once a minute from `first` to `last`."""
    moment = first
    while moment <= last:
        service_uptime.record_heartbeat(moment)
        moment += minutes(1)


def test_an_outage_of_ours_is_no_silence_of_theirs(device, now):
    back_at = now - minutes(10)
    record_heartbeats(now - minutes(60), now - minutes(40))
    set_last_seen(device, now - minutes(41))
    record_heartbeats(back_at, now)
    assert check_silent_devices(now) == 0
    record_heartbeats(now, back_at + minutes(15))
    assert check_silent_devices(back_at + minutes(15)) == 0
    record_heartbeats(back_at + minutes(15), back_at + minutes(16))
    assert check_silent_devices(back_at + minutes(16)) == 1
    assert Alert.objects.get().triggered_at == now - minutes(41)


def test_while_nobody_listens_nobody_is_silent(device, now):
    record_heartbeats(now - minutes(60), now - minutes(20))
    set_last_seen(device, now - minutes(50))
    assert check_silent_devices(now) == 0


def test_a_silence_is_found_within_a_minute_of_its_interval_while_we_listen(device, now):
    record_heartbeats(now - minutes(30), now)
    set_last_seen(device, now - minutes(16))
    assert check_silent_devices(now) == 1


def test_a_late_beat_is_no_outage(device, now):
    for count in (30, 28, 25, 22, 19, 16, 13, 10, 7, 4, 1):
        service_uptime.record_heartbeat(now - minutes(count))
    set_last_seen(device, now - minutes(16))
    assert check_silent_devices(now) == 1
