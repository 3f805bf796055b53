"""Kinds of rules beyond a limit: a rate, a sensor that stands still, a sensor that says nothing."""

from datetime import time, timedelta

import pytest

from alerts.evaluation.evaluator import judge_digested
from alerts.evaluation.hourly_checks import review
from alerts.lifecycle import board
from alerts.models import Alert, Delivery
from alerts.tests.cast import hear, minutes, only_rule, say, say_all
from factories.models import Shift
from telemetry.models import QuarterHour
from telemetry.rollups.quarter_hours import floor

pytestmark = pytest.mark.django_db


def rate(device, **params):
    return only_rule(device, kind="rate", level=50, params={"window_seconds": 600} | params)


def test_a_furnace_that_heats_too_fast(device, now):
    rate(device)
    for count, value in [(10, 800), (5, 830), (0, 862)]:
        say(device, now - minutes(count), temperature=value)
        judge_digested(now - minutes(count))
    alert = Alert.objects.get()
    assert (alert.title, alert.metric_value, alert.triggered_at) == (
        "Temperature changes by more than 50 °C within 10 min",
        62,
        now,
    )
    assert alert.message == (
        "Main furnace: temperature changed by 62.0 °C within 10 min; its limit is 50 °C, since 16:00 on 16 Jan 2025."
    )
    say(device, now + minutes(20), temperature=863)  # nothing else within ten minutes: no rate, so no end
    judge_digested(now + minutes(20))
    assert Alert.objects.open().count() == 1
    say(device, now + minutes(25), temperature=864)
    judge_digested(now + minutes(25))
    alert.refresh_from_db()
    assert (alert.status, alert.resolved_at) == ("resolved", now + minutes(25))
    assert "changed by up to 62.0 °C" in alert.message


@pytest.mark.parametrize(("direction", "alerts"), [("any", 1), ("fall", 1), ("rise", 0)])
def test_only_the_change_that_is_asked_for(device, now, direction, alerts):
    rate(device, direction=direction)
    say_all(device, [(now - minutes(5), {"temperature": 900}), (now, {"temperature": 840})])
    judge_digested(now)
    assert Alert.objects.count() == alerts


def test_a_jump_across_a_gap_is_no_rate(device, now):
    rate(device)
    say_all(device, [(now - timedelta(hours=2), {"temperature": 20}), (now, {"temperature": 800})])
    judge_digested(now)
    assert not Alert.objects.exists()


def test_a_late_jump_is_found_late_and_over(device, now):
    rate(device)
    say(device, now, temperature=800)
    judge_digested(now)
    then = now - timedelta(hours=3)
    say_all(device, [(then + minutes(5 * step), {"temperature": v}) for step, v in enumerate([800, 870, 870, 870])])
    judge_digested(now)
    alert = Alert.objects.get()
    assert (alert.found_late, alert.status, alert.triggered_at) == (True, "resolved", then + minutes(5))


def test_a_sensor_that_stands_still_for_its_hold(device, now):
    only_rule(device, kind="flat", metric="humidity", level=None, hold_seconds=1800)
    start = now - minutes(60)
    for step in range(9):
        say(device, start + minutes(5 * step), humidity=55.5 if step else 50)
        judge_digested(start + minutes(5 * step))
    alert = Alert.objects.get()
    assert (alert.alert_type, alert.metric_value) == ("sensor_flat", None)
    assert "has sent exactly the same humidity since" in alert.message
    say(device, now, humidity=56)
    judge_digested(now)
    assert Alert.objects.get().resolved_at == now


def test_a_stopped_machine_is_no_flat_line(device, now):
    only_rule(device, kind="flat", metric="gas_index", level=None, hold_seconds=600)
    say_all(device, [(now - minutes(count), {"gas_index": 0}) for count in (30, 20, 10, 0)])
    judge_digested(now)
    assert not Alert.objects.exists()


def test_one_sensor_of_a_device_falls_silent(device, now):
    only_rule(device, kind="silence", metric="gas_index", level=None)
    start = now - minutes(60)
    say(device, start, temperature=800, gas_index=300)
    for step in range(1, 5):
        say(device, start + minutes(5 * step), temperature=800)
        judge_digested(start + minutes(5 * step))
    alert = Alert.objects.get()
    assert (alert.alert_type, alert.triggered_at) == ("sensor_silent", start + minutes(5))
    assert alert.message.startswith("Main furnace goes on reporting but has sent no gas index since")
    say(device, now, gas_index=310)
    judge_digested(now)
    assert Alert.objects.get().resolved_at == now


def test_a_sensor_that_was_never_fitted_is_not_silent(device, now):
    only_rule(device, kind="silence", metric="gas_index", level=None)
    say_all(device, [(now - minutes(count), {"temperature": 800}) for count in (60, 40, 20, 0)])
    judge_digested(now)
    assert not Alert.objects.exists()


def quarters_of(device, start, values):
    """Quarter hours as the digest leaves them, one after another: a dict of columns each."""
    for step, fields in enumerate(values):
        at = start + minutes(15 * step)
        QuarterHour.objects.create(
            device=device, starts_at=at, received=3, suspect=0, expected=3, covered_s=900, **fields
        )


def humid(value):
    return {"humidity_count": 3, "humidity_min": value, "humidity_max": value, "humidity_sum": 3 * value}


def test_a_quarter_hour_that_is_unusual_for_its_time_of_the_week(device, now):
    only_rule(device, kind="baseline", metric="humidity", level=None)
    start = floor(now) - minutes(15)
    for week, value in [(1, 50), (2, 52), (3, 51)]:
        quarters_of(device, start - timedelta(weeks=week), [humid(value)])
    quarters_of(device, start, [humid(80)])
    for at in (start + minutes(10), now):
        say(device, at, humidity=80)
        judge_digested(at)
    alert = Alert.objects.get()
    assert alert.title == "Humidity is unusual for the time of the week"
    assert "humidity is 57 % above its usual level" in alert.message
    assert alert.triggered_at == start + minutes(15)


def test_without_three_weeks_there_is_no_usual_level_and_nothing_is_said(device, now):
    only_rule(device, kind="baseline", metric="humidity", level=None)
    start = floor(now) - minutes(15)
    for week in (1, 2):
        quarters_of(device, start - timedelta(weeks=week), [humid(50)])
    quarters_of(device, start, [humid(90)])
    for at in (start + minutes(10), now):
        say(device, at, humidity=90)
        judge_digested(at)
    assert not Alert.objects.exists()


def test_the_energy_of_a_day_over_its_budget_until_the_next_day(device, now):
    only_rule(device, kind="budget", metric="", level=50)
    midnight = now.astimezone(device.factory.zone).replace(hour=0, minute=0)
    quarters_of(device, midnight, [{"energy_kwh": 10.0}] * 8)
    for step in range(1, 9):
        say(device, midnight + minutes(15 * step), humidity=50)
        judge_digested(midnight + minutes(15 * step))
    alert = Alert.objects.get()
    assert (alert.title, alert.metric_value, alert.threshold_value) == ("More than 50 kWh a day", 60, 50)
    assert alert.triggered_at == midnight + minutes(90)
    assert "has used 60.0 kWh in its day, 10.0 over its budget of 50 kWh" in alert.message
    morrow = midnight + timedelta(days=1)
    quarters_of(device, morrow, [{"energy_kwh": 10.0}])
    say(device, morrow + minutes(16), humidity=50)
    judge_digested(morrow + minutes(16))
    alert.refresh_from_db()
    assert (alert.status, alert.peak_value, alert.resolved_at) == ("resolved", 80, morrow + minutes(15))


def test_the_budget_of_a_shift_begins_with_it(device, now):
    Shift.objects.create(
        factory=device.factory, name="A", starts_at=time(6), ends_at=time(14), weekdays=[1, 2, 3, 4, 5, 6, 7]
    )
    only_rule(device, kind="budget", metric="", level=25, params={"period": "shift"})
    five = now.astimezone(device.factory.zone).replace(hour=5, minute=0)
    quarters_of(device, five, [{"energy_kwh": 10.0}] * 7)
    say(device, five, humidity=50)
    judge_digested(now)
    say(device, five + minutes(105), humidity=50)
    judge_digested(now)
    assert Alert.objects.get().triggered_at == five + minutes(105)


def test_data_capture_under_its_floor_is_found_once_an_hour(device, now):
    only_rule(device, kind="capture", metric="", level=90)
    hear(device, now)
    quarters_of(device, floor(now) - timedelta(hours=24), [{}] * 48)
    assert [review(now), review(now + minutes(10)), review(now + minutes(60))] == [1, 0, 1]
    alert = Alert.objects.get()
    assert (alert.title, alert.alert_type, alert.triggered_at) == (
        "Data capture under 90 %",
        "data_capture",
        floor(now),
    )
    assert alert.message.startswith("Main furnace: data capture of the last 24 hours is 50 %, under its floor of 90 %")
    quarters_of(device, floor(now) - timedelta(hours=12), [{}] * 96)
    review(now + timedelta(hours=12))
    alert.refresh_from_db()
    assert alert.status == "resolved"


def test_a_health_score_that_cannot_be_computed_is_no_bad_one(device, now):
    only_rule(device, kind="health", metric="", level=60)
    hear(device, now)
    assert review(now) == 1
    assert not Alert.objects.exists()


def test_a_health_score_under_its_level(device, now):
    only_rule(device, kind="health", metric="", level=90)
    hear(device, now)
    shaking = {"vibration_count": 3, "vibration_min": 8.0, "vibration_max": 8.0, "vibration_sum": 24.0}
    quarters_of(device, floor(now) - timedelta(hours=24), [shaking] * 96)
    review(now)
    assert "health score of the last 24 hours is" in Alert.objects.get().message


def test_beyond_its_second_level_an_alert_becomes_critical_and_is_told_again(device, asha, now):
    only_rule(device, severity="warning", params={"second_level": 1000})
    say(device, now - minutes(10), temperature=950)
    judge_digested(now - minutes(10))
    Delivery.objects.update(sent_at=now, attempts=1)
    for count, value, severity in [(9, 980, "warning"), (8, 1010, "critical"), (7, 950, "critical")]:
        say(device, now - minutes(count), temperature=value)
        judge_digested(now - minutes(count))
        assert Alert.objects.get().severity == severity
    assert Delivery.objects.get().sent_at is None
    say(device, now, temperature=800)
    judge_digested(now)
    assert Alert.objects.get().status == "resolved"


def test_the_alert_of_an_unusual_value_is_drawn_with_its_usual_range(device, asha, page, now):
    only_rule(device, kind="baseline", metric="humidity", level=None)
    start = floor(now) - minutes(15)
    for week, value in [(1, 50), (2, 52), (3, 51)]:
        quarters_of(device, start - timedelta(weeks=week), [humid(value)])
    quarters_of(device, start, [humid(80)])
    for at in (start + minutes(10), now):
        say(device, at, humidity=80)
        judge_digested(at)
    alert = Alert.objects.get()
    chart = board.chart_of(alert, now)
    assert chart.limits_are == "the usual range at that time of the week"
    assert chart.limits[0] < 51 < chart.limits[1] < 80
    text = " ".join(page(asha).get(f"/dashboard/alerts/{alert.pk}/").content.decode().split())
    assert "the usual range at that time of the week" in text


def test_a_rate_is_drawn_without_a_level_and_a_budget_not_at_all(device, now):
    rate(device)
    for count, value in [(10, 800), (5, 830), (0, 862)]:
        say(device, now - minutes(count), temperature=value)
        judge_digested(now - minutes(count))
    chart = board.chart_of(Alert.objects.get(), now)
    assert (chart.label, chart.limits, chart.has_first_value) == ("Temperature", [], False)
    budget = Alert(device=device, factory=device.factory, terms={"kind": "budget", "metric": ""})
    assert board.chart_of(budget, now) is None
