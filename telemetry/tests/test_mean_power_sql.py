"""Energy summed by the database against `telemetry.signal.energy`, on series nobody would think of."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from devices.models import DeviceProfile
from telemetry.metrics import SUSPECT_BIT
from telemetry.models import QuarterHour, Reading
from telemetry.rollups import counter_energy, meter_register_sql, quarter_hours
from telemetry.rollups.digest import digest, rebuild_quarters
from telemetry.signal import energy
from telemetry.signal.profile_timeline import ProfileTimeline
from telemetry.signal.segments import by_quarter
from telemetry.storage.partitions import ensure_span
from telemetry.tests.stored_readings import add_dirty_span

pytestmark = [pytest.mark.django_db, pytest.mark.sql]
TEN = datetime(2025, 1, 15, 10, tzinfo=UTC)
STEPS_S = st.one_of(
    st.sampled_from([1, 10, 299, 300, 301, 899, 900, 1799, 1800, 1801, 2701, 7200, 100_000]), st.floats(0.001, 5000)
)
POWERS = st.one_of(st.none(), st.just(0.0), st.just(1e308), st.floats(-1e4, 1e4, allow_subnormal=False))
SAID = st.tuples(STEPS_S, POWERS, st.sampled_from([0, 0, 0, SUSPECT_BIT["power_consumption"], 1]))
MEANINGS = st.fixed_dictionaries(
    {
        "power_kind": st.sampled_from(["kW", "W"]),
        "interval_s": st.sampled_from([1, 10, 300, 900, 3600]),
        "exports_power": st.booleans(),
    }
)


KW = {"power_kind": "kW", "interval_s": 300, "exports_power": False}


class Undone(Exception):
    pass


def readings_of(device, steps):
    at, rows = TEN, []
    for step_s, power, suspect in steps:
        at += timedelta(seconds=step_s)
        rows.append(Reading(device=device, at=at, power_consumption=power, suspect=suspect))
    return rows


def energy_by_rule(device, rows):
    """{quarter's start: (kWh, covered s, exported kWh)} by `telemetry.signal.energy`, all readings at once."""
    meaning = ProfileTimeline(type(device).objects.get(pk=device.pk))
    samples = [meaning.sample(row.at, row.power_consumption, None, row.suspect) for row in rows]
    found = energy.energy_of(samples)
    quarters = by_quarter(found.segments, exports=found.exports)
    return {
        datetime.fromtimestamp(at, UTC): (q.measured_kwh, q.covered_s, q.exported_kwh or 0)
        for at, q in quarters.items()
    }


def stored_energy(device):
    rows = QuarterHour.objects.filter(device=device, energy_kwh__isnull=False)
    return {
        at: [kwh, covered_s, exported_kwh or 0]
        for at, kwh, covered_s, exported_kwh in rows.values_list("starts_at", "energy_kwh", "covered_s", "exported_kwh")
    }


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(
    st.lists(SAID, min_size=1, max_size=25),
    st.lists(MEANINGS, min_size=1, max_size=2),
    st.floats(0, 30_000),
    st.lists(st.sampled_from([0, 1, 2]), min_size=25, max_size=25),
)
@example([(0, 30.0, 0), (1800, 30.0, 0), (1799, 30.0, 0), (900, 30.0, 0)], [KW], 0, [0] * 25)
@example([(0, 30.0, 0), (1800, 30.0, 0), (901, 30.0, 0)], [{**KW, "interval_s": 600}], 0, [2, 1, 0] * 9)
def test_the_database_sums_mean_power_as_the_rule_does(device, now, said, meanings, changes_after_s, batches):
    """The readings come in up to three batches, one after the other digested, cut anyhow."""
    try:
        with transaction.atomic():
            device.profiles.update(**meanings[0])
            for meaning in meanings[1:]:
                DeviceProfile.objects.create(
                    device=device, valid_from=TEN + timedelta(seconds=changes_after_s), **meaning
                )
            rows = readings_of(device, said)
            ensure_span(TEN, rows[-1].at)
            for batch in (0, 1, 2):
                its = [row for row, place in zip(rows, batches, strict=False) if place == batch]
                Reading.objects.bulk_create(its)
                for row in its:
                    add_dirty_span(device, row.at, row.at)
                digest(now)
            expected = energy_by_rule(device, rows)
            assert stored_energy(device) == {
                at: [
                    pytest.approx(kwh, rel=1e-9, abs=1e-9),
                    pytest.approx(covered_s, rel=1e-9, abs=1e-6),
                    pytest.approx(exported_kwh, rel=1e-9, abs=1e-9),
                ]
                for at, (kwh, covered_s, exported_kwh) in expected.items()
            }
            raise Undone
    except Undone:
        pass


RISES = st.tuples(
    st.sampled_from([10, 60, 300, 300, 600, 899]),
    st.one_of(st.none(), st.floats(0, 50)),
    st.sampled_from([None, 0.0, 0.1, 1.0, 2.5]),
    st.sampled_from([0, 0, 0, 0, SUSPECT_BIT["energy_kwh"], SUSPECT_BIT["power_consumption"]]),
)
COUNTS = st.tuples(
    st.sampled_from([10, 300, 300, 300, 600, 900, 1799, 1800, 4000]),
    st.one_of(st.none(), st.floats(0, 50)),
    st.sampled_from([None, 0.0, 0.0, 0.1, 1.0, 1.0, 2.5, 2.5, 2.5, 2.5, 2.5, 30.0, -0.5, -500.0]),
    st.sampled_from([0, 0, 0, 0, 0, 0, SUSPECT_BIT["energy_kwh"], SUSPECT_BIT["power_consumption"]]),
)


def register_readings_of(device, steps):
    at, rows, register = TEN, [], 1000.0
    for step_s, power, gained, suspect in steps:
        at, register = at + timedelta(seconds=step_s), register + (gained or 0.0)
        kwh = None if gained is None else register
        rows.append(Reading(device=device, at=at, power_consumption=power, energy_kwh=kwh, suspect=suspect))
    return rows


def rebuild_twice(device, rows, now):
    QuarterHour.objects.filter(device=device).delete()
    for first, last in ((0, -1), (len(rows) // 3, len(rows) // 2)):  # the second time with neighbours on both sides
        rebuild_quarters(device, rows[first].at, rows[last].at, now)
    return {
        at: [value if value is None else pytest.approx(value, rel=1e-9, abs=1e-9) for value in its]
        for at, *its in QuarterHour.objects.filter(device=device).values_list(
            "starts_at", "energy_kwh", "bridged_kwh", "covered_s", "received", "exported_kwh"
        )
    }


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(
    st.one_of(st.lists(RISES, min_size=2, max_size=30), st.lists(COUNTS, min_size=2, max_size=30)),
    st.sampled_from([10, 300, 900]),
)
@example([(300, 12.0, 1.0, 0), (300, 12.0, 1.0, 0), (60, None, 1.0, 0)], 300)  # power speaks beyond the last count
@example([(300, 12.0, None, 0), (60, 12.0, 1.0, 0), (300, None, 1.0, 0)], 300)  # and before the first one
def test_the_database_sums_a_register_as_the_rule_does(device, now, said, interval_s):
    try:
        with transaction.atomic():
            device.profiles.update(interval_s=interval_s)
            rows = register_readings_of(device, said)
            ensure_span(TEN, rows[-1].at)
            Reading.objects.bulk_create(rows)
            by_database = rebuild_twice(device, rows, now)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(meter_register_sql, "monotonic_spans", lambda spans, places: set())
                assert rebuild_twice(device, rows, now) == by_database
            raise Undone
    except Undone:
        pass


@pytest.mark.parametrize(
    ("gains", "is_summed_by_sql"),
    [([1.0, 0.0, 2.0, 1.0], True), ([1.0, None, 2.0, 1.0], True), ([1.0, -1.0, 2.0], False), ([1.0, 2.0], True)],
)
def test_a_register_that_only_rises_is_summed_by_the_database(device, now, monkeypatch, gains, is_summed_by_sql):
    ensure_span(TEN, TEN)
    rows = register_readings_of(device, [(300, 12.0, gained, 0) for gained in gains])
    Reading.objects.bulk_create(rows)
    span = (ProfileTimeline(device), TEN, TEN + timedelta(hours=1))
    assert (meter_register_sql.monotonic_spans([span], [0]) == {0}) is is_summed_by_sql
    if is_summed_by_sql:
        monkeypatch.setattr(counter_energy, "readings_around", None)
    add_dirty_span(device, TEN, rows[-1].at, 12)
    digest(now)
    assert QuarterHour.objects.filter(energy_kwh__isnull=False).exists()


def test_a_register_of_two_units_or_across_a_gap_is_left_to_the_rule(device, now):
    rows = register_readings_of(device, [(300, None, 1.0, 0), (7200, None, 1.0, 0), (300, None, 1.0, 0)])
    ensure_span(TEN, rows[-1].at)
    Reading.objects.bulk_create(rows)
    assert meter_register_sql.monotonic_spans([(ProfileTimeline(device), TEN, TEN + timedelta(hours=3))], [0]) == set()
    late = rows[1].at
    assert (
        meter_register_sql.monotonic_spans([(ProfileTimeline(device), late, late + timedelta(hours=1))], [0]) == set()
    )
    device.hardware.create(unit="ESP32-SF-077", fitted_at=TEN - timedelta(minutes=10), removed_at=now)
    assert not meter_register_sql.is_undisturbed(ProfileTimeline(device), TEN, TEN + timedelta(hours=1))


def test_series_of_mean_power_are_summed_by_the_database(device, now, monkeypatch):
    """And not, unnoticed, by Python: the test above would say nothing."""
    monkeypatch.setattr(counter_energy, "readings_around", None)
    ensure_span(TEN, TEN)
    Reading.objects.bulk_create(readings_of(device, [(300, 30.0, 0)] * 12))
    add_dirty_span(device, TEN, TEN + timedelta(hours=1), 12)
    digest(now)
    assert sum(kwh for kwh, *_ in stored_energy(device).values()) == pytest.approx(30)


@pytest.mark.parametrize("kind", ["kWh", "register"])
def test_what_is_no_mean_power_is_left_to_the_rule(device, kind):
    device.profiles.update(power_kind=kind)
    assert not quarter_hours.mean_power_sql.is_mean_power(ProfileTimeline(device), TEN, TEN + timedelta(hours=1))
