"""Measurable heat, cogeneration and own electricity: quantities and emission factors.

Implementing Regulation (EU) 2025/2547, Annex II C.1.2 and D.4, Annex III A.2.2. An energy unit gives the factor of
what it makes: a boiler or a neighbour's heat t CO2/TJ, a generator t CO2/MWh, a cogeneration unit both.
"""

from dataclasses import dataclass
from decimal import Decimal

from reports.calculations.cbam.flows import NATURAL_GAS_T_PER_TJ
from reports.calculations.trace import Step, given, summed, worked_out

ZERO = Decimal(0)
REFERENCE_EFFICIENCY = Decimal("0.7")  # method 3, Annex II C.1.2.3
BOILER_EFFICIENCY = Decimal("0.9")  # heat from outside that is not monitored and verified, Annex III A.2.2(2)
CHP_HEAT_EFFICIENCY = Decimal("0.55")  # where neither measured nor design values exist, Annex III A.2.2
CHP_ELECTRICITY_EFFICIENCY = Decimal("0.25")
KG_PER_T, KJ_PER_TJ = Decimal(1000), Decimal(10) ** 9
TJ_PER_MWH = Decimal("0.0036")
STANDARD = "standard value of the act"

EQ_31 = "2025/2547 Annex II C.1.2.1, Eq 31"
EQ_32 = "2025/2547 Annex II C.1.2.2, C.1.2.3, Eq 32"
EQ_33 = "2025/2547 Annex II C.1.2.2, Eq 33"
EQ_38 = "2025/2547 Annex II D.4.1, Eq 38"
EQ_44 = "2025/2547 Annex III A.2.2, Eq 44"
EQ_45 = "2025/2547 Annex III A.2.2, numerator of Eq 45; Eq 46"
EQ_47, EQ_48 = "2025/2547 Annex III A.2.2, Eq 47", "2025/2547 Annex III A.2.2, Eq 48"
EQ_49, EQ_50 = "2025/2547 Annex III A.2.2, Eq 49", "2025/2547 Annex III A.2.2, Eq 50"
EQ_51, EQ_52 = "2025/2547 Annex III A.2.2, Eq 51", "2025/2547 Annex III A.2.2, first Eq 52"
OUTSIDE = "2025/2547 Annex III A.2.2, heat from outside, method 2"


@dataclass(frozen=True)
class FuelInput:
    """A fuel of an energy unit: TJ and t CO2/TJ; a waste gas never counts above natural gas."""

    name: str
    energy_tj: Decimal
    emission_factor: Decimal
    is_waste_gas: bool = False


def fuel_emissions(fuel: FuelInput) -> Step:
    """t CO2 of a fuel: E × EF (a term of Eq 45)."""
    factor = given("EF", f"emission factor of {fuel.name}", fuel.emission_factor, "t CO2/TJ")
    if fuel.is_waste_gas:
        capped = min(fuel.emission_factor, NATURAL_GAS_T_PER_TJ)
        factor = worked_out("EF", "at most natural gas", capped, "t CO2/TJ", "min(56.1, EF)", EQ_45, factor)
    energy = given("E", f"energy of {fuel.name}", fuel.energy_tj, "TJ")
    return worked_out("Em_fuel", fuel.name, fuel.energy_tj * factor.value, "t CO2", "E × EF", EQ_45, energy, factor)


def emissions(fuels: tuple[FuelInput, ...], flue_gas_cleaning_t: Decimal) -> Step:
    """Em = Σ AD × NCV × EF + Em_FGC (Eq 46; the numerator of Eq 38 and 45)."""
    burnt = summed("Em_fuels", "fuels", "t CO2", EQ_45, [fuel_emissions(fuel) for fuel in fuels])
    cleaning = given("Em_FGC", "flue gas cleaning", flue_gas_cleaning_t, "t CO2")
    value = burnt.value + flue_gas_cleaning_t
    return worked_out("Em_unit", "emissions of the unit", value, "t CO2", "Em_fuels + Em_FGC", EQ_45, burnt, cleaning)


def energy_input(fuels: tuple[FuelInput, ...]) -> Step:
    """E_In = Σ AD × NCV, TJ (Eq 33)."""
    inputs = [given("E", f"energy of {fuel.name}", fuel.energy_tj, "TJ") for fuel in fuels]
    return summed("E_In", "energy input", "TJ", EQ_33, inputs)


@dataclass(frozen=True)
class Boiler:
    """Heat without cogeneration. `efficiency` is that of making the heat, and of distributing it unless `losses_tj`
    are determined apart.
    """

    name: str
    fuels: tuple[FuelInput, ...]
    efficiency: Decimal
    flue_gas_cleaning_t: Decimal = ZERO
    losses_tj: Decimal = ZERO

    @property
    def heat_factor(self) -> Step:
        """EF_mix / η in t CO2 per TJ of heat (Eq 44, 45)."""
        mix = mix_factor(self.fuels, self.flue_gas_cleaning_t)
        efficiency = given("η", "efficiency", self.efficiency, "-")
        value = mix.value / self.efficiency
        return worked_out("EF_heat", self.name, value, "t CO2/TJ", "EF_mix / η", EQ_44, mix, efficiency)


def mix_factor(fuels: tuple[FuelInput, ...], flue_gas_cleaning_t: Decimal) -> Step:
    """EF_mix in t CO2 per TJ of fuel (Eq 45)."""
    emitted, burnt = emissions(fuels, flue_gas_cleaning_t), energy_input(fuels)
    value = emitted.value / burnt.value
    clause = "2025/2547 Annex III A.2.2, Eq 45"
    return worked_out("EF_mix", "fuel mix", value, "t CO2/TJ", "Em_unit / E_In", clause, emitted, burnt)


@dataclass(frozen=True)
class NeighbourHeat:
    """Heat from outside whose producer is not monitored and verified: the usual fuel, in a boiler of 90 %."""

    name: str
    fuel_factor: Decimal

    @property
    def heat_factor(self) -> Step:
        """t CO2/TJ (A.2.2, method 2)."""
        factor = given("EF", "usual fuel of the sector and country", self.fuel_factor, "t CO2/TJ")
        value = self.fuel_factor / BOILER_EFFICIENCY
        return worked_out("EF_heat", self.name, value, "t CO2/TJ", "EF / 0.9", OUTSIDE, factor)


@dataclass(frozen=True)
class Generator:
    """Electricity made without cogeneration, from fuels."""

    name: str
    fuels: tuple[FuelInput, ...]
    net_electricity_mwh: Decimal
    flue_gas_cleaning_t: Decimal = ZERO

    @property
    def electricity_factor(self) -> Step:
        """EF_El in t CO2/MWh (Eq 38)."""
        emitted = emissions(self.fuels, self.flue_gas_cleaning_t)
        made = given("E_El", "net electricity", self.net_electricity_mwh, "MWh")
        value = emitted.value / self.net_electricity_mwh
        return worked_out("EF_el", self.name, value, "t CO2/MWh", "Em_unit / E_El", EQ_38, emitted, made)


@dataclass(frozen=True)
class Cogeneration:
    """A CHP unit's year. Reference efficiencies are fractions of Annex III C, for its fuel and year of building.

    Without measured or design efficiencies the conservative 0.55 and 0.25 hold.
    """

    name: str
    fuels: tuple[FuelInput, ...]
    net_heat_tj: Decimal
    net_electricity_mwh: Decimal
    reference_heat: Decimal
    reference_electricity: Decimal
    flue_gas_cleaning_t: Decimal = ZERO
    has_known_efficiency: bool = True
    losses_tj: Decimal = ZERO

    @property
    def heat_efficiency(self) -> Step:
        """η_heat = Q_net / E_In (Eq 47)."""
        if not self.has_known_efficiency:
            return given("η_heat", "efficiency of heat", CHP_HEAT_EFFICIENCY, "-", STANDARD)
        heat, burnt = self.heat, energy_input(self.fuels)
        return worked_out(
            "η_heat", "efficiency of heat", heat.value / burnt.value, "-", "Q_net / E_In", EQ_47, heat, burnt
        )

    @property
    def electricity_efficiency(self) -> Step:
        """η_el = E_El / E_In, the electricity in TJ (Eq 48)."""
        if not self.has_known_efficiency:
            return given("η_el", "efficiency of electricity", CHP_ELECTRICITY_EFFICIENCY, "-", STANDARD)
        made, burnt = self.electricity, energy_input(self.fuels)
        value = made.value * TJ_PER_MWH / burnt.value
        formula = "E_El × 0.0036 / E_In"
        return worked_out("η_el", "efficiency of electricity", value, "-", formula, EQ_48, made, burnt)

    @property
    def heat(self) -> Step:
        return given("Q_net", "net heat", self.net_heat_tj, "TJ")

    @property
    def electricity(self) -> Step:
        return given("E_El", "net electricity", self.net_electricity_mwh, "MWh")

    @property
    def heat_share(self) -> Step:
        """F_CHP,heat (Eq 49)."""
        return self.share("F_heat", "attributed to heat", "η_heat / η_ref,heat", self.relative_heat, EQ_49)

    @property
    def electricity_share(self) -> Step:
        """F_CHP,el (Eq 50)."""
        formula, value = "η_el / η_ref,el", self.relative_electricity
        return self.share("F_el", "attributed to electricity", formula, value, EQ_50)

    @property
    def relative_heat(self) -> Decimal:
        return self.heat_efficiency.value / self.reference_heat

    @property
    def relative_electricity(self) -> Decimal:
        return self.electricity_efficiency.value / self.reference_electricity

    def share(self, symbol: str, name: str, part: str, own: Decimal, clause: str) -> Step:
        references = self.reference_heat, self.reference_electricity
        inputs = (
            self.heat_efficiency,
            given("η_ref,heat", "reference efficiency, heat", references[0], "-", "entered, Annex III C, Table 2"),
            self.electricity_efficiency,
            given("η_ref,el", "reference efficiency, electricity", references[1], "-", "entered, Annex III C, Table 1"),
        )
        value = own / (self.relative_heat + self.relative_electricity)
        formula = f"({part}) / (η_heat / η_ref,heat + η_el / η_ref,el)"
        return worked_out(symbol, name, value, "-", formula, clause, *inputs)

    @property
    def heat_factor(self) -> Step:
        """EF_CHP,heat in t CO2/TJ (Eq 51)."""
        emitted, share = emissions(self.fuels, self.flue_gas_cleaning_t), self.heat_share
        value = emitted.value * share.value / self.net_heat_tj
        formula = "Em_unit × F_heat / Q_net"
        return worked_out("EF_heat", self.name, value, "t CO2/TJ", formula, EQ_51, emitted, share, self.heat)

    @property
    def electricity_factor(self) -> Step:
        """EF_CHP,el in t CO2/MWh (first Eq 52)."""
        emitted, share = emissions(self.fuels, self.flue_gas_cleaning_t), self.electricity_share
        value = emitted.value * share.value / self.net_electricity_mwh
        formula = "Em_unit × F_el / E_El"
        return worked_out("EF_el", self.name, value, "t CO2/MWh", formula, EQ_52, emitted, share, self.electricity)


EnergyUnit = Boiler | NeighbourHeat | Generator | Cogeneration


def heat_flow(flow_kj_per_kg: Decimal, return_kj_per_kg: Decimal, mass_t: Decimal) -> Step:
    """Q = (h_flow − h_return) × m in TJ, over the period's mass of steam or water (Eq 31)."""
    inputs = (
        given("h_flow", "enthalpy sent", flow_kj_per_kg, "kJ/kg"),
        given("h_return", "enthalpy returned", return_kj_per_kg, "kJ/kg"),
        given("m", "mass of steam or water", mass_t, "t"),
    )
    value = (flow_kj_per_kg - return_kj_per_kg) * mass_t * KG_PER_T / KJ_PER_TJ
    formula = "(h_flow − h_return) × m / 1000000"
    return worked_out("Q", "net heat, measured", value, "TJ", formula, EQ_31, *inputs)


def heat_from_fuel(energy_input_tj: Decimal, efficiency: Decimal | None = None) -> Step:
    """Q = η_H × E_In in TJ (Eq 32); without a measured efficiency the reference of method 3, 70 %."""
    source = "entered" if efficiency is not None else STANDARD
    used = REFERENCE_EFFICIENCY if efficiency is None else efficiency
    inputs = (
        given("η_H", "efficiency", used, "-", source),
        given("E_In", "energy input", energy_input_tj, "TJ"),
    )
    return worked_out("Q", "net heat, by fuel", used * energy_input_tj, "TJ", "η_H × E_In", EQ_32, *inputs)
