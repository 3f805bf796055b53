"""Readings that come late are judged as if they had come in time: the alerts of that time are revised."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alerts import lifecycle, rule_set
from alerts.evaluation.evaluator import evaluate_new_readings
from alerts.models import Alert, Delivery
from alerts.tests.cast import minutes, store_reading, store_readings
from alerts.tests.model_factories import only_rule
from alerts.tests.test_kinds import create_quarter_hours, humidity_columns
from telemetry.models import DirtySpan, ProcessedSpan, QuarterHour, Reading
from telemetry.rollups.digest import digest
from telemetry.rollups.quarter_hours import floor
from telemetry.storage.partitions import ensure_span

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


@pytest.fixture
def ten(now):
    """10:00."""
    return now.replace(hour=10, minute=0)


def post(device, ten, *pairs):
    """One post of (minutes after ten, temperature), stored and evaluated a minute after the last of them."""
    store_readings(device, [(ten + minutes(minute), {"temperature": value}) for minute, value in pairs])
    evaluate_new_readings(ten + minutes(15))


def minutes_of(alert, ten):
    """(start, end) in minutes after ten."""
    return tuple(at and (at - ten).total_seconds() / 60 for at in (alert.triggered_at, alert.resolved_at))


@pytest.mark.parametrize("posts", [[[(0, 70), (1, 55)]], [[(0, 70)], [(1, 55)]]])
def test_the_peak_before_the_hold_was_met_counts_however_it_was_posted(device, ten, posts):
    only_rule(device, level=50, severity="warning", hold_seconds=60, params={"second_level": 60})
    for pairs in posts:
        post(device, ten, *pairs)
    alert = Alert.objects.get()
    assert (alert.severity, alert.peak_value, alert.metric_value, alert.peak_at) == ("critical", 70, 55, ten)


def test_a_late_value_beyond_the_second_level_makes_it_critical(device, ten):
    only_rule(device, level=50, severity="warning", params={"second_level": 65})
    post(device, ten, (3, 60))
    post(device, ten, (5, 60))
    post(device, ten, (10, 40))
    post(device, ten, (4, 70))
    alert = Alert.objects.get()
    assert (alert.severity, alert.peak_value, minutes_of(alert, ten)) == ("critical", 70, (3, 10))
    assert alert.comments.get().text == (
        "revised: farthest 60.0 °C → 70.0 °C; severity warning → critical. Readings of that time came late."
    )
    assert "was up to 70.0 °C" in alert.message


def test_a_fall_whose_beginning_came_late(device, ten):
    only_rule(device, kind="rate", level=10, params={"window_seconds": 300, "direction": "fall"})
    post(device, ten, (2, 40))
    post(device, ten, (3, 40))
    assert not Alert.objects.exists()
    post(device, ten, (0, 60))
    alert = Alert.objects.get()
    assert (minutes_of(alert, ten), alert.peak_value) == ((2, None), 20)


def test_an_alert_whose_end_came_late_is_over(device, ten):
    only_rule(device, kind="below", level=50, clear_level=55)
    post(device, ten, (0, 40))
    post(device, ten, (2, 54))
    assert Alert.objects.open().exists()
    post(device, ten, (1, 55))
    alert = Alert.objects.get()
    assert (alert.status, minutes_of(alert, ten)) == ("resolved", (0, 1))
    assert "over not yet → 15:31 on 16 Jan 2025" in alert.comments.get().text
    post(device, ten, (4, 53))
    assert Alert.objects.count() == 1
    post(device, ten, (5, 49))
    assert minutes_of(Alert.objects.open().get(), ten) == (5, None)


def test_a_phantom_is_withdrawn_with_its_reason(device, asha, ten):
    only_rule(device, level=50, hold_seconds=300)
    post(device, ten, (0, 60), (6, 60))
    assert Alert.objects.open().count() == Delivery.objects.count() == 1
    post(device, ten, (3, 40))
    alert = Alert.objects.get()
    assert (alert.status, alert.withdrawn_at, alert.is_open) == ("withdrawn", ten + minutes(15), False)
    assert alert.comments.get().text == (
        "withdrawn: a reading that came late shows that the value was within its limit before the hold was over."
    )
    assert not Delivery.objects.unsent().exists()
    post(device, ten, (12, 60))
    assert minutes_of(Alert.objects.open().get(), ten) == (6, None)


def test_an_alert_that_late_readings_split_is_told_once(device, asha, ten):
    only_rule(device, level=50)
    post(device, ten, (0, 60), (2, 70), (4, 65))
    lifecycle.acknowledge(Alert.objects.get(), by=asha, now=ten + minutes(5))
    post(device, ten, (3, 40))
    first, second = Alert.objects.order_by("triggered_at")
    assert (minutes_of(first, ten), minutes_of(second, ten)) == ((0, 3), (4, None))
    assert (first.peak_value, second.peak_value) == (70, 65)
    assert (second.status, second.acknowledged_by) == ("acknowledged", asha)
    assert Delivery.objects.get().alert == first


def test_what_a_person_resolved_keeps_its_end(device, asha, ten):
    only_rule(device, level=50)
    post(device, ten, (2, 60), (4, 70))
    lifecycle.resolve(Alert.objects.get(), by=asha, now=ten + minutes(5))
    post(device, ten, (1, 90), (6, 95))
    alert = Alert.objects.get()
    assert (minutes_of(alert, ten), alert.peak_value, alert.resolved_by) == ((1, 5), 90, asha)
    post(device, ten, (7, 40), (8, 60))
    assert minutes_of(Alert.objects.open().get(), ten) == (8, None)


def test_a_value_that_is_corrected_lowers_the_peak(device, ten):
    only_rule(device, level=50, severity="warning", params={"second_level": 80})
    post(device, ten, (1, 40), (2, 60), (3, 65), (4, 90), (5, 61), (6, 62))
    assert Alert.objects.get().severity == "critical"
    Reading.objects.filter(device=device, at=ten + minutes(4)).update(temperature=55)
    ProcessedSpan.objects.create(device=device, first_at=ten + minutes(4), last_at=ten + minutes(4))
    evaluate_new_readings(ten + minutes(15))
    alert = Alert.objects.get()
    assert (alert.peak_value, alert.peak_at, alert.severity) == (65, ten + minutes(3), "warning")
    post(device, ten, (7, 64), (8, 70))
    assert Alert.objects.get().peak_value == 70


def test_a_reading_within_a_long_alert_needs_only_what_is_around_it(device, ten, django_assert_max_num_queries):
    only_rule(device, level=50)
    store_readings(device, [(ten - minutes(20 * step), {"temperature": 60 + step % 7}) for step in range(2000)])
    evaluate_new_readings(ten)
    store_reading(device, ten - timedelta(days=9, minutes=1), temperature=99)
    with django_assert_max_num_queries(40):
        evaluate_new_readings(ten)
    assert Alert.objects.get().peak_value == 99
    store_reading(device, ten - timedelta(days=3, minutes=1), temperature=20)  # before the end, after the peak
    store_reading(device, ten - timedelta(days=12, minutes=1), temperature=20)  # before the peak
    evaluate_new_readings(ten)
    assert list(Alert.objects.order_by("triggered_at").values_list("peak_value", flat=True)) == [66, 99, 66]


def test_a_rule_that_is_new_judges_no_earlier_readings(device, ten):
    only_rule(device, level=900)
    post(device, ten, (5, 60))
    only_rule(device, level=50)
    post(device, ten, (3, 60))
    post(device, ten, (4, 70), (6, 40))
    assert not Alert.objects.exists()
    post(device, ten, (8, 60))
    post(device, ten, (7, 61))
    assert minutes_of(Alert.objects.get(), ten) == (7, None)


def test_a_rule_judges_nothing_older_than_its_change(device, ten):
    rule = only_rule(device, level=900)
    post(device, ten, (0, 60), (5, 60))
    rule_set.revise(rule, {"level": 50}, now=ten + minutes(6))
    post(device, ten, (3, 60))
    assert not Alert.objects.exists()
    post(device, ten, (7, 60), (9, 40))
    post(device, ten, (8, 70))
    alert = Alert.objects.get()
    assert (minutes_of(alert, ten), alert.peak_value) == ((7, 9), 70)


def test_what_late_readings_took_back_is_still_on_the_page_and_over_the_api(device, asha, ten, page, api):
    only_rule(device, level=50, hold_seconds=300)
    post(device, ten, (0, 60), (6, 60))
    post(device, ten, (3, 40))
    alert = Alert.objects.get()
    text = page(asha).get(f"/dashboard/alerts/{alert.pk}/").content.decode()
    assert "Withdrawn" in text
    assert "the value was within its limit before the hold was over" in text
    answer = api(asha).get("/alerts", {"status": "withdrawn"}).json()
    assert [row["id"] for row in answer] == [alert.pk]
    assert api(asha).get(f"/alerts/{alert.pk}").json()["withdrawn_reason"] == alert.withdrawn_reason


def test_every_tenth_value_suspect_is_one_sensor_alert(device, now):
    start = now - timedelta(days=7)
    for day in range(7):
        rows = [start + timedelta(days=day, minutes=5 * step) for step in range(288)]
        for place, suspect in ((0, ["temperature"]), (1, [])):
            chosen = [at for step, at in enumerate(rows) if (step % 10 == 0) == (place == 0)]
            store_readings(device, [(at, {"temperature": 2500 if suspect else 850}) for at in chosen], suspect)
        evaluate_new_readings(start + timedelta(days=day + 1))
    assert Alert.objects.filter(alert_type="sensor_suspect").count() == 1


def test_a_late_suspect_value_raises_a_sensor_alert(device, now):
    store_readings(device, [(now - minutes(count), {"temperature": 850}) for count in (20, 10, 0)])
    evaluate_new_readings(now)
    store_reading(device, now - minutes(15), suspect=["temperature"], temperature=2500)
    evaluate_new_readings(now)
    alert = Alert.objects.get()
    assert (alert.alert_type, alert.triggered_at, alert.is_open) == ("sensor_suspect", now - minutes(15), True)


def test_a_stuck_sensor_takes_its_alert_back_once_it_is_known_to_be_stuck(device, now):
    """As if all had come at once: the value is implausible from its first reading on."""
    only_rule(device, level=50)
    start = now - timedelta(hours=14)
    rows = [(start + minutes(10 * step), 60.0) for step in range(80)]
    ensure_span(start, now)
    for number, (first, last) in enumerate([(0, 30), (30, 80)]):
        Reading.objects.bulk_create([Reading(device=device, at=at, temperature=v) for at, v in rows[first:last]])
        span = {"first_at": rows[first][0], "last_at": rows[last - 1][0], "readings": last - first}
        DirtySpan.objects.create(device=device, received_at=now, **span)
        digest(now)
        evaluate_new_readings(now)
        assert Alert.objects.filter(alert_type="temperature", withdrawn_at=None).count() == (number == 0)
    withdrawn = Alert.objects.get(alert_type="temperature")
    assert withdrawn.withdrawn_reason == "its values turned out to be implausible: see the sensor alert"
    assert Alert.objects.open().get().triggered_at == start


@pytest.fixture
def midnight(device, now):
    return now.astimezone(device.factory.zone).replace(hour=0, minute=0)


def test_energy_that_came_late_moves_the_alert_of_a_budget(device, midnight):
    only_rule(device, kind="budget", metric="", level=50)
    create_quarter_hours(device, midnight, [{"energy_kwh": 10.0}] * 8)
    for step in range(1, 9):
        store_reading(device, midnight + minutes(15 * step), humidity=50)
        evaluate_new_readings(midnight + minutes(15 * step))
    assert minutes_of(Alert.objects.get(), midnight) == (90, None)
    QuarterHour.objects.filter(device=device, starts_at=midnight).update(energy_kwh=30.0)
    store_reading(device, midnight + minutes(3), humidity=50)
    evaluate_new_readings(midnight + minutes(120))
    alert = Alert.objects.get()
    assert (minutes_of(alert, midnight), alert.peak_value, alert.metric_value) == ((60, None), 100, 60)
    QuarterHour.objects.filter(device=device).update(energy_kwh=1.0)
    store_reading(device, midnight + minutes(4), humidity=50)
    evaluate_new_readings(midnight + minutes(120))
    assert Alert.objects.get().withdrawn_reason == "readings that came late changed the quarter hours it was judged by"


def test_readings_of_earlier_weeks_change_what_is_usual(device, now):
    only_rule(device, kind="baseline", metric="humidity", level=None)
    start = floor(now) - minutes(15)
    weeks = [start - timedelta(weeks=week) for week in (1, 2, 3)]
    store_reading(device, weeks[2], humidity=50)
    evaluate_new_readings(weeks[2])
    for at in (*reversed(weeks), start):
        create_quarter_hours(device, at, [humidity_columns(80 if at == start else 50)])
    for at in (start + minutes(10), now):
        store_reading(device, at, humidity=80)
        evaluate_new_readings(at)
    assert Alert.objects.open().count() == 1
    QuarterHour.objects.filter(device=device).update(humidity_sum=240, humidity_min=80, humidity_max=80)
    store_reading(device, weeks[1] + minutes(2), humidity=80)
    evaluate_new_readings(now)
    assert Alert.objects.get().status == "withdrawn"


def test_a_backlog_is_judged_in_bounded_steps(device, now):
    """Each batch of it costs the same, however much of it was judged before, also while the value is across."""
    only_rule(device, level=50, clear_level=40)
    store_reading(device, now, temperature=60)
    evaluate_new_readings(now)
    start, costs = now - timedelta(days=90), []
    for batch in range(4):
        at = start + timedelta(days=batch)
        store_readings(device, [(at + minutes(10 * step), {"temperature": 60 + step % 7}) for step in range(144)])
        with CaptureQueriesContext(connection) as queries:
            evaluate_new_readings(now)
        costs.append(len(queries))
    assert max(costs[1:]) <= costs[0]
    assert minutes_of(Alert.objects.get(), start) == (0, None)
