"""A report's life: asked for once, frozen, printed, made final, replaced; never computed anew."""

import hashlib
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from alerts.models import Alert
from calculations import periods
from devices.tests.cast import make_device
from reports.issuing import lifecycle, periodic
from reports.issuing.lifecycle import IssueError
from reports.models import Document, Report
from reports.printing import pdf
from reports.tests.cast import MONDAY, create_readings_and_digest, create_week_of_power
from reports.tests.model_factories import ReportMaker
from telemetry.models import QuarterHour

WEEK = (date(2025, 1, 6), date(2025, 1, 12))


@pytest.fixture
def furnace(device, now):
    create_week_of_power(device, now)
    return device


@pytest.fixture
def quick_print(monkeypatch):
    """Where the document itself is not the story, a few bytes stand for it."""
    monkeypatch.setattr(
        pdf, "print_report", lambda report: pdf.PrintedPdf(f"%PDF {report.pk} {report.is_final}".encode(), 1)
    )


def weekly(factory, now, by=None):
    report, _ = lifecycle.request_report(factory, "weekly", *WEEK, by=by, now=now)
    lifecycle.run(report, now)
    return report


def test_figures_lead_back_to_the_rows(steel_forge, furnace, now, quick_print):
    report = weekly(steel_forge, now)
    energy = report.figures["summary"]["energy_kwh"]
    quarters = QuarterHour.objects.filter(
        device=furnace, starts_at__gte=MONDAY, starts_at__lt=MONDAY + timedelta(days=7)
    )
    assert Decimal(energy["value"]) == pytest.approx(Decimal(5208), abs=Decimal("0.001"))
    assert float(energy["value"]) == pytest.approx(sum(quarter.energy_kwh for quarter in quarters))
    assert energy["unit"] == "kWh" and energy["period"] == "Week of 6 Jan 2025"
    assert Decimal(energy["coverage_pct"]) == 100
    assert Decimal(report.figures["summary"]["operating_hours"]["value"]) == 84
    quality = report.figures["tables"]["quality"]["rows"][0]
    assert (quality["received"], quality["valid"], Decimal(quality["expected"])) == (2016, 2016, 2016)
    assert [day["kwh"] for day in report.inputs["energy_days"]] == ["744.000"] * 7


def test_a_reading_an_hour_after_the_week_is_not_in_it(steel_forge, device, now, quick_print):
    week_end = MONDAY + timedelta(days=7)
    create_readings_and_digest(device, week_end, week_end + timedelta(hours=1), now, power_consumption=60)
    assert weekly(steel_forge, now).figures["summary"]["energy_kwh"]["value"] is None


def test_an_outage_is_missing_and_named_never_filled(steel_forge, device, now, quick_print):
    create_readings_and_digest(device, MONDAY, MONDAY + timedelta(hours=12), now, power_consumption=60)
    create_readings_and_digest(
        device, MONDAY + timedelta(hours=18), MONDAY + timedelta(days=7), now, power_consumption=60
    )
    report = weekly(steel_forge, now)
    energy = report.figures["summary"]["energy_kwh"]
    assert Decimal(energy["value"]) == pytest.approx(60 * (168 - 6), abs=6)
    assert Decimal(energy["coverage_pct"]) == pytest.approx(Decimal("96.4"), abs=Decimal("0.2"))
    gap = report.figures["tables"]["quality"]["gaps"][0]
    assert float(gap["minutes"]) == pytest.approx(365)
    below = report.figures["tables"]["quality"]["days_below"][0]["entries"]
    assert [(entry["on"], entry["days"]) for entry in below] == [("2025-01-06", 1)]


def test_alerts_of_the_period_stand_in_it_as_they_were(steel_forge, furnace, vik, now, quick_print):
    def alert(at, ended=None):
        return Alert.objects.create(
            factory=steel_forge, device=furnace, alert_type="temperature", severity="critical",
            title="Temperature above 900 °C", message="", metric_value=905, peak_value=951, threshold_value=900,
            triggered_at=at, resolved_at=ended, acknowledged_at=at, acknowledged_by=vik,
        )  # fmt: skip

    inside = alert(MONDAY + timedelta(hours=30), MONDAY + timedelta(hours=31))
    still_open = alert(MONDAY + timedelta(days=6), MONDAY + timedelta(days=8))
    alert(MONDAY - timedelta(days=3), MONDAY - timedelta(days=2))
    alert(MONDAY + timedelta(days=7, hours=1))
    found = weekly(steel_forge, now).figures["tables"]["alerts"]
    assert [entry["id"] for entry in found] == [inside.pk, still_open.pk]
    assert (found[0]["minutes"], found[0]["peak"], found[0]["acknowledged_by"]) == ("60", "951", "Vik Patil")
    assert found[1]["ended_at"] is None


def test_neither_sensor_alerts_nor_withdrawn_ones_are_process_alerts(steel_forge, furnace, now, quick_print):
    shared = {"factory": steel_forge, "device": furnace, "severity": "warning", "message": ""}
    for hour, fields in enumerate(
        [
            {"alert_type": "sensor_suspect", "title": "Sensor values are not plausible"},
            {"alert_type": "sensor_flat", "title": "Humidity stands still"},
            {"alert_type": "temperature", "title": "Above 900 °C", "status": "withdrawn", "withdrawn_at": now},
        ]
    ):
        at = MONDAY + timedelta(hours=hour)
        Alert.objects.create(triggered_at=at, resolved_at=at + timedelta(minutes=5), **shared, **fields)
    report = weekly(steel_forge, now)
    assert report.figures["tables"]["alerts"] == []


def test_asking_again_gives_the_same_report(steel_forge, asha, now):
    first, is_new = lifecycle.request_report(steel_forge, "weekly", *WEEK, by=asha, now=now)
    again, is_new_again = lifecycle.request_report(steel_forge, "weekly", *WEEK, by=None, now=now)
    assert (first, is_new, is_new_again) == (again, True, False)


def test_two_who_ask_in_the_same_moment_get_one_report(steel_forge, now, monkeypatch):
    theirs = ReportMaker(factory=steel_forge)
    looked = []
    current = Report.objects.current

    def blind_at_first():
        looked.append(1)
        return current().none() if len(looked) == 1 else current()

    monkeypatch.setattr(Report.objects, "current", blind_at_first)
    report, is_new = lifecycle.request_report(steel_forge, "weekly", *WEEK, by=None, now=now)
    assert (report, is_new) == (theirs, False)


def test_the_database_holds_one_current_report_per_period(steel_forge):
    ReportMaker(factory=steel_forge)
    with pytest.raises(IntegrityError), transaction.atomic():
        ReportMaker(factory=steel_forge)
    ReportMaker(factory=steel_forge, period_start=WEEK[1])


def test_a_second_worker_leaves_a_report_alone_until_the_first_is_long_gone(steel_forge, furnace, now, quick_print):
    report, _ = lifecycle.request_report(steel_forge, "weekly", *WEEK, by=None, now=now)
    assert lifecycle.claim(report, now)
    assert not lifecycle.claim(report, now + timedelta(minutes=1))
    later = now + timedelta(minutes=16)
    assert periodic.requeue_stuck(later) == [report]
    lifecycle.run(report, later)
    assert (report.status, report.progress, report.generated_at) == ("ready", 100, later)


def test_figures_frozen_before_a_worker_died_are_kept(steel_forge, furnace, now, quick_print):
    report, _ = lifecycle.request_report(steel_forge, "weekly", *WEEK, by=None, now=now)
    lifecycle.freeze(report, now)
    frozen = report.figures_sha256
    QuarterHour.objects.all().delete()
    lifecycle.run(report, now + timedelta(hours=1))
    assert (report.status, report.figures_sha256, report.generated_at) == ("ready", frozen, now)


def test_running_twice_changes_nothing(steel_forge, furnace, now, quick_print):
    report = weekly(steel_forge, now)
    sha256 = report.sha256
    lifecycle.run(report, now + timedelta(hours=1))
    assert (report.sha256, Document.objects.count()) == (sha256, 1)


def test_a_failure_says_why_and_can_be_tried_again(steel_forge, now, monkeypatch):
    def refuse(report):
        raise pdf.PdfError("A part of the document was not found: logo")

    with monkeypatch.context() as broken:
        broken.setattr(pdf, "print_report", refuse)
        report = weekly(steel_forge, now)
    assert report.status == "failed" and "logo" in report.error
    again, is_new = lifecycle.request_report(steel_forge, "weekly", *WEEK, by=None, now=now)
    assert (again.pk, is_new, again.status, again.error) == (report.pk, False, "queued", "")


def test_late_readings_mark_a_report_outdated_and_change_nothing_in_it(steel_forge, device, now, quick_print):
    create_readings_and_digest(device, MONDAY, MONDAY + timedelta(hours=12), now, power_consumption=60)
    report = weekly(steel_forge, now)
    figures = report.figures
    assert not lifecycle.mark_outdated(report, now)
    create_readings_and_digest(
        device, MONDAY + timedelta(hours=12), MONDAY + timedelta(hours=13), now, power_consumption=60
    )
    assert periodic.find_outdated(now + timedelta(hours=7)) == [report]
    report.refresh_from_db()
    assert report.outdated_at == now + timedelta(hours=7)
    assert report.figures == figures


def test_readings_of_another_week_or_factory_do_not(steel_forge, furnace, chem_works, now, quick_print):
    report = weekly(steel_forge, now)
    create_readings_and_digest(
        furnace, MONDAY + timedelta(days=7), MONDAY + timedelta(days=7, hours=1), now, power_consumption=60
    )
    create_readings_and_digest(
        make_device(chem_works, "ESP32-CW-001"), MONDAY, MONDAY + timedelta(hours=1), now, power_consumption=60
    )
    assert not lifecycle.mark_outdated(report, now)


def test_a_correction_replaces_and_never_overwrites(steel_forge, furnace, asha, now, quick_print):
    report = weekly(steel_forge, now)
    correction = lifecycle.replace(report, by=asha, reason="The furnace's buffer arrived late", now=now)
    lifecycle.run(correction, now)
    report.refresh_from_db()
    assert report.replaced_at == now and report.replaced_by == correction
    assert report.documents.count() == 1 and correction.documents.count() == 1
    assert list(Report.objects.current()) == [correction]
    with pytest.raises(IssueError, match="replaced already"):
        lifecycle.replace(report, by=asha, reason="again", now=now)


def test_making_final_prints_the_same_figures_once_more(steel_forge, furnace, asha, now, quick_print):
    report = weekly(steel_forge, now)
    figures_sha256, draft_sha256 = report.figures_sha256, report.sha256
    report = lifecycle.finalise(report, by=asha, now=now)
    lifecycle.run(report, now + timedelta(minutes=1))
    assert report.is_final and report.status == "ready"
    assert report.figures_sha256 == figures_sha256 and report.sha256 != draft_sha256
    assert sorted(report.documents.values_list("is_final", flat=True)) == [False, True]
    assert lifecycle.newest_document(report).sha256 == report.sha256


def test_an_outdated_report_cannot_be_made_final(steel_forge, device, asha, now, quick_print):
    create_readings_and_digest(device, MONDAY, MONDAY + timedelta(hours=12), now, power_consumption=60)
    report = weekly(steel_forge, now)
    create_readings_and_digest(
        device, MONDAY + timedelta(hours=12), MONDAY + timedelta(hours=13), now, power_consumption=60
    )
    with pytest.raises(IssueError, match="Replace it"):
        lifecycle.finalise(report, by=asha, now=now)
    report.refresh_from_db()
    assert not report.is_final


def test_the_digest_is_that_of_the_frozen_json(steel_forge, furnace, now, quick_print):
    report = Report.objects.get(pk=weekly(steel_forge, now).pk)
    assert report.figures_sha256 == lifecycle.figures_digest({"inputs": report.inputs, "figures": report.figures})
    assert report.sha256 == hashlib.sha256(bytes(report.documents.get().pdf)).hexdigest()


def test_standing_reports_are_made_once_for_factories_with_devices(steel_forge, chem_works, device, now):
    made = periodic.request_periodic_reports(now)
    assert {(report.factory, report.report_type) for report in made} == {
        (steel_forge, "weekly"),
        (steel_forge, "monthly"),
    }
    assert periodic.request_periodic_reports(now) == []


def test_a_standing_report_waits_some_hours_for_what_devices_buffered(steel_forge, device):
    just_after_midnight = MONDAY + timedelta(days=7, minutes=10)
    weeks = [report.period_start for report in periodic.request_periodic_reports(just_after_midnight)]
    assert date(2025, 1, 6) not in weeks
    weeks = [
        report.period_start for report in periodic.request_periodic_reports(just_after_midnight + timedelta(hours=6))
    ]
    assert date(2025, 1, 6) in weeks


def test_electricity_of_a_financial_year_in_tonnes_of_oil_equivalent(steel_forge, furnace, now, quick_print):
    later = now + timedelta(days=100)
    report, _ = lifecycle.request_report(steel_forge, "pat", date(2024, 4, 1), date(2025, 3, 31), by=None, now=later)
    lifecycle.run(report, later)
    toe = Decimal(report.figures["summary"]["energy_toe"]["value"])
    assert toe == pytest.approx(Decimal(5208) * 860 / 10**7, abs=Decimal("1e-6"))


@pytest.mark.parametrize("report_type", sorted(periods.KINDS))
def test_a_factory_without_any_reading_gets_a_report_that_says_so(steel_forge, now, quick_print, report_type):
    period = periods.last_complete(report_type, now.date())
    report, _ = lifecycle.request_report(steel_forge, report_type, period.start, period.end, by=None, now=now)
    lifecycle.run(report, now)
    assert report.status == "ready", report.error
    assert report.figures["summary"]["energy_kwh"]["value"] is None
