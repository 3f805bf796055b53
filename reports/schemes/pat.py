"""The PAT-format energy statement of a financial year, sections 2 to 16 as credible statements order them. Pure."""

from factories.figures import indian
from reports.calculations import pat
from reports.calculations.quantities import Figure, text_of
from reports.schemes import unit
from reports.schemes.items import given, item, not_applicable, section
from reports.schemes.tables import METERED, common_summary, energy_of_all, result_rows

VOLUNTARY = (
    "This unit is not recorded as a notified designated consumer or obligated entity. The statement is voluntary."
)
SHOWN = ["energy_kwh", "operating_hours", "data_capture_pct", "device_uptime_pct"]


def document(inputs, tables):
    energy = energy_of_all(inputs)
    label = inputs["period"]["label"]
    summary = {**energy_in_toe(energy, label), **common_summary(inputs)}
    return {
        "title": pat.VOLUNTARY_TITLE,
        "scheme": "In the format of Form I, Energy Conservation (Form and Manner for Submission of Report) Rules 2007",
        "status_line": VOLUNTARY,
        "prepared_for": "the management of the unit and its energy auditor",
        "summary": summary,
        "result": [
            {"label": "Electricity measured, in tonnes of oil equivalent", "figure": summary["energy_toe"]},
            *result_rows(summary, SHOWN),
        ],
        "counts_items": True,
        "disclosure_section": "",
        "sections": [*boundary(inputs["unit"]), *consumption(energy), *assessment(), *closing()],
        "signatories": [{"role": "Energy manager"}, {"role": "Chief executive"}],
        "pat": {
            "energy_kwh": text_of(energy.total_kwh),
            "lakh_kwh": text_of(energy.total_kwh and pat.lakh_kwh(energy.total_kwh)),
            "million_kcal": text_of(energy.total_kwh and pat.million_kcal(energy.total_kwh)),
            "toe": summary["energy_toe"]["value"],
            "citation": pat.TOE_CITATION,
        },
    }


def energy_in_toe(energy, label):
    toe = None if energy.total_kwh is None else pat.electricity_toe(energy.total_kwh)
    source = f"{METERED}; {pat.TOE_CITATION}"
    return {"energy_toe": Figure(toe, "toe", source, label, energy.coverage_pct, decimals=3).frozen()}


def boundary(about):
    return [
        section(
            "2",
            "Unit",
            [
                item(
                    "2.1",
                    "Name and address",
                    [
                        given("Name of the unit", about["name"]),
                        given("Company", about["legal_name"]),
                        given("Sector", about["industry_label"]),
                        unit.postal(about),
                        unit.contact(about),
                        given("Year of establishment", about["year_established"]),
                    ],
                ),
                item(
                    "2.2",
                    "Registration",
                    [
                        "Designated consumer or obligated entity registration number",
                        "PAT cycle or CCTS schedule entry",
                        "State Designated Agency",
                    ],
                ),
                item("2.3", "People", ["Chief executive", "Energy manager with BEE registration number"]),
            ],
        ),
        section(
            "3",
            "Boundary, gate to gate",
            [
                item("3.1", "Included", ["Plant sections inside the boundary"]),
                item(
                    "3.2",
                    "Excluded",
                    ["Colony, construction, outside transport, renewable energy not connected to the grid"],
                ),
                item("3.3", "Changes since the baseline", ["Changes with dates"]),
            ],
        ),
        section(
            "4",
            "Applicability",
            [
                item(
                    "4.1",
                    "Total energy against the sector's threshold",
                    ["Total gate-to-gate energy, toe", "Threshold with its notification"],
                    note="Sub-metered electricity alone is no total: fuels and purchased electricity are not entered.",
                ),
            ],
        ),
        section(
            "5",
            "Production",
            [
                item("5.1", "Products", ["Product, capacity, production of this and the previous year"]),
                item("5.2", "Stocks", ["Opening and closing stock at midnight of 31 March"]),
                item("5.3", "Equivalent product", ["Conversion factors"]),
            ],
        ),
    ]


def consumption(energy):
    measured = energy.total_kwh
    toe = None if measured is None else pat.electricity_toe(measured)
    return [
        section(
            "6",
            "Electricity",
            [
                item("6.1", "Purchased electricity", ["Grid, lakh kWh by bill", "Renewable, wheeled, lakh kWh"]),
                item(
                    "6.2",
                    "Own generation",
                    ["Gross generation, lakh kWh", "Fuel of generation"],
                    note="Own generation enters by its fuel, never by its kWh and its fuel.",
                ),
                item("6.3", "Exported and colony", ["Exported, lakh kWh", "Colony, lakh kWh"]),
                item("6.4", "Meters", ["Multiplication factors and calibration dates"]),
                item(
                    "6.5",
                    "Electricity of machines, sub-metered",
                    [
                        given("kWh", measured and indian(measured, 1), METERED),
                        given("toe", toe and indian(toe, 3), "S.O. 394(E), 12 March 2007"),
                    ],
                    note="A part of what the unit purchased or generated; it is not added to it.",
                ),
            ],
            blocks=["energy", "pat", "energy_chart"],
        ),
        section(
            "7",
            "Fuels",
            [
                item(
                    "7.1",
                    "Each fuel",
                    ["Purchase, stock change, use for power and process", "GCV with its basis and source"],
                )
            ],
        ),
        section(
            "8",
            "Energy balance",
            [
                item(
                    "8.1", "Total energy", ["Purchased electricity + fuels − exported − excluded, million kcal and toe"]
                ),
                item("8.2", "Reconciliation", ["Bills against meters, difference in %"]),
            ],
        ),
    ]


def assessment():
    return [
        section(
            "9",
            "Specific energy consumption",
            [
                item("9.1", "SEC of this year", ["Electrical, kWh/t", "Thermal, kcal/kg", "Total, toe/t"]),
                item("9.2", "SEC compared", ["Previous year", "Baseline", "Target"]),
            ],
        ),
        section(
            "10",
            "Normalisation",
            [
                item(
                    "10.1",
                    "Factors",
                    ["Factors with values, auditor's figure with its document"],
                    note="Not normalised.",
                )
            ],
        ),
        section(
            "11",
            "ESCert position",
            [item("11.1", "ESCerts", [not_applicable("Position", "no notified target is recorded")])],
        ),
        section(
            "12",
            "CCTS",
            [item("12.1", "Emission intensity", [not_applicable("Position", "no entry in the Schedule is recorded")])],
        ),
        section(
            "13", "Measures", [item("13.1", "Energy conservation measures", ["Description, date, investment, saving"])]
        ),
    ]


def closing():
    return [
        section(
            "14",
            "Data quality",
            [item("14.1", "Records", ["Missing bills, estimated share, meter calibration"])],
            blocks=["operating", "quality"],
        ),
        section("15", "References and rules", blocks=["references", "rules", "devices"]),
        section(
            "16",
            "Declaration",
            [item("16.1", "Annexures", ["Bills, fuel certificates, calibration certificates"])],
            blocks=["signature"],
            intro=["Space for the accredited energy auditor's Form B is left blank."],
        ),
    ]
