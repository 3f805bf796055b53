"""What is missing for which report, with the address of the very cell; what is due; what is not applicable."""

from datetime import date
from decimal import Decimal

import pytest

from registers import models
from registers.checks.checklist import checklists
from registers.checks.due_dates import due_between
from registers.tests.cast import JUNE, MAY, gears, production_row
from registers.tests.model_factories import (
    CalibrationMaker,
    ConsentMaker,
    EmissionPointMaker,
    LabResultMaker,
    ProcessMaker,
    ProductionMaker,
)

pytestmark = pytest.mark.django_db


def text_of(answer):
    return " ".join(answer.content.decode().split())


@pytest.fixture
def lacking(steel_forge, now):
    """`lacking("form_v")`: {(register, line, what): places} of a report around May 2024."""

    def of(report, month=MAY):
        found = [one for one in checklists(steel_forge, month, now.date(), now) if one.report == report][-1]
        return {
            (section.register.slug, item.label, item.sentence): item.places
            for section in found.sections
            for item in section.items
        }

    return of


def test_every_report_has_its_period_on_one_page(steel_forge, now):
    found = [(one.report, one.label) for one in checklists(steel_forge, MAY, now.date(), now)]
    assert found == [
        ("spcb", "May 2024"),
        ("spcb", "Q1 of FY 2024-25"),
        ("form_v", "FY 2024-25"),
        ("pat", "FY 2024-25"),
        ("cbam", "Calendar year 2024"),
    ]


def test_a_line_without_a_row_is_missing_in_each_month_so_far(lacking, steel_forge):
    product = gears(steel_forge, used_from=MAY)
    production_row(steel_forge, product, JUNE)
    places = lacking("form_v")["production", "Gear blanks", "nothing entered yet"]
    assert [month for month, _url in places] == [date(2024, month, 1) for month in (5, 7, 8, 9, 10, 11, 12)]
    assert places[0][1] == f"/dashboard/registers/production/?period=2024-05#c-n202405-{product.pk}-made"


def test_a_blank_field_leads_to_its_very_cell(lacking, steel_forge, vik, page):
    product = gears(steel_forge)
    found = ProductionMaker(factory=steel_forge, product=product, month=MAY, opening=Decimal(1))
    [(month, url)] = lacking("form_v")["production", "Gear blanks", "Made"]
    assert (month, url) == (MAY, f"/dashboard/registers/production/?period=2024-05#c-r{found.pk}-made")
    assert f'id="c-r{found.pk}-made"' in page(vik).get(url.split("#")[0]).content.decode()


def test_a_field_the_sheet_does_not_show_leads_to_the_rows_page(lacking, steel_forge):
    process = ProcessMaker(factory=steel_forge, name="Forging", category="steel_products", route="Hot")
    places = lacking("cbam")[
        "processes", "Forging", "Steps inside and steps left out, How emissions are attributed to it"
    ]
    assert places == [(None, f"/dashboard/registers/processes/{process.pk}/#id_steps")]


def test_each_report_asks_only_for_what_it_needs(lacking, steel_forge):
    ProductionMaker(factory=steel_forge, product=gears(steel_forge), month=MAY, made=Decimal(1))
    assert not [key for key in lacking("form_v") if key[0] == "production" and "stock" in key[2]]
    assert ("production", "Gear blanks", "Opening stock, Dispatched, Closing stock") in lacking("pat")


def test_every_stack_needs_a_laboratory_result_in_the_year(lacking, steel_forge):
    stack = EmissionPointMaker(factory=steel_forge, name="Furnace stack")
    assert ("laboratory", "Furnace stack", "nothing entered yet") in lacking("form_v")
    sample = {"point": stack, "sampled_on": date(2024, 8, 9)}
    LabResultMaker(factory=steel_forge, **sample)
    assert ("laboratory", "Furnace stack", "nothing entered yet") not in lacking("form_v")
    assert (
        "laboratory",
        "09-08-2024, Furnace stack, Particulate matter",
        "Report number, Laboratory, NABL number",
    ) in lacking("form_v")


def test_a_register_that_is_not_applicable_lacks_nothing(lacking, vik, page, steel_forge):
    assert ("wastes", "", "no waste yet") in lacking("form_v")
    page(vik).post("/dashboard/registers/wastes/not-kept/", {"reason": "No waste arises"})
    assert ("wastes", "", "no waste yet") not in lacking("form_v")
    assert "No waste arises" in text_of(page(vik).get("/dashboard/registers/wastes/"))
    page(vik).post("/dashboard/registers/wastes/kept/")
    assert ("wastes", "", "no waste yet") in lacking("form_v")


def test_a_register_with_rows_is_not_said_not_to_be_kept(vik, page, steel_forge):
    gears(steel_forge)
    page(vik).post("/dashboard/registers/products/not-kept/", {"reason": "Nothing is made"})
    page(vik).post("/dashboard/registers/fuels/not-kept/", {"reason": " "})
    assert not models.RegisterExemption.objects.exists()


def test_a_report_that_is_not_made_outlines_no_cell(lacking, vik, page, steel_forge):
    product = gears(steel_forge)
    for report in ("cbam", "pat"):
        page(vik).post(f"/dashboard/registers/{report}/not-kept/", {"reason": "Nothing is exported to the EU"})
    assert lacking("cbam") == {}
    body = text_of(page(vik).get("/dashboard/registers/production/?period=2024-05"))
    assert f'id="c-n202405-{product.pk}-made" data-label="Made" class="num missing"' in body
    assert f'id="c-n202405-{product.pk}-opening" data-label="Opening stock" class="num"' in body


def test_a_stock_that_jumps_between_months_is_asked_about(vik, page, steel_forge):
    product = gears(steel_forge)
    production_row(steel_forge, product)
    production_row(steel_forge, product, MAY, opening=Decimal(25), closing=Decimal(35))
    body = text_of(page(vik).get("/dashboard/registers/checklist/?month=2024-05"))
    assert "Production, Gear blanks: May 2024 opens with 25, the month before closed with 20." in body


def test_a_consent_that_ended_is_named_and_one_until_cancelled_is_not(vik, page, steel_forge):
    ConsentMaker(factory=steel_forge, number="CTO-1", valid_until=date(2024, 4, 30))
    ConsentMaker(factory=steel_forge, number="HW-1", what="hw")
    body = text_of(page(vik).get("/dashboard/registers/checklist/?month=2024-05"))
    assert "Consent to operate, air and water CTO-1 ended on 30-04-2024." in body and "HW-1 ended" not in body


def test_a_lapsed_calibration_is_named_until_a_newer_certificate_is_entered(vik, page, steel_forge):
    meter = {"meter": "HT meter", "calibrated_on": date(2023, 4, 1), "due_on": date(2024, 4, 1)}
    CalibrationMaker(factory=steel_forge, **meter)
    address = "/dashboard/registers/checklist/?month=2024-05"
    assert "The calibration of HT meter was due on 01-04-2024." in text_of(page(vik).get(address))
    CalibrationMaker(factory=steel_forge, **{**meter, "calibrated_on": date(2024, 4, 1), "due_on": date(2099, 4, 1)})
    assert "The calibration of HT meter was due" not in text_of(page(vik).get(address))


def test_the_year_at_a_glance_counts_complete_rows(vik, page, steel_forge):
    product = gears(steel_forge)
    production_row(steel_forge, product)
    ProductionMaker(factory=steel_forge, product=product, month=MAY)
    body = text_of(page(vik).get("/dashboard/registers/?period=fy2024"))
    assert 'aria-label="Production, April 2024: 1 of 1 complete"' in body
    assert 'aria-label="Production, May 2024: 0 of 1 complete"' in body


def test_what_is_due_stands_on_the_calendar():
    found = [(due.on, due.title) for due in due_between(date(2027, 4, 1), date(2027, 9, 30))]
    assert found == [
        (date(2027, 4, 1), "Quarterly OCEMS return"),
        (date(2027, 6, 30), "Energy return (Form I)"),
        (date(2027, 6, 30), "Hazardous waste return (Form 4)"),
        (date(2027, 7, 1), "Quarterly OCEMS return"),
        (date(2027, 7, 31), "Emission intensity (CCTS Form A)"),
        (date(2027, 9, 30), "CBAM declaration of the importers"),
        (date(2027, 9, 30), "Environmental Statement (Form V)"),
    ]


def test_no_cbam_declaration_was_due_before_2027():
    assert not [due for due in due_between(date(2020, 1, 1), date(2026, 12, 31)) if due.report == "cbam"]


def test_the_calendar_leads_to_the_checklist(vik, page, steel_forge):
    body = text_of(page(vik).get("/dashboard/registers/calendar/"))
    assert "Environmental Statement (Form V)" in body and "report=form_v#form_v" in body
