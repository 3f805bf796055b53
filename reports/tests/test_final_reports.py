"""Final means final: complete or openly waived, on inputs as they are, frozen with every row, its months locked."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from calculations import strict_json
from calculations.cbam import json_input as cbam_file
from calculations.pat import json_input as pat_file
from registers import locks, models
from registers.models import MonthLock
from reports.issuing import lifecycle, open_points, periodic
from reports.issuing.lifecycle import IssueError
from reports.issuing.open_points import WaiverError
from reports.models import Report
from reports.printing import pdf_context
from reports.tests.cast import waive_all
from reports.tests.test_documents_from_registers import (  # noqa: F401  quick_print applies here too
    ACTUAL,
    FY,
    IN_2027,
    IN_MAY_2027,
    YEAR_2026,
    Year,
    cbam,
    forge,
    pat,
    quick_print,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def year(forge):  # noqa: F811
    return Year(forge, YEAR_2026, ACTUAL)


def finalise(report, asha, now=IN_2027, **signed):
    waive_all(report, asha, now)
    return lifecycle.finalise(report, by=asha, now=now, **signed)


# Complete or waived


def test_open_points_keep_a_report_a_draft_until_each_is_waived(year, asha):
    report = cbam(year.factory)
    points = open_points.unwaived(report)
    assert any(point.title.startswith("Precursors bought") for point in points)
    assert any(point.key.startswith("item:") for point in points)
    with pytest.raises(IssueError, match=rf"^{len(points)} items are open"):
        lifecycle.finalise(report, by=asha, now=IN_2027)
    last = points.pop()
    open_points.waive(report, [one.key for one in points], reason="no data before May", by=asha, now=IN_2027)
    with pytest.raises(IssueError, match=r"^One item is open"):
        lifecycle.finalise(report, by=asha, now=IN_2027)
    open_points.waive(report, [last.key], reason="not measured", by=asha, now=IN_2027)
    assert lifecycle.finalise(report, by=asha, now=IN_2027).is_final


def test_a_missing_month_blocks_and_is_named(forge, asha):  # noqa: F811
    Year(forge, YEAR_2026[:3], ACTUAL)
    report = cbam(forge)
    gap = next(one for one in open_points.unwaived(report) if one.title.startswith("Electricity bills"))
    assert "Apr 2026, May 2026, Jun 2026 and 6 more months" in gap.sentence and gap.url
    with pytest.raises(IssueError):
        lifecycle.finalise(report, by=asha, now=IN_2027)


@pytest.mark.parametrize("reason", ["", "   ", "x" * 301, "two\nlines and \x07"])
def test_a_waiver_needs_a_reason_that_can_be_printed(year, asha, reason):
    report = cbam(year.factory)
    key = open_points.unwaived(report)[0].key
    if reason == "two\nlines and \x07":
        with pytest.raises(WaiverError, match="one line"):
            open_points.waive(report, [key], reason=reason, by=asha, now=IN_2027)
        return
    with pytest.raises(WaiverError):
        open_points.waive(report, [key], reason=reason, by=asha, now=IN_2027)


def test_a_waiver_of_something_else_is_refused_whole(year, asha):
    report = cbam(year.factory)
    key = open_points.unwaived(report)[0].key
    with pytest.raises(WaiverError, match="no such open item"):
        open_points.waive(report, [key, "item:99.9"], reason="x", by=asha, now=IN_2027)
    assert not report.waivers.exists()


def test_waivers_are_printed_go_over_to_a_correction_and_stay_once_final(year, asha):
    report = cbam(year.factory)
    item = next(one for one in open_points.unwaived(report) if one.key.startswith("item:"))
    [waiver] = open_points.waive(report, [item.key], reason="asked for in May", by=asha, now=IN_2027)
    context = pdf_context.context_of(report)
    assert context["waived_items"] == {item.key.split(":")[1]: "asked for in May"}
    correction = lifecycle.replace(report, by=asha, reason="late bill", now=IN_2027)
    assert [(row.key, row.reason, row.waived_by) for row in correction.waivers.all()] == [
        (item.key, "asked for in May", asha)
    ]
    lifecycle.run(correction, IN_2027)
    final = finalise(correction, asha)
    with pytest.raises(WaiverError, match="is final"):
        open_points.take_back(final.waivers.first())
    open_points.take_back(waiver)
    assert not report.waivers.exists()


def test_a_waiver_covers_the_months_it_was_given_for_and_no_others(forge, asha):  # noqa: F811
    year = Year(forge, YEAR_2026[:-1], ACTUAL)
    report = cbam(forge)
    waive_all(report, asha, IN_2027)
    models.ElectricityBill.objects.for_factory(forge).get(month=YEAR_2026[3]).delete()
    correction = lifecycle.replace(report, by=asha, reason="a bill was wrong", now=IN_2027)
    lifecycle.run(correction, IN_2027)
    [gap] = [one for one in open_points.unwaived(correction) if one.title.startswith("Electricity bills")]
    assert "Apr 2026, Dec 2026" in gap.sentence and year.months[3] == YEAR_2026[3]


def test_a_waiver_of_what_is_filled_in_meanwhile_is_printed_nowhere(forge, asha):  # noqa: F811
    year = Year(forge, YEAR_2026[:-1], ACTUAL)
    report = cbam(forge)
    waive_all(report, asha, IN_2027)
    year.enter(YEAR_2026[-1])
    correction = lifecycle.replace(report, by=asha, reason="December is in", now=IN_2027)
    lifecycle.run(correction, IN_2027)
    titles = [waiver.title for waiver in pdf_context.context_of(correction)["waivers"]]
    assert titles and not [title for title in titles if title.startswith(("Electricity bills", "Production, "))]


# Signed


def test_a_person_of_the_particulars_may_sign(year, asha):
    final = finalise(cbam(year.factory), asha, signatory="authorised")
    assert (final.final_name, final.finalised_by) == ("A. Kulkarni", asha)


def test_nobody_signs_whom_the_particulars_do_not_name(year, asha):
    models.Particulars.objects.for_factory(year.factory).get().delete()
    report = cbam(year.factory)
    with pytest.raises(IssueError, match=r"name no signatory|stays a draft"):
        finalise(report, asha, signatory="authorised")


# Current


def changed_fuel(year):
    row = models.FuelUse.objects.for_factory(year.factory).first()
    row.used_process = D(11)
    row.save()


def changed_supplier(year):
    year.supply.see_direct_t_per_t = D("1.9")
    year.supply.save()


def changed_particulars(year):
    year.particulars.installation = "Chakan works, hall 2"
    year.particulars.save()


def changed_factory(year):
    year.factory.legal_name = "Steel Forge Limited"
    year.factory.save()


def removed_row(year):
    models.PrecursorUse.objects.for_factory(year.factory).first().delete()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (changed_fuel, "Fuels used"),
        (changed_supplier, "Precursors: suppliers"),
        (changed_particulars, "entries of the registers"),
        (changed_factory, "particulars of the unit"),
        (removed_row, "entries of the registers"),
    ],
)
def test_any_input_that_changed_makes_a_report_outdated(year, asha, change, words):
    draft, later = cbam(year.factory), IN_2027 + timedelta(hours=7)
    change(year)
    with pytest.raises(IssueError, match=r"changed after the report was made\. Replace it"):
        lifecycle.finalise(draft, by=asha, now=later)
    assert periodic.find_outdated(later) == [draft]
    draft.refresh_from_db()
    assert words in draft.outdated_because


def test_a_final_report_and_its_sibling_become_outdated_together(year, asha):
    summary, full = finalise(cbam(year.factory, "cbam_summary"), asha), cbam(year.factory)
    for lock in MonthLock.objects.for_factory(year.factory).active():
        locks.unlock_month(year.factory, lock.month, reason="supplier sent a correction", by=asha, now=IN_2027)
    changed_supplier(year)
    correction = lifecycle.replace(full, by=asha, reason="supplier's correction", now=IN_2027)
    lifecycle.run(correction, IN_2027)
    assert finalise(correction, asha).outdated_at is None
    assert lifecycle.mark_outdated(Report.objects.get(pk=summary.pk), IN_2027)


def without_what_an_earlier_release_lacked(report):
    for name in ("release", "register_rows", "gaps"):
        report.inputs.pop(name)
    report.save()
    return report


def test_a_report_of_an_earlier_release_is_not_outdated_by_how_this_one_gathers(year, asha):
    report = without_what_an_earlier_release_lacked(cbam(year.factory))
    report.inputs["entered"]["gathered"] = "otherwise"
    report.generated_at = timezone.now()  # rows carry the time of the database's clock
    report.save()
    assert not lifecycle.mark_outdated(report, IN_2027)
    with pytest.raises(IssueError, match="earlier release"):
        finalise(report, asha)
    changed_fuel(year)
    assert lifecycle.mark_outdated(report, IN_2027) and "Fuels used" in report.outdated_because


def test_a_refused_report_leaves_its_months_open(year, asha):
    with pytest.raises(IssueError, match="items are open"):
        lifecycle.finalise(cbam(year.factory), by=asha, now=IN_2027)
    assert not MonthLock.objects.for_factory(year.factory).exists()


def test_nothing_changed_is_not_outdated(year):
    assert not lifecycle.mark_outdated(cbam(year.factory), IN_2027 + timedelta(days=40))


def test_field_case_of_a_draft_made_final_after_its_fuel_changed(forge, asha):  # noqa: F811
    Year(forge, FY, ACTUAL)
    draft = pat(forge)
    april = models.FuelUse.objects.for_factory(forge).get(month=date(2026, 4, 1))
    april.used_process = D(1000)
    april.save()
    with pytest.raises(IssueError, match=r"Fuels used.* changed after the report was made"):
        finalise(draft, asha, IN_MAY_2027)


# Frozen and locked


def test_every_row_is_frozen_and_the_file_gives_the_figures_without_the_registers(year, asha):
    final = finalise(cbam(year.factory), asha)
    rows = final.inputs["register_rows"]
    assert [row["used_process"] for row in rows["fuel-use"]] == ["10"] * 12
    assert {row["month"] for row in rows["electricity-bills"]} == {month.isoformat() for month in YEAR_2026}
    assert rows["precursor-supplies"][0]["see_direct_t_per_t"] == "1.4"
    see = D(final.figures["summary"]["see_direct_t_co2e_per_t"]["value"])
    for lock in MonthLock.objects.for_factory(year.factory).active():
        locks.unlock_month(year.factory, lock.month, reason="test", by=asha, now=IN_2027)
    for model in (models.FuelUse, models.PrecursorUse, models.ElectricityBill, models.Production):
        model.objects.for_factory(year.factory).delete()
    again = cbam_file.work_out(strict_json.parse(Report.objects.get(pk=final.pk).inputs["entered"]["file"]))
    assert see == again.goods[0].process.see_direct.value.quantize(D("0.00001"))  # as Annex IV has it printed


def test_the_file_of_a_statement_gives_its_figures_again(forge, asha):  # noqa: F811
    Year(forge, FY, ACTUAL)
    final = finalise(pat(forge), asha, IN_MAY_2027)
    again = pat_file.work_out(strict_json.parse(final.inputs["entered"]["current"]["file"]))
    assert again.energy.total_toe == D(final.figures["summary"]["total_toe"]["value"])


def test_a_final_report_locks_its_months(year, asha):
    finalise(cbam(year.factory), asha)
    locked = set(MonthLock.objects.for_factory(year.factory).active().values_list("month", flat=True))
    assert locked == set(YEAR_2026)
    with pytest.raises(ValidationError, match="locked"):
        changed_fuel(year)
