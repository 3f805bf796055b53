"""Reading emissions that are measured: perfluorocarbons of potlines and continuous measurement in a flue gas."""

from decimal import Decimal

from reports.calculations.cbam import continuous_measurement, streams
from reports.calculations.cbam import perfluorocarbons as pfc
from reports.calculations.cbam.continuous_measurement import CO2, GASES, Hour, Measurement, Substitution
from reports.calculations.structure import Node
from reports.calculations.trace import Step

ZERO, ONE, HUNDRED = Decimal(0), Decimal(1), Decimal(100)
MINUTES = "anode_effect_minutes_per_cell_day"
FREQUENCY, DURATION = "anode_effects_per_cell_day", "minutes_per_anode_effect"
SLOPE = ["slope_emission_factor", MINUTES, FREQUENCY, DURATION]
OVERVOLTAGE = ["overvoltage_coefficient", "anode_effect_overvoltage_mv", "current_efficiency_percent"]


def gas_of(node: Node, method: str) -> str:
    """Which greenhouse gas a stream emits: CO2 unless its method says otherwise."""
    if method == streams.PERFLUOROCARBONS:
        return "PFC"
    return measured_gas(node) if method == streams.CONTINUOUS else CO2


def measured_gas(node: Node) -> str:
    told = node.data.get("measurement")
    gas = told.get("gas") if isinstance(told, dict) else None
    return gas if gas in GASES else CO2


def knows_biomass(node: Node, method: str) -> bool:
    """Carbon of biomass may be taken off; of CO2 measured continuously too (B.6.2.3)."""
    if method == streams.CONTINUOUS:
        return measured_gas(node) == CO2
    return method not in streams.MEASURED


def perfluorocarbons(node: Node | None) -> Step | None:
    if node is None:
        return None
    aluminium = node.number("aluminium_t", required=True, default=ZERO)
    fraction = node.number("c2f6_t_per_t_cf4", required=True, default=ZERO)
    caught = node.number("collection_efficiency", required=True, default=ONE, most=ONE, above=ZERO)
    found = pfc.Potline(aluminium, fraction, caught, cell_method(node))
    node.close()
    return pfc.emissions(found)


def cell_method(node: Node) -> pfc.Slope | pfc.Overvoltage:
    """Method A or B, by the keys that are there; of both, the second is a fault."""
    has_slope, has_overvoltage = (any(node.has(key) for key in keys) for keys in (SLOPE, OVERVOLTAGE))
    if has_overvoltage and not has_slope:
        return overvoltage(node)
    for key in OVERVOLTAGE:
        if node.take(key) is not None:
            node.fault(key, "is not used by the slope method; give one method.")
    return slope(node)


def slope(node: Node) -> pfc.Slope:
    factor = node.number("slope_emission_factor", required=True, default=ZERO)
    minutes = node.number(MINUTES)
    frequency, duration = node.number(FREQUENCY), node.number(DURATION)
    if not node.has(MINUTES):
        for key in (FREQUENCY, DURATION):
            if not node.has(key):
                node.fault(key, f"is missing; without {MINUTES} both its parts are needed.")
        return pfc.Slope(factor, None, frequency or ZERO, duration or ZERO)
    for key in (FREQUENCY, DURATION):
        if node.has(key):
            node.fault(key, f"is not used where {MINUTES} stands.")
    return pfc.Slope(factor, minutes or ZERO)


def overvoltage(node: Node) -> pfc.Overvoltage:
    for key in SLOPE:
        node.take(key)
    return pfc.Overvoltage(
        node.number("overvoltage_coefficient", required=True, default=ZERO),
        node.number("anode_effect_overvoltage_mv", required=True, default=ZERO),
        node.number("current_efficiency_percent", required=True, default=HUNDRED, most=HUNDRED, above=ZERO),
    )


def measurement(node: Node | None) -> Step | None:
    if node is None:
        return None
    gas = node.choice("gas", GASES, required=True)
    replaced = substitution(node.child("substitution"))
    hours = tuple(hour(row, replaced is not None) for row in node.rows("hours", required=True))
    if not hours:
        node.fault("hours", "must hold at least one hour.")
    node.close()
    if replaced is None and any(entry.concentration_g_per_nm3 is None for entry in hours):
        replaced = Substitution(ZERO, ZERO)  # a fault names each of these hours
    return continuous_measurement.emissions(Measurement(gas if gas in GASES else CO2, hours, replaced))


def substitution(node: Node | None) -> Substitution | None:
    if node is None:
        return None
    keys = ("mean_g_per_nm3", "standard_deviation_g_per_nm3")
    found = Substitution(*(node.number(key, required=True, default=ZERO) for key in keys))
    node.close()
    return found


def hour(node: Node, is_substituted: bool) -> Hour:
    measured = node.number("concentration_g_per_nm3")
    if not node.has("concentration_g_per_nm3") and not is_substituted:
        node.fault("concentration_g_per_nm3", "is missing, and there is no substitution for the hour.")
    found = Hour(measured, node.number("flue_gas_nm3", required=True, default=ZERO))
    node.close()
    return found
