"""What an importer would owe for the goods of an installation, by actual values and by default values.

Per tonne of each good: emissions that count since 2026, less the specific embedded free allocation, less what a carbon
price is paid for. Own precursors bring the allocation of their own process, bought ones their supplier's or column B's
benchmark; where one is not known, nothing is determined.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from calculations.cbam import allocation, defaults, definitive
from calculations.cbam.allocation import PER_TONNE, PrecursorAllocation, YearFactors
from calculations.cbam.installation import Emissions, Good, GoodEmissions
from calculations.cbam.processes import Process, in_order, specific_masses
from calculations.quantities import weighted_mean
from calculations.trace import Step, given, require, worked_out

COUNTED = "2023/956 Annex II; 2025/2547 Annex I 3.1: direct, and the indirect emissions that count"


@dataclass(frozen=True)
class Obligation:
    """A good's row: by actual values, by default values, and one against the other. None where not determined."""

    good: Good
    see: Step
    free_allocation: Step | None
    left: Step | None
    default_see: Step | None
    default_allocation: Step | None
    default_left: Step | None
    against: defaults.DefaultAgainstActual | None


@dataclass(frozen=True)
class CodeEmissions:
    """One SEE of a CN code that comes from several processes, weighted by tonnes (Art. 4(6), 14(1), (2))."""

    cn_code: str
    quantity_t: Decimal
    see_t_per_t: Decimal


def obligations(found: Emissions) -> list[Obligation]:
    """One per good in the order entered; empty where no factors of a year are entered."""
    year = found.installation.year
    if year is None:
        return []
    counted = definitive.counted_indirect(found)
    brought = allocations_of_processes(year, found.installation.processes)
    return [obligation_of(entry, found, counted, brought) for entry in found.goods]


def obligation_of(
    entry: GoodEmissions, found: Emissions, counted: dict[str, Decimal], brought: dict[str, Decimal | None]
) -> Obligation:
    year, terms, process = require(found.installation.year), entry.good.terms, entry.process.process
    see = counted_see(entry, counted)
    benchmark = process.benchmark_a_t_per_t if terms.benchmark_a is None else terms.benchmark_a
    precursors = precursor_allocations(process, brought)
    sefa = allocation.complex_allocation(year, benchmark, precursors, terms.benchmark_source)
    left = allocation.obligation(see, sefa, terms.paid_t_per_t)
    default_see = default_value(terms)
    by_default = allocation.allocation(year, terms.benchmark_b, terms.benchmark_source)
    default_left = default_see and allocation.obligation(default_see, by_default, terms.paid_t_per_t)
    against = defaults.compare(value_of(default_left), value_of(left), terms.quantity_t, found.installation.prices)
    return Obligation(entry.good, see, sefa, left, default_see, by_default, default_left, against)


def counted_see(entry: GoodEmissions, counted: dict[str, Decimal]) -> Step:
    """SEE that counts, per tonne whatever the functional unit."""
    indirect = given("SEE_cnt", "indirect that counts", counted[entry.good.process], PER_TONNE, COUNTED)
    direct = entry.process.see_direct
    value = direct.value + indirect.value
    return worked_out("SEE", "counts since 2026", value, PER_TONNE, "SEE_dir + SEE_cnt", COUNTED, direct, indirect)


def default_value(terms: allocation.Terms) -> Step | None:
    """The default value with its mark-up."""
    if terms.default_t_per_t is None:
        return None
    marked = defaults.marked_up(terms.default_t_per_t, terms.mark_up)
    name, clause = "default value with mark-up", defaults.CLAUSE
    return worked_out("SEE", name, marked.value, PER_TONNE, "D_m", clause, marked)


def value_of(step: Step | None) -> Decimal | None:
    return None if step is None else step.value


def allocations_of_processes(year: YearFactors, processes: Iterable[Process]) -> dict[str, Decimal | None]:
    """SEFA of what each process makes, by its own benchmark, own precursors first; None where not determined."""
    done: dict[str, Decimal | None] = {}
    for process in in_order(processes):
        precursors = precursor_allocations(process, done)
        done[process.name] = value_of(allocation.complex_allocation(year, process.benchmark_a_t_per_t, precursors))
    return done


def precursor_allocations(process: Process, brought: dict[str, Decimal | None]) -> list[PrecursorAllocation]:
    """Each precursor with its specific mass (Eq 61), bought ones first."""
    bought = [(entry.sefa_t_per_t, entry.benchmark_b_t_per_t, "supplier, verified") for entry in process.purchased]
    own = [(brought[entry.process], None, "result of its own process") for entry in process.own]
    return [
        PrecursorAllocation(name, mass, sefa, benchmark, "entered" if sefa is None else source)
        for (name, mass), (sefa, benchmark, source) in zip(specific_masses(process), [*bought, *own], strict=True)
    ]


def by_cn_code(found: Emissions) -> list[CodeEmissions]:
    """CN codes that several goods share, where the tonnes of all of them are entered."""
    counted = definitive.counted_indirect(found)
    rows: dict[str, list[GoodEmissions]] = {}
    for entry in found.goods:
        rows.setdefault(entry.good.cn_code, []).append(entry)
    return [
        code_emissions(code, goods, counted)
        for code, goods in rows.items()
        if len(goods) > 1 and all(entry.good.terms.quantity_t for entry in goods)
    ]


def code_emissions(code: str, goods: list[GoodEmissions], counted: dict[str, Decimal]) -> CodeEmissions:
    weights = [(require(entry.good.terms.quantity_t), counted_see(entry, counted).value) for entry in goods]
    quantity_t = sum((quantity for quantity, _ in weights), Decimal(0))
    return CodeEmissions(code, quantity_t, require(weighted_mean(weights)))
