"""The operator's emissions report, Annex IV point 1.1 of Implementing Regulation (EU) 2025/2547: its 35 items. Pure."""

from reports.calculations import cbam
from reports.schemes import cbam_terms as terms
from reports.schemes.items import item, section
from reports.schemes.tables import LABELS


def document(inputs, tables):
    summary = terms.summary_of(inputs)
    shown = ["operating_hours", "data_capture_pct", "device_uptime_pct"]
    return {
        "title": "Operator's emissions report",
        "scheme": "Carbon Border Adjustment Mechanism: Implementing Regulation (EU) 2025/2547, Annex IV point 1.1",
        "status_line": f"{terms.NOT_VERIFIED} {terms.NO_SEE}",
        "prepared_for": "the verifier; commercially sensitive, not for importers",
        "summary": summary,
        "result": [
            {"label": "Specific direct embedded emissions", "figure": summary["see_direct_t_co2e_per_t"]},
            {"label": "Electricity recorded (memo)", "figure": summary["electricity_recorded_mwh"]},
            *[{"label": LABELS[name], "figure": summary[name]} for name in shown],
        ],
        "counts_items": True,
        "disclosure_section": "",
        "sections": [
            section("1", "Operator, installation and monitoring", identity_items(inputs)),
            section("2", "Electricity, waste gases, CO2", energy_items(inputs)),
            section("3", "Emissions, electricity and goods", goods_items(inputs)),
            section("4", "Precursors and electricity per process", precursor_items()),
            section("5", "Attribution and parameters", attribution_items(inputs)),
            section(
                "6",
                "Electricity recorded by devices",
                intro=[cbam.electricity_note(inputs["unit"]["industry"])],
                blocks=["energy", "energy_chart", "operating"],
            ),
            section("7", "Data quality and gaps", blocks=["quality"]),
            section("8", "Devices, rules and legal basis", intro=[cbam.RULES + "."], blocks=["devices", "rules"]),
            section("9", "Verification", blocks=["not_verified"]),
            section("10", "Operator's declaration", blocks=["signature"]),
        ],
        "signatories": [{"role": "For the operator"}],
    }


def identity_items(inputs):
    about = inputs["unit"]
    return [
        item(
            "F1",
            "Operator",
            [*terms.operator(about), *[named("Installation", entry) for entry in terms.installation(about)]],
        ),
        item(
            "F2",
            "Monitoring plan summary",
            [
                "CBAM processes and routes",
                "Non-CBAM processes",
                "Five main goods per process",
                "Five main fuels",
                "Five main process-emission materials",
                "Continuous measurement (CEMS), if used",
                "Zero-rated fuels and their proof",
                "Heat imported or exported",
            ],
        ),
    ]


def named(what, entry):
    if isinstance(entry, str):
        return f"{what}: {entry}"
    return {**entry, "label": f"{what}: {entry['label']}"}


def energy_items(inputs):
    return [
        item(
            "F3", "Electricity from several sources", terms.for_indirect(inputs, "Yes/no, quantity of each, suppliers")
        ),
        item(
            "F4", "Own electricity", terms.for_indirect(inputs, "Cogeneration, separate, fossil or renewable, exported")
        ),
        item("F5", "Waste gases", ["Made and used inside, imported or exported (yes/no)"]),
        item("F6", "CO2 transfer", ["Yes/no; receiver or transporter with contact"]),
    ]


def goods_items(inputs):
    return [
        item("F7", "Total direct emissions of the installation", ["t CO2e, whole tonnes"]),
        item("F8", "Months monitored (new installations only)", ["Number"]),
        item("F9", "Electricity consumed by the installation", terms.for_indirect(inputs, "MWh")),
        item("F10", "Electricity consumed for those goods", terms.for_indirect(inputs, "MWh")),
        item("F11", "Installations the electricity comes from", terms.for_indirect(inputs, "Installations")),
        item("F12", "Electricity per source", terms.for_indirect(inputs, "Quantity, country of origin, factor")),
        item("F13", "Goods produced", ["Installation and per process, with quantities"]),
        item("F14", "Non-CBAM goods per process", ["Goods with quantities"]),
        item(
            "F15",
            "Per good",
            [
                "Specific direct embedded emissions, t CO2e per functional unit",
                "Per composition, where applicable",
                "Data quality and methods",
                "Share of embedded emissions from default values",
                *terms.for_indirect(inputs, "Indirect emissions: shares, confirmations, specific emissions"),
            ],
        ),
        item(
            "F16",
            "Activity data and methods",
            [
                "Activity data per process, factors per source stream",
                "Measured sources",
                "CO2 received or sent",
                "Data gaps and estimates of the source streams",
            ],
            note="Gaps in the devices' data are listed in section 7.",
        ),
        item(
            "F17",
            "Balance of heat, waste gas, electricity per process",
            ["TJ and MWh, imported, produced, consumed, exported"],
        ),
    ]


def precursor_items():
    return [
        item("F18", "Own precursors of the installation", ["Quantity per type"]),
        item("F19", "Own precursors per process", ["Quantity per type and process"]),
        item("F20", "Bought precursors of the installation", ["Quantity per type"]),
        item("F21", "Bought precursors per process", ["Quantity per type and process"]),
        item("F22", "Precursors on default values", ["CN code, name, country of origin, default value"]),
        item("F23", "Precursors on actual values", ["CN code, name, country of origin, period, embedded emissions"]),
        item(
            "F24",
            "One CN code from another installation, several periods",
            ["Weighted embedded emissions (Art. 14(1))"],
        ),
        item(
            "F25", "One CN code from several installations", ["Embedded emissions used and method (Art. 14(2) or (3))"]
        ),
        item("F26", "Electricity per process", ["MWh, where relevant"]),
        item("F27", "Own precursors per process (repeats F19)", ["Quantity per type and process"]),
        item(
            "F28", "Origin of each precursor", ["Operator, installation, registry identifier if any, reporting period"]
        ),
    ]


def attribution_items(inputs):
    return [
        item("F29", "How emissions were attributed", ["Text and formulas per process"]),
        item("F30", "Activity level and attributed emissions", ["Each process"]),
        item("F31", "All goods by CN code in the functional unit", ["Goods with quantities"]),
        item("F32", "Electricity factor, actual values", terms.for_indirect(inputs, "t CO2/MWh")),
        item("F33", "Electricity factor in the power purchase agreement", terms.for_indirect(inputs, "t CO2/MWh")),
        item("F34", "Quantity per production route", ["Each good, by CN code, in the functional unit"]),
        item(
            "F35",
            "Sector parameters",
            ["Reducing agent, alloy elements, scrap per tonne, pre-consumer share, per good"],
        ),
    ]
