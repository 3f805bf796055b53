"""A unit's energy, gate to gate: purchased electricity, own generation, heat and fuels, in kcal and toe.

Energy Conservation (Energy Consumption Norms …) Rules 2012, r.4(1): all forms of net energy that enter the plant's
boundary, converted by S.O. 394(E) of 12 March 2007; colony, construction, outside transport and renewable energy
that is not synchronised with the grid are excluded.
"""

from dataclasses import dataclass
from decimal import Decimal

from calculations.pat.toe import KCAL_PER_KWH, KCAL_PER_TOE, KG_PER_T, L_PER_KL
from calculations.trace import ENTERED, Derived, Step, derived_or_given, given, require, summed, worked_out

ZERO = Decimal(0)
TONNES, KILOLITRES, STANDARD_M3 = "t", "kL", "Sm3"
SO_394 = "S.O. 394(E), 12 March 2007"
HEAT_RATE = "BEE, heat rate of a captive plant: heat of its fuel over its generation"
RULE_4 = "Energy Conservation Rules 2012, r.4(1)(a), (b)"


@dataclass(frozen=True)
class OwnGeneration:
    """Electricity generated inside, only where its fuel stands nowhere else: the fuel counts, never both."""

    name: str
    energy_kwh: Decimal
    heat_rate_kcal_per_kwh: Decimal


@dataclass(frozen=True)
class Electricity:
    """kWh. What is exported is deducted at `export_heat_rate_kcal_per_kwh`, 860 unless the exporter's is entered."""

    purchased_kwh: Decimal = ZERO
    exported_kwh: Decimal = ZERO
    excluded_kwh: Decimal = ZERO
    export_heat_rate_kcal_per_kwh: Decimal = KCAL_PER_KWH
    own_generation: tuple[OwnGeneration, ...] = ()
    generated_of_fuels_kwh: Decimal = ZERO  # of fuels that are listed: in electrical consumption, never in the total
    captive_plant: "CaptivePlant | None" = None
    derived: Derived = ()
    sources: tuple[tuple[str, str], ...] = ()  # of the fields above, where they are not typed in


@dataclass(frozen=True)
class CaptivePlant:
    """The plant that made what is exported: heat of its fuel, gross generation, and the part it uses itself."""

    fuel_kcal: Decimal
    generated_kwh: Decimal
    auxiliary_share: Decimal = ZERO

    @property
    def gross_heat_rate(self) -> Step:
        """kcal/kWh: heat of its fuel over what it generated."""
        inputs = (
            given("F", "heat of the captive plant's fuel", self.fuel_kcal, "kcal"),
            given("G", "generated", self.generated_kwh, "kWh"),
        )
        value = self.fuel_kcal / self.generated_kwh
        return worked_out("HR", "gross heat rate of the captive plant", value, "kcal/kWh", "F / G", HEAT_RATE, *inputs)

    @property
    def net_heat_rate(self) -> Step:
        """Gross heat rate / (1 − auxiliary power consumption)."""
        gross = self.gross_heat_rate
        used = given("APC", "auxiliary power consumption", self.auxiliary_share, "-")
        name, value = "net heat rate of the captive plant", gross.value / (1 - self.auxiliary_share)
        return worked_out("HR_net", name, value, "kcal/kWh", "HR / (1 − APC)", HEAT_RATE, gross, used)


@dataclass(frozen=True)
class HeatInput:
    """Steam from outside, or the steam of a worked example: t and kcal/kg."""

    name: str
    quantity_t: Decimal
    enthalpy_kcal_per_kg: Decimal


@dataclass(frozen=True)
class Fuel:
    """`quantity` in t, kL or Sm³; the gross calorific value in kcal/kg, of gases in kcal/Sm³; kL with its density."""

    name: str
    quantity: Decimal
    unit: str
    gross_calorific_value: Decimal
    density_kg_per_l: Decimal | None = None
    source: str = ENTERED
    for_power: Decimal = ZERO  # of the quantity: what generators burnt
    quantity_source: str = ENTERED
    density_source: str = ENTERED


@dataclass(frozen=True)
class Energy:
    """Energy of a year, in kcal. Each step is a tree of its own; `total` adds them up."""

    electricity: Step
    heat: Step
    fuels: tuple[Step, ...]
    total: Step
    fuel_for_power_kcal: Decimal = ZERO

    @property
    def electricity_toe(self) -> Decimal:
        return self.electricity.value / KCAL_PER_TOE

    @property
    def total_toe(self) -> Decimal:
        return self.total.value / KCAL_PER_TOE

    @property
    def thermal_kcal(self) -> Decimal:
        """Fuels and heat, without electricity."""
        return self.total.value - self.electricity.value


def gate_to_gate(electricity: Electricity, heat: tuple[HeatInput, ...] = (), fuels: tuple[Fuel, ...] = ()) -> Energy:
    bought = electricity_kcal(electricity)
    steam = summed("H_heat", "heat", "kcal", RULE_4, [heat_kcal(entry) for entry in heat], formula="" if heat else "0")
    burnt = tuple(fuel_kcal(fuel) for fuel in fuels)
    parts = (bought, steam, *burnt)
    total = worked_out(
        "E",
        "energy, gate to gate",
        sum((step.value for step in parts), ZERO),
        "kcal",
        " + ".join([bought.symbol, steam.symbol]) + " + H_fuel" * len(burnt),
        RULE_4,
        *parts,
    )
    return Energy(bought, steam, burnt, total, sum(map(for_power_kcal, fuels, burnt), ZERO))


def for_power_kcal(fuel: Fuel, heat: Step) -> Decimal:
    return heat.value * fuel.for_power / fuel.quantity if fuel.quantity else ZERO


def electricity_kcal(electricity: Electricity) -> Step:
    """(purchased − excluded) × 860 − exported × heat rate + own generation at its heat rate."""
    own = summed(
        "H_own",
        "own generation without fuel of its own",
        "kcal",
        SO_394,
        [generation_kcal(entry) for entry in electricity.own_generation],
        formula="" if electricity.own_generation else "0",
    )
    sources, excluded = dict(electricity.sources), "excluded (colony, construction, outside transport)"
    inputs = (
        given("P", "purchased", electricity.purchased_kwh, "kWh", sources.get("purchased_kwh", ENTERED)),
        given("X", excluded, electricity.excluded_kwh, "kWh", sources.get("excluded_kwh", ENTERED)),
        given("S", "exported", electricity.exported_kwh, "kWh", sources.get("exported_kwh", ENTERED)),
        export_heat_rate(electricity),
        own,
    )
    net_kwh = electricity.purchased_kwh - electricity.excluded_kwh
    exported = electricity.exported_kwh * electricity.export_heat_rate_kcal_per_kwh
    value = net_kwh * KCAL_PER_KWH - exported + own.value
    return worked_out("H_el", "electricity", value, "kcal", "(P − X) × 860 − S × HR + H_own", SO_394, *inputs)


def export_heat_rate(electricity: Electricity) -> Step:
    """Entered, or the gross heat rate of the captive plant."""
    field, value = "export_heat_rate_kcal_per_kwh", electricity.export_heat_rate_kcal_per_kwh
    source = SO_394 if value == KCAL_PER_KWH else ENTERED
    return derived_or_given(electricity.derived, field, "HR", "heat rate of exports", value, "kcal/kWh", source)


def generation_kcal(entry: OwnGeneration) -> Step:
    inputs = (
        given("G", entry.name, entry.energy_kwh, "kWh"),
        given("HR", f"heat rate of {entry.name}", entry.heat_rate_kcal_per_kwh, "kcal/kWh"),
    )
    value = entry.energy_kwh * entry.heat_rate_kcal_per_kwh
    return worked_out("H_gen", entry.name, value, "kcal", "G × HR", SO_394, *inputs)


def heat_kcal(entry: HeatInput) -> Step:
    inputs = (
        given("Q", entry.name, entry.quantity_t, "t"),
        given("h", f"enthalpy of {entry.name}", entry.enthalpy_kcal_per_kg, "kcal/kg"),
    )
    value = entry.quantity_t * KG_PER_T * entry.enthalpy_kcal_per_kg
    return worked_out("H_steam", entry.name, value, "kcal", "Q × 1000 × h", RULE_4, *inputs)


def fuel_kcal(fuel: Fuel) -> Step:
    """t × 1000 × GCV, kg of kL × 1000 × density × GCV, or Sm³ × GCV."""
    per = "kcal/Sm³" if fuel.unit == STANDARD_M3 else "kcal/kg"
    quantity = given("Q", fuel.name, fuel.quantity, fuel.unit, fuel.quantity_source)
    gcv = given("GCV", f"gross calorific value of {fuel.name}", fuel.gross_calorific_value, per, fuel.source)
    inputs: tuple[Step, ...] = (quantity, gcv)
    if fuel.unit == STANDARD_M3:
        value, formula = fuel.quantity * fuel.gross_calorific_value, "Q × GCV"
    elif fuel.unit == KILOLITRES:
        mass = mass_kg(fuel, quantity)
        value, formula, inputs = mass.value * fuel.gross_calorific_value, "M × GCV", (mass, gcv)
    else:
        value = fuel.quantity * KG_PER_T * fuel.gross_calorific_value
        formula = "Q × 1000 × GCV"
    return worked_out("H_fuel", fuel.name, value, "kcal", formula, SO_394, *inputs)


def mass_kg(fuel: Fuel, quantity: Step) -> Step:
    """kg of a liquid in kL, a step of its own."""
    density = given("ρ", f"density of {fuel.name}", require(fuel.density_kg_per_l), "kg/L", fuel.density_source)
    value = fuel.quantity * L_PER_KL * density.value
    return worked_out("M", f"mass of {fuel.name}", value, "kg", "Q × 1000 × ρ", SO_394, quantity, density)
