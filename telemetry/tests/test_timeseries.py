from datetime import UTC, datetime, timedelta

import pytest

from telemetry.metrics import IMPLAUSIBLE_BIT
from telemetry.queries.timeseries import TooManyReadings, buckets
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
