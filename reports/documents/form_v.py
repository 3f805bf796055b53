"""Form V, the annual Environmental Statement (Rule 14, Environment (Protection) Rules 1986): parts A to I. Pure."""

from calculations import spcb as rules
from reports.documents import blocks, comparisons, identification, spcb, spcb_case
from reports.documents import spcb_items as items_of
from reports.documents import spcb_pollution as pollution
from reports.documents import spcb_tables as tables_of
from reports.documents import spcb_wastes as wastes
from reports.documents.common_tables import common_summary, result_rows
from reports.documents.items import given, item, not_applicable, section

SUMMARY_METRICS = ["energy_kwh", "operating_hours", "data_capture_pct", "device_uptime_pct"]
CONSERVED = "Conservation of natural resources and cost of production"


def document(inputs, tables) -> dict:
    registers = inputs.get("entered") or {}
    current, previous = registers.get("current") or {}, registers.get("previous") or {}
    summary, unit = common_summary(inputs), inputs["unit"]
    compared = comparisons.of_period(inputs, current)
    findings = [*spcb_case.findings_about(inputs, current, previous), *comparisons.findings(compared)]
    end_year = inputs["period"]["end_on"][:4]
    return {
        "title": "Environmental Statement (Form V)",
        "scheme": f"Form V (Rule 14). Environmental Statement for the financial year ending the 31st March {end_year}",
        "status_line": status_line(current),
        "prepared_for": spcb.board_of(current, unit),
        "summary": summary,
        "result": result_rows(summary, SUMMARY_METRICS),
        "counts_items": True,
        "disclosure_section": "C",
        "has_laboratory": bool(current.get("results")),
        "findings": findings,
        "sections": [*parts(unit, current, previous), *annexures(current, findings, compared)],
        "signatories": signatories(current),
    }


def status_line(current):
    count = len(current.get("results", []))
    return f"{count} laboratory results stand in part C." if count else rules.NO_LABORATORY_RESULTS


def signatories(current) -> list:
    particulars = current.get("particulars", {})
    who = ", ".join(part for part in (particulars.get("signatory"), particulars.get("designation")) if part)
    return [{"role": "Person carrying on the industry, operation or process" + (f": {who}" if who else "")}]


def parts(unit, current, previous) -> list:
    both = bool(current)
    return [
        section("A", "Owner or occupier, category, capacity", part_a(unit, current),
                [*spcb.tables_if(current, tables_of.capacities, tables_of.products), *spcb.by_products(current)]),
        section("B", "Water and raw material consumption", part_b(current), [
            tables_of.water(current),
            wastes.per_unit(current, previous, "water", "Process water per unit of product output", "Process water"),
            wastes.per_unit(current, previous, "raw material", "Raw material per unit of output", "Raw material"),
            wastes.fuel_two_years(current, previous),
        ] if both else []),
        section("C", "Pollution discharged to environment per unit of output", part_c(current), [
            pollution.pollutants(current, items_of.WATERS, "(a) Water"),
            pollution.pollutants(current, items_of.STACKS, "(b) Air"),
        ] if both else []),
        section("D", "Hazardous wastes", waste_items("D", current, True), two_origins(current, previous, True)),
        section("E", "Solid wastes", waste_items("E", current, False), [
            *two_origins(current, previous, False),
            *[wastes.wastes_two_years(current, previous, False, None, name)
              for name in ("reused", "sold", "dispatched") if both],
        ]),
        section("F", "Characteristics of wastes and disposal practice", part_f(current),
                [wastes.characteristics(current, True), wastes.characteristics(current, False)] if both else []),
        section("G", "Impact of pollution abatement measures", [measures("G", CONSERVED, current, "done")],
                [tables_of.impact(current)] if both else []),
        section("H", "Additional measures and investment proposal",
                [investments(current)],
                [tables_of.investment(current, "done", "Investment made in the period of the statement"),
                 tables_of.investment(current, "proposed", "Investment proposed for the next year")] if both else []),
        section("I", "Any other particulars", [item("I", "Improving the quality of the environment", [
            given("Other particulars", current.get("statement", {}).get("other_particulars")),
        ])]),
    ]  # fmt: skip


def two_origins(current, previous, hazardous) -> list:
    if not current:
        return []
    return [wastes.wastes_two_years(current, previous, hazardous, origin) for origin in ("process", "abatement")]


def part_a(unit, current) -> list:
    particulars = current.get("particulars", {})
    numbers = "; ".join(
        f"{row['number']}, issued {row.get('issued_on') or 'date not provided'}, {validity_text(row)}"
        for row in current.get("consents", [])
    )
    return [
        item("A (i)", "Owner or occupier", [
            given("Name of the unit", unit["name"]),
            given("Owner or occupier", unit["occupier"]),
            given("Company", unit["legal_name"]),
            identification.postal(unit),
            identification.contact(unit),
            given("Unique application number", particulars.get("application_number")),
            given("Capital investment, lakh ₹", particulars.get("capital_investment_lakh_rs")),
        ]),
        item("A (ii)", "Industry category", [
            given("Category", particulars.get("colour")),
            given("Industry type", particulars.get("industry_type") or unit["industry_label"]),
            given("NIC code", particulars.get("nic_code")),
        ]),
        item("A (iii)", "Production capacity", [
            items_of.in_table(
                "Capacity and unit, by product", [row for row in current.get("products", []) if row["capacity"]]
            ),
        ]),
        item("A (iv)", "Year of establishment", [given("Year", unit["year_established"])]),
        item("A (v)", "Last environmental statement", [last_statement(current)]),
        item("A (vi)", "Consents", [given("Consent numbers, dates of issue, validity", numbers, items_of.REGISTERS)]),
    ]  # fmt: skip


def last_statement(current):
    """Of the financial year before: dated with this year's statement, else the unit's last one if it can be that.

    A date of another year's statement is none of this document.
    """
    known = current.get("statement", {}).get("last_statement_on")
    unit_wide = current.get("particulars", {}).get("last_statement_on")
    if not known and unit_wide and current["start"] <= unit_wide <= current["end"]:
        known = unit_wide
    year = int(current["start"][:4]) if current else None
    label = f"Statement for FY {year - 1}-{year % 100:02d}, submitted on" if year else "Date submitted"
    return given(label, known)


def validity_text(row) -> str:
    return f"valid until {row['valid_until']}" if row.get("valid_until") else "valid until cancelled"


def part_b(current) -> list:
    water = {row["use_key"] for row in current.get("water", []) if row["quantity_m3"]}
    meters = {row["use_key"] for row in current.get("water", [])}
    uses = [
        items_of.in_table(label, use in water)
        if use in meters or not current
        else not_applicable(label, "no meter of this use is entered")
        for use, label in (("process", "Process"), ("cooling", "Cooling"), ("domestic", "Domestic"))
    ]
    per_unit = (
        items_of.in_table("Previous and current financial year", "process" in water)
        if "process" in meters or not current
        else not_applicable("Previous and current financial year", "no process water is entered")
    )
    return [
        item("B (i)", "Water consumption, m³/day", uses),
        item("B (i)", "Process water per unit of output", [per_unit]),
        item("B (ii)", "Raw material per unit of output", [
            items_of.in_table("Previous and current financial year", current.get("materials"))
        ]),
        item("B (iii)", "Fuel consumption", [
            items_of.in_table(
                "Previous and current financial year", [row for row in current.get("fuels", []) if row["used"]]
            )
        ]),
    ]  # fmt: skip


def part_c(current) -> list:
    rows = current.get("results", [])
    kinds = {row["point_what"] for row in rows}
    label = "Pollutants with quantity, concentration and variation"
    outlets = any(row.get("what") in ("Effluent outlet", "Sewage outlet") for row in current.get("points", []))
    water = (
        items_of.in_table(label, kinds & set(items_of.WATERS))
        if outlets or not current
        else not_applicable(label, "no outlet of trade effluent or sewage is entered")
    )
    return [
        item("C (a)", "Water", [water]),
        item("C (b)", "Air", [items_of.in_table(label, kinds & set(items_of.STACKS))]),
    ]


def waste_items(part, current, hazardous):
    rows = [row for row in current.get("wastes", []) if row["is_hazardous"] == hazardous]
    titles = {"process": "From process", "abatement": "From pollution control facilities"}
    items = []
    for letter, origin in zip("ab", titles, strict=True):
        its = [row for row in rows if row["origin"] == origin]
        label = "Quantity, previous and current financial year"
        entry = (
            items_of.in_table(label, [row for row in its if row["generated"]])
            if its or not current
            else not_applicable(label, "none is entered")
        )
        items.append(item(f"{part} ({letter})", titles[origin], [entry]))
    if not hazardous:
        disposed = [row for row in rows if any(row[name] for name in ("reused", "sold", "dispatched"))]
        items.append(item("E (c)", "Recycled, sold, disposed", [items_of.in_table("Quantities", disposed)]))
    return items


def part_f(current) -> list:
    rows = current.get("wastes", [])
    return [
        item("F", "Composition, quantum and disposal", [
            items_of.in_table(label, [r for r in rows if r["is_hazardous"] == hazardous and r["composition"]])
            for label, hazardous in (("Hazardous wastes", True), ("Solid wastes", False))
        ]),
    ]  # fmt: skip


def measures(no, title, current, stage):
    rows = [row for row in current.get("measures", []) if row["stage_key"] == stage]
    return item(no, title, [items_of.in_table("Measures with their savings", rows)])


def investments(current):
    stages = {row["stage_key"] for row in current.get("measures", [])}
    return item("H", "Investment", [
        items_of.in_table("Made in the period, lakh ₹", "done" in stages),
        items_of.in_table("Proposed for the next year, lakh ₹", "proposed" in stages),
    ])  # fmt: skip


def annexures(current, findings, compared) -> list:
    intro = ["Supporting data of the devices. It answers no part of Form V by itself."]
    return [
        section("Annexure 1", "Electricity and operating hours measured by devices", intro=intro,
                blocks=["energy", "energy_chart", "operating"]),
        section("Annexure 2", "Findings and factors", blocks=[
            blocks.findings(findings), blocks.factors(current.get("factors", [])),
        ]),
        section("Annexure 3", "Data quality, devices and rules", blocks=[
            comparisons.comparison_table(compared), "quality", "devices", "rules",
        ]),
        section("", "Signature", blocks=["signature"]),
    ]  # fmt: skip
