"""What belongs to a whole installation, attributed to its processes. 2025/2547 Annex III A.1 and A.2.

Three cases: readings of processes that must add up to the installation's meter (Eq 41, 42), emissions of a process
with chemical co-products (Eq 43), and losses of heat that are determined apart (A.2.2, further rules).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from calculations.cbam import flows
from calculations.cbam.processes import Process, directly_attributable
from calculations.trace import Step, given, require, summed, worked_out

EQ_41 = "2025/2547 Annex III A.1, Eq 41"
EQ_42 = "2025/2547 Annex III A.1, Eq 42"
EQ_43 = "2025/2547 Annex III A.2.1, Eq 43"
BY_MASS = "2025/2547 Annex III A.2.1, by mass where a molar mass is not known"
LOSSES = "2025/2547 Annex III A.2.2, further rules"


class NothingToShare(ValueError):
    """The processes hold nothing of what is to be shared among them."""


@dataclass(frozen=True)
class CoProduct:
    """What a process takes of a shared reaction: tonnes, and g/mol where it is shared by amount of substance."""

    process: str
    mass_t: Decimal
    molar_mass_g_per_mol: Decimal | None = None


@dataclass(frozen=True)
class SharedEmissions:
    """Direct emissions, t CO2e, of a step whose co-products go to several processes."""

    name: str
    emissions_t: Decimal
    co_products: tuple[CoProduct, ...]

    @property
    def is_by_moles(self) -> bool:
        return all(entry.molar_mass_g_per_mol is not None for entry in self.co_products)


def reconciliation_factor(installation: Step, processes: Iterable[Step]) -> Step:
    """RecF = D_Inst / Σ D_PP (Eq 41). Raises NothingToShare."""
    whole = summed("D_PP", "all processes", installation.unit, EQ_41, processes)
    if not whole.value:
        raise NothingToShare
    value = installation.value / whole.value
    return worked_out("RecF", "reconciliation factor", value, "-", "D_Inst / D_PP", EQ_41, installation, whole)


def reconcile_electricity(processes: tuple[Process, ...], installation_mwh: Decimal) -> tuple[Process, ...]:
    """Each process's MWh × RecF, so that they add up to the installation's meter (Eq 42)."""
    meter = given("D_Inst", "electricity of the installation", installation_mwh, "MWh")
    factor = reconciliation_factor(meter, [flows.consumption(process.electricity) for process in processes])
    return tuple(replace(process, electricity=corrected(process.electricity, factor)) for process in processes)


def corrected(electricity: flows.Electricity, factor: Step) -> flows.Electricity:
    before = flows.consumption(electricity)
    value = electricity.consumed_mwh * factor.value
    step = worked_out("E_el", "electricity, reconciled", value, "MWh", "E_el × RecF", EQ_42, before, factor)
    derived = {**dict(electricity.derived), "consumed_mwh": step}
    of_units = electricity.of_units_t * factor.value
    return replace(electricity, consumed_mwh=value, of_units_t=of_units, derived=tuple(derived.items()))


def reconcile_heat(processes: tuple[Process, ...], installation_tj: Decimal) -> tuple[Process, ...]:
    """Each process's imported TJ × RecF, so that they add up to the heat of the installation (Eq 42)."""
    meter = given("D_Inst", "heat of the installation", installation_tj, "TJ")
    factor = reconciliation_factor(meter, [flows.heat_quantity(process.heat, "imported") for process in processes])
    return tuple(replace(process, heat=corrected_heat(process.heat, factor)) for process in processes)


def corrected_heat(heat: flows.Heat, factor: Step) -> flows.Heat:
    before, value = flows.heat_quantity(heat, "imported"), heat.imported_tj * factor.value
    step = worked_out("Q", "heat imported, reconciled", value, "TJ", "Q × RecF", EQ_42, before, factor)
    derived = {**dict(heat.derived), "imported_tj": step}
    return replace(heat, imported_tj=value, derived=tuple(derived.items()))


def share_emissions(processes: tuple[Process, ...], shared: Iterable[SharedEmissions]) -> tuple[Process, ...]:
    """Each process's directly attributable emissions, with its parts of what is shared (Eq 43)."""
    parts: dict[str, list[Step]] = {}
    for entry in shared:
        for product, step in zip(entry.co_products, parts_of(entry), strict=True):
            parts.setdefault(product.process, []).append(step)
    return tuple(with_parts(process, parts.get(process.name, [])) for process in processes)


def parts_of(shared: SharedEmissions) -> list[Step]:
    """Em_i = Em × n_i / Σ n, in the order of the co-products. Raises NothingToShare."""
    clause = EQ_43 if shared.is_by_moles else BY_MASS
    amounts = [amount(product, shared.is_by_moles) for product in shared.co_products]
    whole = summed("n_all", "all co-products", amounts[0].unit if amounts else "t", clause, amounts)
    if not whole.value:
        raise NothingToShare
    total = given("Em_total", shared.name, shared.emissions_t, "t CO2e")
    return [
        worked_out(
            "Em_i", f"of {shared.name}", total.value * step.value / whole.value, "t CO2e", "Em_total × n / n_all",
            clause, total, step, whole,
        )
        for step in amounts
    ]  # fmt: skip


def amount(product: CoProduct, is_by_moles: bool) -> Step:
    """m / M in 10⁶ mol; the mass itself where a molar mass is not known."""
    mass = given("m", f"co-product of {product.process}", product.mass_t, "t")
    if not is_by_moles:
        return worked_out("n", product.process, product.mass_t, "t", "m", BY_MASS, mass)
    molar = given("M", "molar mass", require(product.molar_mass_g_per_mol), "g/mol")
    return worked_out("n", product.process, product.mass_t / molar.value, "Mmol", "m / M", EQ_43, mass, molar)


def with_parts(process: Process, parts: list[Step]) -> Process:
    if not parts:
        return process
    own = replace(directly_attributable(process), symbol="DirEm_own")
    brought = summed("Em_shared", "shared emissions", "t CO2e", EQ_43, parts)
    value = own.value + brought.value
    name, formula = "directly attributable emissions", "DirEm_own + Em_shared"
    step = worked_out("DirEm*", name, value, "t CO2e", formula, EQ_43, own, brought)
    derived = {**dict(process.derived), "directly_attributable_emissions_t": step}
    return replace(process, directly_attributable_emissions_t=value, derived=tuple(derived.items()))


def share_losses(processes: tuple[Process, ...], unit: str, factor: Step, losses_tj: Decimal) -> tuple[Process, ...]:
    """Emissions of a unit's heat losses, added to the processes that use its heat, in proportion to it."""
    used = [flows.heat_quantity(one.heat, "imported") for one in processes if one.heat.imported_from == unit]
    whole = summed("Q_all", f"heat of {unit}", "TJ", LOSSES, used)
    if not whole.value:
        raise NothingToShare
    lost = given("Q_loss", "heat lost", losses_tj, "TJ")
    return tuple(
        replace(one, heat=with_losses(one.heat, factor, lost, whole)) if one.heat.imported_from == unit else one
        for one in processes
    )


def with_losses(heat: flows.Heat, factor: Step, lost: Step, whole: Step) -> flows.Heat:
    used = flows.heat_quantity(heat, "imported")
    value = factor.value * lost.value * used.value / whole.value
    formula, inputs = "EF_heat × Q_loss × Q / Q_all", (factor, lost, used, whole)
    step = worked_out("Em_loss", "part of heat losses", value, "t CO2", formula, LOSSES, *inputs)
    derived = {**dict(heat.derived), "imported_losses_t": step}
    return replace(heat, imported_losses_t=value, derived=tuple(derived.items()))
