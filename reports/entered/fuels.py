"""Fuels of a period as both schemes need them: quantity, calorific values and factors, each with where it is from.

A certificate or laboratory value entered with the month stands before the standard value; a standard value is cited.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from reports.calculations.cbam.stream_values import emission_factor_by_energy
from reports.entered.rows import address, grouped, sourced, summed, within
from reports.factors import ledger
from reports.registers.models import FuelUse

NORMAL_PER_STANDARD = Decimal("273.15") / Decimal("288.15")  # Sm³ at 15 °C in Nm³ at 0 °C
THOUSAND, HUNDRED = Decimal(1000), Decimal(100)
# Names of S.O. 394(E) for the kinds of fuel it converts.
SO_394 = {
    "gas_diesel_oil": "high_speed_diesel",
    "residual_fuel_oil": "furnace_oil",
    "naphtha": "furnace_oil",
    "motor_gasoline": "petrol",
    "kerosene": "kerosene",
    "charcoal": "charcoal",
    "lpg": "liquefied_petroleum_gas",
}
# Rows of Tables 1 and 2 of Annex II G where they are named otherwise than in the register.
ANNEX_G = {
    "lpg": "fuel.{}.liquefied_petroleum_gases",
    "coke_oven_coke": "fuel.{}.coke_oven_coke_and_lignite_coke",
    "charcoal": "biomass.{}.charcoal",
    "wood": "biomass.{}.wood",
    "biogas": "biomass.{}.other_biogas",
}


@dataclass
class Factors:
    """Standard factors looked up for one report, each remembered once for its factor table."""

    on: date
    used: dict = field(default_factory=dict)

    def value(self, key):
        """The value in force, or None where the ledger has none."""
        try:
            return self.take(ledger.factor(key, self.on)).value
        except ledger.NoFactor:
            return None

    def take(self, factor):
        self.used[factor.key] = factor
        return factor

    def cited(self, key):
        return self.used[key].citation if key in self.used else ""

    def frozen(self):
        return [factor.frozen() for factor in self.used.values()]


@dataclass(frozen=True)
class Burnt:
    """A fuel of a period, in one process or in none."""

    fuel: object
    process: object
    rows: list

    @property
    def quantity(self):
        """Used inside the boundary, in the fuel's own unit; None where no month says."""
        return summed(self.rows, "used_process", "used_power")

    @property
    def source(self):
        return sourced(self.rows)

    def url(self, name=""):
        return address(self.rows[-1], name)

    def weighted(self, name):
        """A value of the months weighted by what was used in them; None where a month that used some lacks it."""
        used = [(used_in(row), getattr(row, name)) for row in self.rows if used_in(row)]
        if not used or any(value is None for _, value in used):
            return None
        if len({value for _, value in used}) == 1:
            return used[0][1]
        whole = sum((quantity for quantity, _ in used), Decimal(0))
        return sum((quantity * value for quantity, value in used), Decimal(0)) / whole

    def entered_from(self):
        said = dict.fromkeys(row.get_value_source_display() for row in self.rows if row.value_source)
        return ", ".join(said) or "entered"


def used_in(row) -> Decimal:
    return summed([row], "used_process", "used_power") or Decimal(0)


def burnt_in(factory, period, by_process=True) -> list[Burnt]:
    rows = within(FuelUse, factory, period)
    key = (lambda row: (row.fuel, row.process)) if by_process else (lambda row: (row.fuel, None))
    return [Burnt(fuel, process, its) for (fuel, process), its in grouped(rows, key).items()]


def density_of(burnt, factors):
    """kg/L: entered, else of S.O. 394(E) → (value, where from)."""
    value = burnt.weighted("density_kg_per_l")
    if value is not None:
        return value, burnt.entered_from()
    key = f"density.{SO_394.get(burnt.fuel.fuel_kind, '')}"
    return factors.value(key), factors.cited(key)


def in_tonnes_or_normal_m3(burnt, factors):
    """(quantity, unit of Annex II) or None with the reason: what calculations under CBAM count in."""
    quantity, unit = burnt.quantity, burnt.fuel.unit
    if quantity is None:
        return None, "nothing used is entered"
    if unit == "t":
        return (quantity, "t"), ""
    if unit == "kg":
        return (quantity / THOUSAND, "t"), ""
    if unit in ("kL", "L"):
        density, _ = density_of(burnt, factors)
        litres = quantity * THOUSAND if unit == "kL" else quantity
        return ((litres * density / THOUSAND, "t"), "") if density else (None, "its density is not entered")
    if unit == "Sm3":
        return (quantity * NORMAL_PER_STANDARD / THOUSAND, "1000Nm3"), ""
    if unit == "1000Nm3":
        return (quantity, "1000Nm3"), ""
    return None, f"{burnt.fuel.get_unit_display()} cannot be turned into tonnes or normal cubic metres"


def calorific_value(burnt, unit, factors):
    """Net, GJ per `unit` → (value, where from)."""
    value = burnt.weighted("ncv_gj_per_t" if unit == "t" else "ncv_gj_per_1000nm3")
    if value is not None:
        return value, burnt.entered_from()
    if unit != "t":
        return None, ""
    key = annex_g(burnt.fuel, "ncv")
    return factors.value(key), factors.cited(key)


def emission_factor(burnt, factors):
    """t CO2/TJ: certified, else of the carbon content and NCV of its months, else of Table 1 → (value, where from)."""
    value = burnt.weighted("factor_t_per_tj")
    if value is not None:
        return value, burnt.entered_from()
    carbon, calorific = burnt.weighted("carbon_t_per_t"), burnt.weighted("ncv_gj_per_t")
    if carbon and calorific:
        step = emission_factor_by_energy(carbon, calorific)
        return step.value, f"{burnt.entered_from()}: carbon content and NCV, {step.clause}"
    key = annex_g(burnt.fuel, "ef")
    return factors.value(key), factors.cited(key)


def annex_g(fuel, what):
    return ANNEX_G.get(fuel.fuel_kind, f"fuel.{{}}.{fuel.fuel_kind}").format(what)


def share(burnt, name, otherwise):
    """A percentage as a fraction."""
    value = burnt.weighted(name)
    return otherwise if value is None else value / HUNDRED
