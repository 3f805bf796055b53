"""Tables of the CBAM reports: streams, processes, goods, precursors, each figure with its source. Pure."""

from collections.abc import Iterator
from decimal import Decimal

from calculations.cbam import allocation, defaults, definitive
from calculations.cbam.defaults import Prices
from calculations.quantities import share_pct
from reports.documents.blocks import EMPTY, column, figure, not_applicable, number_column, steps, table, text

HUNDRED = Decimal(100)
COUNTED_NOTE = (
    "Direct embedded emissions with those of the precursors. Indirect emissions count for cement goods, fertilisers "
    "and sintered ore; for goods of Annex II of Regulation (EU) 2023/956 electricity is recorded, not counted."
)


def streams(year):
    sources = year.registers["sources"]
    rows = [
        [
            text(entry.stream.name),
            text(entry.stream.method.replace("_", " ")),
            figure(entry.stream.activity_data),
            text(entry.stream.unit),
            figure(entry.stream.net_calorific_value, 3, "–"),
            figure(entry.stream.emission_factor, 3, "–"),
            figure(entry.fossil.value),
            text(sources.get(entry.stream.name, {}).get("activity_data")),
        ]
        for entry in year.result.streams
    ]
    columns = [
        column("Source stream"), column("Method"), number_column("Activity data"), column("In"),
        number_column("NCV", "GJ per unit"), number_column("EF", "t CO2/TJ or t/t"), number_column("Fossil", "t CO2e"),
        column("Source"),
    ]  # fmt: skip
    foot = [text("Installation"), *[EMPTY] * 5, figure(year.result.direct.value, months=year.months), EMPTY]
    return table("Source streams and their emissions", columns, rows, foot)


def processes(year, with_quantities):
    """Activity levels are in the full report only, not in the summary for importers."""
    rows = []
    for process in year.result.installation.processes:
        emissions = year.result.processes[process.name]
        level = [figure(process.activity_level_t, months=year.months)] if with_quantities else []
        rows.append([
            text(process.name), text(route_of(year, process.name)), *level,
            figure(emissions.attributed_direct.value, months=year.months),
        ])  # fmt: skip
    level = [number_column("Activity level", "t")] if with_quantities else []
    columns = [column("Process"), column("Production route"), *level, number_column("Attributed, direct", "t CO2e")]
    return table("Production processes", columns, rows)


def route_of(year, name):
    return next((row.get("route") for row in year.registers["processes"] if row.get("name") == name), None)


def goods(year, with_quantities):
    made_t = {(row["process"], row["cn_code"]): row.get("made_t") for row in year.case["goods"]}
    rows = [
        [
            text(entry.good.name),
            text(entry.good.cn_code),
            *(
                [figure(made_t.get((entry.good.process, entry.good.cn_code)), months=year.months)]
                if with_quantities
                else []
            ),
            see_cell(entry.see_direct.value, year.months),
            figure(None if entry.default_share is None else entry.default_share * HUNDRED, 2, "0 %"),
            see_cell(entry.see_indirect.value) if entry.see_indirect else not_applicable("Annex II"),
            text(entry.see_direct.unit),
        ]
        for entry in year.goods
    ]
    quantity = [number_column("Produced", "t")] if with_quantities else []
    columns = [
        column("Good"), column("CN code"), *quantity, number_column("SEE direct"),
        number_column("On default values", "% of SEE"), number_column("SEE indirect"), column("Per functional unit"),
    ]  # fmt: skip
    return table("Specific embedded emissions of each good", columns, rows, note=COUNTED_NOTE)


def see_cell(see, months=""):
    return figure(None if see is None else definitive.printed_see(see), 5, months=months)


def precursors_bought(year, with_quantities):
    rows = [
        [
            text(row["name"]),
            text(row.get("cn_code")),
            text(process),
            *([figure(row["mass_t"]), figure(per_tonne(year, process, row["mass_t"]), 5)] if with_quantities else []),
            figure(row["see_direct"], 5),
            text("default value" if row["source"] == "default" else "actual"),
            text(row.get("reported_by")),
        ]
        for process, row in year.precursors()
    ]
    quantity = [number_column("Entering", "t"), number_column("m_i", "t/t")] if with_quantities else []
    columns = [
        column("Precursor, supplier"), column("CN code"), column("Process"), *quantity,
        number_column("SEE direct", "t CO2e/t"), column("Basis"), column("Source"),
    ]  # fmt: skip
    return table("Bought precursors", columns, rows, empty="No bought precursor is entered.")


def per_tonne(year, process, mass_t):
    level = next(entry.activity_level_t for entry in year.result.installation.processes if entry.name == process)
    return mass_t / level


def on_defaults(year):
    rows = [
        [
            text(row.get("cn_code")), text(row["name"]), text(row.get("country")),
            figure(row.get("default", {}).get("base"), 3),
            figure(row.get("default", {}).get("mark_up", Decimal(0)) * HUNDRED, 0), figure(row["see_direct"], 3),
        ]
        for _process, row in year.precursors("default")
    ]  # fmt: skip
    columns = [
        column("CN code"), column("Precursor"), column("Origin"), number_column("Default value", "t CO2e/t"),
        number_column("Mark-up", "%"), number_column("Used", "t CO2e/t"),
    ]  # fmt: skip
    return table("Precursors on default values", columns, rows, empty="None.")


def on_actual(year):
    rows = [
        [
            text(row.get("cn_code")), text(row["name"]), text(row.get("country")), text(period_of(row)),
            figure(row["see_direct"], 5), text(row.get("verification", {}).get("report") or exempt_origin_text(row)),
            text(row.get("verification", {}).get("verifier") or exempt_origin_text(row)),
        ]
        for _process, row in year.precursors("measured")
    ]  # fmt: skip
    columns = [
        column("CN code"), column("Precursor"), column("Origin"), column("Supplier's period"),
        number_column("SEE direct", "t CO2e/t"), column("Verification report"), column("Verifier"),
    ]  # fmt: skip
    return table("Precursors on actual values", columns, rows, empty="None.")


def exempt_origin_text(row) -> str | None:
    return "EU or exempt origin" if row.get("is_exempt_origin") else None


def period_of(row) -> str | None:
    bounds = [row.get("period_from"), row.get("period_until")]
    if not all(bounds):
        return None
    kind = "proven time of production" if row.get("is_time_of_production") else "reporting period"
    return f"{bounds[0]} to {bounds[1]}, {kind}"


def origins(year):
    rows = [
        [
            text(row["name"]),
            text(row.get("supplier")),
            text(row.get("installation")),
            text(row.get("registry_id")),
            text(period_of(row)),
        ]
        for _process, row in year.precursors()
    ]
    columns = [column(name) for name in ("Precursor", "Operator", "Installation", "Registry identifier", "Period")]
    return table("Origin of each bought precursor", columns, rows, empty="No bought precursor is entered.")


def own_precursors(year):
    rows = [
        [text(entry.process), text(process.name), figure(entry.mass_t)]
        for process in year.result.installation.processes
        for entry in process.own
    ]
    columns = [column("From process"), column("Into process"), number_column("Mass", "t")]
    return table("Own precursors", columns, rows, empty="None is entered.")


def balance(year):
    rows = [
        [text(process.name), figure(process.electricity.consumed_mwh), figure(process.electricity.exported_mwh),
         figure(process.heat.imported_tj), figure(process.heat.exported_tj), figure(process.waste_gas.imported_tj),
         figure(process.waste_gas.exported_tj)]
        for process in year.result.installation.processes
    ]  # fmt: skip
    columns = [
        column("Process"), number_column("Electricity consumed", "MWh"), number_column("Electricity exported", "MWh"),
        number_column("Heat imported", "TJ"), number_column("Heat exported", "TJ"),
        number_column("Waste gas imported", "TJ"), number_column("Waste gas exported", "TJ"),
    ]  # fmt: skip
    return table("Balance of electricity, heat and waste gas", columns, rows)


def parameters(year):
    names = {
        "reducing_agent": "Main reducing agent", "steel_mill": "Steel mill", "manganese_percent": "Mn, %",
        "chromium_percent": "Cr, %", "nickel_percent": "Ni, %", "other_alloys_percent": "Other alloys, %",
        "carbon_percent": "C, %", "scrap_t_per_t": "Scrap, t/t", "pre_consumer_percent": "Pre-consumer scrap, %",
        "non_aluminium_percent": "Non-aluminium, %", "clinker_percent": "Clinker, %", "nitrogen_percent": "N, %",
        "concentration_percent": "Concentration, %", "ammonium_n_percent": "N as ammonium, %",
        "nitrate_n_percent": "N as nitrate, %", "urea_n_percent": "N as urea, %", "organic_n_percent": "N, other, %",
    }  # fmt: skip
    rows = [
        [text(row["product"]), text(names[name]), text(row[name])]
        for row in year.registers["parameters"]
        for name in names
        if row.get(name) is not None
    ]
    return table("Sector parameters", [column("Good"), column("Parameter"), column("Value")], rows)


def against_defaults(year):
    """Default against actual values, per tonne and for the year's production, before free allocation."""
    rows, defaults_by_code = [], year.registers["defaults"]
    for entry in year.goods:
        default = defaults_by_code.get(entry.good.cn_code)
        if default is None or entry.see is None:
            continue
        base, mark_up = Decimal(default["base"]["value"]), Decimal(default["mark_up"]["value"])
        marked_up = defaults.marked_up(base, mark_up).value
        made_t = next(row.get("made_t") for row in year.case["goods"] if row["cn_code"] == entry.good.cn_code)
        diff = defaults.compare(marked_up, entry.see, made_t or Decimal(0), Prices())
        rows.append([
            text(f"{entry.good.name} ({entry.good.cn_code})"), figure(base, 3), figure(mark_up * HUNDRED, 0),
            figure(marked_up, 3), figure(entry.see, 5), figure(diff.saving_t_per_t, 3), figure(diff.saving_t, 1),
            figure(diff.saving_rs, 0, "certificate price and exchange rate not entered"),
        ])  # fmt: skip
    columns = [
        column("Good"), number_column("Default value", "t CO2e/t"), number_column("Mark-up", "%"),
        number_column("With mark-up", "t CO2e/t"), number_column("Actual", "t CO2e/t"),
        number_column("Difference", "t CO2e/t"), number_column("… of the year's production", "t CO2e"),
        column("In rupees"),
    ]  # fmt: skip
    note = "Actual values count only with the statement of an accredited verifier."
    return table(
        "Default values against actual values",
        columns,
        rows,
        note=note,
        empty="The acts have no default value for these goods in this year.",
    )


def free_allocation(year):
    """The process's own part of the specific embedded free allocation, for goods with a known benchmark.

    The total is not determined: the precursors' part needs their suppliers' figures or routes.
    """
    rows = []
    for entry in year.goods:
        benchmark = year.registers["benchmarks"].get(entry.good.cn_code)
        if benchmark is None:
            continue
        factors = allocation.YearFactors(Decimal(benchmark["factor"]["value"]), Decimal(benchmark["cscf"]["value"]))
        own = allocation.allocation(factors, Decimal(benchmark["benchmark"]["value"]))
        rows.append([
            text(f"{entry.good.name} ({entry.good.cn_code})"), figure(Decimal(benchmark["benchmark"]["value"]), 3),
            figure(factors.cbam_factor, 3), figure(factors.correction_factor, 2), figure(own.value, 5),
            text(benchmark["benchmark"]["citation"]),
        ])  # fmt: skip
    columns = [
        column("Good"), number_column("Benchmark, column A", "t CO2e/t"), number_column("CBAM factor"),
        number_column("Correction factor"), number_column("Own part", "t CO2e/t"), column("Source"),
    ]  # fmt: skip
    note = "Memo. Unverified values; without the precursors' part this is no free allocation and is not declared."
    return table("Free allocation: the process's own part", columns, rows, note=note if rows else "",
                 empty="No benchmark of these goods is known here.")  # fmt: skip


def reconciliation(year):
    check = year.result.reconciliation
    rows = [[
        text("Installation against its processes"), figure(check.installation_t), figure(check.processes_t),
        figure(check.difference_t), figure(share_pct(check.difference_t, check.installation_t), 4),
    ]]  # fmt: skip
    columns = [
        column("Reconciliation"), number_column("Installation", "t CO2e"), number_column("Processes", "t CO2e"),
        number_column("Not attributed", "t CO2e"), number_column("Share", "%"),
    ]  # fmt: skip
    return table("The processes add up to the installation", columns, rows)


def traces(year) -> Iterator:
    yield steps("Direct emissions of the installation", year.result.direct)
    for process in year.result.installation.processes:
        emissions = year.result.processes[process.name]
        yield steps(f"{process.name}: specific direct embedded emissions", emissions.see_direct)
        if year.counts_indirect:
            yield steps(f"{process.name}: specific indirect embedded emissions", emissions.see_indirect)
