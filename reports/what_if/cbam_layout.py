"""An installation worked out, as figures and tables of the what-if page."""

from decimal import Decimal

from reports.calculations.cbam import defaults, definitive, goods
from reports.calculations.quantities import share_pct
from reports.factors import ledger
from reports.what_if import cbam_tables
from reports.what_if.layout import Figure, Table

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


def figures(found):
    check = found.reconciliation
    return [
        Figure("Direct emissions of the installation", found.direct.value, "t CO2e"),
        Figure("Zero-rated biomass", found.biomass.value, "t CO2"),
        Figure("Fuel input", found.fuel_input.value, "TJ"),
        Figure("Indirect emissions", found.indirect.value, "t CO2"),
        Figure("Not attributed to a process", check.difference_t, "t CO2e"),
        Figure("… of the installation", share_pct(check.difference_t, found.direct.value), "%", 4),
    ]


def tables(found, on):
    shared = [streams(found), processes(found), goods_table(found, on)]
    return [*shared, *cbam_tables.tables(found), against_defaults(found, on)]


def streams(found):
    rows = [
        [
            entry.stream.name,
            entry.stream.method.replace("_", " "),
            Figure("", entry.fossil.value, "t CO2e"),
            Figure("", entry.biomass.value, "t CO2"),
            Figure("", entry.energy.value if entry.energy else None, "TJ"),
        ]
        for entry in found.streams
    ]
    return Table("Source streams", ["Stream", "Method", "Fossil", "Biomass", "Energy"], rows)


def processes(found):
    rows = [
        [
            process.name,
            Figure("", process.activity_level_t, "t"),
            Figure("", found.processes[process.name].attributed_direct.value, "t CO2e"),
            Figure("", found.processes[process.name].attributed_indirect.value, "t CO2"),
            Figure("", found.processes[process.name].own_direct_t_per_t, "t/t", 5),
        ]
        for process in found.installation.processes
    ]
    columns = ["Process", "Activity level", "Attributed, direct", "Attributed, indirect", "Own direct per tonne"]
    return Table("Processes", columns, rows)


def goods_table(found, on):
    rows = [
        goods_row(entry, counted)
        for entry, counted in zip(
            found.goods, definitive.counted_goods(found, found.installation.contents), strict=True
        )
    ]
    columns = ["Goods", "CN code", "Direct", "Indirect", "Total", "Share on defaults", "Counts since 2026"]
    return Table("Specific embedded emissions, t CO2e per tonne", columns, rows, TRANSITIONAL)


def goods_row(entry, counted):
    share = entry.process.default_share
    return [
        entry.good.name or entry.good.process,
        entry.good.cn_code,
        Figure("", entry.process.see_direct.value, "", 5),
        Figure("", entry.process.see_indirect.value, "", 5),
        Figure("", entry.process.see_total, "", 5),
        Figure("", None if share is None else share * PERCENT, "%", 2),
        counts(entry, counted),
    ]


def counts(entry, counted):
    """In the functional unit; what a page without contents cannot know is said."""
    unit = goods.functional_unit(entry.good.cn_code)
    if counted.category is None:
        return "not in scope"
    if unit.content and counted.see is None:
        return Figure("", None, missing=f"per {unit.name}: content not entered")
    return Figure("", counted.see, f"per {unit.name}", 5)


def against_defaults(found, on):
    """Each good beside India's default value of its period, marked up."""
    columns = ["Goods", "CN code", "Default value", "Mark-up", "With mark-up", "Worked out", "Saved by actual data"]
    values = ledger.defaults_on(on) if on else None
    counted = definitive.counted_indirect(found)
    rows = [default_row(entry, counted[entry.good.process], in_the_act(values, entry.good)) for entry in found.goods]
    if all(in_the_act(values, entry.good) is None for entry in found.goods):
        return Table("Against default values", columns, [], NO_DEFAULTS)
    return Table("Against default values", columns, rows, DEFAULTS_NOTE)


def in_the_act(values, good):
    """(base, mark-up) of a good; None where the act has no value for it on that day."""
    try:
        return (values.value(good.cn_code), values.mark_up(good.cn_code)) if values else None
    except ledger.NoFactor:
        return None


def default_row(entry, counted_indirect, act):
    names = [entry.good.name or entry.good.process, entry.good.cn_code]
    if act is None:
        return [*names, *[Figure("", None, missing=words) for words in ["none in the act", "–", "–", "–", "–"]]]
    base, added = act
    total = defaults.marked_up(base.value, added.value).value
    actual = entry.process.see_direct.value + counted_indirect
    return [
        *names,
        Figure("", base.value, "", 3),
        Figure("", added.value * PERCENT, "%", 0),
        Figure("", total, "", 3),
        Figure("", actual, "", 5),
        Figure("", total - actual, "", 3),
    ]


def traces(found):
    yield "Direct emissions of the installation", found.direct
    for process in found.installation.processes:
        worked_out = found.processes[process.name]
        yield f"{process.name}: direct", worked_out.see_direct
        yield f"{process.name}: indirect", worked_out.see_indirect
    yield from cbam_tables.traces(found)
