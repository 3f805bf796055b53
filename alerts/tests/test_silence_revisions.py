"""A silence was found by the clock; what the machine buffered meanwhile says how long it really was."""

import pytest

from alerts.evaluation.evaluator import evaluate_new_readings
from alerts.evaluation.silence import check_silent_devices
from alerts.models import Alert
from alerts.tests.cast import minutes, set_last_seen, store_reading, store_readings

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


def silent_for_an_hour(device, now):
    """A machine that nothing came from for an hour, and then its live reading again."""
    store_reading(device, now - minutes(60), temperature=850)
    evaluate_new_readings(now - minutes(60))
    set_last_seen(device, now - minutes(60))
    check_silent_devices(now - minutes(30))
    set_last_seen(device, now)
    store_reading(device, now, temperature=850)
    evaluate_new_readings(now)
    return Alert.objects.get()


def test_a_buffer_that_fills_a_silence_withdraws_it(device, now):
    alert = silent_for_an_hour(device, now)
    assert (alert.alert_type, alert.status, alert.comments.count()) == ("device_offline", "resolved", 0)
    store_readings(device, [(now - minutes(count), {"temperature": 850}) for count in range(1, 60, 5)])
    evaluate_new_readings(now + minutes(1))
    alert.refresh_from_db()
    assert alert.status == "withdrawn"
    assert "measuring all the time" in alert.withdrawn_reason


def test_a_buffer_that_leaves_a_gap_shortens_the_silence(device, now):
    alert = silent_for_an_hour(device, now)
    store_readings(device, [(now - minutes(count), {"temperature": 850}) for count in range(40, 60, 5)])
    evaluate_new_readings(now + minutes(1))
    alert.refresh_from_db()
    assert (alert.triggered_at, alert.resolved_at) == (now - minutes(40), now)
    assert "was silent from 15:20 on 16 Jan 2025 to 16:00" in alert.message
    assert alert.comments.get().text.startswith("revised: began 15:00 on 16 Jan 2025 → 15:20 on 16 Jan 2025")


def test_a_buffer_in_order_after_a_silence_withdraws_it_too(device, now):
    store_reading(device, now - minutes(60), temperature=850)
    evaluate_new_readings(now - minutes(60))
    set_last_seen(device, now - minutes(60))
    check_silent_devices(now - minutes(30))
    set_last_seen(device, now)
    store_readings(device, [(now - minutes(count), {"temperature": 850}) for count in range(0, 60, 5)])
    evaluate_new_readings(now)
    assert Alert.objects.get().status == "withdrawn"
