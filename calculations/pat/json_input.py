"""The input of `manage.py calculate pat` and of the what-if page: reading it strictly, and writing the figures."""

from dataclasses import dataclass
from decimal import Decimal

from calculations import strict_json
from calculations.ccts import credits as ccts
from calculations.pat import performance
from calculations.pat.energy import (
    KILOLITRES,
    STANDARD_M3,
    TONNES,
    Electricity,
    Energy,
    Fuel,
    HeatInput,
    OwnGeneration,
    gate_to_gate,
)
from calculations.pat.toe import KCAL_PER_KWH, KCAL_PER_TOE
from calculations.trace import Step

ZERO, ONE = Decimal(0), Decimal(1)
UNITS = [TONNES, KILOLITRES, STANDARD_M3]
PER_KG, PER_M3, DENSITY = "gross_calorific_value_kcal_per_kg", "gross_calorific_value_kcal_per_sm3", "density_kg_per_l"
NEEDS = {TONNES: [PER_KG], KILOLITRES: [PER_KG, DENSITY], STANDARD_M3: [PER_M3]}


@dataclass(frozen=True)
class Target:
    """PAT: baseline production in t and target SEC in toe/t, None where none is notified for the year."""

    baseline_production_t: Decimal
    target_sec_toe_per_t: Decimal | None


@dataclass(frozen=True)
class Intensity:
    """CCTS: the year's equivalent output in t, target and achieved intensity in t CO2e/t."""

    equivalent_output_t: Decimal
    target_t_co2e_per_t: Decimal | None
    achieved_t_co2e_per_t: Decimal


@dataclass(frozen=True)
class Unit:
    """What is entered for a year."""

    electricity: Electricity
    heat: tuple[HeatInput, ...] = ()
    fuels: tuple[Fuel, ...] = ()
    products: tuple[tuple[str, Decimal], ...] = ()
    pat: Target | None = None
    ccts: Intensity | None = None
    title: str = ""
    source: str = ""

    @property
    def production_t(self) -> Decimal:
        return sum((quantity for _, quantity in self.products), ZERO)


@dataclass(frozen=True)
class Performance:
    """A unit worked out."""

    unit: Unit
    energy: Energy
    specific: performance.SpecificEnergy
    escerts: Step | None
    carbon_credits: Step | None


def unit_of(data) -> Unit:
    """The unit a parsed file describes; a StructureError names every fault and its place."""
    return strict_json.read(data, unit)


def work_out(data) -> Performance:
    return calculate(unit_of(data))


def calculate(found: Unit) -> Performance:
    energy = gate_to_gate(found.electricity, found.heat, found.fuels)
    specific = performance.specific_energy(energy, found.electricity, found.production_t)
    target, intensity = found.pat, found.ccts
    certificates = target and performance.escerts(
        target.target_sec_toe_per_t, specific.total_toe_per_t, target.baseline_production_t
    )
    carbon = intensity and ccts.carbon_credits(
        intensity.target_t_co2e_per_t, intensity.achieved_t_co2e_per_t, intensity.equivalent_output_t
    )
    return Performance(found, energy, specific, certificates, carbon)


def unit(node) -> Unit:
    heading = {key: node.text(key) for key in ("title", "source")}
    period = node.child("period")
    if period:
        check_period(period)
    node.take("expected")  # what the file's author expects is not an input
    found = Unit(
        electricity(node.child("electricity", required=True)),
        tuple(heat(row) for row in node.rows("heat")),
        tuple(fuel(row) for row in node.rows("fuels")),
        tuple(product(row) for row in node.rows("products")),
        target(node.child("pat")),
        intensity(node.child("ccts")),
        **heading,
    )
    node.close()
    return found


def check_period(node):
    start_on, end_on = node.day("start", required=True), node.day("end", required=True)
    if start_on and end_on and end_on < start_on:
        node.fault("end", "lies before the start.")
    node.close()


def electricity(node) -> Electricity:
    if node is None:
        return Electricity()
    found = Electricity(
        *(node.number(key, default=ZERO) for key in ("purchased_kwh", "exported_kwh", "excluded_kwh")),
        node.number("export_heat_rate_kcal_per_kwh", default=KCAL_PER_KWH, above=ZERO),
        tuple(generation(row) for row in node.rows("own_generation")),
    )
    node.close()
    return found


def generation(node) -> OwnGeneration:
    found = OwnGeneration(
        node.text("name", required=True),
        node.number("kwh", required=True, default=ZERO),
        node.number("heat_rate_kcal_per_kwh", required=True, default=ONE, above=ZERO),
    )
    node.close()
    return found


def heat(node) -> HeatInput:
    found = HeatInput(
        node.text("name", required=True),
        node.number("quantity_t", required=True, default=ZERO),
        node.number("enthalpy_kcal_per_kg", required=True, default=ZERO),
    )
    node.close()
    return found


def fuel(node) -> Fuel:
    name, unit = node.text("name", required=True), node.choice("unit", UNITS, required=True)
    values = {key: node.number(key, above=ZERO) for key in (PER_KG, PER_M3, DENSITY)}
    found = Fuel(
        name,
        node.number("quantity", required=True, default=ZERO),
        unit,
        values[PER_M3 if unit == STANDARD_M3 else PER_KG] or ONE,
        values[DENSITY] or ONE,
    )
    if unit in NEEDS:
        check_values(node, unit, values)
    node.close()
    return found


def check_values(node, unit, values):
    """A value the unit does not use would be left out silently."""
    for key in values:
        if key in NEEDS[unit] and not node.has(key):
            node.fault(key, f"is missing; a fuel in {unit} needs it.")
        elif key not in NEEDS[unit] and node.has(key):
            node.fault(key, f"is not used for a fuel in {unit}.")


def product(node):
    found = node.text("name", required=True), node.number("quantity_t", required=True, default=ZERO)
    node.close()
    return found


def target(node) -> Target | None:
    if node is None:
        return None
    found = Target(
        node.number("baseline_production_t", required=True, default=ZERO),
        node.number("target_sec_toe_per_t", above=ZERO),
    )
    node.close()
    return found


def intensity(node) -> Intensity | None:
    if node is None:
        return None
    found = Intensity(
        node.number("equivalent_output_t", required=True, default=ZERO),
        node.number("target_t_co2e_per_t"),
        node.number("achieved_t_co2e_per_t", required=True, default=ZERO),
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
        "escerts": found.escerts.value if found.escerts else None,
        "carbon_credits": found.carbon_credits.value if found.carbon_credits else None,
    }
