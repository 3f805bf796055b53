"""The demo's machines are plausible, the same each time, and go on without a jump."""

from datetime import UTC, date, datetime, timedelta

import pytest

from carbonseed.demo import personas, register_data
from factories.models import User
from factories.tests.cast import FactoryMaker
from registers.checks.checklist import checklists
from registers.models import BY_SLUG, ROWS, MonthLock
from telemetry.metrics import BY_NAME

LOADED = datetime(2026, 3, 18, 9, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def machine(device_id):
    return next(one for one in personas.machines(LOADED) if one.device_id == device_id)


def readings(one, days=7, before=LOADED, step=timedelta(minutes=5)):
    moments = [before - step * place for place in range(int(timedelta(days=days) / step))]
    return [(at, values) for at in reversed(moments) if (values := one.reading_at(at))]


@pytest.mark.parametrize("device_id", [row[0] for row in personas.DEVICES])
def test_every_value_is_plausible(device_id):
    pairs = readings(machine(device_id), days=60, step=timedelta(minutes=47))
    assert pairs
    for at, values in pairs:
        for name, value in values.items():
            assert BY_NAME[name].low <= value <= BY_NAME[name].high, (at, name, value)


def test_the_same_moment_is_always_the_same():
    assert readings(machine("ESP32-SF-001"), days=1) == readings(machine("ESP32-SF-001"), days=1)


def test_the_furnace_is_hot_at_work_and_cool_after_the_day_off():
    furnace = machine("ESP32-SF-001")
    at_work = datetime(2026, 3, 16, 10, 0, tzinfo=UTC)  # Monday, 15:30 in Pune
    after_thursday = datetime(2026, 3, 12, 20, 0, tzinfo=UTC)
    assert 780 < furnace.reading_at(at_work)["temperature"] < 895
    assert furnace.reading_at(after_thursday)["temperature"] < 100


def test_the_furnace_passes_900_degrees_only_in_its_incidents():
    furnace = machine("ESP32-SF-001")
    hot = [at for at, values in readings(furnace, days=60) if values["temperature"] > 900]
    assert hot
    assert all(any(incident.share(at) > 0 for incident in furnace.incidents) for at in hot)


def test_the_meter_of_the_compressor_only_counts_up():
    counted = [values["power_consumption"] for _, values in readings(machine("ESP32-SF-004"), days=10)]
    assert counted == sorted(counted)
    daily_kwh = (counted[-1] - counted[0]) / 10
    assert 100 < daily_kwh < 260


def test_nothing_arrives_during_the_power_cut():
    one = machine("ESP32-SF-003")
    cut = next(incident for incident in one.incidents if not incident.metric)
    assert one.reading_at(cut.begins + timedelta(minutes=30)) is None
    assert one.reading_at(cut.ends + timedelta(minutes=1)) is not None


def test_curves_do_not_jump_where_the_virtual_devices_take_over():
    for one in personas.machines(LOADED):
        if one.device_id == personas.SILENT:
            continue
        before, after = one.reading_at(LOADED, 300), one.reading_at(LOADED + timedelta(seconds=15), 300)
        assert abs(before["temperature"] - after["temperature"]) < 6


# Registers


@pytest.fixture
def filled_registers(db):
    """Steel Forge of the demo with its registers filled, without readings."""
    factory = FactoryMaker(name=personas.FACTORIES["SF"]["name"])
    User.objects.create_user(personas.FACTORIES["SF"]["contact_email"], full_name="Rajesh Kulkarni")
    register_data.fill_registers(LOADED)
    return factory


def test_every_sample_row_says_that_it_is_one_and_keeps_its_registers_rules(filled_registers):
    for model in ROWS:
        rows = list(model.objects.for_factory(filled_registers))
        assert all(row.remark == register_data.SAMPLE for row in rows)
        for row in rows[-3:]:
            if row.month not in set(MonthLock.objects.values_list("month", flat=True)):
                row.full_clean()
        assert all(not list(row.rule_faults()) for row in rows), model


def test_the_sample_year_is_filled_and_locked_and_the_last_month_is_not(filled_registers):
    locked = sorted(MonthLock.objects.values_list("month", flat=True))
    assert (len(locked), locked[0], locked[-1]) == (12, date(2024, 4, 1), date(2025, 3, 1))
    last = {one.anchor: one for one in checklists(filled_registers, date(2026, 2, 1), LOADED.date(), LOADED)}
    assert last["spcb"].count > 5


def test_loading_twice_keeps_one_set(filled_registers):
    before = {slug: register.model.objects.count() for slug, register in BY_SLUG.items()}
    register_data.fill_registers(LOADED)
    assert before == {slug: register.model.objects.count() for slug, register in BY_SLUG.items()}
