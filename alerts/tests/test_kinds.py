"""Kinds of rules beyond a limit: a rate, a sensor that stands still, a sensor that says nothing."""

from datetime import time, timedelta

import pytest

from alerts import kanban
from alerts.evaluation.evaluator import evaluate_new_readings
from alerts.evaluation.hourly_checks import run_hourly_checks
from alerts.models import Alert, Delivery
from alerts.tests.cast import minutes, set_last_seen, store_reading, store_readings
from alerts.tests.model_factories import only_rule
from factories.models import Shift
from telemetry.models import QuarterHour
from telemetry.rollups.quarter_hours import floor

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


def create_rate_rule(device, **params):
    return only_rule(device, kind="rate", level=50, params={"window_seconds": 600} | params)


def test_a_furnace_that_heats_too_fast(device, now):
    create_rate_rule(device)
    for count, value in [(10, 800), (5, 830), (0, 862)]:
        store_reading(device, now - minutes(count), temperature=value)
        evaluate_new_readings(now - minutes(count))
    alert = Alert.objects.get()
    assert (alert.title, alert.metric_value, alert.triggered_at) == (
        "Temperature changes by more than 50 °C within 10 min",
        62,
        now,
    )
    assert alert.message == (
        "Main furnace: temperature changed by 62.0 °C within 10 min; its limit is 50 °C, since 16:00 on 16 Jan 2025."
    )
    store_reading(device, now + minutes(20), temperature=863)  # nothing else within ten minutes: no rate, so no end
    evaluate_new_readings(now + minutes(20))
    assert Alert.objects.open().count() == 1
    store_reading(device, now + minutes(25), temperature=864)
    evaluate_new_readings(now + minutes(25))
    alert.refresh_from_db()
    assert (alert.status, alert.resolved_at) == ("resolved", now + minutes(25))
    assert "changed by up to 62.0 °C" in alert.message


@pytest.mark.parametrize(("direction", "alerts"), [("any", 1), ("fall", 1), ("rise", 0)])
def test_only_the_change_that_is_asked_for(device, now, direction, alerts):
    create_rate_rule(device, direction=direction)
    store_readings(device, [(now - minutes(5), {"temperature": 900}), (now, {"temperature": 840})])
    evaluate_new_readings(now)
    assert Alert.objects.count() == alerts


def test_a_jump_across_a_gap_is_no_rate(device, now):
    create_rate_rule(device)
    store_readings(device, [(now - timedelta(hours=2), {"temperature": 20}), (now, {"temperature": 800})])
    evaluate_new_readings(now)
    assert not Alert.objects.exists()


def test_a_late_jump_is_found_late_and_over(device, now):
    create_rate_rule(device)
    store_reading(device, now, temperature=800)
    evaluate_new_readings(now)
    then = now - timedelta(hours=3)
    store_readings(
        device, [(then + minutes(5 * step), {"temperature": v}) for step, v in enumerate([800, 870, 870, 870])]
    )
    evaluate_new_readings(now)
    alert = Alert.objects.get()
    assert (alert.found_late, alert.status, alert.triggered_at) == (True, "resolved", then + minutes(5))


def test_a_sensor_that_stands_still_for_its_hold(device, now):
    only_rule(device, kind="flat", metric="humidity", level=None, hold_seconds=1800)
    start = now - minutes(60)
    for step in range(9):
        store_reading(device, start + minutes(5 * step), humidity=55.5 if step else 50)
        evaluate_new_readings(start + minutes(5 * step))
    alert = Alert.objects.get()
    assert (alert.alert_type, alert.metric_value) == ("sensor_flat", None)
    assert "has sent exactly the same humidity since" in alert.message
    store_reading(device, now, humidity=56)
    evaluate_new_readings(now)
    assert Alert.objects.get().resolved_at == now


def test_a_stopped_machine_is_no_flat_line(device, now):
    only_rule(device, kind="flat", metric="gas_index", level=None, hold_seconds=600)
    store_readings(device, [(now - minutes(count), {"gas_index": 0}) for count in (30, 20, 10, 0)])
    evaluate_new_readings(now)
    assert not Alert.objects.exists()


def test_one_sensor_of_a_device_falls_silent(device, now):
    only_rule(device, kind="silence", metric="gas_index", level=None)
    start = now - minutes(60)
    store_reading(device, start, temperature=800, gas_index=300)
    for step in range(1, 5):
        store_reading(device, start + minutes(5 * step), temperature=800)
        evaluate_new_readings(start + minutes(5 * step))
    alert = Alert.objects.get()
    assert (alert.alert_type, alert.triggered_at) == ("sensor_silent", start + minutes(5))
    assert alert.message.startswith("Main furnace goes on reporting but has sent no gas index since")
    store_reading(device, now, gas_index=310)
    evaluate_new_readings(now)
    assert Alert.objects.get().resolved_at == now


def test_a_sensor_that_was_never_fitted_is_not_silent(device, now):
    only_rule(device, kind="silence", metric="gas_index", level=None)
    store_readings(device, [(now - minutes(count), {"temperature": 800}) for count in (60, 40, 20, 0)])
    evaluate_new_readings(now)
    assert not Alert.objects.exists()


def create_quarter_hours(device, start, values):
    """Quarter hours as the digest leaves them, one after another: a dict of columns each."""
    for step, fields in enumerate(values):
        at = start + minutes(15 * step)
        QuarterHour.objects.create(
            device=device, starts_at=at, received=3, suspect=0, expected=3, covered_s=900, **fields
        )


def humidity_columns(value):
    return {"humidity_count": 3, "humidity_min": value, "humidity_max": value, "humidity_sum": 3 * value}


def test_a_quarter_hour_that_is_unusual_for_its_time_of_the_week(device, now):
    only_rule(device, kind="baseline", metric="humidity", level=None)
    start = floor(now) - minutes(15)
    for week, value in [(1, 50), (2, 52), (3, 51)]:
        create_quarter_hours(device, start - timedelta(weeks=week), [humidity_columns(value)])
    create_quarter_hours(device, start, [humidity_columns(80)])
    for at in (start + minutes(10), now):
        store_reading(device, at, humidity=80)
        evaluate_new_readings(at)
    alert = Alert.objects.get()
    assert alert.title == "Humidity is unusual for the time of the week"
    assert "humidity is 57 % above its usual level" in alert.message
    assert alert.triggered_at == start + minutes(15)


def test_without_three_weeks_there_is_no_usual_level_and_nothing_is_said(device, now):
    only_rule(device, kind="baseline", metric="humidity", level=None)
    start = floor(now) - minutes(15)
    for week in (1, 2):
        create_quarter_hours(device, start - timedelta(weeks=week), [humidity_columns(50)])
    create_quarter_hours(device, start, [humidity_columns(90)])
    for at in (start + minutes(10), now):
        store_reading(device, at, humidity=90)
        evaluate_new_readings(at)
    assert not Alert.objects.exists()


def test_the_energy_of_a_day_over_its_budget_until_the_next_day(device, now):
    only_rule(device, kind="budget", metric="", level=50)
    midnight = now.astimezone(device.factory.zone).replace(hour=0, minute=0)
    create_quarter_hours(device, midnight, [{"energy_kwh": 10.0}] * 8)
    for step in range(1, 9):
        store_reading(device, midnight + minutes(15 * step), humidity=50)
        evaluate_new_readings(midnight + minutes(15 * step))
    alert = Alert.objects.get()
    assert (alert.title, alert.metric_value, alert.threshold_value) == ("More than 50 kWh a day", 60, 50)
    assert alert.triggered_at == midnight + minutes(90)
    assert "has used 60.0 kWh in its day, 10.0 over its budget of 50 kWh" in alert.message
    morrow = midnight + timedelta(days=1)
    create_quarter_hours(device, morrow, [{"energy_kwh": 10.0}])
    store_reading(device, morrow + minutes(16), humidity=50)
    evaluate_new_readings(morrow + minutes(16))
    alert.refresh_from_db()
    assert (alert.status, alert.peak_value, alert.resolved_at) == ("resolved", 80, morrow + minutes(15))


def test_the_budget_of_a_shift_begins_with_it(device, now):
    Shift.objects.create(
        factory=device.factory, name="A", starts_at=time(6), ends_at=time(14), weekdays=[1, 2, 3, 4, 5, 6, 7]
    )
    only_rule(device, kind="budget", metric="", level=25, params={"period": "shift"})
    five = now.astimezone(device.factory.zone).replace(hour=5, minute=0)
    create_quarter_hours(device, five, [{"energy_kwh": 10.0}] * 7)
    store_reading(device, five, humidity=50)
    evaluate_new_readings(now)
    store_reading(device, five + minutes(105), humidity=50)
    evaluate_new_readings(now)
    assert Alert.objects.get().triggered_at == five + minutes(105)


def test_data_capture_under_its_floor_is_found_once_an_hour(device, now):
    only_rule(device, kind="capture", metric="", level=90)
    set_last_seen(device, now)
    create_quarter_hours(device, floor(now) - timedelta(hours=24), [{}] * 48)
    assert [run_hourly_checks(now), run_hourly_checks(now + minutes(10)), run_hourly_checks(now + minutes(60))] == [
        1,
        0,
        1,
    ]
    alert = Alert.objects.get()
    assert (alert.title, alert.alert_type, alert.triggered_at) == (
        "Data capture under 90 %",
        "data_capture",
        floor(now),
    )
    assert alert.message.startswith("Main furnace: data capture of the last 24 hours is 50 %, under its floor of 90 %")
    create_quarter_hours(device, floor(now) - timedelta(hours=12), [{}] * 96)
    run_hourly_checks(now + timedelta(hours=12))
    alert.refresh_from_db()
    assert alert.status == "resolved"


def test_a_health_score_that_cannot_be_computed_is_no_bad_one(device, now):
    only_rule(device, kind="health", metric="", level=60)
    set_last_seen(device, now)
    assert run_hourly_checks(now) == 1
    assert not Alert.objects.exists()


def test_a_health_score_under_its_level(device, now):
    only_rule(device, kind="health", metric="", level=90)
    set_last_seen(device, now)
    shaking = {"vibration_count": 3, "vibration_min": 8.0, "vibration_max": 8.0, "vibration_sum": 24.0}
    create_quarter_hours(device, floor(now) - timedelta(hours=24), [shaking] * 96)
    run_hourly_checks(now)
    assert "health score of the last 24 hours is" in Alert.objects.get().message


def test_beyond_its_second_level_an_alert_becomes_critical_and_is_told_again(device, asha, now):
    only_rule(device, severity="warning", params={"second_level": 1000})
    store_reading(device, now - minutes(10), temperature=950)
    evaluate_new_readings(now - minutes(10))
    Delivery.objects.update(sent_at=now, attempts=1)
    for count, value, severity in [(9, 980, "warning"), (8, 1010, "critical"), (7, 950, "critical")]:
        store_reading(device, now - minutes(count), temperature=value)
        evaluate_new_readings(now - minutes(count))
        assert Alert.objects.get().severity == severity
    assert Delivery.objects.get().sent_at is None
    store_reading(device, now, temperature=800)
    evaluate_new_readings(now)
    assert Alert.objects.get().status == "resolved"


def test_the_alert_of_an_unusual_value_is_drawn_with_its_usual_range(device, asha, page, now):
    only_rule(device, kind="baseline", metric="humidity", level=None)
    start = floor(now) - minutes(15)
    for week, value in [(1, 50), (2, 52), (3, 51)]:
        create_quarter_hours(device, start - timedelta(weeks=week), [humidity_columns(value)])
    create_quarter_hours(device, start, [humidity_columns(80)])
    for at in (start + minutes(10), now):
        store_reading(device, at, humidity=80)
        evaluate_new_readings(at)
    alert = Alert.objects.get()
    chart = kanban.chart_of(alert, now)
    assert chart.limits_label == "the usual range at that time of the week"
    assert chart.limits[0] < 51 < chart.limits[1] < 80
    text = " ".join(page(asha).get(f"/dashboard/alerts/{alert.pk}/").content.decode().split())
    assert "the usual range at that time of the week" in text


def test_a_rate_is_drawn_without_a_level_and_a_budget_not_at_all(device, now):
    create_rate_rule(device)
    for count, value in [(10, 800), (5, 830), (0, 862)]:
        store_reading(device, now - minutes(count), temperature=value)
        evaluate_new_readings(now - minutes(count))
    chart = kanban.chart_of(Alert.objects.get(), now)
    assert (chart.label, chart.limits, chart.has_first_value) == ("Temperature", [], False)
    budget = Alert(device=device, factory=device.factory, terms={"kind": "budget", "metric": ""})
    assert kanban.chart_of(budget, now) is None
