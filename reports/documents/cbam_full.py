"""The operator's emissions report, Annex IV point 1.1 of Implementing Regulation (EU) 2025/2547: its 35 items. Pure."""

from calculations import cbam
from reports.documents import cbam_summary, cbam_tables, cbam_year
from reports.documents import cbam_terms as terms
from reports.documents.common_tables import LABELS
from reports.documents.items import given, item, not_applicable, section

ATTRIBUTION = (
    "Source streams belong to the process that the fuel and material registers name. Attributed direct emissions are "
    "DirEm* with heat and waste gas that cross the boundary, less electricity exported (Annex III A.2, Eq 55); the "
    "fuel of generators stays in the process that burns it. Specific embedded emissions add those of the precursors "
    "(Eq 59)."
)


def document(inputs, tables) -> dict:
    year = cbam_year.year_of(inputs)
    summary = terms.summary_of(inputs, year)
    shown_metrics = ["operating_hours", "data_capture_pct", "device_uptime_pct"]
    return {
        "title": "Operator's emissions report",
        "scheme": "Carbon Border Adjustment Mechanism: Implementing Regulation (EU) 2025/2547, Annex IV point 1.1",
        "status_line": terms.status_line(year),
        "prepared_for": "the verifier; commercially sensitive, not for importers",
        "summary": summary,
        "result": [
            {"label": "Specific direct embedded emissions", "figure": summary["see_direct_t_co2e_per_t"]},
            {"label": "Of it on default values", "figure": summary["default_share_pct"]},
            {"label": "Direct emissions of the installation", "figure": summary["direct_emissions_t_co2e"]},
            {"label": "Electricity recorded (memo)", "figure": summary["electricity_recorded_mwh"]},
            *[{"label": LABELS[name], "figure": summary[name]} for name in shown_metrics],
        ],
        "counts_items": True,
        "disclosure_section": "",
        "findings": list(year.findings),
        "sections": [*register_sections(inputs, year), *measured_sections(inputs, year)],
        "signatories": [{"role": "For the operator"}],
    }


def register_sections(inputs, year) -> list:
    ready = year.is_calculated
    emissions = [cbam_tables.streams(year), cbam_tables.processes(year, True), cbam_tables.reconciliation(year),
                 cbam_tables.goods(year, True), cbam_tables.balance(year)] if ready else []  # fmt: skip
    precursors = [cbam_tables.precursors_bought(year, True), cbam_tables.own_precursors(year),
                  *cbam_summary.precursor_tables(year)] if ready else []  # fmt: skip
    return [
        section("1", "Operator, installation and monitoring", identity_items(inputs, year)),
        section("2", "Electricity, waste gases, CO2", energy_items(inputs, year)),
        section("3", "Emissions, electricity and goods", goods_items(inputs, year), emissions),
        section("4", "Precursors and electricity per process", precursor_items(inputs, year), precursors),
        section(
            "5",
            "Attribution and parameters",
            attribution_items(inputs, year),
            goods_tables(year) if ready else [],
        ),
        section("6", "How the figures were worked out", blocks=list(cbam_tables.traces(year)) if ready else [],
                intro=[ATTRIBUTION] if ready else [terms.NO_SEE]),
    ]  # fmt: skip


def goods_tables(year) -> list:
    return [cbam_tables.parameters(year), cbam_tables.against_defaults(year), cbam_tables.free_allocation(year)]


def measured_sections(inputs, year) -> list:
    return [
        section(
            "7",
            "Electricity recorded by devices",
            intro=[cbam.electricity_note(inputs["unit"]["industry"])],
            blocks=["energy", "energy_chart", "operating"],
        ),
        section("8", "Data quality and gaps", blocks=["quality"]),
        section("9", "Factors and findings", blocks=cbam_summary.findings_and_factors(year)),
        section("10", "Devices, rules and legal basis", intro=[cbam.RULES + "."], blocks=["devices", "rules"]),
        section("11", "Verification", blocks=["not_verified"]),
        section("12", "Operator's declaration", blocks=["signature"]),
    ]


def identity_items(inputs, year) -> list:
    unit = inputs["unit"]
    installation = [{**entry, "label": f"Installation: {entry['label']}"} for entry in terms.installation(unit, year)]
    return [
        item("F1", "Operator", [*terms.operator(unit), *installation]),
        item("F2", "Monitoring plan summary", plan_entries(year)),
    ]


def plan_entries(year) -> list:
    ready, registers = year.is_calculated, year.registers
    routes = [f"{row['name']}: {row.get('route') or 'route not provided'}" for row in registers.get("processes", [])]
    others = [row["name"] for row in registers.get("other_products", [])]
    fuels = [entry.stream.name for entry in year.result.streams[:5]] if ready else []
    goods = [f"{good.good.name} ({good.good.cn_code})" for good in year.goods[:5]]
    return [
        given("CBAM processes and routes", "; ".join(routes), terms.REGISTERS),
        given("Non-CBAM goods of the processes", ", ".join(others) or ("none" if ready else None)),
        given("Five main goods per process", ", ".join(goods), terms.REGISTERS),
        given("Five main fuels", ", ".join(fuels), terms.REGISTERS),
        given("Five main process-emission materials", process_materials(year)),
        terms.answer_entry(year, "uses_cems", "Continuous measurement (CEMS) used"),
        terms.answer_entry(year, "zero_rated_fuels", "Zero-rated fuels and their proof", "zero_rated_proof"),
        terms.answer_entry(year, "heat_imported", "Heat imported or exported", "heat_others"),
    ]


def process_materials(year):
    if not year.is_calculated:
        return None
    return ", ".join(e.stream.name for e in year.result.streams if e.stream.method != "combustion") or "none entered"


def energy_items(inputs, year) -> list:
    own = "Cogeneration, separate, fossil or renewable, exported"
    return [
        item("F3", "Electricity from several sources", indirect(inputs, year, "Yes/no, quantity of each, suppliers")),
        item("F4", "Own electricity", indirect(inputs, year, own)),
        item("F5", "Waste gases", [
            terms.answer_entry(year, "waste_gas_made", "Made and used inside (yes/no)"),
            terms.answer_entry(year, "waste_gas_moved", "Imported or exported (yes/no)", "waste_gas_others"),
        ]),
        item("F6", "CO2 transfer", [
            terms.answer_entry(year, "co2_captured", "Yes/no; receiver or transporter with contact", "co2_receiver")
        ]),
    ]  # fmt: skip


def indirect(inputs, year, label):
    """Applies to goods with indirect emissions; no register has the answers of this item yet."""
    if year.counts_indirect is False:
        return [not_applicable(label, "all goods are in Annex II of Regulation (EU) 2023/956")]
    return [label] if year.counts_indirect else terms.for_indirect(inputs, label)


def goods_items(inputs, year) -> list:
    ready = year.is_calculated
    gaps = "Gaps in the devices' data are listed in section 8."
    total = terms.in_table("t CO2e, whole tonnes", ready, "result table")
    return [
        item("F7", "Total direct emissions of the installation", [total]),
        item("F8", "Months monitored (new installations only)", [months(year)]),
        item("F9", "Electricity consumed by the installation", indirect(inputs, year, "MWh")),
        item("F10", "Electricity consumed for those goods", indirect(inputs, year, "MWh")),
        item("F11", "Installations the electricity comes from", indirect(inputs, year, "Installations")),
        item("F12", "Electricity per source", indirect(inputs, year, "Quantity, country of origin, factor")),
        item("F13", "Goods produced", [terms.in_table("Installation and per process, with quantities", ready)]),
        item("F14", "Non-CBAM goods per process", [other_goods(year)]),
        item("F15", "Per good", per_good(inputs, year)),
        item("F16", "Activity data and methods", methods(year), note=gaps),
        item("F17", "Balance of heat, waste gas, electricity per process", [terms.in_table("TJ and MWh", ready)]),
    ]


def months(year):
    months_monitored = year.registers.get("answers", {}).get("months_monitored")
    return (
        given("Number", months_monitored)
        if months_monitored
        else not_applicable("Number", "no new installation is entered")
    )


def other_goods(year):
    quantities = "; ".join(
        f"{row['name']}: {row['quantity'] or 'quantity not provided'} {row['unit']}"
        for row in year.registers.get("other_products", [])
    )
    if quantities or not year.is_calculated:
        return given("Goods with quantities", quantities, terms.REGISTERS)
    return not_applicable("Goods with quantities", "none is entered")


def per_good(inputs, year) -> list:
    ready = year.is_calculated
    by_composition = any(good.see_direct.unit != "t CO2e/t" for good in year.goods)
    return [
        terms.in_table("Specific direct embedded emissions, t CO2e per functional unit", ready),
        terms.in_table("Per composition", ready)
        if by_composition
        else not_applicable("Per composition", "the functional unit of the goods is the tonne")
        if ready
        else given("Per composition", None),
        terms.answer_entry(year, "data_quality", "Data quality and methods"),
        terms.in_table("Share of embedded emissions from default values", ready),
        *cbam_summary.indirect(inputs, year, "Indirect emissions: shares, confirmations, specific emissions"),
    ]


def methods(year) -> list:
    ready = year.is_calculated
    return [
        terms.in_table("Activity data per process, factors per source stream", ready),
        terms.answer_entry(year, "uses_cems", "Measured sources"),
        terms.answer_entry(year, "co2_captured", "CO2 received or sent", "co2_receiver"),
        terms.answer_entry(year, "gaps", "Data gaps and estimates of the source streams"),
    ]


def precursor_items(inputs, year) -> list:
    ready = year.is_calculated
    has_own = ready and any(process.own for process in year.result.installation.processes)
    own = [
        terms.in_table("Quantity per type and process", True)
        if has_own
        else not_applicable("Quantity per type and process", "none is entered")
        if ready
        else given("Quantity per type and process", None)
    ]
    summary = {entry["no"]: entry["entries"] for entry in cbam_summary.precursor_items(year)}
    return [
        item("F18", "Own precursors of the installation", own),
        item("F19", "Own precursors per process", own),
        item("F20", "Bought precursors of the installation", [terms.in_table("Quantity per type", ready)]),
        item("F21", "Bought precursors per process", [terms.in_table("Quantity per type and process", ready)]),
        item("F22", "Precursors on default values", summary["S12"]),
        item("F23", "Precursors on actual values", summary["S13"]),
        item("F24", "One CN code from another installation, several periods", summary["S14"]),
        item("F25", "One CN code from several installations", summary["S15"]),
        item("F26", "Electricity per process", [terms.in_table("MWh", ready, "balance in section 3")]),
        item("F27", "Own precursors per process (repeats F19)", own),
        item("F28", "Origin of each precursor", summary["S16"]),
    ]


def attribution_items(inputs, year) -> list:
    ready, where = year.is_calculated, "table in section 3"
    attributions = "; ".join(
        row["attribution"] for row in year.registers.get("processes", []) if row.get("attribution")
    )
    attribution = given("Text and formulas per process", attributions, "entered; formulas in section 6")
    has_parameters = bool(year.registers.get("parameters"))
    parameters = terms.in_table("Reducing agent, alloys, scrap, pre-consumer share, per good", has_parameters)
    return [
        item("F29", "How emissions were attributed", [attribution]),
        item("F30", "Activity level and attributed emissions", [terms.in_table("Each process", ready, where)]),
        item("F31", "All goods by CN code in the functional unit", [terms.in_table("With quantities", ready, where)]),
        item("F32", "Electricity factor, actual values", indirect(inputs, year, "t CO2/MWh")),
        item("F33", "Electricity factor in the power purchase agreement", indirect(inputs, year, "t CO2/MWh")),
        item("F34", "Quantity per production route", [terms.in_table("Each good, by CN code", ready, where)]),
        item("F35", "Sector parameters", [parameters]),
    ]
