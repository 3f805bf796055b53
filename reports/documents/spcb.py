"""The monthly or quarterly consent-compliance report to a State Pollution Control Board. Pure.

Sections 2 to 17 in the boards' order; section 1 is the cover. There is no national form.
"""

from calculations import spcb as rules
from reports.documents import blocks, comparisons, spcb_case
from reports.documents import spcb_items as items_of
from reports.documents import spcb_pollution as pollution
from reports.documents import spcb_tables as tables_of
from reports.documents import spcb_wastes as wastes
from reports.documents.common_tables import common_summary, result_rows
from reports.documents.items import section

LABORATORY_SECTION, LABORATORY_TITLE = "7", "Pollutants discharged: laboratory and CEMS results"
SUMMARY_METRICS = ["energy_kwh", "operating_hours", "data_capture_pct", "device_uptime_pct", "process_alerts"]


def document(inputs, tables) -> dict:
    current = (inputs.get("entered") or {}).get("current") or {}
    summary, unit = common_summary(inputs), inputs["unit"]
    compared = comparisons.of_period(inputs, current)
    findings = [*spcb_case.findings_about(inputs, current), *comparisons.findings(compared)]
    length = "Quarterly" if inputs["period"]["kind"] == "quarter" else "Monthly"
    return {
        "title": f"{length} consent compliance report",
        "scheme": "State Pollution Control Board: consents under the Water Act 1974 and the Air Act 1981",
        "status_line": status_line(current),
        "prepared_for": board_of(current, unit),
        "summary": summary,
        "result": result_rows(summary, SUMMARY_METRICS),
        "counts_items": True,
        "disclosure_section": LABORATORY_SECTION,
        "has_laboratory": bool(current.get("results")),
        "findings": findings,
        "sections": [
            *register_sections(unit, current),
            *measured_sections(compared),
            *declaration_sections(current, findings),
        ],
        "signatories": signatories(current),
    }


def status_line(current):
    count = len(current.get("results", []))
    if not count:
        return rules.NO_LABORATORY_RESULTS
    return (
        f"{count} laboratory results are listed in section {LABORATORY_SECTION}; the devices' gas index is indicative."
    )


def board_of(current, unit):
    particulars = current.get("particulars", {})
    if particulars.get("board"):
        return ", ".join(part for part in (particulars["board"], particulars.get("board_office")) if part)
    return "the State Pollution Control Board" + (f", {unit['state']}" if unit["state"] else "")


def signatories(current) -> list:
    particulars = current.get("particulars", {})
    role = ", ".join(part for part in (particulars.get("signatory"), particulars.get("designation")) if part)
    return [{"role": "Person carrying on the industry" + (f": {role}" if role else "")}, {"role": "Prepared by"}]


def register_sections(unit, current) -> list:
    particulars = current.get("particulars", {})
    return [
        section("2", "Unit identification", [
            items_of.unit_item(unit, particulars), items_of.classification_item(unit, particulars),
            items_of.previous_item(particulars),
        ]),
        section("3", "Consents and authorisations", items_of.consent_items(current),
                tables_if(current, tables_of.consents)),
        section("4", "Production", items_of.production_items(current), [
            *tables_if(current, tables_of.products), *by_products(current), *tables_if(current, tables_of.shutdowns),
        ]),
        section("5", "Water", items_of.water_items(current), tables_if(current, tables_of.water)),
        section("6", "Raw material, fuel and electricity", items_of.consumption_items(current), [
            *tables_if(current, tables_of.materials, tables_of.fuels, tables_of.electricity), "energy", "energy_chart",
        ]),
        section(LABORATORY_SECTION, LABORATORY_TITLE, items_of.laboratory_items(current), [
            *tables_if(current, tables_of.points, stacks, waters),
        ], intro=[] if current.get("results") else [rules.NO_LABORATORY_RESULTS]),
        section("8", "Ambient air and noise", items_of.ambient_items(current),
                tables_if(current, pollution.ambient_air, noise)),
    ]  # fmt: skip


def tables_if(current, *makers) -> list:
    return [make(current) for make in makers] if current else []


def by_products(current) -> list:
    return [tables_of.products(current, True)] if any(r["is_by_product"] for r in current.get("products", [])) else []


def stacks(current):
    return pollution.results(current, items_of.STACKS, "Stack emissions, laboratory results")


def waters(current):
    return pollution.results(current, items_of.WATERS, "Effluent and sewage, laboratory results")


def noise(current):
    return pollution.results(current, ("noise",), "Noise, measured")


def measured_sections(compared) -> list:
    return [
        section(
            "9",
            "Operating evidence from devices",
            blocks=["operating", comparisons.comparison_table(compared), "process", "temperature_charts", "quality"],
        ),
        section("10", "Gas index (indicative)", blocks=["disclosure", "gas", "gas_charts"]),
        section(
            "11",
            "Process alerts",
            blocks=["alerts"],
            intro=["Found by alert rules that the unit set itself. No laboratory, CEMS or CAAQMS data is among them."],
        ),
    ]


def declaration_sections(current, findings) -> list:
    return [
        section("12", "Hazardous and solid waste", items_of.waste_items(current),
                tables_if(current, wastes.hazardous_wastes, wastes.solid_wastes)),
        section("13", "Measures and investment", items_of.measure_items(current), tables_if(current, tables_of.impact)),
        section("14", "Notices, deviations and corrective actions", items_of.notice_items(current),
                tables_if(current, tables_of.letters)),
        section("15", "Findings and factors", blocks=[
            blocks.findings(findings), blocks.factors(current.get("factors", [])),
        ]),
        section("16", "Calculation rules and sources", blocks=["rules", "devices"]),
        section("17", "Declaration and signature", items_of.annexure_items(current), blocks=["signature"]),
    ]  # fmt: skip
