"""Each step of a document's trace says what it is: an invoice's, measured, of a table, derived."""

from decimal import Decimal

from registers import models
from registers.tests.model_factories import FuelMaker, FuelUseMaker
from reports.tests.test_documents_from_registers import ACTUAL, FY, YEAR_2026, Year, cbam, forge, pat, quick_print

__all__ = ["forge", "quick_print"]
D = Decimal


def lines_of(report, beginning=""):
    return [
        line
        for part in report.figures["sections"]
        for block in part["blocks"]
        if isinstance(block, dict) and block["kind"] == "steps" and block["caption"].startswith(beginning)
        for line in block["lines"]
    ]


def line(lines, symbol, name):
    return next(row for row in lines if row["symbol"] == symbol and name in row["name"])


def liquid(forge, year, months):
    diesel = FuelMaker(factory=forge, name="Diesel", fuel_kind="gas_diesel_oil", unit="kL")
    for month in months:
        FuelUseMaker(
            factory=forge, fuel=diesel, process=year.forging, month=month, used_process=D(1), used_power=D(0),
            source="invoice", ncv_gj_per_t=D(43), value_source="own_lab",
        )  # fmt: skip


def test_a_pat_trace_names_invoice_table_and_the_litres_own_step(forge):
    year = Year(forge, FY, ACTUAL)
    for bill in models.ElectricityBill.objects.for_factory(forge):
        bill.source = "invoice"
        bill.save()
    liquid(forge, year, FY)
    lines = lines_of(pat(forge))
    assert line(lines, "P", "purchased")["kind"] == "invoice"
    assert line(lines, "P", "purchased")["said_by"] == "Invoice, sum of 12 months"
    assert line(lines, "HR", "exports")["kind"] == "table"
    oil = line(lines, "GCV", "Furnace oil")
    assert oil["kind"] == "table" and "S.O. 394(E)" in oil["said_by"], "a standard value names its act"
    mass = line(lines, "M", "Diesel")
    assert mass["formula"] == "Q × 1000 × ρ" and D(mass["value"]) == 12 * 1000 * D(line(lines, "ρ", "Diesel")["value"])
    assert line(lines, "ρ", "Diesel")["kind"] == "table" and line(lines, "Q", "Diesel")["kind"] == "invoice"


def test_a_typed_value_that_is_not_the_tables_is_not_called_a_table(forge):
    Year(forge, FY, ACTUAL)
    for use in models.FuelUse.objects.for_factory(forge):
        use.gcv_kcal_per_kg = D(9_900)
        use.save()
    oil = line(lines_of(pat(forge)), "GCV", "Furnace oil")
    assert oil["kind"] == "entered" and "the table's is 10050 (S.O. 394(E)" in oil["said_by"]


def test_a_cbam_trace_goes_from_litres_to_tonnes_in_a_step(forge):
    year = Year(forge, YEAR_2026, ACTUAL)
    liquid(forge, year, YEAR_2026)
    lines = lines_of(cbam(forge))
    mass = next(row for row in lines if row["symbol"] == "AD" and row["formula"] == "V × ρ")
    volume = next(row for row in lines if row["symbol"] == "V")
    assert D(volume["value"]) == 12 and volume["kind"] == "invoice" and D(mass["value"]) < 12
    assert not [row for row in lines if not row["formula"] and row["kind"] == "given"]
