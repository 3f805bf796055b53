"""Tables as people have them: read as they are meant, or asked about, and never stored unseen."""

import io
import json
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from registers import models
from registers.tests.cast import diesel, gears
from registers.tests.model_factories import ConnectionMaker, ElectricityBillMaker, FuelUseMaker

pytestmark = pytest.mark.django_db
BILLS = "/dashboard/registers/electricity-bills/import/"
HEAD = "Month;Connection;Billed (kWh)\n"


def text_of(answer):
    return " ".join(answer.content.decode().split())


@pytest.fixture
def ht(steel_forge):
    return ConnectionMaker(factory=steel_forge, name="MSEDCL HT")


@pytest.fixture
def browser(vik, page, ht):
    return page(vik)


def pasted(browser, text, address=BILLS, **said):
    return browser.post(address, {"text": text, **said})


def again(browser, answer, address=BILLS, **said):
    """The second step with what the page of the first carries."""
    return browser.post(address, answer.context["carried"] | said)


def workbook(*rows, change=lambda sheet: None):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    change(book.active)
    content = io.BytesIO()
    book.save(content)
    return SimpleUploadedFile("bills.xlsx", content.getvalue())


def stored():
    return list(models.ElectricityBill.objects.order_by("month").values_list("month", "energy_kwh"))


def questions(answer):
    return [question.key for question in answer.context["plan"].questions]


def test_three_digits_behind_a_comma_are_asked_about_and_stored_as_said(browser):
    text = HEAD + "2024-05;MSEDCL HT;12,345\n"
    first = pasted(browser, text)
    body = text_of(first)
    assert "Billed (kWh) can be read in two ways: 12,345 (line 2)." in body
    assert "12345: the comma groups digits" in body and "12.345: the comma is the decimal sign" in body
    pasted(browser, text, carry_out="1")
    assert stored() == []
    second = again(browser, first, **{"decimals.3": "point"})
    assert questions(second) == [] and "12,345 kWh" in text_of(second)
    again(browser, second, carry_out="1")
    assert stored() == [(date(2024, 5, 1), Decimal(12345))]


@pytest.mark.parametrize(
    ("cell", "value"), [("1,12,345", "12345"), ("12,5", "12.345"), ("12345.5", "12345"), ("0,345", "12.345")]
)
def test_another_cell_of_the_column_decides(browser, cell, value):
    text = HEAD + f"2024-05;MSEDCL HT;12,345\n2024-04;MSEDCL HT;{cell}\n"
    answer = pasted(browser, text, carry_out="1", accepted="unusual")
    assert answer.status_code == 302
    assert dict(stored())[date(2024, 5, 1)] == Decimal(value)


def test_cells_without_a_head_are_shown_and_confirmed_before_they_are_stored(browser):
    text = "2023-12\tMSEDCL HT\t123456\t410\n"
    first = pasted(browser, text)
    body = text_of(first)
    assert questions(first) == ["columns"]
    for words in (
        "There are no headings.",
        ">Bill number</th>",
        '<td data-label="Bill number"><div>123456</div>',
        "410 kWh",
    ):
        assert words in body, words
    pasted(browser, text, carry_out="1")
    assert stored() == []
    said = {"columns.1": "(period)", "columns.2": "connection", "columns.3": "energy_kwh", "columns.4": "demand_kva"}
    second = again(browser, first, **said)
    assert "1,23,456 kWh" in text_of(second) and "410 kVA" in text_of(second)
    again(browser, second, carry_out="1", **said)
    bill = models.ElectricityBill.objects.get()
    assert (bill.bill_number, bill.energy_kwh, bill.demand_kva) == ("", 123456, 410)


def test_a_formula_without_a_result_is_a_fault_of_its_line(browser):
    file = workbook(["Month", "Connection", "Billed (kWh)"], ["2024-05", "MSEDCL HT", "=4117.3*30"])
    answer = browser.post(BILLS, {"file": file})
    assert answer.status_code == 422 and stored() == []
    assert "a formula whose result is not in the file: open and save it in Excel" in text_of(answer)
    assert answer.context["plan"].lines[0].faults[0][0] == "Billed (kWh)"


@pytest.mark.parametrize(("said", "month"), [("month_year", date(2023, 4, 1)), ("date", date(2024, 4, 1))])
def test_a_date_in_a_month_column_is_asked_about(browser, said, month):
    rows = [["Month", "Connection", "Billed (kWh)"], [datetime(2024, 4, 23), "MSEDCL HT", 111222]]  # noqa: DTZ001
    rows.append(["May-23", "MSEDCL HT", 111000])
    file = workbook(*rows, change=lambda sheet: setattr(sheet["A2"], "number_format", "d-mmm"))
    first = browser.post(BILLS, {"file": file})
    body = text_of(first)
    assert "A day stands where a month is expected (line 2): 2024-04-23." in body
    assert "April 2023: Apr-23 was typed" in body and "April 2024: the month of that date" in body
    again(browser, first, carry_out="1")
    assert stored() == []
    again(browser, first, months=said, carry_out="1")
    assert dict(stored())[month] == 111222


def test_days_in_every_row_of_a_csv_are_asked_about_too(browser):
    answer = pasted(browser, "Month,Connection,Billed (kWh)\n23-Apr,MSEDCL HT,1\n24-05-2023,MSEDCL HT,2\n")
    assert "(lines 2, 3)" in answer.context["plan"].questions[0].sentence
    again(browser, answer, months="month_year", carry_out="1")
    assert stored() == [(date(2023, 4, 1), 1), (date(2024, 5, 1), 2)]


def test_particulars_above_the_head_and_a_sum_below_are_named(browser):
    text = "MSEDCL bills 2024\n\nConsumer,170149\nMonth,Connection,Billed (kWh)\n2024-04,MSEDCL HT,100\n,Total,100\n"
    answer = pasted(browser, text)
    assert answer.context["plan"].notes == [
        "The headings are in line 4; what is above is not read.",
        "Line 6 is a sum of the table and left out.",
    ]
    assert [line.number for line in answer.context["plan"].lines] == [5]


def test_a_sum_that_differs_from_its_lines_is_said(browser):
    answer = pasted(browser, "Month,Connection,Billed (kWh)\n2024-04,MSEDCL HT,100\nTotal,,1000\n")
    assert answer.context["plan"].notes == [
        "Line 3 is a sum of the table and left out. Billed (kWh): it says 1,000, the lines add up to 100."
    ]


def test_a_line_that_is_called_total_is_a_line(browser, steel_forge):
    ConnectionMaker(factory=steel_forge, name="Total")
    answer = pasted(browser, "Connection,Month,Billed (kWh)\nTotal,2024-04,100\n", carry_out="1")
    assert answer.status_code == 302 and stored() == [(date(2024, 4, 1), 100)]


@pytest.mark.parametrize(("cell", "value"), [("1,23,456 kWh", 123456), ("1.2 lakh units", 120000), ("₹ 5", None)])
def test_units_in_cells_are_the_columns_or_a_fault(browser, cell, value):
    answer = pasted(browser, f'Month,Connection,Billed (kWh)\n2024-04,MSEDCL HT,"{cell}"\n')
    line = answer.context["plan"].lines[0]
    assert (line.values["energy_kwh"].figure if value else line.action) == (value or "new")


def test_a_unit_that_is_not_the_columns_is_a_fault(browser):
    answer = pasted(browser, "Month,Connection,Billed (kWh)\n2024-04,MSEDCL HT,123 MWh\n", carry_out="1")
    assert answer.status_code == 422 and stored() == []
    assert "The cell is in MWh; kWh is expected." in text_of(answer)


def test_a_figure_ten_times_off_is_asked_about(browser, steel_forge, ht):
    for month in (1, 2, 3):
        ElectricityBillMaker(factory=steel_forge, connection=ht, month=date(2024, month, 1), energy_kwh=120_000)
    text = "Month,Connection,Billed (kWh)\n2024-04,MSEDCL HT,12345\n2024-05,MSEDCL HT,1234\n"
    first = pasted(browser, text)
    assert "line 3, Billed (kWh): 1,234 kWh, usually about 1,20,000 kWh" in text_of(first)
    assert "line 2" not in first.context["unusual"].sentence
    again(browser, first, carry_out="1")
    assert len(stored()) == 3
    again(browser, first, carry_out="1", accepted="unusual")
    assert len(stored()) == 5


def test_the_dry_run_shows_sums_extremes_and_months(browser):
    answer = pasted(browser, "Month,Connection,Billed (kWh)\n2024-04,MSEDCL HT,100\n2024-05,MSEDCL HT,250.5\n")
    [sums] = answer.context["sums"]
    assert (sums["sum"], sums["least"], sums["greatest"]) == ("350.5 kWh", "100 kWh", "250.5 kWh")
    assert (sums["least_line"], sums["greatest_line"]) == (2, 3)
    assert "Apr 2024 to May 2024 (2 months)" in text_of(answer)


def test_a_change_is_shown_beside_what_it_replaces(browser, steel_forge, ht):
    ElectricityBillMaker(factory=steel_forge, connection=ht, month=date(2024, 4, 1), energy_kwh=100)
    answer = pasted(browser, "Month,Connection,Billed (kWh)\n2024-04,MSEDCL HT,150\n")
    assert '<span class="quiet">100 kWh →</span> 150 kWh' in text_of(answer)


def test_a_blank_in_one_month_leaves_every_month_as_it_is(browser, steel_forge):
    fuel = diesel(steel_forge)
    for month in (4, 5):
        FuelUseMaker(factory=steel_forge, fuel=fuel, month=date(2024, month, 1), purchased=10, used_process=9)
    text = "Month,Fuel,Purchased\n2024-04,HSD,\n2024-05,HSD,12\n"
    answer = pasted(browser, text, "/dashboard/registers/fuel-use/import/", carry_out="1")
    assert answer.status_code == 302
    rows = models.FuelUse.objects.order_by("month").values_list("purchased", "used_process")
    assert list(rows) == [(10, 9), (12, 9)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_a_file_is_read_whatever_encoding_it_has(browser, steel_forge, encoding):
    ConnectionMaker(factory=steel_forge, name="Übergabe")
    content = "Month\tConnection\tBilled (kWh)\n2024-04\tÜbergabe\t100.5\n".encode(encoding)
    browser.post(BILLS, {"file": SimpleUploadedFile("a.txt", content), "carry_out": "1"})
    assert stored() == [(date(2024, 4, 1), Decimal("100.5"))]


def test_a_cell_may_go_over_lines_and_an_inch_is_no_quotation(browser, steel_forge):
    gears(steel_forge)
    address = "/dashboard/registers/production/import/?period=2024-05"
    text = 'Product,Made,Remark\nGear blanks,5,"from\nmelt 7"\n'
    pasted(browser, text, address, carry_out="1")
    assert models.Production.objects.get().remark.split() == ["from", "melt", "7"]
    answer = pasted(browser, 'Product\tMade\tRemark\nGear blanks\t6\t5" bar\n', address)
    assert answer.context["plan"].lines[0].values["remark"].text == '5" bar'


def test_a_percentage_and_a_date_of_a_workbook_are_what_excel_shows(browser):
    head = ["Month", "Connection", "Billed (kWh)", "Read from", "Read until"]
    row = ["2024-04", "MSEDCL HT", 100, date(2024, 4, 3), "04/05/2024"]
    answer = browser.post(BILLS, {"file": workbook(head, row)})
    assert questions(answer) == ["dates"]
    again(browser, answer, dates="day_first", carry_out="1")
    bill = models.ElectricityBill.objects.get()
    assert (bill.from_on, bill.until_on) == (date(2024, 4, 3), date(2024, 5, 4))


@pytest.mark.parametrize(
    "said",
    [{"table": "["}, {"table": '{"rows": [["x"]]}'}, {"table": "{}"}, {"text": "a,b\n", "choices": "{"},
     {"text": "a,b\n", "columns.x": "1"}, {"text": "a,b\n", "dates": "mars"}],
)  # fmt: skip
def test_what_a_form_cannot_have_sent_is_an_error_of_the_sender(browser, said):
    answer = browser.post(BILLS, said)
    assert answer.status_code == 422 and "errorlist" in answer.content.decode()


def test_the_table_that_comes_back_is_the_one_that_was_shown(browser):
    file = workbook(["Month", "Connection", "Billed (kWh)"], ["2024-05", "MSEDCL HT", 12.345])
    first = browser.post(BILLS, {"file": file})
    assert json.loads(first.context["carried"]["table"])["rows"][1][3] == ["12.345", True, ""]
    again(browser, first, carry_out="1")
    assert stored() == [(date(2024, 5, 1), Decimal("12.345"))]
