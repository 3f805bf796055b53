"""A device that says nothing is found within its interval; one that nobody expects to speak is left alone."""

from datetime import timedelta

import pytest

from alerts import life
from alerts.models import Alert, AlertRule, Delivery
from alerts.silence import find_silent
from alerts.tests.cast import hear, minutes, say
from alerts.watch import judge_digested
from devices.models import DeviceProfile
from telemetry.models import Arrival

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("interval_s", "silent_for", "is_silent"), [(60, 14, 0), (60, 16, 1), (600, 29, 0), (600, 31, 1)]
)
def test_silence_is_three_intervals_and_no_less_than_15_minutes(device, now, interval_s, silent_for, is_silent):
    DeviceProfile.objects.filter(device=device).update(interval_s=interval_s)
    hear(device, now - minutes(silent_for))
    assert find_silent(now) == is_silent


def test_one_silence_is_one_alert_until_the_device_is_heard(device, asha, now):
    heard_at = now - minutes(40)
    hear(device, heard_at)
    assert (find_silent(now), find_silent(now)) == (1, 0)
    alert = Alert.objects.get()
    assert (alert.alert_type, alert.severity, alert.triggered_at) == ("device_offline", "warning", heard_at)
    assert alert.message == "Main furnace has been silent since 15:20 on 16 Jan 2025; it reports every 5 min."
    assert Delivery.objects.get().recipient == asha
    hear(device, now + minutes(1))
    find_silent(now + minutes(1))
    alert.refresh_from_db()
    assert (alert.status, alert.resolved_at) == ("resolved", now + minutes(1))
    assert "was silent from 15:20" in alert.message


def test_the_digest_ends_a_silence_at_once(device, now):
    hear(device, now - minutes(40))
    find_silent(now)
    hear(device, now)
    say(device, now, temperature=20)
    judge_digested(now)
    assert not Alert.objects.open().exists()


def test_a_silence_a_person_resolved_is_not_told_again(device, asha, now):
    hear(device, now - minutes(40))
    find_silent(now)
    life.resolve(Alert.objects.get(), by=asha, now=now)
    assert find_silent(now + minutes(5)) == 0
    hear(device, now + minutes(10))
    assert sum(find_silent(now + minutes(passed)) for passed in range(10, 60, 5)) == 1


def test_nobody_waits_for_a_device_that_was_never_heard_or_is_paused_or_archived(device, now):
    assert find_silent(now) == 0
    hear(device, now - timedelta(days=1))
    device.is_active = False
    device.save()
    assert find_silent(now) == 0
    device.is_active, device.archived_at = True, now
    device.save()
    assert find_silent(now) == 0


def test_pausing_a_device_ends_its_alerts(device, now):
    say(device, now, temperature=950)
    judge_digested(now)
    device.is_active = False
    device.save()
    find_silent(now)
    alert = Alert.objects.get()
    assert (alert.status, alert.comments.get().text) == (
        "resolved",
        "Resolved because the device was paused or archived.",
    )


def test_words_that_wait_for_the_digest_are_words(device, now):
    hear(device, now - timedelta(hours=1))
    Arrival.objects.create(device=device, first_at=now, last_at=now, readings=1)
    assert find_silent(now) == 0


def test_a_rule_may_name_its_own_silence_and_without_one_nothing_is_silent(device, now):
    hear(device, now - minutes(40))
    rules = AlertRule.objects.filter(device=device, kind="silence")
    rules.update(hold_seconds=3600)
    assert find_silent(now) == 0
    rules.update(hold_seconds=0, is_enabled=False)
    assert find_silent(now) == 0


def test_our_own_absence_is_no_devices_silence(device, now):
    hear(device, now - minutes(2))
    find_silent(now)
    back = now + minutes(120)  # the service was down for two hours
    assert find_silent(back) == 0
    assert find_silent(back + minutes(4)) == 0
    looks = [find_silent(back + minutes(passed)) for passed in range(8, 20, 4)]
    assert looks == [0, 0, 1], "15 minutes after the service came back, and still nothing heard"
    assert Alert.objects.get().triggered_at == now - minutes(2)


def test_a_device_that_speaks_after_our_absence_was_never_silent(device, now):
    hear(device, now - minutes(2))
    find_silent(now)
    find_silent(now + minutes(120))
    hear(device, now + minutes(121))
    assert [find_silent(now + minutes(passed)) for passed in (124, 128, 132)] == [0, 0, 0]
    assert not Alert.objects.exists()
