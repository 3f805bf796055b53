"""Heat, waste gas and electricity that cross the boundary of a production process: the terms of Equation 55.

Implementing Regulation (EU) 2025/2547, Annex II C and D.1, Annex III A.2.2, A.2.3 and A.3.
"""

from dataclasses import dataclass
from decimal import Decimal

from calculations.trace import Step, given, worked_out

NATURAL_GAS_T_PER_TJ = Decimal("56.1")  # Annex II G, Table 1; fixed for waste gases by Eq 53 and 54
WASTE_GAS_CORRECTION = Decimal("0.667")  # Corr_η, Annex III A.2.3
ZERO = Decimal(0)

EQ_35 = "2025/2547 Annex II D.1, Eq 35"
EQ_52 = "2025/2547 Annex III A.3, Em_H (second Eq 52)"
EQ_53 = "2025/2547 Annex III A.2.3, Eq 53"
EQ_54 = "2025/2547 Annex III A.2.3, Eq 54"


@dataclass(frozen=True)
class Electricity:
    """MWh of a process and t CO2/MWh; the part produced inside and exported is deducted at the same factor."""

    consumed_mwh: Decimal = ZERO
    emission_factor: Decimal = ZERO
    exported_mwh: Decimal = ZERO


@dataclass(frozen=True)
class Heat:
    """Net measurable heat in TJ and t CO2/TJ."""

    imported_tj: Decimal = ZERO
    exported_tj: Decimal = ZERO
    imported_emission_factor: Decimal = ZERO
    exported_emission_factor: Decimal = ZERO


@dataclass(frozen=True)
class WasteGas:
    imported_tj: Decimal = ZERO
    exported_tj: Decimal = ZERO


def electricity_consumed(electricity: Electricity) -> Step:
    """Em_el,cons = E_el × EF_el, t CO2."""
    inputs = (
        given("E_el", "electricity consumed", electricity.consumed_mwh, "MWh"),
        given("EF_el", "emission factor of electricity", electricity.emission_factor, "t CO2/MWh"),
    )
    value = electricity.consumed_mwh * electricity.emission_factor
    return worked_out("Em_el,cons", "electricity consumed", value, "t CO2", "E_el × EF_el", EQ_35, *inputs)


def electricity_exported(electricity: Electricity) -> Step:
    inputs = (
        given("E_el", "electricity exported", electricity.exported_mwh, "MWh"),
        given("EF_el", "emission factor of electricity", electricity.emission_factor, "t CO2/MWh"),
    )
    value = electricity.exported_mwh * electricity.emission_factor
    return worked_out("Em_el,prod", "electricity exported", value, "t CO2", "E_el × EF_el", EQ_35, *inputs)


def heat_imported(heat: Heat) -> Step:
    return heat_term("Em_H,imp", "heat imported", heat.imported_tj, heat.imported_emission_factor)


def heat_exported(heat: Heat) -> Step:
    return heat_term("Em_H,exp", "heat exported", heat.exported_tj, heat.exported_emission_factor)


def heat_term(symbol, name, heat_tj, factor):
    inputs = given("Q", name, heat_tj, "TJ"), given("EF_heat", "emission factor of the heat", factor, "t CO2/TJ")
    return worked_out(symbol, name, heat_tj * factor, "t CO2", "Q × EF_heat", EQ_52, *inputs)


def waste_gas_imported(gas: WasteGas) -> Step:
    """WG_corr,imp = V × NCV × EF_NG; the energy V × NCV is entered in TJ."""
    energy = given("E_WG", "waste gas imported", gas.imported_tj, "TJ")
    value = gas.imported_tj * NATURAL_GAS_T_PER_TJ
    return worked_out("WG_corr,imp", "waste gas imported", value, "t CO2", "E_WG × 56.1", EQ_53, energy)


def waste_gas_exported(gas: WasteGas) -> Step:
    energy = given("E_WG", "waste gas exported", gas.exported_tj, "TJ")
    value = gas.exported_tj * NATURAL_GAS_T_PER_TJ * WASTE_GAS_CORRECTION
    return worked_out("WG_corr,exp", "waste gas exported", value, "t CO2", "E_WG × 56.1 × 0.667", EQ_54, energy)


def source_mix_factor(sources: list[tuple[Decimal, Decimal]]) -> Decimal | None:
    """t CO2/MWh of several electricity sources, [(MWh, t CO2/MWh)], weighted by quantity (Art. 9(1))."""
    total_mwh = sum((mwh for mwh, _ in sources), ZERO)
    return sum((mwh * factor for mwh, factor in sources), ZERO) / total_mwh if total_mwh else None
