"""Doubts as rows: kept few, removed when they are explained, and shown in kWh whatever the register's unit."""

from datetime import timedelta

import pytest

from telemetry.models import DoubtfulStep, QuarterHour
from telemetry.rollups import doubt_records
from telemetry.rollups.digest import digest
from telemetry.tests.stored_readings import add_dirty_span, insert
from telemetry.tests.test_counters import REGISTER, TEN, every, stored, twice

pytestmark = pytest.mark.django_db


def test_a_gateway_that_sends_everything_twice_asks_a_bounded_number_of_questions(steel_forge, monkeypatch):
    monkeypatch.setattr(doubt_records, "MAX_OPEN", 3)
    device = stored(steel_forge, {"power_kind": "kWh", "rated_kw": 4}, twice([0.5] * 6), [range(12)])
    assert DoubtfulStep.objects.open().count() == 3
    assert sum(row.energy_kwh or 0 for row in QuarterHour.objects.filter(device=device)) == pytest.approx(3.0)


def test_a_row_goes_on_as_its_run_grows(steel_forge):
    wh = [5e6 + 4000 * place for place in range(8)]
    device = stored(steel_forge, {**REGISTER, "rated_kw": 20}, every(wh), [range(4)])
    [step] = DoubtfulStep.objects.all()
    assert (step.after_value, step.reason, step.suggested_unit) == (wh[3], "unit", "Wh")
    insert(device, every(wh)[4:])
    add_dirty_span(device, TEN + timedelta(hours=1), TEN + timedelta(hours=2), 4)
    digest(TEN + timedelta(days=3))
    [grown] = DoubtfulStep.objects.all()
    assert (grown.pk, grown.found_at, grown.before_value, grown.after_value) == (step.pk, step.found_at, wh[0], wh[7])
    assert grown.gained_kwh == 28_000 and grown.possible_kwh == pytest.approx(40 * (7 * 900 + 60) / 3600)


def test_a_corrected_unit_explains_a_run(steel_forge):
    wh = [5e6 + 4000 * place for place in range(8)]
    device = stored(steel_forge, {**REGISTER, "rated_kw": 20}, every(wh), [range(8)])
    profile = device.profiles.get()
    profile.energy_unit = "Wh"
    profile.save()
    digest(TEN + timedelta(days=3))
    assert not DoubtfulStep.objects.exists()
    assert sum(row.energy_kwh or 0 for row in QuarterHour.objects.filter(device=device)) == pytest.approx(28.0)


def test_a_corrected_rating_explains_a_step(steel_forge):
    device = stored(steel_forge, {**REGISTER, "rated_kw": 5}, every([100.0, 101.0, 120.0, 121.0]), [range(4)])
    assert [step.reason for step in DoubtfulStep.objects.all()] == ["rise"]
    profile = device.profiles.get()
    profile.rated_kw = 75
    profile.save()
    digest(TEN + timedelta(days=3))
    assert not DoubtfulStep.objects.exists()


def test_a_doubt_without_a_rating_ends_when_the_machine_draws_as_much_again(steel_forge):
    device = stored(steel_forge, REGISTER, every([0.0 + 1000, 1000.1, 1000.2, 1100.2]), [range(4)])
    assert [step.reason for step in DoubtfulStep.objects.open()] == ["rise"]
    rows = every([1200.2, 1300.2], start=TEN + timedelta(hours=1))
    insert(device, rows)
    add_dirty_span(device, rows[0]["at"], rows[-1]["at"], 2)
    digest(TEN + timedelta(days=3))
    assert not DoubtfulStep.objects.exists()
    assert sum(row.energy_kwh or 0 for row in QuarterHour.objects.filter(device=device)) == pytest.approx(300.2)
