"""Kept days: what they add up to is what their quarter hours add up to, in the factory's own zone, whatever happens."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from devices.models import DeviceProfile
from devices.tests.cast import make_device
from telemetry.models import Day, DayTimeZone, QuarterHour
from telemetry.queries import gaps, totals
from telemetry.queries.timeseries import buckets
from telemetry.rollups import days
from telemetry.rollups.digest import digest, rebuild_days, rebuild_quarters
from telemetry.signal.profile_timeline import ProfileTimeline
from telemetry.tests.stored_readings import add_dirty_span, store_readings

pytestmark = [pytest.mark.django_db, pytest.mark.sql]
MIDNIGHT = datetime(2025, 1, 9, 18, 30, tzinfo=UTC)  # of 10 January in Kolkata
ON = date(2025, 1, 10)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def stored_days(device):
    return list(Day.objects.filter(device=device).order_by("on").values())


def by_quarters(call, monkeypatch):
    """What `call` gives when no day is kept."""
    with monkeypatch.context() as patch:
        patch.setattr(days, "current_zones", lambda pks: {})
        return call()


@pytest.fixture
def five_days(device, now):
    """Five days of the factory from the hour before midnight on, with a gap, a suspect value and a bridge."""
    values = [20 + place % 7 for place in range(5 * 288 + 24)]
    values[300:330] = [None] * 30
    moments = store_readings(device, MIDNIGHT - HOUR, values, temperature=[799, 801])
    store_readings(device, moments[40] + timedelta(seconds=7), [-300.0], metric="temperature", suspect=1)
    store_readings(device, MIDNIGHT + 6 * DAY, [100.0], metric="energy_kwh")
    store_readings(device, MIDNIGHT + 6 * DAY + 5 * HOUR, [150.0], metric="energy_kwh")
    digest(now)
    return device


def test_a_day_is_the_factorys_own(five_days):
    found = {day["on"]: day for day in stored_days(five_days)}
    assert sorted(found) == [ON - DAY, *(ON + place * DAY for place in range(7))]
    first = found[ON - DAY]
    assert (first["received"], first["heard"], first["expected"]) == (12, 4, 288)
    assert (found[ON]["received"], found[ON]["suspect"], found[ON]["temperature_suspect"]) == (289, 1, 1)
    assert (found[ON]["temperature_count"], found[ON]["temperature_sum"]) == (288, 288 * 800)
    assert found[ON + DAY]["received"] == 258
    bridged = found[ON + 6 * DAY]
    assert (bridged["bridged_kwh"], bridged["bridged_s"]) == (pytest.approx(50), 5 * 3600)


def test_digesting_and_rebuilding_again_changes_no_day(five_days, now):
    once = stored_days(five_days)
    add_dirty_span(five_days, MIDNIGHT, MIDNIGHT + 3 * DAY)
    digest(now)
    assert stored_days(five_days) == once
    Day.objects.all().delete()
    rebuild_quarters(five_days, MIDNIGHT - HOUR, MIDNIGHT + 7 * DAY, now)
    assert stored_days(five_days) == once
    rebuild_days(five_days)
    assert stored_days(five_days) == once


def test_a_late_reading_reaches_its_day(five_days, now):
    store_readings(five_days, MIDNIGHT + DAY + timedelta(hours=2), [99], every_s=1)
    digest(now)
    assert Day.objects.get(device=five_days, on=ON + DAY).power_consumption_max == 99


def test_energy_that_spills_over_midnight_makes_a_day_and_takes_it_away(device, now):
    store_readings(device, MIDNIGHT - timedelta(minutes=1), [60])
    digest(now)
    spilled = Day.objects.get(on=ON)
    assert (spilled.received, spilled.heard, spilled.energy_kwh) == (0, 0, pytest.approx(60 * 4 / 60))
    store_readings(device, MIDNIGHT - timedelta(seconds=30), [60])
    device.profiles.update(interval_s=20)
    add_dirty_span(device, MIDNIGHT - timedelta(minutes=1), MIDNIGHT)
    digest(now)
    assert [day.on for day in Day.objects.all()] == [ON - DAY]


def test_sums_from_days_are_sums_from_quarters(five_days, monkeypatch):
    pks = [five_days.pk]
    spans = [
        (MIDNIGHT, MIDNIGHT + 5 * DAY),
        (MIDNIGHT - 2 * HOUR, MIDNIGHT + 4 * DAY + 7 * HOUR),
        (MIDNIGHT + HOUR, MIDNIGHT + 7 * DAY - HOUR),
        (MIDNIGHT + HOUR, MIDNIGHT + 2 * DAY),
    ]
    for span in spans:
        for call in (
            lambda span=span: totals.sums(pks, *span),
            lambda span=span: totals.reporting_slots({five_days.pk: 900}, *span),
            lambda span=span: totals.devices_with_energy(pks, *span),
            lambda span=span: totals.energy_by_day(pks, "Asia/Kolkata", *span),
            lambda span=span: totals.energy_by_month(pks, "Asia/Kolkata", *span),
            lambda span=span: gaps.silences({five_days.pk: ProfileTimeline(five_days)}, {five_days.pk: span}),
            lambda span=span: totals.readings_by_day(pks, "Asia/Kolkata", *span),
            lambda span=span: totals.grand_total(pks, *span, ["received", "energy_kwh", "bridged_s"]),
        ):
            assert same(call(), by_quarters(call, monkeypatch))


def same(one, other):
    """Equal, floats but for the order they were added in."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, tuple):
        return all(same(a, b) for a, b in zip(one, other, strict=True))
    return one == other if one is None or isinstance(one, set | list) else one == pytest.approx(other)


def test_days_are_read_where_they_are_kept(five_days):
    """Else the test above says nothing."""
    QuarterHour.objects.filter(starts_at__gte=MIDNIGHT, starts_at__lt=MIDNIGHT + 5 * DAY).delete()
    assert totals.sums([five_days.pk], MIDNIGHT, MIDNIGHT + 5 * DAY)[five_days.pk]["received"] > 1000
    months = totals.energy_by_month([five_days.pk], "Asia/Kolkata", MIDNIGHT, MIDNIGHT + 5 * DAY)
    assert list(months) == [date(2025, 1, 1)]
    assert months[date(2025, 1, 1)][0] > 1000


@pytest.mark.parametrize("resolution", ["1d", "1w", "1mo"])
def test_a_long_chart_from_days_is_the_chart_from_quarters(five_days, now, monkeypatch, resolution):
    def chart(end=MIDNIGHT + 6 * DAY + HOUR):
        return buckets(five_days, MIDNIGHT + HOUR, end, now=now, resolution=resolution)

    found, expected = chart(), by_quarters(chart, monkeypatch)
    assert {key: found[key] for key in ("t", "expected", "step_s")} == {
        key: expected[key] for key in ("t", "expected", "step_s")
    }
    for name, column in found["series"].items():
        assert {part: [None if v is None else pytest.approx(v) for v in column[part]] for part in column} == expected[
            "series"
        ][name]


def test_weeks_begin_on_monday_and_months_on_the_first(five_days, now):
    weeks = buckets(five_days, MIDNIGHT, MIDNIGHT + 5 * DAY, now=now, resolution="1w", metrics=["temperature"])
    kolkata = ZoneInfo("Asia/Kolkata")
    assert [datetime.fromtimestamp(t, kolkata).date() for t in weeks["t"]] == [date(2025, 1, 6), date(2025, 1, 13)]
    assert weeks["expected"] == [7 * 288, 2 * 288]
    months = buckets(five_days, MIDNIGHT, MIDNIGHT + 5 * DAY, now=now, resolution="1mo", metrics=["temperature"])
    assert [datetime.fromtimestamp(t, kolkata).date() for t in months["t"]] == [date(2025, 1, 1)]


def test_a_factory_that_moves_its_clock_has_its_days_counted_anew(five_days, now, monkeypatch):
    """Until then its quarter hours are read: no chart ever shows days of a zone that is not the factory's."""
    factory = five_days.factory
    factory.time_zone = "UTC"
    factory.save()
    span = (datetime(2025, 1, 10, tzinfo=UTC), datetime(2025, 1, 15, tzinfo=UTC))

    def by_day():
        return totals.energy_by_day([five_days.pk], "UTC", *span)

    expected = by_quarters(by_day, monkeypatch)
    assert by_day() == expected
    digest(now)
    assert DayTimeZone.objects.get().time_zone == "UTC"
    assert same(by_day(), expected)
    assert Day.objects.get(on=date(2025, 1, 9)).received == 78 + 1  # from 17:30 UTC on


def test_days_of_two_zones_are_never_read_together(five_days, now):
    """The zone was changed, one day was written in it, and it was changed back before all days were counted anew."""
    factory = five_days.factory
    factory.time_zone = "UTC"
    factory.save()
    store_readings(five_days, MIDNIGHT + DAY + timedelta(hours=2), [99], every_s=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("telemetry.rollups.digest.recount_days", lambda: None)
        digest(now)
    factory.time_zone = "Asia/Kolkata"
    factory.save()
    assert days.current_zones([five_days.pk]) == {}
    digest(now)
    assert days.current_zones([five_days.pk]) == {five_days.pk: "Asia/Kolkata"}
    assert Day.objects.get(on=ON).received == 289


def test_quarters_nobody_counted_are_counted_by_the_next_digest(five_days, now):
    once = stored_days(five_days)
    Day.objects.all().delete()
    DayTimeZone.objects.all().delete()
    digest(now)
    assert stored_days(five_days) == once
    assert days.current_zones([five_days.pk]) == {five_days.pk: "Asia/Kolkata"}


def test_a_device_that_cannot_be_counted_stops_no_other(five_days, steel_forge, now, monkeypatch):
    other = make_device(steel_forge, "ESP32-SF-002")
    store_readings(other, MIDNIGHT, [30])
    digest(now)
    DayTimeZone.objects.all().delete()
    whole = days.recount

    def failing(meaning):
        if meaning.device.pk == five_days.pk:
            raise ZeroDivisionError
        whole(meaning)

    monkeypatch.setattr(days, "recount", failing)
    digest(now)
    assert [zone.device_id for zone in DayTimeZone.objects.all()] == [other.pk]


def test_a_day_expects_by_the_profile_of_its_hours(device, now):
    DeviceProfile.objects.create(device=device, valid_from=MIDNIGHT + 12 * HOUR, interval_s=60)
    store_readings(device, MIDNIGHT, [30])
    digest(now)
    assert Day.objects.get(on=ON).expected == 144 + 720


def test_a_day_of_23_or_25_hours_is_one_day(device, now):
    device.factory.time_zone = "Europe/Berlin"
    device.factory.save()
    berlin = ZoneInfo("Europe/Berlin")
    start = datetime(2024, 10, 26, tzinfo=berlin)
    store_readings(device, start.astimezone(UTC), [30] * (73 * 4), every_s=900)
    digest(now)
    received = {day.on.day: (day.received, day.expected) for day in Day.objects.all()}
    assert received == {26: (96, 288), 27: (100, 300), 28: (96, 288)}
    end = datetime(2024, 10, 29, tzinfo=berlin)
    chart = buckets(device, start, end, now=now, resolution="1d", metrics=["power_consumption"])
    assert chart["series"]["power_consumption"]["count"] == [96, 100, 96]
    assert chart["expected"] == [288, 300, 288]
