"""A sensor that stands still to the last digit for hours has stopped measuring; nothing is guessed from one value."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from devices.models import DeviceProfile
from devices.tests.cast import make_device
from telemetry.metrics import FLAT_BIT, IMPLAUSIBLE_BIT, SUSPECT_BIT
from telemetry.models import QuarterHour, Reading
from telemetry.rollups import stuck_sensors
from telemetry.rollups.digest import digest, rebuild_quarters
from telemetry.tests.stored_readings import add_dirty_span, store_readings

pytestmark = [pytest.mark.django_db, pytest.mark.sql]
TEN = datetime(2025, 1, 10, 10, tzinfo=UTC)
FIVE, DAY = timedelta(minutes=5), timedelta(days=1)
HALF_A_DAY = 145  # readings every five minutes from one noon to the next midnight, both included


def moving(count, base=30.0):
    """No two neighbours are the same, as a sensor's last digit never stands still."""
    return [base + (place * 7 % 10) / 10 for place in range(count)]


def flat_moments(device, name="temperature"):
    return [r.at for r in Reading.objects.filter(device=device).order_by("at") if r.suspect & FLAT_BIT[name]]


def counts(device, name="temperature"):
    rows = QuarterHour.objects.filter(device=device).values_list(f"{name}_count", f"{name}_suspect")
    return tuple(sum(count or 0 for count in counts) for counts in zip(*rows, strict=True))


def test_half_a_day_of_one_temperature_is_suspect_from_its_first_reading_on(device, now):
    store_readings(device, TEN - DAY, moving(288), metric="temperature", power_consumption=30)
    moments = store_readings(device, TEN, [85.0] * HALF_A_DAY, metric="temperature", power_consumption=30)
    digest(now)
    assert flat_moments(device) == moments
    assert counts(device) == (288, HALF_A_DAY)
    assert counts(device, "power_consumption") == (288 + HALF_A_DAY, 0)  # a load may draw the same for hours
    assert {r.suspect for r in Reading.objects.filter(at__gte=TEN)} == {FLAT_BIT["temperature"]}


def test_five_minutes_less_are_no_flat_line(device, now):
    store_readings(device, TEN, [*moving(12), *[85.0] * (HALF_A_DAY - 1), *moving(12)], metric="temperature")
    digest(now)
    assert flat_moments(device) == []


def test_few_readings_are_no_flat_line_however_long_they_take(device, now):
    device.profiles.update(interval_s=3600)
    store_readings(device, TEN, [21.0] * 23, metric="temperature", every_s=3600)
    digest(now)
    assert flat_moments(device) == []
    store_readings(device, TEN + timedelta(hours=23), [21.0], metric="temperature")
    digest(now)
    assert len(flat_moments(device)) == 24


def test_it_is_seen_while_it_happens_reading_by_reading(device, now):
    for place in range(HALF_A_DAY + 3):
        store_readings(device, TEN + place * FIVE, [85.0], metric="temperature")
        digest(now)
        assert len(flat_moments(device)) == (place + 1 if place + 1 >= HALF_A_DAY else 0)
    store_readings(device, TEN + (HALF_A_DAY + 3) * FIVE, [85.1], metric="temperature")
    digest(now)
    assert counts(device) == (1, HALF_A_DAY + 3)


def test_a_late_reading_that_breaks_the_run_takes_the_mark_away(device, now):
    late = TEN + timedelta(hours=6, minutes=2)
    store_readings(device, TEN, [85.0] * HALF_A_DAY, metric="temperature")
    digest(now)
    store_readings(device, late, [41.7], metric="temperature")
    digest(now)
    assert flat_moments(device) == []
    assert counts(device) == (HALF_A_DAY + 1, 0)


def test_of_a_run_that_is_broken_the_part_that_is_long_enough_stays_marked(device, now):
    store_readings(device, TEN, [85.0] * 3 * HALF_A_DAY, metric="temperature")
    digest(now)
    store_readings(device, TEN + timedelta(hours=10, minutes=2), [41.7], metric="temperature")
    digest(now)
    broken_at = TEN + timedelta(hours=10)
    assert flat_moments(device)[0] == broken_at + FIVE
    assert len(flat_moments(device)) == 3 * HALF_A_DAY - 121


def test_a_buffer_that_fills_a_gap_completes_the_run(device, now):
    values = [85.0] * 60 + [None] * 30 + [85.0] * 60
    store_readings(device, TEN, values, metric="temperature")
    digest(now)
    assert flat_moments(device) == []  # what the sensor did in the silence nobody knows
    store_readings(device, TEN + 60 * FIVE, [85.0] * 30, metric="temperature")
    digest(now)
    assert len(flat_moments(device)) == 150


def test_any_order_of_arrival_marks_the_same(device, now):
    values = [*moving(30), *[85.0] * 200, *moving(30), *[12.5] * 100, *moving(20)]
    for start in (7, 3, 12, 0, 9, 1, 11, 5, 2, 10, 4, 8, 6):
        store_readings(device, TEN + 30 * start * FIVE, values[30 * start : 30 * start + 30], metric="temperature")
        digest(now)
    assert flat_moments(device) == [TEN + place * FIVE for place in range(30, 230)]


def test_digesting_again_changes_nothing(device, now):
    store_readings(device, TEN, [85.0] * HALF_A_DAY, metric="temperature")
    digest(now)
    once = list(QuarterHour.objects.values())
    add_dirty_span(device, TEN, TEN + DAY)
    digest(now)
    rebuild_quarters(device, TEN - DAY, TEN + 2 * DAY, now)
    assert list(QuarterHour.objects.values()) == once


def test_rebuilding_marks_what_was_stored_before_anybody_looked(device, now):
    store_readings(device, TEN - 20 * DAY, [85.0] * 288 * 20, metric="temperature", log=False)
    rebuild_quarters(device, TEN - 20 * DAY, TEN, now)
    assert len(flat_moments(device)) == 288 * 20


@pytest.mark.parametrize(
    ("metric", "value", "is_flat"),
    [
        ("vibration_x", 0.0, False),  # a stopped machine
        ("vibration_x", 0.12, False),  # and the noise of its sensor
        ("vibration_x", 2.4, True),
        ("humidity", 100.0, False),  # saturated
        ("humidity", 55.0, True),
        ("gas_index", 0.0, False),
        ("gas_index", 320.0, True),
        ("pressure", 1013.2, True),
        ("energy_kwh", 4711.0, False),  # nothing runs
        ("power_consumption", 0.0, False),
    ],
)
def test_what_may_stand_still_and_what_may_not(device, now, metric, value, is_flat):
    store_readings(device, TEN, [value] * HALF_A_DAY, metric=metric)
    digest(now)
    assert bool(flat_moments(device, metric)) is is_flat


def test_raw_acceleration_carries_the_constant_g_and_is_not_judged(device, now):
    device.profiles.update(vibration_kind="raw")
    store_readings(device, TEN, [9.81] * HALF_A_DAY, metric="vibration_z")
    digest(now)
    assert flat_moments(device, "vibration_z") == []


def test_nothing_is_guessed_from_one_value(device, post):
    """A DS18B20 wakes up with 85 °C and measures 85 °C; no library returns -127 or -999 for a sensor that answers."""
    for minute, value in enumerate((85.0, -127.0, -999.0)):
        at = f"2025-01-16T10:0{minute}:00Z"
        post({"device_id": device.device_id, "timestamp": at, "temperature": value}, device.key)
    found = Reading.objects.order_by("at").values_list("suspect", flat=True)
    assert list(found) == [0, IMPLAUSIBLE_BIT["temperature"], IMPLAUSIBLE_BIT["temperature"]]


def test_values_outside_the_plausible_range_neither_make_nor_break_a_run(device, now):
    store_readings(device, TEN, [85.0] * HALF_A_DAY, metric="temperature")
    store_readings(device, TEN + FIVE / 2, [-127.0] * 20, metric="temperature", suspect=IMPLAUSIBLE_BIT["temperature"])
    digest(now)
    assert len(flat_moments(device)) == HALF_A_DAY


def test_a_reading_between_that_lacks_the_metric_breaks_nothing(device, now):
    store_readings(device, TEN, [85.0] * HALF_A_DAY, metric="temperature")
    store_readings(device, TEN + FIVE / 2, [30] * HALF_A_DAY)
    digest(now)
    assert len(flat_moments(device)) == HALF_A_DAY


def test_each_device_is_judged_by_itself(steel_forge, device, now):
    other = make_device(steel_forge, "ESP32-SF-002")
    store_readings(device, TEN, [85.0] * HALF_A_DAY, metric="temperature")
    store_readings(other, TEN, moving(HALF_A_DAY), metric="temperature")
    digest(now)
    assert (counts(device), counts(other)) == ((0, HALF_A_DAY), (HALF_A_DAY, 0))


def test_a_change_of_interval_in_the_middle_does_not_hide_it(device, now):
    DeviceProfile.objects.create(device=device, valid_from=TEN + timedelta(hours=6), interval_s=60)
    store_readings(device, TEN, [85.0] * 72, metric="temperature")
    store_readings(device, TEN + timedelta(hours=6), [85.0] * 361, metric="temperature", every_s=60)
    digest(now)
    assert len(flat_moments(device)) == 72 + 361


def test_where_nothing_stands_still_it_costs_one_query(device, now):
    store_readings(device, TEN, moving(288), metric="temperature", vibration_x=0.0)
    digest(now)
    with CaptureQueriesContext(connection) as queries:
        assert stuck_sensors.mark({device.pk: device}, [(device.pk, TEN, TEN + DAY)]) == []
    assert len(queries) == 2  # and the prefetch of the profiles, which the digest has done


def test_every_suspect_bit_has_one_meaning_and_fits_the_column():
    bits = [*IMPLAUSIBLE_BIT.values(), *FLAT_BIT.values()]
    assert len(set(bits)) == len(bits)
    assert sum(bits) == sum(SUSPECT_BIT.values()) < 2**31
