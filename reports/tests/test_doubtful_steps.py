"""A report says which steps of counters are in none of its figures, and where they are decided."""

from datetime import date, timedelta

import pytest

from reports.documents import figures_of
from reports.documents.measured_tables import energy
from reports.issuing import lifecycle
from reports.tests.cast import MONDAY, create_readings_and_digest
from telemetry.models import DoubtfulStep
from telemetry.queries import doubtful_energy

pytestmark = pytest.mark.django_db
WEEK = (date(2025, 1, 6), date(2025, 1, 12))


def week_report(factory, now):
    report, _ = lifecycle.request_report(factory, "weekly", *WEEK, by=None, now=now)
    lifecycle.run(report, now)
    report.refresh_from_db()
    assert report.status == "ready", report.error
    return report


def test_a_swapped_meter_is_a_warning_until_it_is_decided(steel_forge, device, now):
    device.profiles.update(rated_kw=5)
    later = now + timedelta(days=10)
    create_readings_and_digest(device, MONDAY, MONDAY + timedelta(hours=1), now, every_s=900, energy_kwh=1_205)
    noon = MONDAY + timedelta(hours=1)
    create_readings_and_digest(device, noon, noon + timedelta(hours=1), now, every_s=900, energy_kwh=88_315)
    [step] = DoubtfulStep.objects.open()
    report = week_report(steel_forge, later)
    [warning] = report.figures["findings"]
    assert (warning["rule"], warning["severity"]) == ("DOUBT", "warns")
    assert warning["sentence"] == (
        "Main furnace: doubtful steps of its counters are left out: 1, of 87,110.0 kWh in 0.3 h, more than could have "
        "flowed."
    )
    assert warning["url"] == f"/dashboard/machines/{device.pk}/doubts/"
    [table] = energy(report.figures["tables"]["energy"], steel_forge.zone)
    assert warning["sentence"] in table["note"]
    step.decision = DoubtfulStep.Decision.GLITCH
    step.save()
    assert doubtful_energy.left_out([device.pk], MONDAY, later) == {}


def test_inputs_of_an_earlier_release_have_no_doubts(steel_forge, device, now):
    create_readings_and_digest(device, MONDAY, MONDAY + timedelta(hours=2), now, power_consumption=2)
    report = week_report(steel_forge, now + timedelta(days=10))
    assert report.figures["findings"] == []
    for machine in report.inputs["machines"]:
        machine.pop("doubtful")
    again = figures_of("weekly", report.inputs)
    assert (again["findings"], again["result"]) == ([], report.figures["result"])
