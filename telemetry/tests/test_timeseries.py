from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from telemetry.metrics import IMPLAUSIBLE_BIT
from telemetry.queries.timeseries import TooManyReadings, buckets
from telemetry.queries.timeseries_sources import zone_steps
from telemetry.rollups.digest import digest
from telemetry.tests.stored_readings import store_readings

pytestmark = [pytest.mark.django_db, pytest.mark.sql]
MIDNIGHT = datetime(2025, 1, 14, 18, 30, tzinfo=UTC)  # of 15 January in Kolkata
DAY = timedelta(days=1)


def test_a_day_of_five_minute_readings_is_shown_reading_by_reading(device, now):
    store_readings(device, MIDNIGHT, [30] * 288)
    chart = buckets(device, MIDNIGHT, MIDNIGHT + DAY, now=now)
    assert (chart["resolution"], len(chart["t"])) == ("raw", 288)
    assert chart["series"]["power_consumption"]["mean"][0] == 30


def test_a_gap_is_null_at_every_resolution(device, now):
    store_readings(device, MIDNIGHT, [30] * 12 + [None] * 24 + [30] * 12)
    digest(now)
    for resolution in ("raw", "15m", "1h"):
        chart = buckets(device, MIDNIGHT, MIDNIGHT + timedelta(hours=4), resolution=resolution, now=now)
        assert None in chart["series"]["power_consumption"]["mean"], resolution
        assert set(chart["series"]["power_consumption"]["mean"]) == {30, None}, resolution


def test_a_spike_survives_zooming_out(device, now):
    store_readings(device, MIDNIGHT, [30] * 100 + [99] + [30] * 187)
    digest(now)
    day = buckets(device, MIDNIGHT, MIDNIGHT + DAY, resolution="1d", now=now)["series"]["power_consumption"]
    assert (day["max"], day["min"], day["count"]) == ([99], [30], [288])
    assert day["mean"][0] == pytest.approx(30 + 69 / 288)


def test_days_and_hours_are_the_factorys_own(device, now):
    store_readings(device, MIDNIGHT - timedelta(minutes=10), [10, 10, 30])
    digest(now)
    chart = buckets(device, MIDNIGHT - DAY, MIDNIGHT + DAY, resolution="1d", now=now)
    assert chart["t"] == [(MIDNIGHT - DAY).timestamp(), MIDNIGHT.timestamp()]
    assert chart["series"]["power_consumption"]["mean"] == [10, 30]
    hours = buckets(device, MIDNIGHT, MIDNIGHT + timedelta(hours=2), resolution="1h", now=now)
    assert hours["t"][0] == MIDNIGHT.timestamp()
    assert hours["expected"] == [12, 12]


def test_nothing_is_expected_of_the_future(device):
    chart = buckets(
        device, MIDNIGHT, MIDNIGHT + timedelta(hours=1), resolution="15m", now=MIDNIGHT + timedelta(minutes=20)
    )
    assert chart["expected"] == [3, 1, 0, 0]


@pytest.mark.parametrize(
    ("days", "resolution"), [(1, "raw"), (7, "15m"), (30, "1h"), (90, "3h"), (365, "1d"), (2000, "1w")]
)
def test_the_finest_source_that_fits(device, now, days, resolution):
    chart = buckets(device, now - timedelta(days=days), now, points=800, metrics=["temperature"], now=now)
    assert chart["resolution"] == resolution


def test_many_readings_in_a_short_span_are_bucketed_below_the_quarter_hour(device, now):
    device.profiles.update(interval_s=10)
    store_readings(device, MIDNIGHT, list(range(2160)), every_s=10, metric="temperature")
    chart = buckets(device, MIDNIGHT, MIDNIGHT + timedelta(hours=6), points=800, metrics=["temperature"], now=now)
    assert (chart["resolution"], chart["step_s"], len(chart["t"])) == ("30s", 30, 720)
    assert chart["series"]["temperature"]["mean"][:2] == [1, 4]


def test_a_register_is_shown_as_power(device, now):
    device.profiles.update(power_kind="register")
    store_readings(device, MIDNIGHT, [1000, 1003, 1006, 1009, 1012])
    digest(now)
    hour = timedelta(hours=1)
    raw = buckets(device, MIDNIGHT, MIDNIGHT + hour, metrics=["power_consumption"], resolution="raw", now=now)
    assert raw["series"]["power_consumption"]["mean"] == [None, 36, 36, 36, 36]
    quarter = buckets(device, MIDNIGHT, MIDNIGHT + hour, metrics=["power_consumption"], resolution="15m", now=now)
    assert quarter["series"]["power_consumption"]["mean"] == [36, 36, None, None]


def test_vibration_is_the_worst_axis_that_can_be_believed(device, now):
    store_readings(device, MIDNIGHT, [2.0], metric="vibration_x", vibration_y=150.0, vibration_z=3.0, suspect=1 << 3)
    digest(now)
    for resolution in ("raw", "15m"):
        chart = buckets(
            device, MIDNIGHT, MIDNIGHT + timedelta(minutes=15), ["vibration"] and 800, ["vibration"], now, resolution
        )
        assert chart["series"]["vibration"]["max"] == [3.0], resolution


def test_raw_readings_of_a_long_span_are_refused(device, now, monkeypatch):
    monkeypatch.setattr("telemetry.queries.timeseries.RAW_LIMIT", 10)
    store_readings(device, MIDNIGHT, [30] * 12)
    with pytest.raises(TooManyReadings):
        buckets(device, MIDNIGHT, MIDNIGHT + DAY, resolution="raw", now=now)


def test_an_empty_span_is_empty(device, now):
    chart = buckets(device, MIDNIGHT, MIDNIGHT, now=now)
    assert chart["t"] == []


@pytest.mark.parametrize("resolution", ["raw", "15m", "1h", "1d"])
def test_every_bucket_says_how_many_values_it_leaves_out(device, now, resolution):
    start = now - timedelta(hours=1)
    store_readings(device, start, [30] * 6, temperature=-127, vibration_x=2.0, suspect=IMPLAUSIBLE_BIT["temperature"])
    store_readings(device, start + timedelta(minutes=30), [30] * 6, temperature=40, vibration_x=999, suspect=0b100)
    digest(now)
    found = buckets(device, start - timedelta(days=1), now, resolution=resolution, now=now)["series"]
    counted = {name: (sum(found[name]["count"]), sum(found[name]["suspect"])) for name in found}
    assert counted["temperature"] == counted["vibration_x"] == counted["vibration"] == (6, 6)
    assert counted["power_consumption"] == (12, 0)


def test_suspect_values_are_counted_in_short_buckets_too(device, now):
    device.profiles.update(interval_s=5)
    store_readings(device, now - timedelta(hours=1), [-127] * 720, every_s=5, metric="temperature", suspect=1)
    found = buckets(device, now - timedelta(hours=1), now, points=60, metrics=["temperature"], now=now)
    assert found["resolution"] == "1m"
    assert set(found["series"]["temperature"]["suspect"]) == {12}


def in_berlin(device):
    device.factory.time_zone = "Europe/Berlin"
    device.factory.save()
    return ZoneInfo("Europe/Berlin")


def labels(chart, zone):
    return [datetime.fromtimestamp(t, zone).strftime("%H:%M %Z") for t in chart["t"]]


def test_the_hour_that_a_clock_change_repeats_is_two_buckets(device, now):
    """On 27 October 2024 Berlin's clocks went from 03:00 back to 02:00, at 01:00 UTC."""
    zone, since = in_berlin(device), datetime(2024, 10, 26, 23, tzinfo=UTC)
    store_readings(device, since, [10] * 12 + [20] * 12 + [30] * 12 + [40] * 12)
    digest(now)
    chart = buckets(device, since, since + timedelta(hours=4), resolution="1h", now=now)
    assert labels(chart, zone) == ["01:00 CEST", "02:00 CEST", "02:00 CET", "03:00 CET"]
    power = chart["series"]["power_consumption"]
    assert (power["mean"], power["count"]) == ([10, 20, 30, 40], [12] * 4)
    assert chart["expected"] == [12] * 4


def test_a_span_that_begins_in_the_repeated_hour_begins_with_its_own(device, now):
    zone, second = in_berlin(device), datetime(2024, 10, 27, 1, 20, tzinfo=UTC)
    store_readings(device, second - timedelta(hours=2), [10] * 36)
    digest(now)
    chart = buckets(device, second, second + timedelta(hours=1), resolution="1h", now=now)
    assert labels(chart, zone) == ["02:00 CET", "03:00 CET"]


def test_the_hour_that_a_clock_change_leaves_out_is_no_bucket(device, now):
    zone, since = in_berlin(device), datetime(2024, 3, 31, 0, tzinfo=UTC)
    store_readings(device, since, [10] * 12 + [20] * 12)
    digest(now)
    chart = buckets(device, since, since + timedelta(hours=2), resolution="1h", now=now)
    assert labels(chart, zone) == ["01:00 CET", "03:00 CEST"]
    assert chart["series"]["power_consumption"]["mean"] == [10, 20]


@pytest.mark.parametrize(
    "name, changed_at",
    [
        ("Europe/Berlin", datetime(2024, 10, 27, 1, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2024, 3, 31, 1, tzinfo=UTC)),
        ("America/New_York", datetime(2024, 11, 3, 6, tzinfo=UTC)),
        ("America/Santiago", datetime(2024, 4, 7, 3, tzinfo=UTC)),  # at midnight
        ("Australia/Lord_Howe", datetime(2024, 4, 6, 15, tzinfo=UTC)),  # by half an hour
        ("Australia/Lord_Howe", datetime(2024, 10, 5, 15, 30, tzinfo=UTC)),
        ("Asia/Kolkata", datetime(2024, 10, 27, 1, tzinfo=UTC)),
    ],
)
@pytest.mark.parametrize("step_s", [1800, 3600, 7200, 10_800, 21_600, 43_200])
def test_buckets_of_any_step_cover_every_moment_around_a_clock_change_once(name, changed_at, step_s):
    zone, since, until = ZoneInfo(name), changed_at - DAY, changed_at + DAY
    grid = zone_steps(since, until, step_s, zone)
    assert grid == sorted(set(grid)) and grid[0] <= since < grid[1]
    lengths = {b - a for a, b in pairwise(grid)}
    shift = abs((changed_at + DAY).astimezone(zone).utcoffset() - (changed_at - DAY).astimezone(zone).utcoffset())
    step = timedelta(seconds=step_s)
    assert lengths <= {step, step + shift, step - shift}
    names = [(moment.astimezone(zone).replace(tzinfo=None), moment.astimezone(zone).utcoffset()) for moment in grid]
    assert len(set(names)) == len(grid)
