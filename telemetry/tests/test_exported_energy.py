"""Energy fed back is apart from energy taken, from the reading to the report."""

from datetime import timedelta

import pytest

from devices.models import DeviceProfile
from reports.documents.common_tables import energy_table
from telemetry.analytics.insights import insights
from telemetry.analytics.load_profile import load_profile
from telemetry.models import Day, QuarterHour
from telemetry.queries.operating_hours import energy_facts
from telemetry.queries.summary import summarise
from telemetry.rollups.digest import digest
from telemetry.tests.stored_readings import store_readings

pytestmark = pytest.mark.django_db


@pytest.fixture
def feeder(device, now):
    """Six kW in for an hour, six out for the next."""
    device.profiles.update(interval_s=900, exports_power=True)
    store_readings(device, now - timedelta(hours=2), [6.0] * 4 + [-6.0] * 4, 900)
    digest(now)
    return device


def test_six_in_and_six_out_are_six_and_six(feeder, now):
    rows = QuarterHour.objects.filter(device=feeder).order_by("starts_at")
    assert [row.energy_kwh for row in rows] == [1.5] * 4 + [0.0] * 4
    assert [row.exported_kwh for row in rows] == [None] * 4 + [1.5] * 4
    assert {row.covered_s for row in rows} == {900}
    day = Day.objects.get(device=feeder)
    assert (day.energy_kwh, day.exported_kwh) == (6.0, 6.0)


def test_a_summary_has_both_and_the_total_is_what_was_taken(feeder, now):
    energy = summarise(feeder, now - timedelta(hours=3), now, now).energy
    assert (energy.total_kwh, energy.exported_kwh) == (6.0, 6.0)


def test_insights_name_it(feeder, now):
    found = insights([feeder], "24h", now)
    [energy] = [figure for figure in found.figures if figure.name == "energy_consumption"]
    assert energy.value == 6.0 and "6.0 kWh were fed back and are not subtracted." in energy.note
    assert found.machines[0].exported_kwh == 6.0


def test_a_load_profile_has_it_apart(feeder, steel_forge, now):
    profile = load_profile([feeder], steel_forge, now - timedelta(hours=3), now)
    assert (profile.kwh, profile.exported_kwh, profile.peak.kw) == (6.0, 6.0, 6.0)


def test_a_report_says_so(feeder, now):
    facts = energy_facts(summarise(feeder, now - timedelta(hours=3), now, now))
    table = energy_table({"machines": [{"label": "Feeder", "energy": facts}]})
    assert table["exported"] == ["Feeder fed back 6.0 kWh, which are not subtracted."]
    assert table["total"]["measured_kwh"] == facts["measured_kwh"]


def test_what_is_fed_back_is_measured_by_power_beside_a_register_of_what_is_taken(device, now):
    device.profiles.update(interval_s=900, exports_power=True)
    power = [6.0, 6.0, -6.0, -6.0, 6.0, 6.0]
    store_readings(
        device, now - timedelta(minutes=90), power, 900, energy_kwh=[1000.0, 1001.5, 1003.0, 1003.0, 1003.0, 1004.5]
    )
    digest(now)
    rows = QuarterHour.objects.filter(device=device)
    assert sum(row.energy_kwh or 0 for row in rows) == pytest.approx(6.0)  # 4.5 by the register, 1.5 after it
    assert sum(row.exported_kwh or 0 for row in rows) == pytest.approx(3.0)


def test_kwh_since_the_last_reading_may_be_fed_back(device, now):
    DeviceProfile.objects.filter(device=device).update(interval_s=900, exports_power=True, power_kind="kWh", rated_kw=9)
    store_readings(device, now - timedelta(hours=1), [1.0, -1.0, -1.0, 1.0], 900)
    digest(now)
    rows = QuarterHour.objects.filter(device=device)
    assert sum(row.energy_kwh or 0 for row in rows) == sum(row.exported_kwh or 0 for row in rows) == 2.0
