"""Spreadsheets: a dry run that names every fault, and an export that imports again."""

import csv
import io
import zipfile
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core.xlsx import reader
from core.xlsx.sheet_cells import cell_of
from registers import models
from registers.imports import tables
from registers.tests.cast import APRIL, MAY, diesel, gears, one_row_per_register, production_row
from registers.tests.model_factories import FuelMaker, FuelUseMaker, PrecursorSupplyMaker

pytestmark = pytest.mark.django_db
IMPORT = "/dashboard/registers/production/import/?period=2024-05"


def text_of(answer):
    return " ".join(answer.content.decode().split())


def test_the_dry_run_keeps_nothing_and_names_every_lines_fault(vik, page, steel_forge):
    gears(steel_forge)
    pasted = "\n".join(
        [
            "Month\tProduct\tOpening stock\tMade\tDispatched\tClosing stock",
            "May 2024\tgear blanks\t0\t1,234.5\t0\t1234.5",
            "2024-06\tGear blanks\t0\tlots\t0\t0",
            "2024-07\tScrews\t0\t5\t0\t5",
            "2024-08\tGear blanks\t1\t5\t0\t9",
            "2031-01\tGear blanks\t0\t1\t0\t1",
            "May 2024\tGear blanks\t0\t1\t0\t1",
        ]
    )
    answer = page(vik).post(IMPORT, {"text": pasted})
    body = text_of(answer)
    assert answer.status_code == 422 and not models.Production.objects.exists()
    assert "1 new, 0 changed, 0 unchanged, <strong>5 with faults</strong>" in body
    for words in (
        "<strong>Made:</strong> Write the figure as 1,23,456.50 or 123456.50.",
        "<strong>Product:</strong> There is no such line: Screws.",
        "that makes 6, not 9.",
        "January 2031 has not begun yet.",
        "The same row as line 2.",
    ):
        assert words in body, words
    assert "carry_out" not in body


def test_what_the_dry_run_showed_is_then_imported(vik, page, steel_forge):
    gears(steel_forge)
    client = page(vik)
    first = client.post(IMPORT, {"text": "Product\tMade\nGear blanks\t12.5"})
    assert first.status_code == 200 and first.context["plan"].counts["new"] == 1
    client.post(IMPORT, {**first.context["carried"], "carry_out": "1"})
    found = models.Production.objects.get()
    assert (found.month, found.made, found.opening) == (MAY, Decimal("12.5"), None)


def test_without_headings_the_order_is_the_sheets(vik, page, steel_forge):
    gears(steel_forge)
    client, pasted = page(vik), {"text": "2024-04\tGear blanks\t1\t2\t0\t\t3\tInvoice"}
    first = client.post(IMPORT, pasted)
    assert first.status_code == 200 and "There are no headings." in text_of(first)
    assert client.post(IMPORT, pasted | {"carry_out": "1"}).status_code == 200  # the columns were not confirmed
    assert not models.Production.objects.exists()
    shown = {f"columns.{column['number']}": column["name"] for column in first.context["mapping"]}
    client.post(IMPORT, first.context["carried"] | shown | {"carry_out": "1"})
    found = models.Production.objects.get()
    assert (found.opening, found.made, found.closing, found.source) == (1, 2, 3, "invoice")


def test_an_import_is_carried_out_whole_or_not_at_all(vik, page, steel_forge):
    gears(steel_forge)
    page(vik).post(
        IMPORT, {"text": "Product\tMonth\tMade\nGear blanks\t2024-04\t1\nGear blanks\t2024-05\tx", "carry_out": "1"}
    )
    assert not models.Production.objects.exists()


def test_a_stored_row_is_changed_and_what_the_file_lacks_is_left(vik, page, steel_forge):
    production_row(steel_forge, gears(steel_forge), remark="weighed")
    pasted = "Month\tProduct\tMade\tClosing stock\n2024-04\tGear blanks\t110\t30"
    assert page(vik).post(IMPORT, {"text": pasted}).context["plan"].counts["changed"] == 1
    page(vik).post(IMPORT, {"text": pasted, "carry_out": "1"})
    found = models.Production.objects.get()
    assert (found.made, found.opening, found.remark) == (110, 10, "weighed")


def test_a_blank_cell_leaves_the_stored_figure_unless_it_is_to_be_cleared(vik, page, steel_forge):
    production_row(steel_forge, gears(steel_forge))
    client, text = page(vik), "Month\tProduct\tClosing stock\tMade\n2024-04\tGear blanks\t20"
    assert "1 blank cell leaves a stored figure as it is." in text_of(client.post(IMPORT, {"text": text}))
    client.post(IMPORT, {"text": text, "carry_out": "1"})
    assert models.Production.objects.get().made == 100
    client.post(IMPORT, {"text": text, "carry_out": "1", "accepted": "clear_blanks"})
    assert models.Production.objects.get().made is None


def test_a_cell_without_a_heading_is_not_dropped_silently(vik, page, steel_forge):
    gears(steel_forge)
    body = text_of(page(vik).post(IMPORT, {"text": "Product\tMade\nGear blanks\t1\t99"}))
    assert "More cells than columns." in body


def test_unknown_headings_are_named(vik, page, steel_forge):
    body = text_of(page(vik).post(IMPORT, {"text": "Product\tMad\nGear blanks\t1"}))
    assert "“Mad” is no column of this register." in body


def test_another_factorys_line_is_no_line_here(vik, page, steel_forge, chem_works):
    gears(chem_works)
    body = text_of(page(vik).post(IMPORT, {"text": "Product\tMade\nGear blanks\t1"}))
    assert "There is no such line: Gear blanks." in body


def test_an_export_imports_into_another_factory(vik, chitra, page, steel_forge, chem_works):
    one_row_per_register(steel_forge)
    for slug in ("processes", "products", "production"):
        content = b"".join(page(vik).get(f"/dashboard/registers/{slug}/export/?period=all").streaming_content)
        page(chitra).post(f"/dashboard/registers/{slug}/import/", {"text": as_text(content), "carry_out": "1"})
    found = models.Production.objects.get(factory=chem_works)
    assert (found.made, found.product.cn_code, found.product.factory) == (100, "73261910", chem_works)


def as_text(content):
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    return "\n".join("\t".join(cell_of(value) for value in line) for line in sheet.iter_rows(values_only=True))


def test_figures_are_numbers_in_a_workbook_and_units_stand_beside(vik, page, steel_forge):
    production_row(steel_forge, gears(steel_forge))
    content = b"".join(page(vik).get("/dashboard/registers/production/export/?period=2024-04").streaming_content)
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    head, line = ([cell.value for cell in cells] for cells in sheet.iter_rows())
    assert (line[head.index("Made")], line[head.index("Unit")], line[head.index("Month")]) == (100, "t", "2024-04")


def test_a_text_is_no_formula_in_the_export(vik, page, steel_forge):
    FuelMaker(factory=steel_forge, name="=1+1", fuel_kind="other", unit="t")
    content = b"".join(page(vik).get("/dashboard/registers/fuels/export/?format=csv").streaming_content).decode(
        "utf-8-sig"
    )
    assert list(csv.reader(io.StringIO(content)))[1][0] == "'=1+1"
    again = page(vik).post("/dashboard/registers/fuels/import/", {"text": content})
    assert again.context["plan"].counts["unchanged"] == 1


def test_an_excel_date_is_a_month_too(vik, page, steel_forge):
    gears(steel_forge)
    book = openpyxl.Workbook()
    for line in (["Month", "Product", "Made"], [date(2024, 4, 1), "Gear blanks", 12.25]):
        book.active.append(line)
    out = io.BytesIO()
    book.save(out)
    page(vik).post(IMPORT, {"file": SimpleUploadedFile("a.xlsx", out.getvalue())})
    answer = page(vik).post(IMPORT, {"file": SimpleUploadedFile("a.xlsx", out.getvalue()), "carry_out": "1"})
    assert answer.status_code == 302 and models.Production.objects.get(month=APRIL).made == Decimal("12.25")


def bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * (reader.MAX_UNPACKED_BYTES + 1))
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04nonsense",
        b"a\0b",
        b"x" * (tables.MAX_BYTES + 1),
        b"a,b\n" * 1_100,
        b"," * 200 + b"x",
        bomb(),
    ],
    ids=["empty", "broken", "binary", "large", "long", "wide", "bomb"],
)
def test_a_file_that_is_no_table_is_the_senders_error(content, vik, page, steel_forge):
    answer = page(vik).post(IMPORT, {"file": SimpleUploadedFile("f.csv", content), "text": ""})
    assert answer.status_code in (200, 422) and "errorlist" in answer.content.decode()


def test_names_that_stand_twice_are_asked_about(vik, page, steel_forge):
    for supplier in ("Mill A", "Mill B"):
        bar = {"name": "Bars", "supplier": supplier, "cn_code": "72142000", "basis": "default", "origin": "IN"}
        PrecursorSupplyMaker(factory=steel_forge, **bar)
    address = "/dashboard/registers/precursors/import/?period=2024-04"
    page(vik).post(address, {"text": "Precursor\tEntering the process (t)\nBars, Mill A\t5", "carry_out": "1"})
    assert models.PrecursorUse.objects.get().supply.supplier == "Mill A"


def test_a_fuel_without_a_process_is_matched_without_one(vik, page, steel_forge):
    FuelUseMaker(factory=steel_forge, fuel=diesel(steel_forge), month=APRIL)
    address = "/dashboard/registers/fuel-use/import/?period=2024-04"
    answer = page(vik).post(address, {"text": "Fuel\tUsed for process\nHSD\t4"})
    assert answer.context["plan"].counts["changed"] == 1
