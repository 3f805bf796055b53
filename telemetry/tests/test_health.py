"""A score whose parts are shown: what cannot be computed is left out and said so, never counted as perfect."""

from datetime import timedelta

import pytest

from telemetry.analytics.health import WEIGHTS, Health, HealthPart, comparison_moments, health_by_device
from telemetry.metrics import FLAT_BIT
from telemetry.queries.summary import summarise_many
from telemetry.rollups.digest import digest
from telemetry.tests.stored_readings import store_readings

pytestmark = [pytest.mark.django_db, pytest.mark.sql]
DAY = timedelta(days=1)
DAILY = 288


def health(device, now, length=DAY):
    device.refresh_from_db()
    summaries = summarise_many([device], now - length, now, now)
    return health_by_device([device], now - length, now, summaries)[device.pk]


def parts(found):
    return {part.name: part.value for part in found.parts}


def whole(**values):
    return Health(tuple(HealthPart(name, values.get(name), 100, "") for name in WEIGHTS))


@pytest.mark.parametrize(
    ("values", "score"),
    [
        ({"vibration": 70, "temperature": 100, "readings": 100, "sensors": 100}, 88),
        ({"vibration": 70, "readings": 100, "sensors": 100}, 84),  # 63 of 75, not 63 of 100 nor 88
        ({"temperature": 50, "readings": 100, "sensors": 100}, 79 + 1 / 6),
        ({"readings": 100, "sensors": 100}, None),  # data that come are no machine that is well
        ({"vibration": 100}, None),
        ({}, None),
    ],
)
def test_the_score_is_the_weighted_mean_of_the_parts_there_are(values, score):
    assert whole(**values).score == (None if score is None else pytest.approx(score))


def test_a_machine_with_a_month_behind_it_has_every_part(device, now):
    for week in range(5):
        store_readings(
            device,
            now - DAY - week * timedelta(days=7),
            [30] * DAILY,
            temperature=[40, 41, 42],
            vibration_x=[3.0, 2.8, 2.9],
        )
    digest(now)
    found = health(device, now)
    assert parts(found) == {"vibration": pytest.approx(70), "temperature": 100, "readings": 100, "sensors": 100}
    assert found.score == pytest.approx(88)
    assert "24 of 24 quarter hours compared were usual" in found.words


def test_hours_that_were_unusual_lower_it(device, now):
    for week in range(1, 5):
        store_readings(device, now - DAY - week * timedelta(days=7), [30] * DAILY, temperature=[40, 41, 42])
    store_readings(device, now - DAY, [30] * DAILY, temperature=[40, 41, 42] * 72 + [60, 61] * 36)
    digest(now)
    assert parts(health(device, now))["temperature"] == 75


def test_a_new_machine_has_no_usual_temperature_and_says_so(device, now):
    store_readings(device, now - DAY, [30] * DAILY, temperature=[40, 41, 42], vibration_x=[3.0, 2.8, 2.9])
    digest(now)
    found = health(device, now)
    assert [(part.name, part.words) for part in found.missing_parts] == [
        ("temperature", "no usual level yet; it takes three of the four weeks before.")
    ]
    assert found.score == pytest.approx(84)


def test_a_machine_without_vibration_or_history_is_unknown_and_not_perfect(device, now):
    store_readings(device, now - DAY, [30] * DAILY)
    digest(now)
    found = health(device, now)
    assert (parts(found)["readings"], parts(found)["sensors"], found.score) == (100, 100, None)
    assert found.words.startswith("Too few parts for a score.")


def test_a_silent_machine_is_unknown(device, now):
    found = health(device, now)
    assert (found.score, parts(found)["sensors"]) == (None, None)


def test_raw_acceleration_is_left_out_and_says_why(device, now):
    device.profiles.update(vibration_kind="raw")
    store_readings(device, now - DAY, [30] * DAILY, vibration_z=[9.7, 9.8])
    digest(now)
    found = health(device, now)
    assert "gravity" in next(part.words for part in found.missing_parts if part.name == "vibration")


def test_an_hour_of_vibration_says_nothing_about_a_day(device, now):
    store_readings(device, now - DAY, [30] * DAILY, temperature=[40, 41])
    store_readings(device, now - timedelta(hours=1, seconds=30), [1.0, 1.1] * 6, metric="vibration_x")
    digest(now)
    part = next(part for part in health(device, now).parts if part.name == "vibration")
    assert (part.value, round(part.coverage_percent)) == (None, 4)


def test_suspect_values_lower_the_sensors_part_and_are_named(device, now):
    store_readings(device, now - DAY, [30] * DAILY, temperature=[85.0], humidity=[40, 41])
    digest(now)
    found = health(device, now)
    sensors = next(part for part in found.parts if part.name == "sensors")
    assert sensors.words == "288 of 864 values are suspect (temperature 288)."
    assert sensors.value == pytest.approx(100 * 2 / 3)
    assert {part.name: part.words for part in found.missing_parts}["temperature"] == "every value of it is suspect."
    assert FLAT_BIT["temperature"]  # it stood still


def test_a_gap_lowers_the_readings_part(device, now):
    store_readings(device, now - DAY, [30] * 144)
    digest(now)
    assert parts(health(device, now))["readings"] == 50


def test_a_month_is_compared_at_no_more_moments_than_a_week(now):
    assert len(comparison_moments(now - DAY, now)) == 24
    assert len(comparison_moments(now - 7 * DAY, now)) == 168
    month = comparison_moments(now - 30 * DAY, now)
    assert len(month) == 144
    assert {moment.hour for moment in month} == set(range(24))  # five hours apart: every hour of the day has its turn
