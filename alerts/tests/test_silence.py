"""A device that says nothing is found within its interval; one that nobody expects to speak is left alone."""

from datetime import timedelta

import pytest

from alerts import service_uptime
from alerts.evaluation.evaluator import judge_digested
from alerts.evaluation.silence import find_silent
from alerts.lifecycle import transitions
from alerts.models import Alert, AlertRule, Delivery
from alerts.tests.cast import hear, minutes, say
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
    transitions.resolve(Alert.objects.get(), by=asha, now=now)
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


def listen(first, last):
    """Beats once a minute from `first` to `last`."""
    moment = first
    while moment <= last:
        service_uptime.beat(moment)
        moment += minutes(1)


def test_an_outage_of_ours_is_no_silence_of_theirs(device, now):
    back_at = now - minutes(10)
    listen(now - minutes(60), now - minutes(40))
    hear(device, now - minutes(41))
    listen(back_at, now)
    assert find_silent(now) == 0
    listen(now, back_at + minutes(15))
    assert find_silent(back_at + minutes(15)) == 0
    listen(back_at + minutes(15), back_at + minutes(16))
    assert find_silent(back_at + minutes(16)) == 1
    assert Alert.objects.get().triggered_at == now - minutes(41)


def test_while_nobody_listens_nobody_is_silent(device, now):
    listen(now - minutes(60), now - minutes(20))
    hear(device, now - minutes(50))
    assert find_silent(now) == 0


def test_a_silence_is_found_within_a_minute_of_its_interval_while_we_listen(device, now):
    listen(now - minutes(30), now)
    hear(device, now - minutes(16))
    assert find_silent(now) == 1


def test_a_late_beat_is_no_outage(device, now):
    for count in (30, 28, 25, 22, 19, 16, 13, 10, 7, 4, 1):
        service_uptime.beat(now - minutes(count))
    hear(device, now - minutes(16))
    assert find_silent(now) == 1
