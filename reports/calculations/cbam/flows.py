"""Heat, waste gas and electricity that cross the boundary of a production process: the terms of Equation 55.

Implementing Regulation (EU) 2025/2547, Annex II C and D.1, Annex III A.2.2, A.2.3 and A.3.
"""

from dataclasses import dataclass
from decimal import Decimal

from reports.calculations.trace import Derived, Step, derived_or_given, given, summed, worked_out

NATURAL_GAS_T_PER_TJ = Decimal("56.1")  # Annex II G, Table 1; fixed for waste gases by Eq 53 and 54
WASTE_GAS_CORRECTION = Decimal("0.667")  # Corr_η, Annex III A.2.3
ZERO = Decimal(0)

EQ_35 = "2025/2547 Annex II D.1, Eq 35"
EQ_52 = "2025/2547 Annex III A.3, Em_H (second Eq 52)"
EQ_53 = "2025/2547 Annex III A.2.3, Eq 53"
EQ_54 = "2025/2547 Annex III A.2.3, Eq 54"
LOSSES = "2025/2547 Annex III A.3, Em_H (second Eq 52), and A.2.2 for losses"
ART_9 = "2025/2547 Art. 9(1)"


@dataclass(frozen=True)
class Electricity:
    """MWh of a process and t CO2/MWh; the part produced inside and exported is deducted at the same factor, unless
    that of the unit that made it is known. `of_units_t` is what of the consumption energy units emitted.
    """

    consumed_mwh: Decimal = ZERO
    emission_factor: Decimal = ZERO
    exported_mwh: Decimal = ZERO
    exported_emission_factor: Decimal | None = None
    of_units_t: Decimal = ZERO
    derived: Derived = ()


@dataclass(frozen=True)
class ElectricitySource:
    """MWh of one source and its t CO2/MWh, entered or of an energy unit."""

    name: str
    consumed_mwh: Decimal
    emission_factor: Decimal
    derived: Derived = ()


@dataclass(frozen=True)
class Heat:
    """Net measurable heat in TJ and t CO2/TJ; of the energy unit `imported_from`, where it is one of the input's.
    `imported_losses_t` is the process's part of losses determined apart.
    """

    imported_tj: Decimal = ZERO
    exported_tj: Decimal = ZERO
    imported_emission_factor: Decimal = ZERO
    exported_emission_factor: Decimal = ZERO
    imported_from: str = ""
    imported_losses_t: Decimal = ZERO
    derived: Derived = ()


@dataclass(frozen=True)
class WasteGas:
    imported_tj: Decimal = ZERO
    exported_tj: Decimal = ZERO


def electricity_consumed(electricity: Electricity) -> Step:
    """Em_el,cons = E_el × EF_el, t CO2."""
    inputs = consumption(electricity), consumption_factor(electricity)
    value = electricity.consumed_mwh * electricity.emission_factor
    return worked_out("Em_el,cons", "electricity consumed", value, "t CO2", "E_el × EF_el", EQ_35, *inputs)


def consumption(electricity: Electricity | ElectricitySource) -> Step:
    value = electricity.consumed_mwh
    return derived_or_given(electricity.derived, "consumed_mwh", "E_el", "electricity consumed", value, "MWh")


def consumption_factor(electricity: Electricity | ElectricitySource) -> Step:
    name, value = "emission factor of electricity", electricity.emission_factor
    return derived_or_given(electricity.derived, "emission_factor", "EF_el", name, value, "t CO2/MWh")


def source_mix(sources: tuple[ElectricitySource, ...]) -> Electricity:
    """Electricity of several sources, each above zero: their sum, and their factor weighted by quantity (Art. 9(1))."""
    used = [given("E_i", source.name, source.consumed_mwh, "MWh") for source in sources]
    consumed = summed("E_el", "electricity consumed", "MWh", ART_9, used)
    emitted = summed("Em_el", "of the sources", "t CO2", ART_9, [source_emissions(source) for source in sources])
    value = emitted.value / consumed.value
    factor = worked_out("EF_el", "source mix", value, "t CO2/MWh", "Em_el / E_el", ART_9, emitted, consumed)
    derived = ("consumed_mwh", consumed), ("emission_factor", factor)
    of_units = sum((source.consumed_mwh * source.emission_factor for source in sources if source.derived), ZERO)
    return Electricity(consumed.value, factor.value, of_units_t=of_units, derived=derived)


def source_emissions(source: ElectricitySource) -> Step:
    inputs = consumption(source), consumption_factor(source)
    value = source.consumed_mwh * source.emission_factor
    return worked_out("Em_i", source.name, value, "t CO2", "E_el × EF_el", EQ_35, *inputs)


def electricity_exported(electricity: Electricity) -> Step:
    factor = consumption_factor(electricity)
    if electricity.exported_emission_factor is not None:
        name, known = "emission factor of electricity exported", electricity.exported_emission_factor
        factor = derived_or_given(electricity.derived, "exported_emission_factor", "EF_el", name, known, "t CO2/MWh")
    inputs = given("E_el", "electricity exported", electricity.exported_mwh, "MWh"), factor
    value = electricity.exported_mwh * factor.value
    return worked_out("Em_el,prod", "electricity exported", value, "t CO2", "E_el × EF_el", EQ_35, *inputs)


def heat_imported(heat: Heat) -> Step:
    heat_tj, factor = heat_inputs(heat, "imported")
    value = heat.imported_tj * heat.imported_emission_factor
    if not heat.imported_losses_t:
        return worked_out("Em_H,imp", "heat imported", value, "t CO2", "Q × EF_heat", EQ_52, heat_tj, factor)
    losses = derived_or_given(
        heat.derived, "imported_losses_t", "Em_loss", "part of heat losses", heat.imported_losses_t, "t CO2"
    )
    value += heat.imported_losses_t
    formula = "Q × EF_heat + Em_loss"
    return worked_out("Em_H,imp", "heat imported", value, "t CO2", formula, LOSSES, heat_tj, factor, losses)


def heat_exported(heat: Heat) -> Step:
    value = heat.exported_tj * heat.exported_emission_factor
    formula, inputs = "Q × EF_heat", heat_inputs(heat, "exported")
    return worked_out("Em_H,exp", "heat exported", value, "t CO2", formula, EQ_52, *inputs)


def heat_inputs(heat: Heat, way: str) -> tuple[Step, Step]:
    """Quantity and factor of heat that is `imported` or `exported`."""
    field, name = f"{way}_emission_factor", "emission factor of the heat"
    factor = derived_or_given(heat.derived, field, "EF_heat", name, getattr(heat, field), "t CO2/TJ")
    return heat_quantity(heat, way), factor


def heat_quantity(heat: Heat, way: str) -> Step:
    field = f"{way}_tj"
    return derived_or_given(heat.derived, field, "Q", f"heat {way}", getattr(heat, field), "TJ")


def waste_gas_imported(gas: WasteGas) -> Step:
    """WG_corr,imp = V × NCV × EF_NG; the energy V × NCV is entered in TJ."""
    energy = given("E_WG", "waste gas imported", gas.imported_tj, "TJ")
    value = gas.imported_tj * NATURAL_GAS_T_PER_TJ
    return worked_out("WG_corr,imp", "waste gas imported", value, "t CO2", "E_WG × 56.1", EQ_53, energy)


def waste_gas_exported(gas: WasteGas) -> Step:
    energy = given("E_WG", "waste gas exported", gas.exported_tj, "TJ")
    value = gas.exported_tj * NATURAL_GAS_T_PER_TJ * WASTE_GAS_CORRECTION
    return worked_out("WG_corr,exp", "waste gas exported", value, "t CO2", "E_WG × 56.1 × 0.667", EQ_54, energy)
