"""Production processes and their precursors: attributed and specific embedded emissions, to any depth.

Implementing Regulation (EU) 2025/2547, Annex III A.3 (Eq 55 to 58) and B (Eq 59 to 63). Masses are in tonnes and
specific emissions per tonne here; `composition` turns them into other functional units. Indirect emissions are
worked out for every process, as the transitional form did; `definitive` says which of them count.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter

from calculations.cbam import flows
from calculations.cbam.composition import Lot, average_content
from calculations.cbam.flows import Electricity, Heat, WasteGas
from calculations.trace import Derived, Step, derived_or_given, given, summed, worked_out

ZERO = Decimal(0)
NO_ELECTRICITY, NO_HEAT, NO_WASTE_GAS = Electricity(), Heat(), WasteGas()
MEASURED, DEFAULT = "measured", "default"

EQ_55 = "2025/2547 Annex III A.3, Eq 55; negative becomes zero"
EQ_56 = "2025/2547 Annex III A.3, Eq 56"
EQ_59 = "2025/2547 Annex III B, Eq 59 (57, 58 without precursors)"
EQ_60 = "2025/2547 Annex III B, Eq 60"
EQ_61 = "2025/2547 Annex III B, Eq 61"


@dataclass(frozen=True)
class PurchasedPrecursor:
    """`mass_t` enters the process before any loss. A `source` other than measured is a default value."""

    name: str
    mass_t: Decimal
    see_direct: Decimal
    electricity_mwh_per_t: Decimal = ZERO
    electricity_emission_factor: Decimal = ZERO
    source: str = MEASURED
    category: str = ""
    sefa_t_per_t: Decimal | None = None  # the supplier's verified free allocation, else the benchmark of column B
    benchmark_b_t_per_t: Decimal | None = None

    @property
    def see_indirect(self) -> Decimal:
        return self.electricity_mwh_per_t * self.electricity_emission_factor


@dataclass(frozen=True)
class OwnPrecursor:
    process: str
    mass_t: Decimal


@dataclass(frozen=True)
class Process:
    name: str
    category: str
    activity_level_t: Decimal
    directly_attributable_emissions_t: Decimal
    electricity: Electricity = NO_ELECTRICITY
    heat: Heat = NO_HEAT
    waste_gas: WasteGas = NO_WASTE_GAS
    purchased: tuple[PurchasedPrecursor, ...] = ()
    own: tuple[OwnPrecursor, ...] = ()
    composition: tuple[Lot, ...] = ()
    benchmark_a_t_per_t: Decimal | None = None
    derived: Derived = ()

    @property
    def content_per_t(self) -> Decimal | None:
        """t clinker or kg N per tonne of what the process makes; None where no composition is entered."""
        return average_content(self.composition)


@dataclass(frozen=True)
class ProcessEmissions:
    """One process worked out. `default_t_per_t` is the part of `see_direct` that rests on default values."""

    process: Process
    attributed_direct: Step
    attributed_indirect: Step
    see_direct: Step
    see_indirect: Step
    electricity_mwh_per_t: Step
    default_t_per_t: Step

    @property
    def see_total(self) -> Decimal:
        return self.see_direct.value + self.see_indirect.value

    @property
    def default_share(self) -> Decimal | None:
        """Σ over defaults of m × SEE_dir, divided by SEE_dir; None where the direct SEE is zero.

        2025/2547 asks for the share without defining it: this is the Commission template's definition.
        """
        return self.default_t_per_t.value / self.see_direct.value if self.see_direct.value else None

    @property
    def own_direct_t_per_t(self) -> Decimal:
        """ae, without precursors (Eq 63)."""
        return self.attributed_direct.value / self.process.activity_level_t


class ProcessCycle(ValueError):
    """Processes that are precursors of one another; `names` closes with the first."""

    def __init__(self, names: list[str]):
        self.names = names
        super().__init__("These processes are precursors of each other: " + " → ".join(names) + ".")


def in_order(processes: Iterable[Process]) -> list[Process]:
    """Every process after those it takes precursors from."""
    by_name = {process.name: process for process in processes}
    graph = {name: [entry.process for entry in process.own] for name, process in by_name.items()}
    try:
        return [by_name[name] for name in TopologicalSorter(graph).static_order()]
    except CycleError as error:
        raise ProcessCycle(error.args[1]) from None


def work_out(processes: Iterable[Process]) -> dict[str, ProcessEmissions]:
    """Each process by name, own precursors first. Activity levels are above zero."""
    done: dict[str, ProcessEmissions] = {}
    for process in in_order(processes):
        done[process.name] = emissions_of(process, done)
    return done


def emissions_of(process: Process, done: dict[str, ProcessEmissions]) -> ProcessEmissions:
    direct, indirect = attributed_direct(process), attributed_indirect(process)
    electricity = given("Em_E", "electricity of the process", process.electricity.consumed_mwh, "MWh")
    return ProcessEmissions(
        process,
        direct,
        indirect,
        specific(process, "SEE_dir", "direct", direct, precursors(process, done, direct_of)),
        specific(process, "SEE_ind", "indirect", indirect, precursors(process, done, indirect_of)),
        specific(process, "e", "electricity", electricity, precursors(process, done, electricity_of), "MWh"),
        specific(process, "SEE_def", "direct, on default values", None, precursors(process, done, default_of)),
    )


def attributed_direct(process: Process) -> Step:
    """AttrEm_Dir (Eq 55)."""
    terms = (
        directly_attributable(process),
        flows.heat_imported(process.heat),
        flows.heat_exported(process.heat),
        flows.waste_gas_imported(process.waste_gas),
        flows.waste_gas_exported(process.waste_gas),
        flows.electricity_exported(process.electricity),
    )
    own, heat_in, heat_out, gas_in, gas_out, exported = (term.value for term in terms)
    value = max(ZERO, own + heat_in - heat_out + gas_in - gas_out - exported)
    formula = "max(0, DirEm* + Em_H,imp − Em_H,exp + WG_corr,imp − WG_corr,exp − Em_el,prod)"
    return worked_out("AttrEm_dir", process.name, value, "t CO2e", formula, EQ_55, *terms)


def directly_attributable(process: Process) -> Step:
    """DirEm*, as entered or with the process's part of shared emissions."""
    field, name = "directly_attributable_emissions_t", "directly attributable emissions"
    return derived_or_given(process.derived, field, "DirEm*", name, process.directly_attributable_emissions_t, "t CO2e")


def attributed_indirect(process: Process) -> Step:
    """AttrEm_indir = Em_el,cons (Eq 56)."""
    consumed = flows.electricity_consumed(process.electricity)
    return worked_out("AttrEm_ind", process.name, consumed.value, "t CO2", "Em_el,cons", EQ_56, consumed)


def specific(
    process: Process, symbol: str, kind: str, attributed: Step | None, embedded: Step, unit: str = "t CO2e"
) -> Step:
    """SEE = (AttrEm + EE_InpMat) / AL (Eq 59); with no attributed part, what the precursors bring alone."""
    activity = given("AL", "activity level", process.activity_level_t, "t")
    own = () if attributed is None else (attributed,)
    value = (sum((step.value for step in own), ZERO) + embedded.value) / process.activity_level_t
    formula = f"({own[0].symbol} + EE_InpMat) / AL" if own else "EE_InpMat / AL"
    return worked_out(symbol, f"{process.name}, {kind}", value, f"{unit}/t", formula, EQ_59, *own, embedded, activity)


Precursor = PurchasedPrecursor | OwnPrecursor
# What of a precursor counts: of a bought one as it is, of an own one as its process was worked out.
Part = Callable[[PurchasedPrecursor | ProcessEmissions], Decimal | None]


def precursors(process: Process, done: dict[str, ProcessEmissions], part: Part) -> Step:
    """EE_InpMat = Σ M × SEE (Eq 60), of the direct, indirect, electricity or default part of each precursor."""
    bought = [part(entry) for entry in process.purchased]
    own = [part(done[entry.process]) for entry in process.own]
    entries: list[Precursor] = [*process.purchased, *process.own]
    unit = "MWh" if part is electricity_of else "t CO2e"
    steps = [
        embedded(entry, value, unit) for entry, value in zip(entries, [*bought, *own], strict=True) if value is not None
    ]
    return summed("EE_InpMat", "precursors", unit, EQ_60, steps, formula="" if steps else "0")


def embedded(entry: Precursor, see: Decimal, unit: str) -> Step:
    if isinstance(entry, OwnPrecursor):
        name, source = entry.process, f"result of the process “{entry.process}”"
    else:
        name, source = entry.name, f"supplier, {entry.source}"
    inputs = given("M", f"mass of {name}", entry.mass_t, "t"), given("SEE", name, see, f"{unit}/t", source)
    return worked_out("EE", name, entry.mass_t * see, unit, "M × SEE", EQ_60, *inputs)


def direct_of(entry: PurchasedPrecursor | ProcessEmissions) -> Decimal:
    return entry.see_direct if isinstance(entry, PurchasedPrecursor) else entry.see_direct.value


def indirect_of(entry: PurchasedPrecursor | ProcessEmissions) -> Decimal:
    return entry.see_indirect if isinstance(entry, PurchasedPrecursor) else entry.see_indirect.value


def electricity_of(entry: PurchasedPrecursor | ProcessEmissions) -> Decimal:
    if isinstance(entry, PurchasedPrecursor):
        return entry.electricity_mwh_per_t
    return entry.electricity_mwh_per_t.value


def default_of(entry: PurchasedPrecursor | ProcessEmissions) -> Decimal | None:
    """What of the precursor's direct SEE is a default value; None for one that is measured."""
    if isinstance(entry, PurchasedPrecursor):
        return entry.see_direct if entry.source != MEASURED else None
    return entry.default_t_per_t.value


def specific_masses(process: Process) -> list[tuple[str, Decimal]]:
    """m_i = M_i / AL of each precursor, in t per t (Eq 61)."""
    bought = [(entry.name, entry.mass_t / process.activity_level_t) for entry in process.purchased]
    return bought + [(entry.process, entry.mass_t / process.activity_level_t) for entry in process.own]
