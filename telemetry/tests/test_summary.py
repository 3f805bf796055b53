from datetime import UTC, date, datetime, time, timedelta

import pytest

from devices.tests.cast import make_device
from factories.models import Holiday, Shift
from telemetry.queries.factory_summary import summarise_factory
from telemetry.queries.summary import summarise, summarise_many
from telemetry.rollups.digest import digest
from telemetry.tests.stored_readings import store_readings

pytestmark = [pytest.mark.django_db, pytest.mark.sql]
MIDNIGHT = datetime(2025, 1, 14, 18, 30, tzinfo=UTC)  # of 15 January in Kolkata, a Wednesday
DAY = timedelta(days=1)
NEVER_STOPS = [30] * 288


def test_a_full_day(device, now):
    store_readings(device, MIDNIGHT - DAY, NEVER_STOPS * 3)
    digest(now)
    day = summarise(device, MIDNIGHT, MIDNIGHT + DAY, now)
    assert (day.received, day.expected, day.capture_percent, day.uptime_percent, day.gaps) == (288, 288, 100, 100, [])
    assert day.energy.measured_kwh == pytest.approx(720)
    assert (day.energy.coverage_percent, day.energy.missing_hours) == (100, 0)
    assert day.metrics["power_consumption"].mean == 30
    assert day.metrics["temperature"].mean is None


def test_capture_and_uptime_are_two_numbers(device, now):
    """Every second reading is lost, yet the device reported in every quarter hour."""
    store_readings(device, MIDNIGHT - DAY, [30, None] * 144 * 3)
    digest(now)
    day = summarise(device, MIDNIGHT, MIDNIGHT + DAY, now)
    assert (day.capture_percent, day.uptime_percent) == (50, 100)


def test_suspect_values_lower_the_capture_but_not_the_uptime(device, now):
    store_readings(device, MIDNIGHT - DAY, NEVER_STOPS * 3, suspect=1, temperature=-300)
    digest(now)
    day = summarise(device, MIDNIGHT, MIDNIGHT + DAY, now)
    assert (day.capture_percent, day.uptime_percent, day.metrics["temperature"].suspect) == (0, 100, 288)


def test_an_outage_is_listed_and_its_energy_missing(device, now):
    outage = [None] * 24  # two hours less one interval on either side
    store_readings(device, MIDNIGHT - DAY, NEVER_STOPS + [30] * 100 + outage + [30] * 164 + NEVER_STOPS)
    digest(now)
    day = summarise(device, MIDNIGHT, MIDNIGHT + DAY, now)
    last = MIDNIGHT + timedelta(minutes=5 * 99)
    assert [(g.start, g.end, g.is_planned) for g in day.gaps] == [(last, last + timedelta(minutes=125), False)]
    assert day.energy.missing_hours == pytest.approx(2)
    assert day.energy.measured_kwh == pytest.approx(660)
    assert day.energy.coverage_percent == pytest.approx(100 * 22 / 24)


def test_an_outage_across_midnight_belongs_to_both_days(device, now):
    store_readings(device, MIDNIGHT - DAY, [30] * 276 + [None] * 24 + [30] * 264 + NEVER_STOPS)
    digest(now)
    before, after = (
        summarise(device, MIDNIGHT - DAY, MIDNIGHT, now).gaps,
        summarise(device, MIDNIGHT, MIDNIGHT + DAY, now).gaps,
    )
    assert [(g.start, g.end) for g in before] == [(MIDNIGHT - timedelta(minutes=65), MIDNIGHT)]
    assert [(g.start, g.end) for g in after] == [(MIDNIGHT, MIDNIGHT + timedelta(minutes=60))]


def test_a_planned_stop_is_not_missing_data(device, now):
    Shift.objects.create(
        factory=device.factory, name="Day", starts_at=time(6), ends_at=time(18), weekdays=[1, 2, 3, 4, 5, 6]
    )
    night = [None] * 72
    store_readings(device, MIDNIGHT, night + [30] * 144 + night + night + [30] * 10)
    digest(now)
    day = summarise(device, MIDNIGHT, MIDNIGHT + DAY, now)
    assert [g.is_planned for g in day.gaps] == [True, True]
    assert day.capture_percent == pytest.approx(100)
    assert day.uptime_percent == pytest.approx(100, abs=1)
    assert day.planned_hours == pytest.approx(12)


@pytest.mark.parametrize("hour, count", [(0, 24), (0, 1), (9, 24), (9, 1), (22, 24)])
def test_overtime_on_a_free_day_expects_the_readings_that_came(device, now, hour, count):
    """Also its last one, which stands for an interval like any other."""
    Shift.objects.create(factory=device.factory, name="Day", starts_at=time(6), ends_at=time(18), weekdays=[1])
    store_readings(device, MIDNIGHT - 3 * DAY, [30])  # it was there before
    store_readings(device, MIDNIGHT + timedelta(hours=hour), [30] * count)
    digest(now)
    day = summarise(device, MIDNIGHT, MIDNIGHT + DAY, now)
    assert (day.received, day.expected, day.capture_percent) == (count, pytest.approx(count), pytest.approx(100))
    assert day.energy.missing_hours == pytest.approx(0)
    assert day.energy.covered_hours == pytest.approx(count / 12)


def test_a_reading_just_before_the_span_stands_for_an_interval_of_it(device, now):
    Shift.objects.create(factory=device.factory, name="Day", starts_at=time(6), ends_at=time(18), weekdays=[1])
    store_readings(device, MIDNIGHT - timedelta(minutes=2), [30])
    digest(now)
    day = summarise(device, MIDNIGHT, MIDNIGHT + DAY, now)
    assert day.expected == pytest.approx(3 / 5)
    assert day.energy.missing_hours == pytest.approx(0)


def test_a_holiday_is_a_planned_stop(device, now):
    factory = device.factory
    Shift.objects.create(factory=factory, name="Day", starts_at=time(6), ends_at=time(18), weekdays=list(range(1, 8)))
    Holiday.objects.create(factory=factory, on=date(2025, 1, 15), name="Pongal")
    digest(now)
    day = summarise(device, MIDNIGHT, MIDNIGHT + DAY, now)
    assert [(g.start, g.end, g.is_planned) for g in day.gaps] == [(MIDNIGHT, MIDNIGHT + DAY, True)]
    assert (day.expected, day.capture_percent) == (0, None)


def test_a_night_shift_runs_past_midnight(device, now):
    Shift.objects.create(
        factory=device.factory, name="Night", starts_at=time(22), ends_at=time(6), weekdays=[2]
    )  # Tuesday evening into Wednesday
    day = summarise(device, MIDNIGHT, MIDNIGHT + DAY, now)
    assert [(g.is_planned, g.unplanned_s) for g in day.gaps] == [(False, 6 * 3600)]


def test_nothing_is_expected_before_a_device_exists_or_in_the_future(steel_forge, now):
    fresh = make_device(steel_forge, "ESP32-SF-009", now=now - timedelta(hours=1))
    hour = summarise(fresh, now - DAY, now + DAY, now)
    assert hour.expected == 12
    assert summarise(fresh, now - 3 * DAY, now - 2 * DAY, now).capture_percent is None


def test_backfilled_readings_move_the_beginning(steel_forge, now):
    fresh = make_device(steel_forge, "ESP32-SF-009", now=now)
    store_readings(fresh, now - timedelta(hours=3), [30] * 36)
    digest(now)
    assert summarise(fresh, now - DAY, now, now).expected == 36


def test_a_device_that_measures_no_energy_has_no_missing_energy(device, now):
    store_readings(device, MIDNIGHT, [20.0] * 288, metric="temperature")
    digest(now)
    energy = summarise(device, MIDNIGHT, MIDNIGHT + DAY, now).energy
    assert (energy.total_kwh, energy.missing_hours, energy.coverage_percent) == (None, 0, None)


def test_a_device_that_reports_every_hour_is_up(device, now):
    device.profiles.update(interval_s=3600)
    store_readings(device, MIDNIGHT - DAY, [30] * 72, every_s=3600)
    digest(now)
    day = summarise(device, MIDNIGHT, MIDNIGHT + DAY, now)
    assert (day.capture_percent, day.uptime_percent, day.gaps) == (100, 100, [])
    assert day.energy.measured_kwh == pytest.approx(720)


def test_a_factory_sums_its_devices_by_day(steel_forge, device, now):
    other = make_device(steel_forge, "ESP32-SF-002", device_name="Cooling tower")
    store_readings(device, MIDNIGHT - DAY, NEVER_STOPS * 2 + [30])
    store_readings(other, MIDNIGHT - DAY, [10] * 288 + [10] * 144 + [None] * 144 + [10])
    digest(now)
    two = summarise_factory(steel_forge, MIDNIGHT - DAY, MIDNIGHT + DAY, now)
    assert [(d.on, round(d.measured_kwh, 3), d.coverage_percent) for d in two.days] == [
        ("2025-01-14", 960, 100),
        ("2025-01-15", 840, 75),
    ]
    assert two.energy.measured_kwh == pytest.approx(1800)
    assert (len(two.power["t"]), two.power["kw"][0], two.power["kw"][-1]) == (192, 40, 30)
    assert (two.power["coverage_percent"][0], two.power["coverage_percent"][-1]) == (100, 50)


def test_many_devices_cost_no_more_queries_than_one(steel_forge, device, now, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from devices.models import Device

    with CaptureQueriesContext(connection) as one:
        summarise_many(Device.objects.select_related("factory"), now - DAY, now, now)
    make_device(steel_forge, "ESP32-SF-002")
    make_device(steel_forge, "ESP32-SF-003")
    with django_assert_num_queries(len(one)):
        summarise_many(Device.objects.select_related("factory"), now - DAY, now, now)
