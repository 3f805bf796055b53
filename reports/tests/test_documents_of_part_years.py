"""Sums over fewer months than their period say so beside the figure and are compared with nothing yearly."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from registers.tests.model_factories import YearStatementMaker
from reports.printing import xlsx_annex
from reports.templatetags.printed import cell, figure
from reports.tests.test_documents_from_registers import (
    ACTUAL,
    FY,
    IN_2027,
    YEAR_2026,
    Year,
    entries_of,
    forge,
    form_v,
    made,
    pat,
    quick_print,
    table_named,
)

__all__ = ["forge", "quick_print"]
D = Decimal
BEFORE = [date(2025, month, 1) for month in range(4, 13)] + [date(2026, month, 1) for month in range(1, 4)]
SHORT = "3 of 12 months"


def saving_of(report, name):
    rows = table_named(report, "Specific energy consumption compared")["rows"]
    return next(row for row in rows if row[0]["text"] == name)


def test_a_year_is_never_compared_with_three_months_of_another(forge):
    Year(forge, [*FY, *BEFORE[9:]], ACTUAL)
    report = pat(forge)
    table, row = table_named(report, "Specific energy consumption compared"), saving_of(report, "Year before")
    assert row[1]["months"] == SHORT
    assert [one["text"] for one in row[2:]] == ["not compared"] * 2
    assert "Year before: not compared, 3 of 12 months of" in table["note"]
    assert table_named(report, "Two years side by side")["rows"][2][2]["months"] == SHORT


def test_two_whole_years_are_compared(forge):
    Year(forge, [*FY, *BEFORE], ACTUAL)
    row = saving_of(pat(forge), "Year before")
    assert D(row[3]["value"]) == 0 and "months" not in row[1]


def test_three_months_are_set_against_no_target_and_say_so_beside_each_total(forge):
    year = Year(forge, FY[:3], ACTUAL)
    year.particulars.consumer_registration = "PAT-1"
    year.particulars.save()
    YearStatementMaker(
        factory=forge, month=date(2027, 3, 1), baseline_production_t=D(1000), target_sec_toe_per_t=D("0.1"),
    )  # fmt: skip
    report = pat(forge)
    assert figure(report.figures["summary"]["total_toe"]).endswith(f"toe, {SHORT}")
    assert table_named(report, "Production and stocks")["foot"][2]["months"] == SHORT
    assert saving_of(report, "Target")[3]["text"] == "not compared"
    assert SHORT in entries_of(report, "11.1")["Position"]["text"]
    assert table_named(report, "Against the threshold")["rows"][0][0]["months"] == SHORT


def test_three_months_are_not_compared_with_a_years_consent(forge):
    year = Year(forge, FY[:3], ACTUAL)
    year.oil.consented_quantity, year.oil.consented_per = D(200), "year"
    year.oil.save()
    report = made(forge, "spcb", date(2026, 4, 1), date(2026, 6, 30), datetime(2026, 7, 4, tzinfo=UTC))
    fuel = table_named(report, "Fuels")["rows"][0]
    assert D(fuel[2]["value"]) == 30 and D(fuel[5]["value"]) == 60, "the whole quarter has a quarter of the year's"
    of_year = form_v(forge)
    materials = table_named(of_year, "Raw material per unit")
    assert materials["rows"][0][2]["months"] == SHORT and materials["rows"][0][4]["text"] == "–"


def test_a_quarter_with_one_month_is_compared_with_no_consent(forge):
    Year(forge, FY[:1], ACTUAL)
    report = made(forge, "spcb", date(2026, 4, 1), date(2026, 6, 30), datetime(2026, 7, 4, tzinfo=UTC))
    table = table_named(report, "Products")
    assert cell(table["rows"][0][2]) == "100.000, 1 of 3 months"
    assert table["rows"][0][5]["text"] == "not compared" and "fewer months" in table["note"]


@pytest.mark.parametrize("kind", ["cbam_summary", "cbam_full"])
def test_three_months_of_cbam_say_so(forge, kind):
    Year(forge, YEAR_2026[:3], ACTUAL)
    report = made(forge, kind, date(2026, 1, 1), date(2026, 12, 31), IN_2027)
    assert figure(report.figures["summary"]["direct_emissions_t_co2e"]).endswith(SHORT)
    assert table_named(report, "Specific embedded emissions of each good")["rows"][0][-4]["months"] == SHORT


def test_the_workbook_keeps_the_number_a_number_and_the_words_beside_it(forge):
    Year(forge, FY[:3], ACTUAL)
    book = load_workbook(io.BytesIO(xlsx_annex.write(pat(forge))))
    total = next(row for row in book["Result"].iter_rows() if row[0].value == "Energy, gate to gate")[1]
    assert total.value == pytest.approx(37.89) and total.number_format.endswith(f'", {SHORT}"')
