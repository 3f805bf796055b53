"""Calculated emissions of an installation as figures and tables of the calculator page."""

from collections.abc import Iterator
from decimal import Decimal

from calculations.cbam import defaults, definitive, goods
from calculations.quantities import share_pct
from registers.factors import lookup
from reports.calculator import cbam_tables
from reports.calculator.layout import FigureCell, FigureTable

PERCENT = Decimal(100)
NO_DEFAULTS = "None of these goods has a default value for India in this period; the act's values begin with 2026."
DEFAULTS_NOTE = (
    "Default values of India, total, t CO2e per tonne (2025/2621 Annex I), beside what counts since 2026; actual "
    "values count only once verified."
)
TRANSITIONAL = (
    "Direct and indirect as worked out, in the form of the transitional period. What counts since 2026 stands beside "
    "it: for goods of Annex II direct emissions and those of precursors outside Annex II."
)


def figures(result) -> list:
    check = result.reconciliation
    return [
        FigureCell("Direct emissions of the installation", result.direct.value, "t CO2e"),
        FigureCell("Zero-rated biomass", result.biomass.value, "t CO2"),
        FigureCell("Fuel input", result.fuel_input.value, "TJ"),
        FigureCell("Indirect emissions", result.indirect.value, "t CO2"),
        FigureCell("Not attributed to a process", check.difference_t, "t CO2e"),
        FigureCell("… of the installation", share_pct(check.difference_t, result.direct.value), "%", 4),
    ]


def tables(result, on) -> list:
    shared = [streams(result), processes(result), goods_table(result, on)]
    return [*shared, *cbam_tables.tables(result), against_defaults(result, on)]


def streams(result):
    rows = [
        [
            entry.stream.name,
            entry.stream.method.replace("_", " "),
            FigureCell("", entry.fossil.value, "t CO2e"),
            FigureCell("", entry.biomass.value, "t CO2"),
            FigureCell("", entry.energy.value if entry.energy else None, "TJ"),
        ]
        for entry in result.streams
    ]
    return FigureTable("Source streams", ["Stream", "Method", "Fossil", "Biomass", "Energy"], rows)


def processes(result):
    rows = [
        [
            process.name,
            FigureCell("", process.activity_level_t, "t"),
            FigureCell("", result.processes[process.name].attributed_direct.value, "t CO2e"),
            FigureCell("", result.processes[process.name].attributed_indirect.value, "t CO2"),
            FigureCell("", result.processes[process.name].own_direct_t_per_t, "t/t", 5),
        ]
        for process in result.installation.processes
    ]
    columns = ["Process", "Activity level", "Attributed, direct", "Attributed, indirect", "Own direct per tonne"]
    return FigureTable("Processes", columns, rows)


def goods_table(result, on):
    rows = [
        goods_row(entry, counted_good)
        for entry, counted_good in zip(
            result.goods, definitive.counted_goods(result, result.installation.contents), strict=True
        )
    ]
    columns = ["Goods", "CN code", "Direct", "Indirect", "Total", "Share on defaults", "Counts since 2026"]
    return FigureTable("Specific embedded emissions, t CO2e per tonne", columns, rows, TRANSITIONAL)


def goods_row(entry, counted_good) -> list:
    share = entry.process.default_share
    return [
        entry.good.name or entry.good.process,
        entry.good.cn_code,
        FigureCell("", entry.process.see_direct.value, "", 5),
        FigureCell("", entry.process.see_indirect.value, "", 5),
        FigureCell("", entry.process.see_total, "", 5),
        FigureCell("", None if share is None else share * PERCENT, "%", 2),
        counted_cell(entry, counted_good),
    ]


def counted_cell(entry, counted_good):
    """The embedded emissions per functional unit, or the reason why they are unknown."""
    unit = goods.functional_unit(entry.good.cn_code)
    if counted_good.category is None:
        return "not in scope"
    if unit.content and counted_good.see is None:
        return FigureCell("", None, missing=f"per {unit.name}: content not entered")
    return FigureCell("", counted_good.see, f"per {unit.name}", 5)


def against_defaults(result, on):
    """Each good against India's default value of the period, with mark-up."""
    columns = ["Goods", "CN code", "Default value", "Mark-up", "With mark-up", "Worked out", "Saved by actual data"]
    values = lookup.default_values_on(on) if on else None
    indirect_by_process = definitive.counted_indirect(result)
    rows = [
        default_row(entry, indirect_by_process[entry.good.process], act_default(values, entry.good))
        for entry in result.goods
    ]
    if all(act_default(values, entry.good) is None for entry in result.goods):
        return FigureTable("Against default values", columns, [], NO_DEFAULTS)
    return FigureTable("Against default values", columns, rows, DEFAULTS_NOTE)


def act_default(values, good) -> tuple | None:
    """(base, mark-up) of a good; None where the act has no value for it on that day."""
    try:
        return (values.value(good.cn_code), values.mark_up(good.cn_code)) if values else None
    except lookup.FactorNotFound:
        return None


def default_row(entry, counted_indirect, act) -> list:
    names = [entry.good.name or entry.good.process, entry.good.cn_code]
    if act is None:
        return [*names, *[FigureCell("", None, missing=text) for text in ["none in the act", "–", "–", "–", "–"]]]
    base, mark_up = act
    total = defaults.marked_up(base.value, mark_up.value).value
    actual = entry.process.see_direct.value + counted_indirect
    return [
        *names,
        FigureCell("", base.value, "", 3),
        FigureCell("", mark_up.value * PERCENT, "%", 0),
        FigureCell("", total, "", 3),
        FigureCell("", actual, "", 5),
        FigureCell("", total - actual, "", 3),
    ]


def traces(result) -> Iterator:
    yield "Direct emissions of the installation", result.direct
    for process in result.installation.processes:
        emissions = result.processes[process.name]
        yield f"{process.name}: direct", emissions.see_direct
        yield f"{process.name}: indirect", emissions.see_indirect
    yield from cbam_tables.traces(result)
