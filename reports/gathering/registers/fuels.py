"""Fuel consumption of a period for CBAM and PAT: quantity, calorific values and factors, each with its source.

Values entered with the month (certificate, laboratory) take precedence over standard values, which are cited.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from calculations.cbam.stream_values import emission_factor_by_energy
from core.dates import format_short_month
from registers.factors import lookup
from registers.models import FuelUse
from reports.gathering.registers.rows import as_text, group_by, row_url, rows_in_period, sources_text, sum_known

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
class FactorLog:
    """Looks up standard factors, and records those used for the report's factor table."""

    on: date
    used: dict = field(default_factory=dict)

    def value(self, key):
        """The value in force, or None where there is none."""
        try:
            return self.record(lookup.factor(key, self.on)).value
        except lookup.FactorNotFound:
            return None

    def record(self, factor):
        self.used[factor.key] = factor
        return factor

    def citation_of(self, key):
        return self.used[key].citation if key in self.used else ""

    def frozen(self) -> list:
        return [factor.frozen() for factor in self.used.values()]


@dataclass(frozen=True)
class FuelConsumption:
    """Consumption of a fuel in a period, in one process or unassigned."""

    fuel: object
    process: object
    rows: list

    @property
    def quantity(self):
        """Used inside the boundary, in the fuel's own unit; None where nothing is entered."""
        return sum_known(self.rows, "used_process", "used_power")

    @property
    def source(self):
        return sources_text(self.rows)

    def url(self, name=""):
        return row_url(self.rows[-1], name)

    @property
    def used_rows(self) -> list:
        return [row for row in self.rows if used_quantity(row)]

    def weighted_mean(self, name, standard=lambda: None) -> Decimal | None:
        """Mean of a monthly value weighted by consumption; None where no month has it.

        A month that lacks it counts with `standard()`, the value of the tables, or, where these have none, with the
        mean of the other months: a blank in one month never discards what was entered for the others.
        """
        return self.mean_of(lambda row: getattr(row, name), standard)

    def mean_of(self, value_of, standard=lambda: None) -> Decimal | None:
        """`weighted_mean` of what `value_of(row)` says."""
        values = [(used_quantity(row), value_of(row)) for row in self.used_rows]
        known = [(quantity, value) for quantity, value in values if value is not None]
        if not known:
            return None
        if len(known) < len(values) and (otherwise := standard()) is not None:
            known = [(quantity, otherwise if value is None else value) for quantity, value in values]
        if len({value for _, value in known}) == 1:
            return known[0][1]
        total = sum((quantity for quantity, _ in known), Decimal(0))
        return sum((quantity * value for quantity, value in known), Decimal(0)) / total

    def value_source_text(self, *names, standard="", called="") -> str:
        """Where the values come from; months without one of `names` are named with what they count with instead.

        `called` is said of what was entered as a standard value, where it is not `standard`'s.
        """
        said = called or (standard and f"table: {standard}")  # a standard value names its act and table
        shown = {"standard": said} if said else {}
        sources = dict.fromkeys(
            shown.get(row.value_source) or row.get_value_source_display() for row in self.rows if row.value_source
        )
        text = ", ".join(sources) or "entered"
        blank = [row.month for row in self.used_rows if names and all(getattr(row, name) is None for name in names)]
        if not blank:
            return text
        months = ", ".join(format_short_month(month) for month in dict.fromkeys(blank))
        return f"{text}; blank in {months}: {standard or 'the mean of the other months'}"


def used_quantity(row) -> Decimal:
    return sum_known([row], "used_process", "used_power") or Decimal(0)


def fuel_consumption(factory, period, by_process=True) -> list[FuelConsumption]:
    rows = rows_in_period(FuelUse, factory, period)
    key = (lambda row: (row.fuel, row.process)) if by_process else (lambda row: (row.fuel, None))
    return [FuelConsumption(fuel, process, its) for (fuel, process), its in group_by(rows, key).items()]


def density_of(consumption, factors) -> tuple:
    """kg/L: entered, else of S.O. 394(E) → (value, source)."""
    key = f"density.{SO_394.get(consumption.fuel.fuel_kind, '')}"
    return entered_or_standard(consumption, "density_kg_per_l", key, factors)


def entered_or_standard(consumption, name, key, factors) -> tuple:
    """The mean of what is entered, blank months by the tables' `key`; without any the tables' → (value, source)."""
    value = consumption.weighted_mean(name, lambda: factors.value(key))
    if value is None:
        return factors.value(key), factors.citation_of(key)
    citation = cited(consumption, key, factors)
    called = not_the_tables(consumption, name, factors.value(key), citation) if citation else ""
    return value, consumption.value_source_text(name, standard=citation, called=called)


def not_the_tables(consumption, name, table_value, citation) -> str:
    """What is said of a typed value that was called a standard one and is not the table's; "" where it is."""
    typed = [getattr(row, name) for row in consumption.rows if row.value_source == "standard"]
    if all(value is None or value == table_value for value in typed):
        return ""
    return f"entered; called a standard value, but the table's is {as_text(table_value)} ({citation})"


def cited(consumption, key, factors) -> str:
    """The act and table of a standard value, also where somebody typed it and said that it is one."""
    if any(row.value_source == "standard" for row in consumption.rows):
        factors.value(key)
    return factors.citation_of(key)


def in_tonnes_or_normal_m3(consumption, factors) -> tuple:
    """(quantity, unit of Annex II) for CBAM, or None, and the reason."""
    quantity, unit = consumption.quantity, consumption.fuel.unit
    if quantity is None:
        return None, "nothing used is entered"
    if unit == "t":
        return (quantity, "t"), ""
    if unit == "kg":
        return (quantity / THOUSAND, "t"), ""
    if unit in ("kL", "L"):
        density, _ = density_of(consumption, factors)
        litres = quantity * THOUSAND if unit == "kL" else quantity
        return ((litres * density / THOUSAND, "t"), "") if density else (None, "its density is not entered")
    if unit == "Sm3":
        return (quantity * NORMAL_PER_STANDARD / THOUSAND, "1000Nm3"), ""
    if unit == "1000Nm3":
        return (quantity, "1000Nm3"), ""
    return None, f"{consumption.fuel.get_unit_display()} cannot be turned into tonnes or normal cubic metres"


def volume_facts(consumption, factors) -> dict[str, str]:
    """Of a liquid in kL or L: its volume and density as texts, for the step from one to the mass."""
    if consumption.fuel.unit not in ("kL", "L"):
        return {}
    density, where = density_of(consumption, factors)
    volume = consumption.quantity if consumption.fuel.unit == "kL" else consumption.quantity / THOUSAND
    return {"volume_kl": as_text(volume), "density_kg_per_l": as_text(density), "density": where}


def calorific_value(consumption, unit, factors) -> tuple:
    """Net, GJ per `unit` → (value, source)."""
    if unit == "t":
        return entered_or_standard(consumption, "ncv_gj_per_t", annex_g(consumption.fuel, "ncv"), factors)
    value = consumption.weighted_mean("ncv_gj_per_1000nm3")
    return (None, "") if value is None else (value, consumption.value_source_text("ncv_gj_per_1000nm3"))


def emission_factor(consumption, factors) -> tuple:
    """t CO2/TJ: certified, else of the carbon content and NCV of its months, else of Table 1 → (value, source)."""
    rows, key = consumption.used_rows, annex_g(consumption.fuel, "ef")
    if rows and all(row.factor_t_per_tj is None for row in rows) and all(map(has_carbon_and_ncv, rows)):
        carbon, calorific = consumption.weighted_mean("carbon_t_per_t"), consumption.weighted_mean("ncv_gj_per_t")
        step = emission_factor_by_energy(carbon, calorific)
        return step.value, f"{consumption.value_source_text()}: carbon content and NCV, {step.clause}"
    value = consumption.mean_of(month_factor, lambda: factors.value(key))
    if value is None:
        return factors.value(key), factors.citation_of(key)
    names = ("factor_t_per_tj", "carbon_t_per_t") if any(map(has_carbon_and_ncv, rows)) else ("factor_t_per_tj",)
    return value, consumption.value_source_text(*names, standard=cited(consumption, key, factors))


def has_carbon_and_ncv(row) -> bool:
    return bool(row.carbon_t_per_t and row.ncv_gj_per_t)


def month_factor(row) -> Decimal | None:
    """Of one month: certified, or of its carbon content and NCV."""
    if row.factor_t_per_tj is None and has_carbon_and_ncv(row):
        return emission_factor_by_energy(row.carbon_t_per_t, row.ncv_gj_per_t).value
    return row.factor_t_per_tj


def annex_g(fuel, what) -> str:
    return ANNEX_G.get(fuel.fuel_kind, f"fuel.{{}}.{fuel.fuel_kind}").format(what)


def share(consumption, name, otherwise):
    """A percentage as a fraction; months without one count with `otherwise`."""
    value = consumption.weighted_mean(name, lambda: otherwise * HUNDRED)
    return otherwise if value is None else value / HUNDRED
