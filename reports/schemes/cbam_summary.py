"""The operator's summary emissions report, Annex IV point 1.2 of Implementing Regulation (EU) 2025/2547. Pure.

Exactly its 16 items and nothing more: quantities, activity levels and sensor data are commercially sensitive
(recital 17) and stay in the full report.
"""

from reports.calculations import cbam
from reports.schemes import cbam_terms as terms
from reports.schemes.items import item, not_applicable, section

NOT_ELECTRICITY = "electricity is not among the goods of this unit"


def document(inputs, tables):
    summary = terms.summary_of(inputs)
    return {
        "title": "Operator's summary emissions report",
        "scheme": "Carbon Border Adjustment Mechanism: Implementing Regulation (EU) 2025/2547, Annex IV point 1.2",
        "status_line": f"{terms.NOT_VERIFIED} {terms.NO_SEE}",
        "prepared_for": "the verifier and, with the verification report, the importer",
        "summary": summary,
        "result": [{"label": "Specific direct embedded emissions", "figure": summary["see_direct_t_co2e_per_t"]}],
        "counts_items": True,
        "disclosure_section": "",
        "sections": [
            section("1", "Operator and installation", operator_items(inputs)),
            section("2", "Processes, goods and emissions", emission_items(inputs)),
            section("3", "Heat, fuels, waste gases, CO2, electricity", energy_items(inputs)),
            section("4", "Precursors", precursor_items()),
            section("5", "Verification", blocks=["not_verified"]),
            section("6", "Legal basis", intro=[cbam.RULES + ".", cbam.electricity_note(inputs["unit"]["industry"])]),
            section("7", "Operator's declaration", blocks=["signature"]),
        ],
        "signatories": [{"role": "For the operator"}],
    }


def operator_items(inputs):
    about = inputs["unit"]
    return [
        item("S1", "Operator", terms.operator(about)),
        item("S2", "Installation", terms.installation(about)),
    ]


def emission_items(inputs):
    per_good = [
        "Specific direct embedded emissions, t CO2e per functional unit",
        "Share of embedded emissions from default values",
        *terms.for_indirect(
            inputs, "Share of indirect emissions on actual and default values; specific indirect emissions"
        ),
        not_applicable("Imported electricity: confirmations and factor", NOT_ELECTRICITY),
        "Specific embedded free allocation",
        "Confirmation of the CBAM benchmarks and methods used",
    ]
    return [
        item("S3", "CBAM processes, routes and goods", ["Process, production route and goods of each process"]),
        item("S4", "Per good", per_good),
        item("S5", "Total direct emissions", ["Installation, t CO2e", "Each process, t CO2e"]),
        item("S6", "Indirect emissions of the installation", terms.for_indirect(inputs, "t CO2e")),
    ]


def energy_items(inputs):
    own = ["Cogeneration", "Separate generation", "Fossil or renewable", "Exported"]
    return [
        item("S7", "Heat from or to other installations", ["Imported (yes/no)", "Exported (yes/no)"]),
        item("S8", "Zero-rated fuels", ["Used (yes/no), and how it is proved"]),
        item("S9", "Waste gases", ["Made and used, imported, exported (yes/no)"]),
        item("S10", "CO2 capture", ["Captured (yes/no); receiving installation or transport infrastructure"]),
        item("S11", "Own electricity", terms.for_indirect(inputs, *own)),
    ]


def precursor_items():
    return [
        item("S12", "Precursors on default values", ["CN code, name, country of origin, default value"]),
        item(
            "S13",
            "Precursors on actual values",
            ["CN code, name, country of origin, period and year of use, embedded emissions"],
        ),
        item(
            "S14",
            "One CN code from another installation, several periods",
            ["Weighted embedded emissions (Art. 14(1))"],
        ),
        item("S15", "One type from several installations", ["Embedded emissions and method (Art. 14)"]),
        item(
            "S16", "Origin of each precursor", ["Operator, installation, registry identifier if any, reporting period"]
        ),
    ]
