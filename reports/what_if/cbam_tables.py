"""Tables of the what-if page that only some inputs have: energy units, compositions, obligations, CN codes."""

from collections.abc import Iterator
from decimal import Decimal

from reports.calculations.cbam import composition, definitive, goods, obligation
from reports.calculations.cbam.installation import Emissions
from reports.calculations.cbam.obligation import Obligation, value_of
from reports.calculations.cbam.processes import EQ_61, Process, specific_masses
from reports.calculations.trace import Step
from reports.what_if.layout import Figure, Table

OBLIGATION_NOTE = (
    "Per tonne, by actual values with the free allocation of process and precursors, and by default values with "
    "column B (2025/2620, known here second-hand). Not determined where a benchmark of the chain is not entered."
)
COMPOSITION_NOTE = "Of what counts since 2026; the last column is that of the good's own composition (Eq 64 to 66)."


def tables(found: Emissions) -> list[Table]:
    """Those that have rows."""
    made = [energy_units(found), precursors(found), compositions(found), obligations(found), cn_codes(found)]
    return [table for table in made if table.rows]


def energy_units(found: Emissions) -> Table:
    rows = [
        [
            unit.name,
            Figure("", value_of(getattr(unit, "heat_factor", None)), "t CO2/TJ"),
            Figure("", value_of(getattr(unit, "electricity_factor", None)), "t CO2/MWh", 5),
        ]
        for unit in found.installation.energy_units
    ]
    return Table("Energy units", ["Unit", "Heat", "Electricity"], rows)


def precursors(found: Emissions) -> Table:
    """m_i of every precursor (Eq 61), which the communication under Annex IV must hold."""
    rows = [
        [name, process.name, Figure("", mass_t, "t"), Figure("", specific, "t/t", 5)]
        for process in found.installation.processes
        for (name, specific), mass_t in zip(specific_masses(process), masses(process), strict=True)
    ]
    return Table("Precursors", ["Precursor", "Process", "Mass", "Specific mass, m_i"], rows, f"m = M / AL ({EQ_61}).")


def masses(process: Process) -> list[Decimal]:
    return [entry.mass_t for entry in [*process.purchased, *process.own]]


def compositions(found: Emissions) -> Table:
    contents = found.installation.contents
    rows = [
        composition_row(entry, contents[entry.good.process])
        for entry in definitive.counted_goods(found, contents)
        if entry.good.process in contents
    ]
    columns = ["Goods", "CN code", "Content", "Direct", "Indirect", "Counts", "Per tonne of the good"]
    return Table("Per functional unit", columns, rows, COMPOSITION_NOTE)


def composition_row(entry: definitive.CountedGood, content: Decimal) -> list:
    unit = goods.functional_unit(entry.good.cn_code)
    own = entry.good.content_per_t
    return [
        entry.good.name or entry.good.process,
        entry.good.cn_code,
        Figure("", content, composition.CONTENT_UNITS[unit.content], 4),
        Figure("", entry.see_direct.value, entry.see_direct.unit, 5),
        Figure("", entry.see_indirect and entry.see_indirect.value, entry.see_direct.unit, 5, "not counted"),
        Figure("", entry.see, entry.see_direct.unit, 5),
        Figure("", own and composition.per_tonne(entry.see, own), composition.PER_TONNE, 5, "no content of its own"),
    ]


def obligations(found: Emissions) -> Table:
    rows = [obligation_row(entry) for entry in obligation.obligations(found)]
    columns = ["Goods", "Counts", "Free allocation", "Left to pay for", "Default value", "Its free allocation",
               "Left by default", "Saved by actual data", "… of the quantity", "In rupees"]  # fmt: skip
    return Table("Free allocation and what is left to pay for, t CO2e per tonne", columns, rows, OBLIGATION_NOTE)


def obligation_row(entry: Obligation) -> list:
    against = entry.against
    return [
        entry.good.name or f"{entry.good.process} ({entry.good.cn_code})",
        Figure("", entry.see.value, "", 5),
        not_determined(entry.free_allocation),
        not_determined(entry.left),
        Figure("", value_of(entry.default_see), "", 5, "not entered"),
        not_determined(entry.default_allocation),
        not_determined(entry.default_left),
        Figure("", against and against.saving_t_per_t, "", 5),
        Figure("", against and against.saving_t, "t CO2e", 3, "no quantity"),
        Figure("", against and against.saving_rs, "₹", 0, "no prices"),
    ]


def not_determined(step: Step | None) -> Figure:
    return Figure("", value_of(step), "", 5, "not determined")


def cn_codes(found: Emissions) -> Table:
    rows = [
        [entry.cn_code, Figure("", entry.quantity_t, "t"), Figure("", entry.see_t_per_t, "t CO2e/t", 5)]
        for entry in obligation.by_cn_code(found)
    ]
    note = "One value of a CN code from several processes, weighted by tonnes (2025/2547 Art. 4(6))."
    return Table("CN codes of several processes", ["CN code", "Quantity", "Counts"], rows, note)


def traces(found: Emissions) -> Iterator[tuple[str, Step]]:
    for entry in obligation.obligations(found):
        name = entry.good.name or entry.good.process
        if entry.left:
            yield f"{name}: left to pay for", entry.left
        if entry.default_left:
            yield f"{name}: left to pay for by default values", entry.default_left
