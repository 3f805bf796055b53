"""The monthly or quarterly consent-compliance report to a State Pollution Control Board. Pure.

Sections 2 to 17 in the boards' order; section 1 is the cover. There is no national form.
"""

from calculations import spcb as rules
from reports.documents import blocks, identification, spcb_case
from reports.documents import spcb_pollution as pollution
from reports.documents import spcb_tables as tables_of
from reports.documents import spcb_wastes as wastes
from reports.documents.common_tables import common_summary, result_rows
from reports.documents.items import given, item, not_applicable, section

LABORATORY_SECTION = "7"
SUMMARY_METRICS = ["energy_kwh", "operating_hours", "data_capture_pct", "device_uptime_pct", "process_alerts"]
REGISTERS = "registers of the unit"
STACKS, WATERS = ("stack",), ("outlet", "sewage")


def document(inputs, tables):
    current = (inputs.get("entered") or {}).get("current") or {}
    summary, unit = common_summary(inputs), inputs["unit"]
    findings = spcb_case.findings_about(inputs, current)
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
            *measured_sections(),
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


def signatories(current):
    particulars = current.get("particulars", {})
    role = ", ".join(part for part in (particulars.get("signatory"), particulars.get("designation")) if part)
    return [{"role": "Person carrying on the industry" + (f": {role}" if role else "")}, {"role": "Prepared by"}]


def in_table(label, rows):
    """An entry answered by the section's table: given where it has rows."""
    return given(label, "table of this section" if rows else None, REGISTERS)


def register_sections(unit, current):
    particulars = current.get("particulars", {})
    return [
        section("2", "Unit identification", [
            unit_item(unit, particulars), classification_item(unit, particulars), previous_item(particulars),
        ]),
        section("3", "Consents and authorisations", consent_items(current), tables_if(current, tables_of.consents)),
        section("4", "Production", production_items(current), [
            *tables_if(current, tables_of.products), *by_products(current), *tables_if(current, tables_of.shutdowns),
        ]),
        section("5", "Water", water_items(current), tables_if(current, tables_of.water)),
        section("6", "Raw material, fuel and electricity", consumption_items(current), [
            *tables_if(current, tables_of.materials, tables_of.fuels, tables_of.electricity), "energy", "energy_chart",
        ]),
        section(LABORATORY_SECTION, "Pollutants discharged: laboratory and CEMS results", laboratory_items(current), [
            *tables_if(current, tables_of.points, stacks, waters),
        ], intro=[] if current.get("results") else [rules.NO_LABORATORY_RESULTS]),
        section("8", "Ambient air and noise", ambient_items(current), tables_if(current, pollution.ambient_air, noise)),
    ]  # fmt: skip


def tables_if(current, *makers):
    return [make(current) for make in makers] if current else []


def by_products(current):
    return [tables_of.products(current, True)] if any(r["is_by_product"] for r in current.get("products", [])) else []


def stacks(current):
    return pollution.results(current, STACKS, "Stack emissions, laboratory results")


def waters(current):
    return pollution.results(current, WATERS, "Effluent and sewage, laboratory results")


def noise(current):
    return pollution.results(current, ("noise",), "Noise, measured")


def measured_sections():
    return [
        section(
            "9", "Operating evidence from devices", blocks=["operating", "process", "temperature_charts", "quality"]
        ),
        section("10", "Gas index (indicative)", blocks=["disclosure", "gas", "gas_charts"]),
        section(
            "11",
            "Process alerts",
            blocks=["alerts"],
            intro=["Found by alert rules that the unit set itself. No laboratory, CEMS or CAAQMS data is among them."],
        ),
    ]


def declaration_sections(current, findings):
    return [
        section("12", "Hazardous and solid waste", waste_items(current),
                tables_if(current, wastes.hazardous_wastes, wastes.solid_wastes)),
        section("13", "Measures and investment", measure_items(current), tables_if(current, tables_of.impact)),
        section("14", "Notices, deviations and corrective actions", notice_items(current),
                tables_if(current, tables_of.letters)),
        section("15", "Findings and factors", blocks=[
            blocks.findings(findings), blocks.factors(current.get("factors", [])),
        ]),
        section("16", "Calculation rules and sources", blocks=["rules", "devices"]),
        section("17", "Declaration and signature", annexure_items(current), blocks=["signature"]),
    ]  # fmt: skip


def unit_item(unit, particulars):
    place = ", ".join(particulars[key] for key in ("plot", "taluka", "district") if particulars.get(key))
    return item(
        "2.1",
        "Occupier and unit",
        [
            given("Name of the unit", unit["name"]),
            given("Company", unit["legal_name"]),
            given("Occupier", unit["occupier"]),
            identification.postal(unit),
            identification.contact(unit),
            given("Plot or survey number, taluka, district", place),
        ],
    )


def classification_item(unit, particulars):
    return item(
        "2.2",
        "Classification",
        [
            given("Industry type", particulars.get("industry_type") or unit["industry_label"]),
            given("Year of establishment", unit["year_established"]),
            given("Category (red, orange, green, white, blue)", particulars.get("colour")),
            given("Capital investment, lakh ₹", particulars.get("capital_investment_lakh_rs")),
        ],
    )


def previous_item(particulars):
    return item("2.3", "Last environmental statement", [given("Date submitted", particulars.get("last_statement_on"))])


CONSENTS = {
    "3.1": ("Consent to operate, air", ("cto_air", "cto")),
    "3.2": ("Consent to operate, water", ("cto_water", "cto")),
    "3.3": ("Hazardous-waste authorisation", ("hw",)),
}


def consent_items(current):
    items = []
    for no, (title, kinds) in CONSENTS.items():
        rows = [row for row in current.get("consents", []) if row["what_key"] in kinds]
        numbers = "; ".join(f"{row['number']}, {row.get('valid_until') or 'until cancelled'}" for row in rows)
        items.append(item(no, title, [given("Number and validity", numbers, REGISTERS)]))
    conditions = "; ".join(row["conditions"] for row in current.get("consents", []) if row.get("conditions"))
    return [*items, item("3.4", "Consent conditions", [given("Conditions, and how they are met", conditions)])]


def production_items(current):
    products = current.get("products", [])
    major = [row for row in products if not row["is_by_product"] and row["made"]]
    others = [row for row in products if row["is_by_product"]]
    return [
        item("4.1", "Products", [in_table("Consented and actual quantity", major)]),
        item("4.2", "By-products", [
            in_table("Consented and actual quantity", others) if others
            else not_applicable("Consented and actual quantity", "none is entered") if products
            else given("Consented and actual quantity", None)
        ]),
        item("4.3", "Operating days and shutdowns", [
            given("Operating days declared by the unit", current.get("operating_days"), current.get("days_source")),
            in_table("Shutdowns with reasons", current.get("shutdowns")) if current.get("shutdowns")
            else not_applicable("Shutdowns with reasons", "none is entered for this period") if current
            else given("Shutdowns with reasons", None),
        ], note="Operating hours that devices measured stand in section 9."),
    ]  # fmt: skip


def water_items(current):
    rows = current.get("water", [])
    metered = [row for row in rows if row["quantity_m3"]]
    outlets = [row for row in rows if row["use_key"] in ("effluent", "sewage")]
    return [
        item("5.1", "Water consumption", [in_table("Process, cooling, domestic, m³/day", metered)]),
        item("5.2", "Water meters", [in_table("Opening and closing readings", [r for r in rows if r["opening"]])]),
        item("5.3", "Effluent and sewage", [in_table("Consented and actual, m³/day", outlets)]),
    ]


def consumption_items(current):
    note = "The machines' electricity measured by devices is in a table below; it is not the bill."
    return [
        item("6.1", "Raw materials", [in_table("Material and quantity", current.get("materials"))]),
        item(
            "6.2",
            "Fuels",
            [in_table("Consented and actual quantity", [f for f in current.get("fuels", []) if f["used"]])],
        ),
        item("6.3", "Electricity purchased", [in_table("kWh by bill", current.get("electricity_kwh"))], note=note),
        item("6.4", "DG sets", [in_table("Running hours and generation", current.get("generation"))]),
    ]


def laboratory_items(current):
    rows = current.get("results", [])
    controls = "; ".join(f"{row['name']}: {row['control']}" for row in current.get("points", []) if row.get("control"))
    return [
        item("7.1", "Stack emissions", [in_table("Results", [r for r in rows if r["point_what"] in STACKS])]),
        item("7.2", "Effluent", [effluent(current, rows)]),
        item(
            "7.3", "Air pollution control and effluent treatment plant", [given("Which they are", controls, REGISTERS)]
        ),
    ]


def ambient_items(current):
    rows = current.get("results", [])
    return [
        item(
            "8.1",
            "Ambient air",
            [in_table("Pollutant, number of samples, results", [r for r in rows if r["point_what"] == "ambient"])],
        ),
        item("8.2", "Noise", [in_table("Leq day and night, dB(A)", [r for r in rows if r["point_what"] == "noise"])]),
    ]


def effluent(current, rows):
    """Not applicable to a unit without an outlet."""
    has_outlet = any(row.get("what") in ("Effluent outlet", "Sewage outlet") for row in current.get("points", []))
    if current and not has_outlet:
        return not_applicable("Results", "no outlet of trade effluent or sewage is entered")
    return in_table("Results", [row for row in rows if row["point_what"] in WATERS])


def waste_items(current):
    rows = current.get("wastes", [])
    hazardous = [row for row in rows if row["is_hazardous"] and row["generated"]]
    solid = [row for row in rows if not row["is_hazardous"] and row["generated"]]
    characteristics = "; ".join(
        f"{row['name']}: {row['composition']}; {row['disposal']}" for row in rows if row["composition"]
    )
    return [
        item("12.1", "Hazardous waste", [in_table("Stocks, generation, dispatch with manifest numbers", hazardous)]),
        item("12.2", "Solid waste", [in_table("Generated, recycled, sold, disposed", solid)]),
        item(
            "12.3",
            "Characteristics and disposal",
            [given("Composition and disposal practice", characteristics, REGISTERS)],
        ),
    ]


def measure_items(current):
    rows = current.get("measures", [])
    other = current.get("statement", {}).get("other_particulars")
    yearly = "entered once a financial year, in Form V"
    return [
        item("13.1", "Impact of abatement measures", [
            in_table("Description and savings", rows) if rows else not_applicable("Description and savings", yearly)
        ]),
        item("13.3", "Other particulars", [
            given("Improving the quality of the environment", other) if other
            else not_applicable("Improving the quality of the environment", yearly)
        ]),
    ]  # fmt: skip


def notice_items(current):
    rows = current.get("letters", [])
    if not rows and current:
        return [
            item(
                "14.1",
                "Notices, complaints, deviations",
                [not_applicable("Notices", "none is entered for this period")],
            )
        ]
    return [item("14.1", "Notices, complaints, deviations", [in_table("Received, answered, closed", rows)])]


def annexure_items(current):
    documents = dict.fromkeys(row["source"] for row in current.get("results", []) if ";" in row["source"])
    return [item("17.1", "Annexures", [given("Laboratory reports kept with the rows", "; ".join(documents))])]
