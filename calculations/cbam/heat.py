"""Measurable heat and cogeneration. Implementing Regulation (EU) 2025/2547, Annex II C.1.2 and Annex III A.2.2."""

from dataclasses import dataclass
from decimal import Decimal

from calculations.cbam.flows import NATURAL_GAS_T_PER_TJ

REFERENCE_EFFICIENCY = Decimal("0.7")  # method 3, Annex II C.1.2.3
BOILER_EFFICIENCY = Decimal("0.9")  # heat from outside that is not monitored and verified, Annex III A.2.2(2)
CHP_HEAT_EFFICIENCY = Decimal("0.55")  # where neither measured nor design values exist, Annex III A.2.2
CHP_ELECTRICITY_EFFICIENCY = Decimal("0.25")
RETURN_TEMPERATURE_C = 90  # condensate that is not returned or not known, Annex II C.1.2.1
KJ_PER_TJ = Decimal(10) ** 9
TJ_PER_MWH = Decimal("0.0036")


@dataclass(frozen=True)
class FuelInput:
    """A fuel of a boiler or cogeneration unit: TJ and t CO2/TJ; a waste gas never counts above natural gas."""

    energy_tj: Decimal
    emission_factor: Decimal
    is_waste_gas: bool = False

    @property
    def emissions_t(self) -> Decimal:
        factor = min(self.emission_factor, NATURAL_GAS_T_PER_TJ) if self.is_waste_gas else self.emission_factor
        return self.energy_tj * factor


def heat_flow_tj(flow_kj_per_kg: Decimal, return_kj_per_kg: Decimal, mass_kg: Decimal) -> Decimal:
    """Q = (h_flow − h_return) × m, over the period's mass of steam or water (Eq 31)."""
    return (flow_kj_per_kg - return_kj_per_kg) * mass_kg / KJ_PER_TJ


def heat_from_fuel_tj(energy_input_tj: Decimal, efficiency: Decimal = REFERENCE_EFFICIENCY) -> Decimal:
    """Q = η_H × E_In (Eq 32); without a measured efficiency the reference of method 3."""
    return efficiency * energy_input_tj


def energy_input_tj(fuels: list[FuelInput]) -> Decimal:
    """E_In = Σ AD × NCV (Eq 33)."""
    return sum((fuel.energy_tj for fuel in fuels), Decimal(0))


def emissions_t(fuels: list[FuelInput], flue_gas_cleaning_t=Decimal(0)) -> Decimal:
    """Em_CHP = Σ AD × NCV × EF + Em_FGC (Eq 46); the numerator of Eq 45."""
    return sum((fuel.emissions_t for fuel in fuels), Decimal(0)) + flue_gas_cleaning_t


def fuel_mix_factor(fuels: list[FuelInput], flue_gas_cleaning_t=Decimal(0)) -> Decimal | None:
    """EF_mix in t CO2/TJ of fuel (Eq 45); None without fuel."""
    energy_tj = energy_input_tj(fuels)
    return emissions_t(fuels, flue_gas_cleaning_t) / energy_tj if energy_tj else None


def heat_emissions_t(mix_factor: Decimal, consumed_tj: Decimal, efficiency: Decimal) -> Decimal:
    """Em_Heat = EF_mix × Q_consumed / η (Eq 44)."""
    return mix_factor * consumed_tj / efficiency


def bought_heat_factor(fuel_factor: Decimal) -> Decimal:
    """t CO2/TJ of heat whose producer is not monitored and verified: the usual fuel, boiler 90 % (A.2.2(2))."""
    return fuel_factor / BOILER_EFFICIENCY


def electricity_factor(fuels: list[FuelInput], net_mwh: Decimal, flue_gas_cleaning_t=Decimal(0)) -> Decimal:
    """EF_El in t CO2/MWh of electricity made without cogeneration (Annex II D.4.1, Eq 38)."""
    return emissions_t(fuels, flue_gas_cleaning_t) / net_mwh


@dataclass(frozen=True)
class Cogeneration:
    """A CHP unit's year. Reference efficiencies are fractions of Annex III C, for its fuel and year of building.

    Without measured or design efficiencies give none: the conservative 0.55 and 0.25 hold then.
    """

    fuels: list[FuelInput]
    net_heat_tj: Decimal
    net_electricity_mwh: Decimal
    reference_heat: Decimal
    reference_electricity: Decimal
    flue_gas_cleaning_t: Decimal = Decimal(0)
    has_measured_efficiency: bool = True

    @property
    def heat_efficiency(self) -> Decimal:
        """η_heat = Q_net / E_In (Eq 47)."""
        return self.net_heat_tj / energy_input_tj(self.fuels) if self.has_measured_efficiency else CHP_HEAT_EFFICIENCY

    @property
    def electricity_efficiency(self) -> Decimal:
        """η_el = E_El / E_In, the electricity in TJ (Eq 48)."""
        if not self.has_measured_efficiency:
            return CHP_ELECTRICITY_EFFICIENCY
        return self.net_electricity_mwh * TJ_PER_MWH / energy_input_tj(self.fuels)

    @property
    def heat_share(self) -> Decimal:
        """F_CHP,heat (Eq 49); F_CHP,el is the rest (Eq 50)."""
        heat = self.heat_efficiency / self.reference_heat
        return heat / (heat + self.electricity_efficiency / self.reference_electricity)

    @property
    def emissions_t(self) -> Decimal:
        return emissions_t(self.fuels, self.flue_gas_cleaning_t)

    @property
    def heat_factor(self) -> Decimal:
        """EF_CHP,heat in t CO2/TJ (Eq 51)."""
        return self.emissions_t * self.heat_share / self.net_heat_tj

    @property
    def electricity_factor(self) -> Decimal:
        """EF_CHP,el in t CO2/MWh (first Eq 52)."""
        return self.emissions_t * (1 - self.heat_share) / self.net_electricity_mwh


def heat_loss_shares_t(loss_emissions_t: Decimal, heat_by_process_tj: dict[str, Decimal]) -> dict[str, Decimal]:
    """Losses of heat determined apart, added to the processes in proportion to their heat (A.2.2, further rules)."""
    total_tj = sum(heat_by_process_tj.values(), Decimal(0))
    return {name: loss_emissions_t * heat_tj / total_tj for name, heat_tj in heat_by_process_tj.items()}
