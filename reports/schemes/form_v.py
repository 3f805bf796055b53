"""Form V, the annual Environmental Statement (Rule 14, Environment (Protection) Rules 1986): parts A to I. Pure."""

from reports.calculations import spcb as rules
from reports.schemes import unit
from reports.schemes.items import blank_table, given, item, section
from reports.schemes.tables import common_summary, result_rows

SHOWN = ["energy_kwh", "operating_hours", "data_capture_pct", "device_uptime_pct"]


def document(inputs, tables):
    summary = common_summary(inputs)
    about = inputs["unit"]
    end_year = inputs["period"]["end_on"][:4]
    return {
        "title": "Environmental Statement (Form V)",
        "scheme": f"Form V (Rule 14). Environmental Statement for the financial year ending the 31st March {end_year}",
        "status_line": rules.NO_LABORATORY_RESULTS,
        "prepared_for": "the State Pollution Control Board" + (f", {about['state']}" if about["state"] else ""),
        "summary": summary,
        "result": result_rows(summary, SHOWN),
        "counts_items": True,
        "disclosure_section": "C",
        "sections": [
            section("A", "Owner or occupier, category, capacity", part_a(about)),
            section("B", "Water and raw material consumption", part_b()),
            section(
                "C",
                "Pollution discharged to environment per unit of output",
                part_c(),
                table=blank_table(
                    "Pollutants discharged, as specified in the consent issued",
                    [
                        "Pollutant",
                        "Quantity, mass/day",
                        "Concentration, mass/volume",
                        "Variation from prescribed standard, %",
                        "Reason",
                    ],
                ),
            ),
            section("D", "Hazardous wastes", part_d()),
            section("E", "Solid wastes", part_e()),
            section(
                "F",
                "Characteristics of wastes and disposal practice",
                [item("F", "Composition, quantum and disposal", ["Hazardous wastes", "Solid wastes"])],
            ),
            section(
                "G",
                "Impact of pollution abatement measures",
                [
                    item(
                        "G", "Conservation of natural resources and cost of production", ["Measures with their savings"]
                    )
                ],
            ),
            section(
                "H",
                "Additional measures and investment proposal",
                [item("H", "Investment", ["Made in the period, Rs lakh", "Proposed for the next year, Rs lakh"])],
            ),
            section(
                "I",
                "Any other particulars",
                [item("I", "Improving the quality of the environment", ["Other particulars"])],
            ),
            section(
                "Annexure 1",
                "Electricity and operating hours measured by devices",
                intro=[
                    "Supporting data. It answers no part of Form V by itself: fuels and production are not entered."
                ],
                blocks=["energy", "energy_chart", "operating"],
            ),
            section("Annexure 2", "Data quality, devices and rules", blocks=["quality", "devices", "rules"]),
            section("", "Signature", blocks=["signature"]),
        ],
        "signatories": [{"role": "Person carrying on the industry, operation or process"}],
    }


def part_a(about):
    return [
        item(
            "A (i)",
            "Owner or occupier",
            [
                given("Name of the unit", about["name"]),
                given("Owner or occupier", about["occupier"]),
                given("Company", about["legal_name"]),
                unit.postal(about),
                unit.contact(about),
            ],
        ),
        item(
            "A (ii)",
            "Industry category",
            ["Primary (STC code)", "Secondary (SIC code)", given("Industry type", about["industry_label"])],
        ),
        item("A (iii)", "Production capacity", ["Capacity and unit, by product"]),
        item("A (iv)", "Year of establishment", [given("Year", about["year_established"])]),
        item("A (v)", "Last environmental statement", ["Date submitted"]),
        item("A (vi)", "Consents", ["Consent numbers, dates of issue, validity"]),
    ]


def part_b():
    return [
        item("B (i)", "Water consumption, m³/day", ["Process", "Cooling", "Domestic"]),
        item("B (i)", "Process water per unit of output", ["Product, previous financial year, current financial year"]),
        item(
            "B (ii)",
            "Raw material per unit of output",
            ["Material, product, previous financial year, current financial year"],
        ),
        item("B (iii)", "Fuel consumption", ["Fuel, previous financial year, current financial year"]),
    ]


def part_c():
    return [
        item("C (a)", "Water", ["Pollutants with quantity, concentration and variation"]),
        item("C (b)", "Air", ["Pollutants with quantity, concentration and variation"]),
    ]


def part_d():
    return [
        item("D (a)", "From process", ["Quantity, kg, previous and current financial year"]),
        item("D (b)", "From pollution control facilities", ["Quantity, kg, previous and current financial year"]),
    ]


def part_e():
    return [
        item("E (a)", "From process", ["Quantity, previous and current financial year"]),
        item("E (b)", "From pollution control facility", ["Quantity, previous and current financial year"]),
        item(
            "E (c)",
            "Recycled, sold, disposed",
            ["Quantity recycled or re-utilised within the unit", "Sold", "Disposed"],
        ),
    ]
