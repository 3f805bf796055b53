"""What is usual on a Tuesday at 14:15: median and MAD of the four weeks before, and silence where there are too few."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from devices.tests.cast import make_device
from factories.models import Factory, Holiday, Shift
from telemetry.analytics.baseline import WEEK, band, compare, usual_level
from telemetry.models import QuarterHour
from telemetry.queries.timeseries import buckets
from telemetry.rollups.digest import digest
from telemetry.tests.stored_readings import store_readings

pytestmark = [pytest.mark.django_db, pytest.mark.sql]
TUESDAY = datetime(2025, 1, 14, 8, 45, tzinfo=UTC)  # 14:15 in India
QUARTER = timedelta(minutes=15)


def add_quarter_hour(device, at, value, metric="temperature", count=3, expected=3.0):
    """A quarter hour as the digest would have left it."""
    QuarterHour.objects.create(
        device=device,
        starts_at=at,
        received=count,
        expected=expected,
        **{f"{metric}_count": count, f"{metric}_sum": value * count, f"{metric}_min": value, f"{metric}_max": value},
    )


def weeks(device, values, **fields):
    """Values of the same quarter hour one, two, … weeks before; None leaves a week out."""
    for place, value in enumerate(values, start=1):
        if value is not None:
            add_quarter_hour(device, TUESDAY - place * WEEK, value, **fields)


def only(found):
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("values", "median", "mad", "deviation"),
    [
        ([100, 102, 98, 101], 100.5, 1.0, 1.4826),
        ([900, 902, 898, 901], 900.5, 1.0, 9.005),  # 1.4826 · 1.0 is less than 1 % of the median
        ([10, 14, 12, 30], 13, 2.0, 2.9652),
        ([20, 20, 20, 20], 20, 0, 0.5),  # a constant series has the metric's least spread, not infinities
        ([900, 900, 900], 900, 0, 9),  # or 1 % of a high level
        ([0, 0, 0, 0], 0, 0, 0.5),
    ],
)
def test_the_usual_level_is_median_and_mad_with_a_floor(values, median, mad, deviation):
    level = usual_level("temperature", values)
    assert (level.median, level.mad, level.weeks) == (median, mad, len(values))
    assert level.deviation == pytest.approx(deviation)
    assert level.z(median + 2 * deviation) == pytest.approx(2)
    assert (level.is_unusual(level.high + 0.01), level.is_unusual(level.high - 0.01)) == (True, False)


def test_the_usual_range_holds_nothing_impossible():
    assert usual_level("vibration", [0.1, 0.1, 0.1]).low == 0
    assert usual_level("humidity", [98, 99, 98]).high == 100


def test_one_wild_week_moves_nothing():
    calm, wild = usual_level("temperature", [20, 21, 20, 21]), usual_level("temperature", [20, 21, 20, 900])
    assert (calm.median, wild.median) == (20.5, 20.5)
    assert wild.deviation < 1


def test_two_weeks_are_no_baseline():
    assert usual_level("temperature", [20, 21]) is None
    assert usual_level("temperature", [20, None, 21, None]) is None


def test_a_quarter_hour_stands_beside_the_same_quarter_of_the_week(device):
    weeks(device, [40, 41, 40, 42, 900])  # the fifth week is too long ago
    add_quarter_hour(device, TUESDAY - timedelta(days=1), 500)  # Monday
    add_quarter_hour(device, TUESDAY - WEEK + QUARTER, 500)  # 14:30
    add_quarter_hour(device, TUESDAY, 55)
    found = only(compare([device], [TUESDAY + timedelta(minutes=7)]))
    assert (found.value, found.usual.median, found.usual.weeks, found.is_unusual) == (55, 40.5, 4, True)
    assert found.z == pytest.approx(14.5 / (1.4826 * 0.5))


def test_a_quarter_with_too_few_valid_readings_neither_is_judged_nor_judges(device):
    weeks(device, [40, 41, 40])
    add_quarter_hour(device, TUESDAY - 4 * WEEK, 900, count=1)
    assert only(compare([device], [TUESDAY])).usual.median == 40
    add_quarter_hour(device, TUESDAY, 900, count=1)
    found = only(compare([device], [TUESDAY]))
    assert (found.value, found.z) == (None, None)


def test_a_device_that_reports_once_an_hour_has_a_baseline_too(device):
    weeks(device, [40, 41, 40], count=1, expected=0.25)
    add_quarter_hour(device, TUESDAY, 40, count=1, expected=0.25)
    assert only(compare([device], [TUESDAY])).z == pytest.approx(0)


def test_the_quarter_of_the_week_is_the_factorys_own_across_a_change_of_the_clocks(device):
    Factory.objects.filter(pk=device.factory_id).update(time_zone="Europe/Berlin")
    device.refresh_from_db()
    after = datetime(2025, 4, 1, 12, 15, tzinfo=UTC)  # 14:15 in summer time; 13:15 UTC before 30 March
    for week in range(1, 5):
        add_quarter_hour(device, datetime(2025, 4, 1, 13, 15, tzinfo=UTC) - week * WEEK, 40)
        add_quarter_hour(device, after - week * WEEK, 900)
    add_quarter_hour(device, after, 41)
    assert only(compare([device], [after])).usual.median == 40


def test_a_holiday_is_nobodys_baseline(device, steel_forge):
    Shift.objects.create(
        factory=steel_forge, name="Day", starts_at=time(8), ends_at=time(20), weekdays=[1, 2, 3, 4, 5, 6]
    )
    Holiday.objects.create(factory=steel_forge, on=date(2025, 1, 7), name="Works holiday")
    weeks(device, [20, 40, 41, 42])
    found = only(compare([device], [TUESDAY]))
    assert (found.usual.median, found.usual.weeks) == (41, 3)
    add_quarter_hour(device, TUESDAY - WEEK - timedelta(hours=2), 5)
    assert compare([device], [TUESDAY - WEEK])[0].usual is None  # nor is a working day the holiday's


def test_the_nights_are_compared_with_nights(device, steel_forge):
    Shift.objects.create(factory=steel_forge, name="Early", starts_at=time(6), ends_at=time(14), weekdays=[1, 2, 3])
    weeks(device, [20, 21, 20])
    assert only(compare([device], [TUESDAY])).usual.weeks == 3


def test_raw_acceleration_has_no_usual_level(device):
    weeks(device, [9.8, 9.9, 9.8], metric="vibration")
    assert only(compare([device], [TUESDAY])).metric == "vibration"
    device.profiles.update(vibration_kind="raw")
    device.refresh_from_db()
    assert compare([device], [TUESDAY]) == []


def test_many_machines_and_moments_are_one_question(steel_forge, device, django_assert_num_queries):
    devices = [device, *(make_device(steel_forge, f"ESP32-SF-{n:03}") for n in range(2, 12))]
    for one in devices:
        weeks(one, [40, 41, 42])
    compare(devices, [TUESDAY])
    with django_assert_num_queries(1):
        found = compare(devices, [TUESDAY, TUESDAY + QUARTER, TUESDAY + timedelta(days=1)])
    assert [c.device_pk for c in found] == [one.pk for one in devices]


def test_a_chart_gets_its_band_bucket_by_bucket(device, now):
    weeks(device, [40, 41, 42])
    store_readings(device, TUESDAY, [45.0, 46.0, 47.0, 48.0], metric="temperature", power_consumption=30)
    digest(now)
    start, end = TUESDAY - timedelta(hours=1), TUESDAY + timedelta(hours=1)
    chart = buckets(device, start, end, metrics=["temperature", "power_consumption"], now=now)
    found = band(device, chart, start, end)
    assert set(found) == {"temperature"}
    assert found["temperature"]["median"] == [41, 41, 41, None]
    assert found["temperature"]["high"][0] == pytest.approx(41 + 3.5 * 1.4826)
    coarse = buckets(device, start, end, metrics=["temperature"], resolution="1h", now=now)
    assert band(device, coarse, start, end) == {}


def test_no_band_is_drawn_straight_across_a_gap_of_single_readings(device, now):
    """Usual between 41 and 41 at both ends says nothing of the hour in which it is a hundred."""
    for week in range(1, 5):
        store_readings(device, TUESDAY - week * WEEK, [40, 41, 42] + [100] * 12 + [40, 41, 42], metric="temperature")
    store_readings(device, TUESDAY, [41, 41, 42] + [None] * 12 + [41, 41, 42], metric="temperature")
    digest(now)
    start, end = TUESDAY - timedelta(hours=1), TUESDAY + timedelta(hours=2)
    chart = buckets(device, start, end, metrics=["temperature"], resolution="raw", now=now)
    assert band(device, chart, start, end)["temperature"]["median"] == [41, 41, 41, None, 41, 41, 41]


def test_suspect_values_are_in_no_baseline(device, now):
    weeks(device, [40, 41, 42])
    store_readings(device, TUESDAY, [900.0] * 3, metric="temperature", suspect=1)
    digest(now)
    assert only(compare([device], [TUESDAY])).value is None
