"""The PAT-format energy statement of a financial year, sections 2 to 17 in the customary order. Pure."""

from dataclasses import replace
from decimal import Decimal

from calculations import pat
from calculations.quantities import Figure, text_of
from reports.documents import blocks, ccts, comparisons, identification, pat_tables, pat_year
from reports.documents.common_tables import METERED, common_summary, energy_of_all, result_rows
from reports.documents.items import given, item, not_applicable, section

VOLUNTARY = (
    "This unit is not recorded as a notified designated consumer or obligated entity. The statement is voluntary."
)
NOTIFIED = "By the registration number entered, this unit is a designated consumer or obligated entity."
REGISTERED_TITLE = "PAT-format energy statement"
SUMMARY_METRICS = ["energy_kwh", "operating_hours", "data_capture_pct", "device_uptime_pct"]
REGISTERS = "registers of the unit"
NOT_WORKED_OUT = "The total cannot be worked out from what was entered; section 15 says why."


def document(inputs, tables) -> dict:
    year, before = pat_year.years_of(inputs)
    energy, label = energy_of_all(inputs), inputs["period"]["label"]
    compared = comparisons.of_pat_year(inputs, year)
    apart = comparisons.findings(compared, year.registers.get("places", {}).get("electricity", ""))
    year = replace(year, findings=(*year.findings, *apart))
    summary = {**totals(year, label), **energy_in_toe(energy, label), **common_summary(inputs)}
    return {
        "title": REGISTERED_TITLE if year.is_registered else pat.VOLUNTARY_TITLE,
        "scheme": "In the format of Form I, Energy Conservation (Form and Manner for Submission of Report) Rules 2007",
        "status_line": NOTIFIED if year.is_registered else VOLUNTARY,
        "prepared_for": "the management of the unit and its energy auditor",
        "summary": summary,
        "result": [
            {"label": "Energy, gate to gate", "figure": summary["total_toe"]},
            {"label": "Specific energy consumption", "figure": summary["sec_toe_per_t"]},
            {"label": "Electricity measured, in tonnes of oil equivalent", "figure": summary["energy_toe"]},
            *result_rows(summary, SUMMARY_METRICS),
        ],
        "counts_items": True,
        "disclosure_section": "",
        "findings": list(year.findings),
        "sections": [
            *boundary_sections(inputs["unit"], year, before),
            *consumption_sections(energy, year, compared[0]),
            *assessment_sections(year, before),
            *closing_sections(year, compared),
        ],
        "signatories": [{"role": "Energy manager"}, {"role": "Chief executive"}],
        "pat": {
            "energy_kwh": text_of(energy.total_kwh),
            "lakh_kwh": text_of(energy.total_kwh and pat.lakh_kwh(energy.total_kwh)),
            "million_kcal": text_of(energy.total_kwh and pat.million_kcal(energy.total_kwh)),
            "toe": summary["energy_toe"]["value"],
            "citation": pat.TOE_CITATION,
        },
    }


def totals(year, label) -> dict:
    total = year.result.energy.total_toe if year.result else None
    source = f"{REGISTERS}; {pat.TOE_CITATION}"
    billed_pct, made_pct = (months_pct(year.registers.get(name)) for name in ("bill_months", "months"))
    return {
        "total_toe": {**Figure(total, "toe", source, label, billed_pct, decimals=3).frozen(), "months": year.months},
        "sec_toe_per_t": {
            **Figure(year.sec, "toe/t", REGISTERS, label, made_pct, decimals=5).frozen(),
            "months": year.months,
        },
    }


def months_pct(months):
    """Percentage of the year's months that are entered."""
    return Decimal(months) * 100 / 12 if months else None


def energy_in_toe(energy, label) -> dict:
    toe = None if energy.total_kwh is None else pat.electricity_toe(energy.total_kwh)
    source = f"{METERED}; {pat.TOE_CITATION}"
    return {"energy_toe": Figure(toe, "toe", source, label, energy.coverage_pct, decimals=3).frozen()}


def boundary_sections(unit, year, before) -> list:
    particulars = year.particulars
    ready = year.is_calculated
    return [
        section("2", "Unit", [
            item("2.1", "Name and address", [
                given("Name of the unit", unit["name"]),
                given("Company", unit["legal_name"]),
                given("Sector", particulars.get("energy_sector") or unit["industry_label"]),
                identification.postal(unit),
                identification.contact(unit),
                given("Year of establishment", unit["year_established"]),
            ]),
            item("2.2", "Registration", registration(particulars)),
            item("2.3", "People", [
                given("Chief executive", particulars.get("chief_executive")),
                given("Energy manager", particulars.get("energy_manager")),
                given("Energy manager's BEE registration number", particulars.get("energy_manager_number")),
            ]),
        ]),
        section("3", "Boundary, gate to gate", [
            item("3.1", "What is inside and what is left out", [given("Boundary", particulars.get("boundary"))]),
            item("3.2", "Changes since the baseline", [changes(year)]),
        ]),
        section("4", "Applicability", [
            item("4.1", "Total energy against the sector's threshold", [in_table("Threshold test", ready)]),
        ], [pat_tables.threshold(year)] if ready else []),
        section("5", "Production", [
            item("5.1", "Products and stocks", [in_table("Two years", bool(year.case.get("products")))]),
        ], [pat_tables.production(year, before)] if year.case else []),
    ]  # fmt: skip


def registration(particulars) -> list:
    number, entity = particulars.get("consumer_registration"), particulars.get("obligated_registration")
    none = "no registration is entered: the statement is voluntary"
    if not number and not entity:
        return [not_applicable("Designated consumer or obligated entity", none)]
    return [
        given("PAT registration number", number) if number else not_applicable("PAT registration number", "none"),
        given("CCTS registration number", entity) if entity else not_applicable("CCTS registration number", "none"),
    ]


def changes(year):
    changes_text = year.statement.get("boundary_changes")
    if changes_text:
        return given("Changes with dates", changes_text)
    if year.statement.get("baseline_sec_toe_per_t"):
        return not_applicable("Changes with dates", "none is entered")
    return not_applicable("Changes with dates", "no baseline is entered")


def in_table(label, is_there):
    return given(label, "table of this section" if is_there else None, REGISTERS)


def consumption_sections(energy, year, electricity) -> list:
    has_bills = bool(year.registers.get("bills"))
    fuels = bool(year.registers.get("stocks"))
    meters = f"{len(year.registers['calibrations'])} in section 14" if year.registers.get("calibrations") else None
    return [
        section("6", "Electricity", [
            item("6.1", "Purchased electricity", [in_table("Bill by bill", has_bills)]),
            item("6.2", "Own generation", [in_table("Generators, exports", bool(year.registers.get("generation")))]),
            item("6.3", "Colony and construction", [excluded_entry(year)]),
            item("6.4", "Meters", [given("Calibrations", meters)]),
        ], [pat_tables.bills(year), pat_tables.generation(year),
            pat_tables.against_meters(year, electricity, energy.coverage_pct), "energy", "pat", "energy_chart"]),
        section("7", "Fuels", [
            item("7.1", "Each fuel", [in_table("Purchase, stock change, use for power and process", fuels)]),
        ], [pat_tables.fuels(year)]),
        section("8", "Energy balance", [
            item("8.1", "Total energy", [in_table("Million kcal and toe", year.is_calculated)]),
        ], [pat_tables.balance(year), *pat_tables.traces(year)] if year.is_calculated else [],
            [] if year.is_calculated else [NOT_WORKED_OUT]),
    ]  # fmt: skip


def excluded_entry(year):
    value = year.case.get("electricity", {}).get("excluded_kwh") if year.case else None
    return given("kWh taken off", None if value is None else f"{value:f} kWh", REGISTERS)


def assessment_sections(year, before) -> list:
    ready = year.is_calculated
    return [
        section("9", "Specific energy consumption", [
            item("9.1", "SEC of this year and the year before", [in_table("Electrical, thermal, total", ready)]),
            item("9.2", "SEC compared", [in_table("Year before, baseline, target", ready)]),
        ], [pat_tables.by_kind(year, before), pat_tables.specific(year, before)] if ready else []),
        section("10", "Normalisation", [item("10.1", "Factors", normalisation(year))]),
        section("11", "ESCert position", [item("11.1", "ESCerts", [escerts(year)])]),
        ccts.ccts_section(year),
        section("13", "Measures", [
            item("13.1", "Energy conservation measures", [in_table("Measures", bool(year.registers.get("measures")))]),
        ], [pat_tables.measures(year)]),
    ]  # fmt: skip


def normalisation(year) -> list:
    factors, value = year.statement.get("normalisation"), year.statement.get("normalised_sec_toe_per_t")
    if not factors and not value:
        return [not_applicable("Factors and the auditor's figure", "nothing is normalised in this statement")]
    return [
        given("Factors with values", factors),
        given("SEC normalised by the auditor, toe/t", value, year.statement.get("document") or "document not attached"),
    ]


def escerts(year):
    if year.result and year.result.escerts and not year.is_whole:
        return not_applicable("Position", f"{year.months} are entered: no year to set against the target")
    if year.result and year.result.escerts:
        step = year.result.escerts
        return given("(SEC target − SEC) × baseline production", f"{step.value:f} toe, {step.name}", "section 8")
    return not_applicable("Position", "no registration with a notified target is entered")


def closing_sections(year, compared) -> list:
    return [
        section("14", "Data quality", blocks=[
            comparisons.comparison_table(compared), pat_tables.meters(year), "operating", "quality",
        ]),
        section("15", "Findings and factors", blocks=[
            blocks.findings(year.findings), blocks.factors(year.registers.get("factors", [])),
        ]),
        section("16", "References and rules", blocks=["references", "rules", "devices"]),
        section(
            "17",
            "Declaration",
            blocks=["signature"],
            intro=["Space for the accredited energy auditor's Form B is left blank."],
        ),
    ]  # fmt: skip
