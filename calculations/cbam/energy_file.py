"""Reading energy units, and the electricity and heat of processes, which may name the unit they come from."""

from dataclasses import replace
from decimal import Decimal

from calculations import strict_json
from calculations.cbam import flows, heat
from calculations.cbam.flows import Electricity, ElectricitySource, Heat
from calculations.cbam.heat import Boiler, Cogeneration, EnergyUnit, FuelInput, Generator, NeighbourHeat
from calculations.plausibility import GRID_FACTOR, refuse_impossible
from calculations.strict_json import Node
from calculations.trace import Step

ZERO, ONE = Decimal(0), Decimal(1)
BOILER, COGENERATION, GENERATOR, NEIGHBOUR = "boiler", "cogeneration", "generator", "neighbour"
KINDS = [BOILER, COGENERATION, GENERATOR, NEIGHBOUR]
KNOWN, STANDARD = "known", "standard"
HEAT_FACTOR, ELECTRICITY_FACTOR = "t CO2/TJ", "t CO2/MWh"

Units = dict[str, EnergyUnit]


def units(rows: list[Node]) -> Units:
    """Energy units by name, in the order entered."""
    found: Units = {}
    for node in rows:
        name, kind = node.text("name", required=True), node.choice("kind", KINDS, required=True)
        if name and name in found:
            node.fault("name", f"“{strict_json.shown(name)}” stands twice.")
        made = BY_KIND[kind](node, name) if kind in BY_KIND else None
        if made is not None:
            node.close()
            found[name] = made
    return found


def boiler(node: Node, name: str) -> EnergyUnit:
    efficiency = node.number("efficiency", required=True, default=ONE, most=ONE, above=ZERO)
    cleaning, losses = (node.number(key, default=ZERO) for key in ("flue_gas_cleaning_t", "losses_tj"))
    return Boiler(name, fuels(node), efficiency, cleaning, losses)


def neighbour(node: Node, name: str) -> EnergyUnit:
    return NeighbourHeat(name, node.number("fuel_emission_factor", required=True, default=ZERO))


def generator(node: Node, name: str) -> EnergyUnit:
    made = node.number("net_electricity_mwh", required=True, default=ONE, above=ZERO)
    return Generator(name, fuels(node), made, node.number("flue_gas_cleaning_t", default=ZERO))


def cogeneration(node: Node, name: str) -> EnergyUnit:
    heat_tj, electricity_mwh = (
        node.number(key, required=True, default=ONE, above=ZERO) for key in ("net_heat_tj", "net_electricity_mwh")
    )
    reference_heat, reference_electricity = (
        node.number(f"reference_efficiency_{key}", required=True, default=ONE, most=ONE, above=ZERO)
        for key in ("heat", "electricity")
    )
    is_known = node.choice("efficiencies", [KNOWN, STANDARD]) != STANDARD
    cleaning, losses = (node.number(key, default=ZERO) for key in ("flue_gas_cleaning_t", "losses_tj"))
    return Cogeneration(
        name,
        fuels(node),
        heat_tj,
        electricity_mwh,
        reference_heat,
        reference_electricity,
        cleaning,
        is_known,
        losses,
    )


BY_KIND = {BOILER: boiler, COGENERATION: cogeneration, GENERATOR: generator, NEIGHBOUR: neighbour}


def fuels(node: Node) -> tuple[FuelInput, ...]:
    found = tuple(fuel(row) for row in node.rows("fuels", required=True))
    if any(entry.energy_tj for entry in found):
        return found
    if node.has("fuels"):
        node.fault("fuels", "hold no energy.")
    return (FuelInput("", ONE, ZERO),)  # something to go on with: the fault refuses the file


def fuel(node: Node) -> FuelInput:
    found = FuelInput(
        node.text("name", required=True),
        node.number("energy_tj", required=True, default=ONE),
        node.number("emission_factor", required=True, default=ZERO),
        node.truth("is_waste_gas"),
    )
    node.close()
    return found


def unit_named(node: Node, key: str, known: Units, factor: str) -> Step | None:
    """The factor (`heat_factor` or `electricity_factor`) of the unit that `key` names; None with a fault."""
    name = node.text(key)
    if not name:
        return None
    if name not in known:
        node.fault(key, f"“{strict_json.shown(name)}” is no energy unit of this installation.")
        return None
    if not hasattr(known[name], factor):
        node.fault(key, f"“{strict_json.shown(name)}” makes no {'heat' if factor == 'heat_factor' else 'electricity'}.")
        return None
    return getattr(known[name], factor)


def electricity(node: Node | None, known: Units) -> Electricity:
    if node is None:
        return Electricity()
    exported = node.number("exported_mwh", default=ZERO)
    found = of_sources(node, known, exported) if node.has("sources") else of_one_source(node, exported)
    factor = unit_named(node, "exported_from", known, "electricity_factor")
    node.close()
    if factor is None:
        return replace(found, exported_mwh=exported)
    derived = (*found.derived, ("exported_emission_factor", factor))
    return replace(found, exported_mwh=exported, exported_emission_factor=factor.value, derived=derived)


def of_one_source(node: Node, exported_mwh: Decimal) -> Electricity:
    node.take("sources")
    consumed_mwh, factor = (node.number(key, default=ZERO) for key in ("consumed_mwh", "emission_factor"))
    refuse_impossible(node, "emission_factor", factor, GRID_FACTOR)
    found = Electricity(consumed_mwh, factor)
    at_the_same_factor = ZERO if node.has("exported_from") else exported_mwh
    needs_factor(node, found.consumed_mwh or at_the_same_factor, "emission_factor", ELECTRICITY_FACTOR)
    return found


def of_sources(node: Node, known: Units, exported_mwh: Decimal) -> Electricity:
    """Several sources in the place of one quantity and factor (Art. 9(1))."""
    for key in ("consumed_mwh", "emission_factor"):
        if node.take(key) is not None:
            node.fault(key, "is not used where sources stand: each has its own.")
    if exported_mwh and not node.has("exported_from"):
        node.fault("exported_from", "is missing: which energy unit made what is exported.")
    sources = tuple(source(row, known) for row in node.rows("sources"))
    if not sources:
        node.fault("sources", "must hold at least one source.")
        return Electricity()
    return flows.source_mix(sources)


def source(node: Node, known: Units) -> ElectricitySource:
    name = node.text("name", required=True)
    mwh = node.number("mwh", required=True, default=ONE, above=ZERO)
    factor = node.number("emission_factor")
    refuse_impossible(node, "emission_factor", factor, GRID_FACTOR)
    node.text("evidence")  # of an actual factor: the rules look at it
    made = unit_named(node, "unit", known, "electricity_factor")
    if node.has("unit") and node.has("emission_factor"):
        node.fault("emission_factor", "is not used where a unit stands: it has its own.")
    elif not node.has("unit"):
        needs_factor(node, mwh, "emission_factor", ELECTRICITY_FACTOR)
    node.close()
    if made is not None:
        return ElectricitySource(name, mwh, made.value, (("emission_factor", made),))
    return ElectricitySource(name, mwh, factor or ZERO)


def measurable_heat(node: Node | None, known: Units) -> Heat:
    if node is None:
        return Heat()
    imported, exported = node.number("imported_tj", default=ZERO), node.number("exported_tj", default=ZERO)
    derived = quantity(node, "imported") | quantity(node, "exported")
    if "imported_tj" in derived:
        imported = derived["imported_tj"].value
    if "exported_tj" in derived:
        exported = derived["exported_tj"].value
    factors = {}
    for way, heat_tj in (("imported", imported), ("exported", exported)):
        factors[way] = factor_of(node, way, heat_tj, known, derived)
    found = Heat(
        imported, exported, factors["imported"], factors["exported"],
        imported_from=node.text("imported_from"), derived=tuple(derived.items()),
    )  # fmt: skip
    node.close()
    return found


def quantity(node: Node, way: str) -> dict[str, Step]:
    """Heat of one way by its medium (Eq 31) or by fuel (Eq 32), in the place of its TJ."""
    key = f"{way}_tj"
    made = {
        f"{way}_medium": medium(node.child(f"{way}_medium")),
        f"{way}_by_fuel": by_fuel(node.child(f"{way}_by_fuel")),
    }
    found: dict[str, Step] = {}
    for name, step in made.items():
        if step is None:
            continue
        if node.has(key) or found:
            node.fault(name, f"stands in the place of {key}: give one of them.")
            continue
        found[key] = step
    return found


def medium(node: Node | None) -> Step | None:
    if node is None:
        return None
    sent = node.number("enthalpy_kj_per_kg", required=True, default=ZERO)
    back = node.number("return_enthalpy_kj_per_kg", required=True, default=ZERO)
    mass = node.number("mass_t", required=True, default=ZERO)
    if back > sent:
        node.fault("return_enthalpy_kj_per_kg", "must not be above the enthalpy sent.")
    node.close()
    return heat.heat_flow(sent, back, mass)


def by_fuel(node: Node | None) -> Step | None:
    if node is None:
        return None
    energy = node.number("fuel_tj", required=True, default=ZERO)
    step = heat.heat_from_fuel(energy, node.number("efficiency", most=ONE, above=ZERO))
    node.close()
    return step


def factor_of(node: Node, way: str, heat_tj: Decimal, known: Units, derived: dict[str, Step]) -> Decimal:
    key, unit_key = f"{way}_emission_factor", f"{way}_from"
    factor, made = node.number(key, default=ZERO), unit_named(node, unit_key, known, "heat_factor")
    if node.has(unit_key) and node.has(key):
        node.fault(key, f"is not used where {unit_key} stands: the unit has its own.")
    elif not node.has(unit_key):
        needs_factor(node, heat_tj, key, HEAT_FACTOR)
    if made is None:
        return factor
    derived[key] = made
    return made.value


def needs_factor(node: Node, quantity: Decimal, key: str, unit: str) -> None:
    if quantity and not node.has(key):
        node.fault(key, f"is missing ({unit}).")
