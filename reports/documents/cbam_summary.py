"""The operator's summary emissions report, Annex IV point 1.2 of Implementing Regulation (EU) 2025/2547. Pure.

Exactly its 16 items and nothing more: quantities, activity levels and sensor data are commercially sensitive
(recital 17) and stay in the full report.
"""

from calculations import cbam
from reports.documents import blocks, cbam_tables, cbam_year
from reports.documents import cbam_terms as terms
from reports.documents.items import given, item, not_applicable, section

NOT_ELECTRICITY = "electricity is not among the goods of this unit"


def document(inputs, tables) -> dict:
    year = cbam_year.year_of(inputs)
    summary = terms.summary_of(inputs, year)
    return {
        "title": "Operator's summary emissions report",
        "scheme": "Carbon Border Adjustment Mechanism: Implementing Regulation (EU) 2025/2547, Annex IV point 1.2",
        "status_line": terms.status_line(year),
        "prepared_for": "the verifier and, with the verification report, the importer",
        "summary": summary,
        "result": [
            {"label": "Specific direct embedded emissions", "figure": summary["see_direct_t_co2e_per_t"]},
            {"label": "Of it on default values", "figure": summary["default_share_pct"]},
            {"label": "Direct emissions of the installation", "figure": summary["direct_emissions_t_co2e"]},
        ],
        "counts_items": True,
        "disclosure_section": "",
        "findings": list(year.findings),
        "sections": [
            section("1", "Operator and installation", operator_items(inputs, year)),
            section("2", "Processes, goods and emissions", emission_items(inputs, year), emission_tables(year)),
            section("3", "Heat, fuels, waste gases, CO2, electricity", energy_items(inputs, year)),
            section("4", "Precursors", precursor_items(year), precursor_tables(year)),
            section("5", "Factors and findings", blocks=findings_and_factors(year)),
            section("6", "Verification", blocks=["not_verified"]),
            section("7", "Legal basis", intro=[cbam.RULES + ".", cbam.electricity_note(inputs["unit"]["industry"])]),
            section("8", "Operator's declaration", blocks=["signature"]),
        ],
        "signatories": [{"role": "For the operator"}],
    }


def operator_items(inputs, year) -> list:
    unit = inputs["unit"]
    return [
        item("S1", "Operator", terms.operator(unit)),
        item("S2", "Installation", terms.installation(unit, year)),
    ]


def emission_items(inputs, year) -> list:
    ready = year.is_calculated
    per_good = [
        terms.in_table("Specific direct embedded emissions, t CO2e per functional unit", ready),
        terms.in_table("Share of embedded emissions from default values", ready),
        *indirect(inputs, year, "Share of indirect emissions on actual and default values; specific indirect"),
        not_applicable("Imported electricity: confirmations and factor", NOT_ELECTRICITY),
        given("Specific embedded free allocation", free_allocation(year), "operator"),
        given("Confirmation of the CBAM benchmarks and methods used", free_allocation(year), "operator"),
    ]
    return [
        item("S3", "CBAM processes, routes and goods", [terms.in_table("Process, route and goods of each", ready)]),
        item("S4", "Per good", per_good),
        item("S5", "Total direct emissions", [
            terms.in_table("Installation, t CO2e, whole tonnes", ready, "result table"),
            terms.in_table("Each process, t CO2e", ready),
        ]),
        item("S6", "Indirect emissions of the installation", indirect(inputs, year, "t CO2e")),
    ]  # fmt: skip


def indirect(inputs, year, label):
    """Applies only where indirect emissions count: by the goods entered, else by the industry."""
    if year.counts_indirect is False:
        return [not_applicable(label, "all goods are in Annex II of Regulation (EU) 2023/956")]
    if year.counts_indirect:
        return [terms.in_table(label, True)]
    return terms.for_indirect(inputs, label)


def free_allocation(year):
    reasons = {
        row["free_allocation"]["not_determined"] for row in year.case.get("goods", []) if row.get("free_allocation")
    }
    return "; ".join(f"not determined: {reason}" for reason in sorted(reasons)) or None


def emission_tables(year) -> list:
    if not year.is_calculated:
        return []
    return [cbam_tables.processes(year, with_quantities=False), cbam_tables.goods(year, with_quantities=False)]


def energy_items(inputs, year) -> list:
    return [
        item("S7", "Heat from or to other installations", [
            terms.answer_entry(year, "heat_imported", "Imported (yes/no)", "heat_others"),
            terms.answer_entry(year, "heat_exported", "Exported (yes/no)", "heat_others"),
        ]),
        item("S8", "Zero-rated fuels", [
            terms.answer_entry(year, "zero_rated_fuels", "Used (yes/no), and how it is proved", "zero_rated_proof")
        ]),
        item("S9", "Waste gases", [
            terms.answer_entry(year, "waste_gas_made", "Made and used inside (yes/no)"),
            terms.answer_entry(year, "waste_gas_moved", "Imported or exported (yes/no)", "waste_gas_others"),
        ]),
        item("S10", "CO2 capture", [
            terms.answer_entry(year, "co2_captured", "Captured (yes/no); receiver or transporter", "co2_receiver")
        ]),
        item("S11", "Own electricity", own_electricity(inputs, year)),
    ]  # fmt: skip


def own_electricity(inputs, year):
    labels = ["Cogeneration", "Separate generation", "Fossil or renewable", "Exported"]
    if year.counts_indirect is False:
        return [not_applicable(label, "indirect emissions count for none of the goods") for label in labels]
    return terms.for_indirect(inputs, *labels)


def precursor_items(year) -> list:
    ready, bought = year.is_calculated, year.precursors()
    none = "no bought precursor is entered"
    several = {row.get("several_installations") for _, row in bought if row.get("several_installations")}
    return [
        item("S12", "Precursors on default values", [terms.in_table("CN code, name, origin, default value", ready)]),
        item("S13", "Precursors on actual values", [
            terms.in_table("CN code, name, origin, period and year of use, embedded emissions", ready)
        ]),
        item("S14", "One CN code from another installation, several periods", [
            weighted_entry(ready, bought, "Weighted embedded emissions (Art. 14(1))", none)
        ]),
        item("S15", "One type from several installations", [
            given("Embedded emissions and method (Art. 14)", "; ".join(sorted(several)))
            if several
            else weighted_entry(ready, bought, "Embedded emissions and method (Art. 14)", none)
        ]),
        item("S16", "Origin of each precursor", [
            terms.in_table("Operator, installation, registry identifier if any, reporting period", ready)
        ]),
    ]  # fmt: skip


def weighted_entry(ready, bought, label, none):
    """Applies where one CN code comes from several installations or periods."""
    codes = [row.get("cn_code") for _, row in bought]
    if ready and len(codes) == len(set(codes)):
        return not_applicable(label, "each CN code comes from one installation and period" if codes else none)
    return terms.in_table(label, ready and bool(codes), "each installation and period is a row of the table")


def precursor_tables(year) -> list:
    if not year.is_calculated:
        return []
    return [cbam_tables.on_defaults(year), cbam_tables.on_actual(year), cbam_tables.origins(year)]


def findings_and_factors(year) -> list:
    return [blocks.findings(year.findings), blocks.factors(year.registers.get("factors", []))]
