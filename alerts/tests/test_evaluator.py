"""What the digest left is judged in event time: one alert, at its own moment, never about a past that is over."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from alerts import lifecycle
from alerts.evaluation.evaluator import evaluate_new_readings
from alerts.models import Alert, AlertRule, Delivery, EvaluationState
from alerts.tests.cast import minutes, store_reading, store_readings
from alerts.tests.model_factories import AlertRuleMaker, only_rule
from devices.models import DeviceProfile
from devices.tests.cast import make_device
from telemetry.models import ProcessedSpan

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


def test_a_furnace_over_its_limit_and_back(device, asha, now):
    store_reading(device, now - minutes(10), temperature=850)
    store_reading(device, now - minutes(5), temperature=950)
    assert evaluate_new_readings(now) == 1
    alert = Alert.objects.get()
    assert (alert.status, alert.severity, alert.alert_type) == ("active", "critical", "temperature")
    assert (alert.metric_value, alert.threshold_value, alert.triggered_at) == (950, 900, now - minutes(5))
    assert alert.title == "Temperature above 900 °C"
    assert alert.message == ("Main furnace is 950.0 °C, 50.0 above its limit of 900 °C, since 15:55 on 16 Jan 2025.")
    lifecycle.acknowledge(alert, by=asha, now=now, comment="Burner turned down.")
    store_reading(device, now, temperature=970)
    evaluate_new_readings(now)
    store_reading(device, now + minutes(5), temperature=850)
    evaluate_new_readings(now + minutes(5))
    alert.refresh_from_db()
    assert (alert.status, alert.resolved_at, alert.resolved_by, alert.peak_value) == (
        "resolved",
        now + minutes(5),
        None,
        970,
    )
    assert alert.acknowledged_by == asha
    assert alert.message == (
        "Main furnace was up to 970.0 °C, 70.0 above its limit of 900 °C, from 15:55 to 16:05 on 16 Jan 2025."
    )
    assert not ProcessedSpan.objects.exists()


def test_judging_again_changes_nothing(device, now):
    store_reading(device, now, temperature=950)
    evaluate_new_readings(now)
    assert evaluate_new_readings(now) == 0
    ProcessedSpan.objects.create(device=device, first_at=now, last_at=now)
    evaluate_new_readings(now)
    assert Alert.objects.count() == 1


def test_a_breach_that_ended_within_the_batch_is_told_and_over(device, asha, now):
    store_readings(device, [(now - minutes(3), {"temperature": 950}), (now - minutes(2), {"temperature": 800})])
    evaluate_new_readings(now)
    alert = Alert.objects.get()
    assert (alert.status, alert.resolved_at, alert.found_late) == ("resolved", now - minutes(2), False)
    assert Delivery.objects.filter(recipient=asha).count() == 1


def test_a_gap_neither_fires_nor_clears(device, now):
    rule = only_rule(device, hold_seconds=600)
    store_reading(device, now - timedelta(hours=6), temperature=950)
    evaluate_new_readings(now - timedelta(hours=6))
    evaluate_new_readings(now)
    assert not Alert.objects.exists()
    store_reading(device, now, temperature=950)
    evaluate_new_readings(now)
    assert Alert.objects.open().get().rule == rule
    evaluate_new_readings(now + timedelta(days=1))
    assert Alert.objects.open().count() == 1


def is_deferred(now):
    """No emergency: a message waits for the next common one."""
    return Delivery.objects.unsent().exists() and not Delivery.objects.due(now).exists()


def test_a_late_batch_raises_no_alarm_about_now(device, asha, now):
    store_reading(device, now, temperature=850)
    evaluate_new_readings(now)
    hours_ago = now - timedelta(hours=5)
    store_readings(device, [(hours_ago, {"temperature": 950}), (hours_ago + minutes(5), {"temperature": 850})])
    evaluate_new_readings(now)
    alert = Alert.objects.get()
    assert (alert.status, alert.found_late, alert.triggered_at) == ("resolved", True, hours_ago)
    assert alert.resolved_at == hours_ago + minutes(5)
    assert "was up to 950.0 °C" in alert.message
    assert is_deferred(now)


def test_a_late_reading_ends_with_the_next_one_that_was_there_already(device, now):
    store_reading(device, now - minutes(30), temperature=850)
    store_reading(device, now - minutes(20), temperature=850)
    evaluate_new_readings(now)
    store_reading(device, now - minutes(25), temperature=950)
    evaluate_new_readings(now)
    assert Alert.objects.get().resolved_at == now - minutes(20)


def test_a_buffer_sent_twice_or_late_into_a_known_breach_makes_no_second_alert(device, now):
    rows = [(now - minutes(count), {"temperature": 950}) for count in (20, 10)]
    store_readings(device, rows)
    evaluate_new_readings(now)
    ProcessedSpan.objects.create(device=device, first_at=now - minutes(60), last_at=now)
    store_reading(device, now - minutes(15), temperature=960)
    evaluate_new_readings(now)
    assert Alert.objects.count() == 1


def test_a_buffer_that_comes_in_order_but_late_is_found_late(device, asha, now):
    start = now - timedelta(hours=5)
    store_readings(device, [(start, {"temperature": 850}), (start + minutes(5), {"temperature": 950})])
    evaluate_new_readings(now)
    alert = Alert.objects.get()
    assert (alert.status, alert.found_late, alert.triggered_at) == ("active", True, start + minutes(5))
    assert is_deferred(now)
    store_reading(device, start + minutes(10), temperature=850)
    evaluate_new_readings(now)
    alert.refresh_from_db()
    assert (alert.status, alert.resolved_at) == ("resolved", start + minutes(10))
    assert is_deferred(now)


def test_found_late_but_still_so_is_news(device, asha, now):
    """The buffer of an outage ends with a furnace that is over its limit this minute: somebody has to know."""
    store_readings(device, [(now - minutes(count), {"temperature": 950}) for count in (60, 30)])
    evaluate_new_readings(now)
    assert is_deferred(now)
    store_reading(device, now, temperature=955)
    evaluate_new_readings(now)
    evaluate_new_readings(now)
    assert Delivery.objects.due(now).filter(recipient=asha).count() == 1


def test_a_person_resolves_it_and_it_comes_again_only_after_clearing(device, asha, now):
    store_reading(device, now - minutes(20), temperature=950)
    evaluate_new_readings(now)
    lifecycle.resolve(Alert.objects.get(), by=asha, now=now - minutes(18))
    for count, value, alerts in [(15, 960, 1), (10, 850, 1), (5, 950, 2)]:
        store_reading(device, now - minutes(count), temperature=value)
        evaluate_new_readings(now)
        assert Alert.objects.count() == alerts
    assert Alert.objects.open().get().triggered_at == now - minutes(5)


def test_suspect_values_fire_one_sensor_alert_and_nothing_else(device, asha, now):
    for count in (20, 15):
        store_reading(device, now - minutes(count), suspect=["temperature"], temperature=2500, humidity=40)
        evaluate_new_readings(now - minutes(count))
    alert = Alert.objects.get()
    assert (alert.alert_type, alert.severity, alert.status) == ("sensor_suspect", "warning", "active")
    assert "temperature values that are not plausible" in alert.message
    assert "outside what it can be." in alert.message
    assert "last digit" not in alert.message
    store_reading(device, now - minutes(10), humidity=40)  # says nothing of the temperature
    evaluate_new_readings(now)
    assert Alert.objects.open().count() == 1
    well = [(now - minutes(5) + timedelta(seconds=30 * count), {"temperature": 850}) for count in range(1, 150)]
    store_readings(device, well)
    evaluate_new_readings(well[-1][0])
    alert.refresh_from_db()
    assert (alert.status, alert.resolved_at) == ("resolved", now + minutes(45))  # an hour after the last suspect value


def test_the_worst_axis_is_judged_unless_gravity_is_in_it(device, now):
    only_rule(device, metric="vibration", level=8)
    store_reading(device, now - minutes(9), vibration_x=2, vibration_y=12, vibration_z=1)
    evaluate_new_readings(now)
    assert Alert.objects.open().get().metric_value == 12
    Alert.objects.all().delete()
    EvaluationState.objects.all().delete()
    DeviceProfile.objects.create(device=device, valid_from=now - minutes(8), vibration_kind="raw")
    store_reading(device, now - minutes(5), vibration_x=2, vibration_y=12, vibration_z=1)
    evaluate_new_readings(now)
    assert not Alert.objects.exists()


def test_a_suspect_axis_is_not_judged(device, now):
    only_rule(device, metric="vibration", level=8)
    store_reading(device, now, suspect=["vibration_y"], vibration_x=2, vibration_y=500, vibration_z=1)
    evaluate_new_readings(now)
    assert set(Alert.objects.values_list("alert_type", flat=True)) == {"sensor_suspect"}


@pytest.mark.parametrize(
    ("kind", "value", "power_kw"), [("kW", 62, 62), ("W", 62_000, 62), ("kWh", 6, 72), ("register", 1e6, None)]
)
def test_power_is_judged_in_kw_whatever_the_device_sends(steel_forge, now, kind, value, power_kw):
    device = make_device(steel_forge, "ESP32-SF-009", profile={"power_kind": kind})
    store_reading(device, now, power_consumption=value)
    evaluate_new_readings(now)
    assert list(Alert.objects.values_list("metric_value", flat=True)) == ([power_kw] if power_kw else [])


def test_energy_since_the_last_reading_across_a_gap_is_no_peak(steel_forge, now):
    device = make_device(steel_forge, "ESP32-SF-009", profile={"power_kind": "kWh"})
    store_reading(device, now - timedelta(hours=2), power_consumption=2)
    evaluate_new_readings(now)
    store_reading(device, now, power_consumption=48)  # 24 kW for two hours
    evaluate_new_readings(now)
    assert not Alert.objects.exists()


def test_a_devices_own_rule_stands_in_for_the_factorys(device, steel_forge, now):
    other = make_device(steel_forge, "ESP32-SF-002", device_name="Cooling tower")
    AlertRule.objects.filter(device=other).delete()
    wide = AlertRuleMaker(device=None, factory=steel_forge, level=700)
    for one in (device, other):
        store_reading(one, now, temperature=800)
    evaluate_new_readings(now)
    assert [(alert.device, alert.rule) for alert in Alert.objects.all()] == [(other, wide)]


def test_a_rule_of_another_factory_judges_nothing_here(device, chem_works, now):
    AlertRuleMaker(device=None, factory=chem_works, metric="humidity", level=1)
    store_reading(device, now, humidity=50)
    evaluate_new_readings(now)
    assert not Alert.objects.exists()


def test_an_edit_behind_the_judges_back_is_noticed(device, now):
    rule = only_rule(device)
    store_reading(device, now - minutes(5), temperature=950)
    evaluate_new_readings(now)
    AlertRule.objects.filter(pk=rule.pk).update(level=1000)
    store_reading(device, now, temperature=950)
    evaluate_new_readings(now)
    alert = Alert.objects.get()
    assert alert.status == "resolved"
    assert alert.comments.get().text == lifecycle.RULE_CHANGED


def test_one_devices_trouble_is_its_own(device, steel_forge, now, monkeypatch):
    other = make_device(steel_forge, "ESP32-SF-002", device_name="Cooling tower")
    for one in (device, other):
        store_reading(one, now, temperature=950)
    judged = lifecycle.alert_from_breach

    def stumble(rule, on, *args, **fields):
        if on == device:
            raise ZeroDivisionError
        return judged(rule, on, *args, **fields)

    monkeypatch.setattr(lifecycle, "alert_from_breach", stumble)
    assert evaluate_new_readings(now) == 1
    assert Alert.objects.get().device == other
    assert ProcessedSpan.objects.get().device == device
    monkeypatch.undo()
    assert evaluate_new_readings(now) == 1
    assert Alert.objects.filter(device=device).exists()


def test_a_long_backlog_is_judged_like_the_stream_it_was(device, now):
    rule = only_rule(device, hold_seconds=12 * 3600)
    start = now - timedelta(days=5)
    hot = {"temperature": 950}
    rows = [(start + timedelta(hours=hour), hot if 20 <= hour < 40 else {"temperature": 850}) for hour in range(100)]
    store_readings(device, rows)
    evaluate_new_readings(now)
    alert = Alert.objects.get()
    assert (alert.rule, alert.triggered_at, alert.resolved_at) == (
        rule,
        start + timedelta(hours=20),
        start + timedelta(hours=40),
    )
    assert (alert.found_late, alert.peak_value) == (True, 950)


@pytest.mark.django_db(transaction=True)
def test_two_judges_at_once_raise_one_alert(device, now):
    for count in range(20):
        store_reading(device, now - minutes(count), temperature=950)
    start = Barrier(2)

    def judge():
        start.wait()
        evaluate_new_readings(now)
        connection.close()

    judges = [Thread(target=judge) for _ in range(2)]
    for one in judges:
        one.start()
    for one in judges:
        one.join()
    evaluate_new_readings(now)
    assert Alert.objects.filter(alert_type="temperature", resolved_at=None).count() == 1
    assert Alert.objects.filter(alert_type="temperature").count() == 1
