"""What newer factors and changed rows would make of a draft; what is issued is left alone."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from registers import models
from registers.models.factors import Factor, FactorSet
from reports.issuing import lifecycle, preview_diff
from reports.models import Report
from reports.printing import pdf
from reports.tests.cast import waive_all
from reports.tests.test_documents_from_registers import ACTUAL, IN_2027, YEAR_2026, Year, cbam, forge, made  # noqa: F401

D = Decimal


@pytest.fixture(autouse=True)
def quick_print(monkeypatch):
    monkeypatch.setattr(pdf, "print_report", lambda report: pdf.PrintedPdf(b"%PDF-", 1))


def a_newer_table():
    newer = FactorSet.objects.create(
        slug="newer", version="2026 edition", title="Newer table", act="An amending act",
        published_on=date(2026, 12, 1), sha256="0" * 64,
    )  # fmt: skip
    Factor.objects.create(
        factor_set=newer, key="fuel.ef.residual_fuel_oil", name="Residual fuel oil", value=D("78.0"), decimals=1,
        unit="t CO2/TJ", place="Table 1", is_verified=True,
    )  # fmt: skip


def found():
    return preview_diff.preview_open_reports(Report.objects.all(), IN_2027)


def test_a_new_version_is_shown_with_the_figure_it_moves(forge):  # noqa: F811
    Year(forge, YEAR_2026, ACTUAL)
    report = cbam(forge)
    assert found()[0].factor_changes == [] and found()[0].figure_changes == []
    a_newer_table()
    [again] = found()
    assert [(one.before, one.now) for one in again.factor_changes] == [(D("77.4"), D("78.0"))]
    see = next(one for one in again.figure_changes if one.label == "Specific direct embedded emissions")
    assert D(see.after["value"]) > D(see.before["value"])
    report.refresh_from_db()
    assert D(report.figures["summary"]["see_direct_t_co2e_per_t"]["value"]) == D(see.before["value"])


def test_a_rehearsal_is_held_against_the_day_its_factors_are_of(forge, now):  # noqa: F811
    Year(forge, [date(2024, month, 1) for month in range(1, 13)], ACTUAL)
    made(forge, "cbam_full", date(2024, 1, 1), date(2024, 12, 31), now)
    assert found()[0].factor_changes == []


def test_a_final_report_is_no_matter_of_newer_factors(forge, asha):  # noqa: F811
    Year(forge, YEAR_2026, ACTUAL)
    report = cbam(forge)
    waive_all(report, asha, IN_2027)
    lifecycle.finalise(report, by=asha, now=IN_2027)
    a_newer_table()
    assert found() == []


def test_a_changed_row_moves_a_draft_only_when_it_is_made_again(forge):  # noqa: F811
    Year(forge, YEAR_2026, ACTUAL)
    cbam(forge)
    use = models.PrecursorUse.objects.for_factory(forge).first()
    use.mass_t = D(150)
    use.save()
    assert [one.label for one in found()[0].figure_changes] == ["Specific direct embedded emissions"]


def test_the_page_shows_only_ones_own_drafts(forge, asha, chem_works, client):  # noqa: F811
    Year(forge, YEAR_2026, ACTUAL)
    Year(chem_works, YEAR_2026, ACTUAL)
    mine, others = cbam(forge), cbam(chem_works)
    client.force_login(asha)
    page = client.get(reverse("report_made_again")).content.decode()
    assert mine.number in page and others.number not in page
