"""Reading source streams strictly: which numbers a method needs, in which units, and what may stand in their place."""

from decimal import Decimal
from typing import Any

from calculations import strict_json
from calculations.cbam import measured_file, stream_values, streams
from calculations.cbam.streams import SourceStream
from calculations.plausibility import CARBON_DIOXIDE_OF_A_TONNE, kind_named, ranges_of, refuse_impossible
from calculations.strict_json import Node
from calculations.trace import Step

ZERO, ONE = Decimal(0), Decimal(1)
UNITS = ["t", "1000Nm3"]
TONNE = UNITS[0]
CALORIFIC_UNITS = {unit: f"GJ/{unit}" for unit in UNITS}
PER_TJ, PER_T = "tCO2/TJ", "tCO2/t"
FACTOR_UNITS = {streams.COMBUSTION: [PER_TJ], streams.PROCESS: [PER_T], streams.MASS_BALANCE: [PER_T, PER_TJ]}
FACTORS, CARBON = ["emission_factor", "emission_factor_unit"], ["carbon_content", "carbon_content_unit"]
# Which numbers a method needs; another method's numbers beside them would be left out silently, so they are faults.
NEEDS = {
    streams.COMBUSTION: ["activity_data", "net_calorific_value", "emission_factor"],
    streams.PROCESS: ["activity_data", "emission_factor"],
    streams.MASS_BALANCE: ["activity_data", "carbon_content"],
    streams.DIRECT_ENTRY: ["emissions_t_co2e"],
    streams.PERFLUOROCARBONS: ["perfluorocarbons"],
    streams.CONTINUOUS: ["measurement"],
}
# Objects from which a number follows, in its place, by the methods that know them.
IN_PLACE = {
    "deliveries": ("activity_data", {streams.COMBUSTION, streams.PROCESS, streams.MASS_BALANCE}),
    "clinker_balance": ("activity_data", {streams.PROCESS}),
    "kiln_dust": ("emission_factor", {streams.PROCESS}),
    "ash": ("oxidation_factor", {streams.COMBUSTION}),
}
# The number that a method's own factor follows from where it is missing (Eq 8, 9, 13, 14).
FOLLOWS_FROM = {
    streams.COMBUSTION: ("emission_factor", "carbon_content"),
    streams.PROCESS: ("emission_factor", "carbon_content"),
    streams.MASS_BALANCE: ("carbon_content", "emission_factor"),
}


def stream(node: Node) -> SourceStream:
    name, method = node.text("name", required=True), node.choice("method", streams.METHODS, required=True)
    unit = unit_of(node)
    values: dict[str, Any] = {
        key: measured(node, key) for key in ("net_calorific_value", "emission_factor", "carbon_content")
    }
    values["activity_data"] = activity(node, method)
    values["oxidation_factor"] = node.fraction("oxidation_factor", ONE)
    values["conversion_factor"] = node.fraction("conversion_factor", ONE)
    values["biomass_fraction"] = node.fraction("biomass_fraction", ZERO)
    values["emissions_t_co2e"] = node.number("emissions_t_co2e")
    steps = {**in_place(node, method, unit), **measured_emissions(node, method)}
    if method in NEEDS:
        check_method(node, method, unit, values, steps)
    check_ranges(node, name, unit, values)
    steps.update(factor_of_the_other(node, method, unit, values, steps))
    node.close()
    values.update({key: step.value for key, step in steps.items()})
    gas = measured_file.gas_of(node, method)
    return SourceStream(name, method, unit=unit, gas=gas, derived=tuple(steps.items()), **values)


def activity(node: Node, method: str) -> Decimal | None:
    """Only what leaves a mass balance is negative."""
    return node.number("activity_data", least=None if method == streams.MASS_BALANCE else ZERO)


def unit_of(node: Node) -> str:
    unit = node.choice("unit", UNITS)
    if (node.has("activity_data") or node.has("deliveries")) and not node.has("unit"):
        node.fault("unit", f"is missing: {' or '.join(UNITS)}.")
    return unit if unit in UNITS else TONNE


def measured(node: Node, key: str) -> Decimal | None:
    """A number that must say its unit in `<key>_unit`."""
    value, unit = node.number(key), node.text(f"{key}_unit")
    if node.has(key) and not unit:
        node.fault(f"{key}_unit", "is missing.")
    return value


def in_place(node: Node, method: str, unit: str) -> dict[str, Step]:
    """{field: its calculation} of the objects that stand in the place of a number."""
    made = {
        "deliveries": deliveries(node.child("deliveries"), unit),
        "clinker_balance": clinker_balance(node.child("clinker_balance")),
        "kiln_dust": kiln_dust(node.child("kiln_dust")),
        "ash": ash(node.child("ash")),
    }
    found: dict[str, Step] = {}
    for key, (field, methods) in IN_PLACE.items():
        if not node.has(key):
            continue
        if method in NEEDS and method not in methods:
            node.fault(key, f"is not used by the method {method}.")
        elif node.has(field) or field in found:
            node.fault(key, f"stands in the place of {field}: give one of them.")
        elif (step := made[key]) is not None:
            found[field] = step
    return found


def deliveries(node: Node | None, unit: str) -> Step | None:
    if node is None:
        return None
    keys = ("imported", "exported", "opening_stock", "closing_stock")
    step = stream_values.consumed(
        stream_values.Deliveries(*(node.number(key, required=True, default=ZERO) for key in keys)), unit
    )
    node.close()
    return not_below_zero(node, step)


def clinker_balance(node: Node | None) -> Step | None:
    if node is None:
        return None
    step = stream_values.clinker_produced(
        stream_values.ClinkerBalance(
            node.number("cement_delivered_t", required=True, default=ZERO),
            node.number("cement_stock_change_t", default=ZERO, least=None),
            node.number("clinker_to_cement_ratio", required=True, default=ONE, most=ONE, above=ZERO),
            node.number("clinker_supplied_t", default=ZERO),
            node.number("clinker_dispatched_t", default=ZERO),
            node.number("clinker_stock_change_t", default=ZERO, least=None),
        )
    )
    node.close()
    return not_below_zero(node, step)


def not_below_zero(node: Node, step: Step) -> Step:
    if step.value < 0:
        node.fault("", f"gives {step.value:f} {step.unit}, which is below 0.")
    return step


def kiln_dust(node: Node | None) -> Step | None:
    if node is None:
        return None
    factor = node.number("clinker_emission_factor", required=True, default=ONE, above=ZERO)
    step = stream_values.dust_factor(factor, node.number("calcination", required=True, default=ZERO, most=ONE))
    node.close()
    return step


def ash(node: Node | None) -> Step | None:
    if node is None:
        return None
    burnt = node.number("carbon_in_fuel_t", required=True, default=ONE, above=ZERO)
    left = node.number("carbon_in_ash_t", required=True, default=ZERO)
    if left > burnt:
        node.fault("carbon_in_ash_t", "must not be above the carbon in the fuel.")
    node.close()
    return stream_values.oxidation_factor(left, burnt)


def measured_emissions(node: Node, method: str) -> dict[str, Step]:
    """The emissions of the methods that measure them."""
    made = {
        "perfluorocarbons": (streams.PERFLUOROCARBONS, measured_file.perfluorocarbons(node.child("perfluorocarbons"))),
        "measurement": (streams.CONTINUOUS, measured_file.measurement(node.child("measurement"))),
    }
    found = {}
    for key, (its_method, step) in made.items():
        if node.has(key) and method in NEEDS and method != its_method:
            node.fault(key, f"is not used by the method {method}.")
        elif step is not None and method == its_method:
            found["emissions_t_co2e"] = step
    return found


def check_method(node: Node, method: str, unit: str, values: dict, steps: dict[str, Step]) -> None:
    own, other = FOLLOWS_FROM.get(method, ("", ""))
    for key in NEEDS[method]:
        if not node.has(key) and key not in steps and not (key == own and node.has(other)):
            node.fault(key, f"is missing; the method {method} needs it.")
    for key in alien(node, method, other):
        if node.has(key):
            node.fault(key, f"is not used by the method {method}.")
    if own and node.has(other) and (node.has(own) or own in steps):
        node.fault(other, f"is not used where {own} stands; give one of them.")
    check_shares(node, method, values)
    check_units(node, method, unit, values, steps)


def alien(node: Node, method: str, other: str) -> list[str]:
    """Keys that this method would leave out."""
    if other:
        return ["emissions_t_co2e", *([] if node.has(other) else [f"{other}_unit"])]
    return [*FACTORS, *CARBON, *([] if method == streams.DIRECT_ENTRY else ["emissions_t_co2e"])]


def check_shares(node: Node, method: str, values: dict) -> None:
    """A factor that the method does not know would change nothing: it must be 1 (a biomass fraction 0)."""
    unused = {
        "oxidation_factor": method != streams.COMBUSTION and values["oxidation_factor"] != 1,
        "conversion_factor": method != streams.PROCESS and values["conversion_factor"] != 1,
        "biomass_fraction": not measured_file.knows_biomass(node, method) and values["biomass_fraction"] != 0,
    }
    for key, is_unused in unused.items():
        if is_unused:
            node.fault(key, f"is not used by the method {method}.")


def check_units(node: Node, method: str, unit: str, values: dict, steps: dict[str, Step]) -> None:
    if method in (streams.PROCESS, streams.MASS_BALANCE) and unit != TONNE:
        node.fault("unit", f"must be t with the method {method}.")
    if values["net_calorific_value"] is not None:
        same_unit(node, "net_calorific_value_unit", [CALORIFIC_UNITS[unit]])
        if not node.has("activity_data") and "activity_data" not in steps:
            node.fault("activity_data", "is missing; a net calorific value counts with it.")
    if values["emission_factor"] is not None and method in FACTOR_UNITS:
        same_unit(node, "emission_factor_unit", FACTOR_UNITS[method])
    if values["carbon_content"] is not None:
        same_unit(node, "carbon_content_unit", [f"tC/{unit}" if method == streams.COMBUSTION else "tC/t"])
        if values["carbon_content"] > 1 and unit == TONNE:
            node.fault("carbon_content", "must not be above 1 t C/t.")


def check_ranges(node: Node, name: str, unit: str, values: dict) -> None:
    """Impossible values, by the kind of fuel that the name speaks of."""
    ranges, calorific = ranges_of(kind_named(name)), "net_calorific_value"
    refuse_impossible(
        node, calorific, values[calorific], ranges.net_gj_per_t if unit == TONNE else ranges.net_gj_per_1000nm3
    )
    factor_unit = node.text("emission_factor_unit")
    if factor_unit == PER_TJ:
        refuse_impossible(node, "emission_factor", values["emission_factor"], ranges.factor_t_per_tj)
    elif factor_unit == PER_T and node.text("gas") in ("", "CO2"):
        refuse_impossible(node, "emission_factor", values["emission_factor"], CARBON_DIOXIDE_OF_A_TONNE)


def same_unit(node: Node, key: str, expected: list[str]) -> None:
    written = node.text(key)
    if written and written not in expected:
        node.fault(key, f"“{strict_json.shown(written)}” does not fit; {' or '.join(expected)} is expected here.")


def factor_of_the_other(node: Node, method: str, unit: str, values: dict, steps: dict[str, Step]) -> dict[str, Step]:
    """The method's factor from a carbon content or the reverse, where only the other one is entered."""
    own, other = FOLLOWS_FROM.get(method, ("", ""))
    if not own or values[own] is not None or own in steps or values[other] is None:
        return {}
    ncv = values["net_calorific_value"]
    if method == streams.PROCESS:
        return {own: stream_values.emission_factor_by_mass(values[other])}
    if method == streams.MASS_BALANCE and node.text("emission_factor_unit") != PER_TJ:
        return {own: content(node, stream_values.carbon_content_by_mass(values[other]))}
    if not ncv:
        node.fault("net_calorific_value", f"is missing or zero; {own} follows from {other} with it.")
        return {}
    if method == streams.COMBUSTION:
        return {own: stream_values.emission_factor_by_energy(values[other], ncv, unit)}
    return {own: content(node, stream_values.carbon_content_by_energy(values[other], ncv))}


def content(node: Node, step: Step) -> Step:
    if step.value > 1:
        node.fault("emission_factor", f"gives a carbon content of {step.value:.4g} t C/t, which is above 1.")
    return step
