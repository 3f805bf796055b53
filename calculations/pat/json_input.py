"""The input of `manage.py calculate pat` and of the what-if page: reading it strictly, and writing the figures."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from calculations import strict_json
from calculations.ccts import credits as ccts
from calculations.ccts import intensity as emission_intensity
from calculations.pat import performance
from calculations.pat.carbon_file import CarbonSources, Intensity, carbon_sources, intensity
from calculations.pat.energy import (
    KILOLITRES,
    STANDARD_M3,
    TONNES,
    CaptivePlant,
    Electricity,
    Energy,
    Fuel,
    HeatInput,
    OwnGeneration,
    gate_to_gate,
)
from calculations.pat.toe import KCAL_PER_KWH, KCAL_PER_TOE
from calculations.plausibility import HEAT_RATE, STEAM_ENTHALPY, kind_named, ranges_of, refuse_impossible
from calculations.strict_json import Fault, Node, StructureError
from calculations.trace import ENTERED, Step

ZERO, ONE = Decimal(0), Decimal(1)
UNITS = [TONNES, KILOLITRES, STANDARD_M3]
PER_KG, PER_M3, DENSITY = "gross_calorific_value_kcal_per_kg", "gross_calorific_value_kcal_per_sm3", "density_kg_per_l"
LARGEST_AUXILIARY_SHARE = Decimal("0.99")  # a plant that uses all it makes has no net heat rate
NEEDS = {TONNES: [PER_KG], KILOLITRES: [PER_KG, DENSITY], STANDARD_M3: [PER_M3]}


@dataclass(frozen=True)
class Target:
    """PAT: baseline production in t and target SEC in toe/t, None where none is notified for the year."""

    baseline_production_t: Decimal
    target_sec_toe_per_t: Decimal | None


@dataclass(frozen=True)
class Product:
    """Finished product in t; `equivalence` is its factor to the major product, 1 where they are simply added up."""

    name: str
    quantity_t: Decimal
    equivalence: Decimal = ONE


NO_SOURCES = CarbonSources()


@dataclass(frozen=True)
class Unit:
    """What is entered for a year."""

    electricity: Electricity
    heat: tuple[HeatInput, ...] = ()
    fuels: tuple[Fuel, ...] = ()
    products: tuple[Product, ...] = ()
    pat: Target | None = None
    ccts: Intensity | None = None
    carbon: CarbonSources = NO_SOURCES
    title: str = ""
    source: str = ""
    production_source: str = ENTERED

    @property
    def production_t(self) -> Decimal:
        """Of all products, in tonnes of the major one."""
        return performance.equivalent_production_t(
            (product.quantity_t, product.equivalence) for product in self.products
        )


@dataclass(frozen=True)
class Performance:
    """A unit worked out."""

    unit: Unit
    energy: Energy
    specific: performance.SpecificEnergy
    escerts: Step | None
    carbon_credits: Step | None
    emissions: emission_intensity.Intensity | None = None  # where the intensity was worked out of them
    compensation: Step | None = None


def unit_of(data: dict) -> Unit:
    """The unit a parsed file describes; a StructureError names every fault and its place."""
    return strict_json.read(data, unit)


def work_out(data: dict) -> Performance:
    return calculate(unit_of(data))


def calculate(found: Unit) -> Performance:
    energy = gate_to_gate(found.electricity, found.heat, found.fuels)
    refuse_negative(energy)
    specific = performance.specific_energy(energy, found.electricity, found.production_t, found.production_source)
    target = found.pat
    certificates = (
        performance.escerts(target.target_sec_toe_per_t, specific.total_toe_per_t, target.baseline_production_t)
        if target
        else None
    )
    return Performance(found, energy, specific, certificates, *carbon(found))


def refuse_negative(energy: Energy) -> None:
    """What leaves the boundary came in or was made of what came in."""
    if energy.total.value < 0:
        sentence = f"takes off more than came in and was made: {energy.total_toe:,.1f} toe are left."
        raise StructureError([Fault("electricity", sentence)])


def carbon(found: Unit) -> tuple[Step | None, emission_intensity.Intensity | None, Step | None]:
    """(certificates, the emissions they rest on where these are entered, compensation for a shortfall)"""
    entered = found.ccts
    if entered is None:
        return None, None, None
    achieved = entered.achieved_t_co2e_per_t
    emissions: emission_intensity.Intensity | None = None
    if found.carbon:
        emissions = emission_intensity.intensity(found.carbon.streams, found.carbon.bought, entered.equivalent_output_t)
        achieved = emissions.intensity.value if emissions.intensity else None
    credits = ccts.carbon_credits(entered.target_t_co2e_per_t, achieved, entered.equivalent_output_t)
    return credits, emissions, ccts.environmental_compensation(credits, entered.average_price_rs)


def unit(node: Node) -> Unit:
    heading = {key: node.text(key) for key in ("title", "source")}
    period = node.child("period")
    if period:
        check_period(period)
    node.take("expected")  # what the file's author expects is not an input
    carbon = carbon_sources(node)
    found = Unit(
        electricity(node.child("electricity", required=True)),
        tuple(heat(row) for row in node.rows("heat")),
        tuple(fuel(row) for row in node.rows("fuels")),
        tuple(product(row) for row in node.rows("products")),
        target(node.child("pat")),
        intensity(node.child("ccts"), carbon),
        carbon,
        **heading,
    )
    node.close()
    return found


def check_period(node: Node) -> None:
    start_on, end_on = node.day("start", required=True), node.day("end", required=True)
    if start_on and end_on and end_on < start_on:
        node.fault("end", "lies before the start.")
    node.close()


def electricity(node: Node | None) -> Electricity:
    if node is None:
        return Electricity()
    purchased, exported, excluded = (
        node.number(key, default=ZERO) for key in ("purchased_kwh", "exported_kwh", "excluded_kwh")
    )
    heat_rate = node.number("export_heat_rate_kcal_per_kwh", default=KCAL_PER_KWH, above=ZERO)
    refuse_impossible(node, "export_heat_rate_kcal_per_kwh", heat_rate, HEAT_RATE)
    if excluded > purchased:
        node.fault("excluded_kwh", f"{excluded:,f} kWh are excluded of {purchased:,f} kWh purchased.")
    generated = tuple(generation(row) for row in node.rows("own_generation"))
    of_fuels = node.number("generated_of_fuels_kwh", default=ZERO)
    plant = captive_plant(node.child("captive_plant"))
    if plant and node.has("export_heat_rate_kcal_per_kwh"):
        node.fault("export_heat_rate_kcal_per_kwh", "is not used where captive_plant stands; give one of them.")
    node.close()
    if plant is None:
        return Electricity(purchased, exported, excluded, heat_rate, generated, of_fuels)
    gross = plant.gross_heat_rate
    derived = (("export_heat_rate_kcal_per_kwh", gross),)
    return Electricity(purchased, exported, excluded, gross.value, generated, of_fuels, plant, derived)


def captive_plant(node: Node | None) -> CaptivePlant | None:
    if node is None:
        return None
    found = CaptivePlant(
        node.number("fuel_kcal", required=True, default=ONE, above=ZERO),
        node.number("generated_kwh", required=True, default=ONE, above=ZERO),
        node.number("auxiliary_share", default=ZERO, most=LARGEST_AUXILIARY_SHARE),
    )
    node.close()
    return found


def generation(node: Node) -> OwnGeneration:
    found = OwnGeneration(
        node.text("name", required=True),
        node.number("kwh", required=True, default=ZERO),
        node.number("heat_rate_kcal_per_kwh", required=True, default=ONE, above=ZERO),
    )
    refuse_impossible(node, "heat_rate_kcal_per_kwh", found.heat_rate_kcal_per_kwh, HEAT_RATE)
    node.close()
    return found


def heat(node: Node) -> HeatInput:
    found = HeatInput(
        node.text("name", required=True),
        node.number("quantity_t", required=True, default=ZERO),
        node.number("enthalpy_kcal_per_kg", required=True, default=ZERO),
    )
    refuse_impossible(node, "enthalpy_kcal_per_kg", found.enthalpy_kcal_per_kg, STEAM_ENTHALPY)
    node.close()
    return found


def fuel(node: Node) -> Fuel:
    name, unit = node.text("name", required=True), node.choice("unit", UNITS, required=True)
    values = {key: node.number(key, above=ZERO) for key in (PER_KG, PER_M3, DENSITY)}
    found = Fuel(
        name,
        node.number("quantity", required=True, default=ZERO),
        unit,
        values[PER_M3 if unit == STANDARD_M3 else PER_KG] or ONE,
        values[DENSITY] or ONE,
        for_power=node.number("for_power", default=ZERO),
    )
    if found.for_power > found.quantity:
        node.fault("for_power", f"is {found.for_power:,f} of {found.quantity:,f} {unit}: more than was used.")
    if unit in NEEDS:
        check_values(node, unit, values)
    ranges = ranges_of(kind_named(name))
    refuse_impossible(node, PER_KG, values[PER_KG], ranges.gross_kcal_per_kg)
    refuse_impossible(node, PER_M3, values[PER_M3], ranges.gross_kcal_per_sm3)
    refuse_impossible(node, DENSITY, values[DENSITY], ranges.density_kg_per_l)
    node.close()
    return found


def check_values(node: Node, unit: str, values: dict[str, Decimal | None]) -> None:
    """A value the unit does not use would be left out silently."""
    for key in values:
        if key in NEEDS[unit] and not node.has(key):
            node.fault(key, f"is missing; a fuel in {unit} needs it.")
        elif key not in NEEDS[unit] and node.has(key):
            node.fault(key, f"is not used for a fuel in {unit}.")


def product(node: Node) -> Product:
    found = Product(
        node.text("name", required=True),
        node.number("quantity_t", required=True, default=ZERO),
        node.number("equivalence", default=ONE, above=ZERO),
    )
    node.close()
    return found


def target(node: Node | None) -> Target | None:
    if node is None:
        return None
    found = Target(
        node.number("baseline_production_t", required=True, default=ZERO),
        node.number("target_sec_toe_per_t", above=ZERO),
    )
    node.close()
    return found


def figures(found: Performance) -> dict:
    """The figures in the keys of the worked examples, as Decimals."""
    return {
        "electricity_toe": found.energy.electricity_toe,
        "fuels": [{"name": step.name, "toe": step.value / KCAL_PER_TOE} for step in found.energy.fuels],
        "total_toe": found.energy.total_toe,
        "total_kcal": found.energy.total.value,
        "specific_energy_consumption_toe_per_t": found.specific.total_toe_per_t,
        "electrical_kwh_per_t": found.specific.electrical_kwh_per_t,
        "thermal_kcal_per_kg": found.specific.thermal_kcal_per_kg,
        "escerts": found.escerts.value if found.escerts else None,
        "carbon_credits": found.carbon_credits.value if found.carbon_credits else None,
        **more_figures(found),
    }


def more_figures(found: Performance) -> dict:
    """Of what only some inputs hold: a captive plant, emissions, a price."""
    plant, emissions, told = found.unit.electricity.captive_plant, found.emissions, found.unit.ccts
    parts: dict[str, Any] = {}
    if plant:
        parts["captive_plant"] = {
            "gross_heat_rate_kcal_per_kwh": plant.gross_heat_rate.value,
            "net_heat_rate_kcal_per_kwh": plant.net_heat_rate.value,
        }
    if emissions:
        parts["emissions_t_co2e"] = emissions.total.value
        parts["emission_intensity_t_co2e_per_t"] = emissions.intensity.value if emissions.intensity else None
    if told and told.average_price_rs is not None:
        parts["environmental_compensation_rs"] = found.compensation.value if found.compensation else None
    return parts


def completed(data: dict, found: Performance) -> dict:
    """`data` with the values that were worked out in their own places, where the rules look for them."""
    derived = {field: step.value for field, step in found.unit.electricity.derived}
    return {**data, "electricity": {**data["electricity"], **derived}}
