"""The monthly or quarterly consent-compliance report to a State Pollution Control Board. Pure.

Sections 2 to 16 in the order boards check; section 1 is the cover. No national form exists for it.
"""

from reports.calculations import spcb as rules
from reports.schemes import unit
from reports.schemes.items import blank_table, given, item, section
from reports.schemes.tables import common_summary, result_rows

LABORATORY_SECTION = "7"
SHOWN = ["energy_kwh", "operating_hours", "data_capture_pct", "device_uptime_pct", "process_alerts"]


def document(inputs, tables):
    summary = common_summary(inputs)
    about = inputs["unit"]
    length = "Quarterly" if inputs["period"]["kind"] == "quarter" else "Monthly"
    return {
        "title": f"{length} consent compliance report",
        "scheme": "State Pollution Control Board: consents under the Water Act 1974 and the Air Act 1981",
        "status_line": rules.NO_LABORATORY_RESULTS,
        "prepared_for": "the State Pollution Control Board" + (f", {about['state']}" if about["state"] else ""),
        "summary": summary,
        "result": result_rows(summary, SHOWN),
        "counts_items": True,
        "disclosure_section": LABORATORY_SECTION,
        "sections": [*what_is_entered(about), *what_was_measured(), *what_is_declared()],
        "signatories": [{"role": "Person carrying on the industry"}, {"role": "Prepared by"}],
    }


def what_is_entered(about):
    return [
        section("2", "Unit identification", [unit_item(about), classification_item(about), previous_item()]),
        section("3", "Consents and authorisations", consent_items()),
        section("4", "Production", production_items()),
        section("5", "Water", water_items()),
        section("6", "Raw material, fuel and electricity", consumption_items(), blocks=["energy", "energy_chart"]),
        section(
            LABORATORY_SECTION,
            "Pollutants discharged: laboratory and CEMS results",
            laboratory_items(),
            intro=[rules.NO_LABORATORY_RESULTS],
            table=blank_table(
                "Laboratory and CEMS results",
                [
                    "Source",
                    "Parameter",
                    "Result",
                    "Oxygen, normalised value",
                    "Consent limit",
                    "Variation, %",
                    "Laboratory, report, date",
                ],
            ),
        ),
        section("8", "Ambient air and noise", ambient_items()),
    ]


def what_was_measured():
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


def what_is_declared():
    return [
        section("12", "Hazardous and solid waste", waste_items()),
        section("13", "Measures and investment", measure_items()),
        section("14", "Notices, deviations and corrective actions", notice_items()),
        section("15", "Calculation rules and sources", blocks=["rules", "devices"]),
        section("16", "Declaration and signature", annexure_items(), blocks=["signature"]),
    ]


def unit_item(about):
    return item(
        "2.1",
        "Occupier and unit",
        [
            given("Name of the unit", about["name"]),
            given("Company", about["legal_name"]),
            given("Occupier", about["occupier"]),
            unit.postal(about),
            unit.contact(about),
            "Plot or survey number, taluka, district",
        ],
    )


def classification_item(about):
    return item(
        "2.2",
        "Classification",
        [
            given("Industry type", about["industry_label"]),
            given("Year of establishment", about["year_established"]),
            "Category (red, orange, green, white)",
            "Capital investment, Rs lakh",
        ],
    )


def previous_item():
    return item("2.3", "Last environmental statement", ["Date submitted"])


def consent_items():
    return [
        item("3.1", "Consent to operate, air", ["Number", "Date of issue", "Validity (or until cancelled)"]),
        item("3.2", "Consent to operate, water", ["Number", "Date of issue", "Validity (or until cancelled)"]),
        item("3.3", "Hazardous-waste authorisation", ["Number", "Date of issue", "Validity"]),
        item("3.4", "Consent conditions", ["Condition, status and evidence of each"]),
    ]


def production_items():
    return [
        item("4.1", "Products", ["Product, consented quantity, actual quantity, unit"]),
        item("4.2", "By-products", ["By-product, consented quantity, actual quantity, unit"]),
        item(
            "4.3",
            "Operating days and shutdowns",
            ["Operating days declared by the unit", "Shutdowns with reasons"],
            note="Operating hours that devices measured stand in section 9.",
        ),
    ]


def water_items():
    return [
        item("5.1", "Water consumption", ["Process, m³/day", "Cooling, m³/day", "Domestic, m³/day"]),
        item("5.2", "Water meters", ["Opening and closing readings"]),
        item("5.3", "Effluent and sewage", ["Generation, m³/day, consented and actual"]),
    ]


def consumption_items():
    return [
        item("6.1", "Raw materials", ["Material, quantity per unit of product"]),
        item("6.2", "Fuels", ["Fuel, consented quantity, actual quantity"]),
        item(
            "6.3",
            "Electricity purchased",
            ["kWh by bill"],
            note="The machines' electricity measured by devices is in the table below; it is not the bill.",
        ),
        item("6.4", "DG sets", ["Running hours and fuel"]),
    ]


def laboratory_items():
    return [
        item("7.1", "Stack emissions", ["Laboratory results with NABL number, report number and sampling date"]),
        item("7.2", "Effluent", ["Laboratory results with NABL number, report number and sampling date"]),
        item(
            "7.3",
            "Air pollution control and effluent treatment plant",
            ["Which machines they are, with running hours and energy"],
        ),
    ]


def ambient_items():
    return [
        item("8.1", "Ambient air", ["Pollutant, averaging time, number of samples, results"]),
        item("8.2", "Noise", ["Leq day and night, dB(A)"]),
    ]


def waste_items():
    return [
        item(
            "12.1",
            "Hazardous waste",
            ["Category, opening stock, generated, dispatched with manifest numbers, closing stock (t)"],
        ),
        item("12.2", "Solid waste", ["Generated, recycled, sold, disposed"]),
        item("12.3", "Characteristics and disposal", ["Composition, quantum and disposal practice"]),
    ]


def measure_items():
    return [
        item("13.1", "Impact of abatement measures", ["Description and savings"]),
        item("13.2", "Investment", ["Made and proposed, Rs lakh"]),
        item("13.3", "Other particulars", ["Other particulars for improving the quality of the environment"]),
    ]


def notice_items():
    return [
        item("14.1", "Notices and replies", ["Notices received, replies sent"]),
        item("14.2", "Deviations", ["Deviation, reason, corrective action, date closed"]),
    ]


def annexure_items():
    return [item("16.1", "Annexures", ["Laboratory reports, consents, manifests, calibration certificates"])]
