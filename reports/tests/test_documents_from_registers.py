"""Documents made of what people entered: a forge's year in registers, brought to paper by hand-checked arithmetic."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from registers import locks, models
from registers.tests.model_factories import (
    ConnectionMaker,
    ConsentLimitMaker,
    ConsentMaker,
    ElectricityBillMaker,
    EmissionPointMaker,
    FuelMaker,
    FuelUseMaker,
    LabResultMaker,
    MeasureMaker,
    OperatingMonthMaker,
    ParticularsMaker,
    PrecursorSupplyMaker,
    PrecursorUseMaker,
    ProcessMaker,
    ProductionMaker,
    ProductMaker,
    YearStatementMaker,
)
from reports.issuing import lifecycle
from reports.issuing.lifecycle import IssueError
from reports.printing import pdf, xlsx_annex
from reports.tests.cast import waive_all

D = Decimal
YEAR_2026 = [date(2026, month, 1) for month in range(1, 13)]
IN_2027 = datetime(2027, 1, 20, 6, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def quick_print(monkeypatch):
    monkeypatch.setattr(pdf, "print_report", lambda report: pdf.PrintedPdf(b"%PDF-", 1))


@pytest.fixture
def forge(steel_forge):
    steel_forge.industry, steel_forge.legal_name = "forging", "Steel Forge Private Limited"
    steel_forge.address, steel_forge.registration_number = "Plot C-42, Chakan", "U28910PN2009PTC000000"
    steel_forge.occupier, steel_forge.year_established = "A. Kulkarni", 2009
    steel_forge.save()
    return steel_forge


class Year:
    """A forge that makes 100 t of gear blanks a month from 125 t of bars with 10 t of furnace oil."""

    def __init__(self, factory, months, supply):
        self.factory, self.months = factory, months
        self.particulars = ParticularsMaker(
            factory=factory, board="Maharashtra Pollution Control Board", installation="Chakan works",
            locode="INPNQ", emission_latitude=D("18.760642"), emission_longitude=D("73.858917"),
            signatory="A. Kulkarni", colour="orange",
        )  # fmt: skip
        self.forging = ProcessMaker(
            factory=factory, name="Forging", category="steel_products", route="Closed die", outsourced="None"
        )
        self.gears = ProductMaker(
            factory=factory, name="Gear blanks", unit="t", cn_code="73261910", process=self.forging,
            consented_quantity=D(120), consented_per="month",
        )  # fmt: skip
        self.oil = FuelMaker(factory=factory, name="Furnace oil", fuel_kind="residual_fuel_oil", unit="t")
        self.supply = PrecursorSupplyMaker(
            factory=factory, name="Steel bars", supplier="Mill", cn_code="72142000",
            category="steel_products", **supply,
        )  # fmt: skip
        self.connection = ConnectionMaker(factory=factory, name="HT service")
        for month in months:
            self.enter(month)

    def enter(self, month):
        figures = {"opening": D(10), "made": D(100), "dispatched": D(100), "closing": D(10)}
        ProductionMaker(factory=self.factory, product=self.gears, month=month, **figures)
        FuelUseMaker(
            factory=self.factory, fuel=self.oil, process=self.forging, month=month, used_process=D(10),
            used_power=D(0), gcv_kcal_per_kg=D(10050), ncv_gj_per_t=D("40.4"), value_source="standard",
        )  # fmt: skip
        PrecursorUseMaker(factory=self.factory, supply=self.supply, process=self.forging, month=month, mass_t=D(125))
        ElectricityBillMaker(
            factory=self.factory, connection=self.connection, month=month, energy_kwh=D(30_000),
            excluded_kwh=D(0), bill_number=f"B-{month:%Y%m}",
        )  # fmt: skip


DEFAULT = {"basis": "default", "origin": "IN"}
ACTUAL = {
    "basis": "actual", "origin": "IN", "see_direct_t_per_t": D("1.4"), "verification_report": "VR-1",
    "verifier": "A verifier", "accreditation_number": "ACC-1",
}  # fmt: skip


def made(factory, report_type, start, end, now):
    report, _ = lifecycle.request_report(factory, report_type, start, end, by=None, now=now)
    lifecycle.run(report, now)
    assert report.status == "ready", report.error
    return report


def cbam(factory, kind="cbam_full"):
    return made(factory, kind, date(2026, 1, 1), date(2026, 12, 31), IN_2027)


def see_of(report):
    return D(report.figures["summary"]["see_direct_t_co2e_per_t"]["value"])


def rules_of(report, severity=None):
    return [one["rule"] for one in report.figures["findings"] if severity in (None, one["severity"])]


# CBAM


def test_actual_embedded_emissions_follow_from_the_rows_by_hand(forge):
    Year(forge, YEAR_2026, ACTUAL)
    report = cbam(forge)
    # 120 t of oil × 40.4 GJ/t × 77.4 t CO2/TJ over 1,200 t of gears, and 1.25 t of bars at 1.4 t/t
    by_hand = D(120) * D("40.4") / 1000 * D("77.4") / 1200 + D("1.25") * D("1.4")
    assert abs(see_of(report) - by_hand) < D("0.000005")
    assert rules_of(report, "blocks") == []
    assert report.figures["open"]["not_provided"] < 35


def test_a_fuels_carbon_content_gives_its_emission_factor(forge):
    """120 t of oil of 0.86 t C/t, whatever the table says of furnace oil: EF = CC × 3.664 / NCV (Eq 8)."""
    Year(forge, YEAR_2026, ACTUAL)
    for burnt in models.FuelUse.objects.for_factory(forge):
        burnt.carbon_t_per_t, burnt.value_source = D("0.86"), "own_lab"
        burnt.save()
    report = cbam(forge)
    by_hand = D(120) * D("0.86") * D("3.664") / 1200 + D("1.25") * D("1.4")
    assert abs(see_of(report) - by_hand) < D("0.000005")
    assert "carbon content and NCV" in report.inputs["entered"]["sources"]["Furnace oil, Forging"]["emission_factor"]


def test_a_default_value_carries_the_mark_up_of_its_year_once(forge):
    Year(forge, YEAR_2026, DEFAULT)
    report = cbam(forge)
    base = next(r for r in report.inputs["entered"]["factors"] if r["key"] == "cbam.default.in.72142000.total")
    used = (D(base["value"]) * D("1.10")).quantize(D("0.001"))
    own = D(120) * D("40.4") / 1000 * D("77.4") / 1200
    assert abs(see_of(report) - (own + D("1.25") * used)) < D("0.000005")
    share = D("1.25") * used / (own + D("1.25") * used) * 100
    assert abs(D(report.figures["summary"]["default_share_pct"]["value"]) - share) < D("0.0001")


def test_a_fuel_that_cannot_be_counted_is_named_and_keeps_the_report_a_draft(forge, asha):
    year = Year(forge, YEAR_2026, ACTUAL)
    waste = FuelMaker(factory=forge, name="Waste oil", fuel_kind="other", unit="t")
    FuelUseMaker(
        factory=forge, fuel=waste, process=year.forging, month=YEAR_2026[0], used_process=D(3), used_power=D(0)
    )
    report = cbam(forge)
    assert "Waste oil, Forging is left out" in report.figures["findings"][0]["sentence"]
    with pytest.raises(IssueError, match="Waste oil"):
        lifecycle.finalise(report, by=asha, now=IN_2027)


def test_a_sound_year_can_be_made_final_and_keeps_its_figures(forge, asha):
    year = Year(forge, YEAR_2026, ACTUAL)
    report = cbam(forge, "cbam_summary")
    before = report.figures_sha256
    waive_all(report, asha, IN_2027)
    final = lifecycle.finalise(report, by=asha, now=IN_2027)
    changed = models.FuelUse.objects.for_factory(forge).first()
    locks.unlock_month(forge, changed.month, reason="a bill came late", by=asha, now=IN_2027)
    changed.used_process = D(99)
    changed.save()
    final.refresh_from_db()
    assert final.is_final and final.figures_sha256 == before
    assert year.months[0] == changed.month


def test_the_summary_says_no_quantity_and_no_activity_level(forge):
    Year(forge, YEAR_2026, ACTUAL)
    report = cbam(forge, "cbam_summary")
    columns = [
        column["label"]
        for part in report.figures["sections"]
        for block in part["blocks"]
        if isinstance(block, dict) and block["kind"] == "table"
        for column in block["columns"]
    ]
    assert "SEE direct" in columns
    assert not {"Activity level", "Activity data", "Entering", "Produced"} & set(columns)


def test_what_precursors_lack_in_mass_blocks(forge):
    Year(forge, YEAR_2026, ACTUAL)
    for use in models.PrecursorUse.objects.for_factory(forge):
        use.mass_t = D(80)
        use.save()
    assert "CBAM-03" in rules_of(cbam(forge), "blocks")


def test_a_year_before_the_acts_applied_is_called_a_rehearsal(forge, now):
    Year(forge, [date(2024, month, 1) for month in range(1, 13)], DEFAULT)
    report = made(forge, "cbam_full", date(2024, 1, 1), date(2024, 12, 31), now)
    assert "PERIOD" in rules_of(report, "warns")
    assert "rehearsal" in report.figures["status_line"]


def test_nothing_entered_is_no_figure_and_no_final_report(forge, asha):
    report = cbam(forge)
    assert report.figures["summary"]["see_direct_t_co2e_per_t"]["value"] is None
    with pytest.raises(IssueError, match="stays a draft"):
        lifecycle.finalise(report, by=asha, now=IN_2027)


def test_rows_of_another_factory_never_reach_the_report(forge, chem_works):
    Year(chem_works, YEAR_2026, ACTUAL)
    report = cbam(forge)
    assert report.inputs["entered"]["processes"] == []


# PAT

FY = [date(2026, month, 1) for month in range(4, 13)] + [date(2027, month, 1) for month in range(1, 4)]
IN_MAY_2027 = datetime(2027, 5, 4, 6, 0, tzinfo=UTC)


def pat(factory):
    return made(factory, "pat", date(2026, 4, 1), date(2027, 3, 31), IN_MAY_2027)


def test_toe_and_specific_consumption_follow_from_bills_and_fuel(forge):
    Year(forge, FY, ACTUAL)
    report = pat(forge)
    toe = D(360_000) * 860 / D(10) ** 7 + D(120) * 1000 * 10050 / D(10) ** 7
    assert D(report.figures["summary"]["total_toe"]["value"]) == toe == D("151.56")
    assert abs(D(report.figures["summary"]["sec_toe_per_t"]["value"]) - toe / 1200) < D("1e-12")
    assert "voluntary" in report.figures["title"]


def test_a_month_without_a_bill_blocks_and_is_named(forge):
    Year(forge, FY, ACTUAL)
    models.ElectricityBill.objects.for_factory(forge).get(month=date(2026, 9, 1)).delete()
    report = pat(forge)
    found = next(one for one in report.figures["findings"] if one["rule"] == "PAT-08" and one["severity"] == "blocks")
    assert "September 2026" in found["sentence"] and found["url"].endswith("/electricity-bills/")
    assert round(D(report.figures["summary"]["total_toe"]["coverage_pct"]), 1) == D("91.7")


def test_a_fuel_without_a_value_takes_the_cited_one(forge):
    Year(forge, FY, ACTUAL)
    for use in models.FuelUse.objects.for_factory(forge):
        use.gcv_kcal_per_kg = None
        use.save()
    report = pat(forge)
    assert D(report.figures["summary"]["total_toe"]["value"]) == D("151.56")
    factors = report.inputs["entered"]["current"]["factors"]
    assert [one["key"] for one in factors] == ["gcv.furnace_oil"] and "S.O. 394(E)" in factors[0]["citation"]


# SPCB


def form_v(factory):
    return made(factory, "form_v", date(2026, 4, 1), date(2027, 3, 31), IN_MAY_2027)


def table_named(report, beginning):
    return next(
        block
        for part in report.figures["sections"]
        for block in part["blocks"]
        if isinstance(block, dict) and block["kind"] == "table" and block["caption"].startswith(beginning)
    )


def sampled(forge, **values):
    stack = EmissionPointMaker(
        factory=forge, name="Stack", what="stack", attached_to="Furnace", **values.pop("stack", {})
    )
    consent = ConsentMaker(factory=forge, number="CTO-1", issued_on=date(2025, 6, 3), authority="MPCB")
    ConsentLimitMaker(factory=forge, consent=consent, point=stack, high=D(100))
    sample = {
        "point": stack, "sampled_on": date(2026, 6, 9), "result": "80", "laboratory": "Lab", "nabl_number": "TC-1",
        "report_number": "R-1",
    }  # fmt: skip
    return LabResultMaker(factory=forge, **{**sample, **values})


def test_mass_a_day_and_variation_are_the_laboratorys(forge):
    Year(forge, FY, ACTUAL)
    for month in FY:
        OperatingMonthMaker(factory=forge, month=month, operating_days=D(25), operating_hours=D(400))
    sampled(forge, flow_nm3_per_h=D(5000))
    air = table_named(form_v(forge), "(b) Air")["rows"][0]
    assert D(air[1]["value"]) == D(80) * 5000 * 16 / 10**6
    assert air[2]["text"] == "80 mg/Nm³" and D(air[5]["value"]) == -20
    assert air[3]["text"] == "5,000 Nm³/h" and air[4]["text"].startswith("100 mg/Nm³"), "a reader can recompute both"


def test_what_was_not_detected_stays_words(forge):
    Year(forge, FY, ACTUAL)
    sampled(forge, result="BDL", detection_limit=D(5))
    air = table_named(form_v(forge), "(b) Air")["rows"][0]
    assert air[1]["text"] == "not provided" and air[2]["text"] == "BDL (DL = 5) mg/Nm³"


def test_a_result_above_its_limit_needs_a_reason(forge):
    Year(forge, FY, ACTUAL)
    result = sampled(forge, result="130")
    assert "SPCB-05" in rules_of(form_v(forge), "blocks")
    result.reason = "Cyclone choked, cleaned the same day"
    result.save()
    report = form_v(forge)
    assert "SPCB-05" in rules_of(report, "blocks"), "what is frozen stays as it was"
    again = lifecycle.replace(report, by=None, reason="Reason entered", now=IN_MAY_2027)
    lifecycle.run(again, IN_MAY_2027)
    assert "SPCB-05" not in rules_of(again)


def test_more_than_the_consent_allows_needs_a_reason(forge):
    year = Year(forge, FY, ACTUAL)
    year.gears.consented_quantity = D(90)
    year.gears.save()
    report = made(forge, "spcb", date(2026, 4, 1), date(2026, 4, 30), datetime(2026, 5, 4, tzinfo=UTC))
    found = next(one for one in report.figures["findings"] if one["rule"] == "SPCB-01")
    assert "100 t against 90 t consented" in found["sentence"]


def test_a_year_with_missing_months_is_compared_with_nothing(forge):
    Year(forge, [*FY, date(2026, 3, 1)], ACTUAL)
    fuel = table_named(form_v(forge), "Fuel consumption")
    assert fuel["rows"][0][1]["months"] == "1 of 12 months" and "months" not in fuel["rows"][0][2]
    assert fuel["rows"][0][4]["text"] == "not compared" and "compared with no other" in fuel["note"]


# CCTS, for a unit in the Schedule alone


def in_the_schedule(forge, year, **statement):
    year.particulars.obligated_registration = "CMTOE000MH"
    year.particulars.save()
    YearStatementMaker(factory=forge, month=date(2027, 3, 1), target_t_co2e_per_t=D("0.5"), **statement)


def entries_of(report, no):
    items = [one for part in report.figures["sections"] for one in part["items"] if one["no"] == no]
    return {entry["label"].split(",")[0]: entry for entry in items[0]["entries"]}


def test_the_intensity_achieved_follows_from_fuel_and_bought_electricity(forge):
    in_the_schedule(forge, Year(forge, FY, ACTUAL), grid_factor_t_per_mwh=D("0.7"))
    report = pat(forge)
    oil = D(120) * D("40.4") / 1000 * D("77.4")  # t × GJ/t × t CO2/TJ, Table 1
    achieved = (oil + D(360) * D("0.7")) / 1200
    entries = entries_of(report, "12.1")
    assert entries["Achieved"]["text"] == f"{achieved:.6f}" == "0.522696"
    assert entries["Certificates"]["text"] == f"{(D('0.5') - achieved) * 1200:.3f}" == "-27.235"
    table = table_named(report, "Emissions by stream")
    assert [cells[0]["text"] for cells in table["rows"]] == ["Furnace oil, Forging", "Bought electricity"]
    assert D(table["foot"][1]["value"]) == oil + 252


def test_without_the_factor_bee_fixed_no_intensity_is_worked_out(forge):
    in_the_schedule(forge, Year(forge, FY, ACTUAL))
    report = pat(forge)
    assert entries_of(report, "12.1")["Achieved"]["state"] == "missing"
    assert "is not entered: no intensity" in table_named(report, "Emissions by stream")["note"]


def test_a_unit_outside_the_schedule_has_no_position(forge):
    Year(forge, FY, ACTUAL)
    assert entries_of(pat(forge), "12.1")["Position"]["state"] == "not applicable"


# The annexure


def test_the_annexure_holds_the_same_figures_as_numbers(forge):
    Year(forge, FY, ACTUAL)
    report = pat(forge)
    book = load_workbook(io.BytesIO(xlsx_annex.write(report)))
    assert book["About"]["B6"].value == "DRAFT"
    result = {cells[0].value: cells[1].value for cells in book["Result"].iter_rows(min_row=2)}
    assert result["Energy, gate to gate"] == pytest.approx(151.56)
    bills = next(sheet for sheet in book if sheet.title.startswith("6 Purchased"))
    assert bills["D4"].value == pytest.approx(0.3) and bills["A4"].value == "Apr 2026"
    assert xlsx_annex.write(report) == xlsx_annex.write(report)


def test_a_cell_that_looks_like_a_formula_stays_words(forge):
    Year(forge, FY, ACTUAL)
    MeasureMaker(factory=forge, month=FY[-1], description="=HYPERLINK(1)", stage="done", source="record")
    book = load_workbook(io.BytesIO(xlsx_annex.write(pat(forge))))
    told = [cell.value for sheet in book for line in sheet.iter_rows() for cell in line if cell.value]
    assert not [value for value in told if isinstance(value, str) and value.startswith("=")]
