"""Source streams: t CO2e of fuels, materials and measured sources. 2025/2547, Annex II B.2 to B.7."""

from dataclasses import dataclass
from decimal import Decimal

from calculations.trace import Derived, Step, derived_or_given, given, require, worked_out

T_CO2_PER_T_C = Decimal("3.664")  # f, Annex II B.3.1.1
GJ_PER_TJ = Decimal(1000)
ZERO, ONE = Decimal(0), Decimal(1)

COMBUSTION, PROCESS, MASS_BALANCE, DIRECT_ENTRY = "combustion", "process", "mass_balance", "direct_entry"
PERFLUOROCARBONS, CONTINUOUS = "perfluorocarbons", "continuous_measurement"
METHODS = [COMBUSTION, PROCESS, MASS_BALANCE, DIRECT_ENTRY, PERFLUOROCARBONS, CONTINUOUS]
MEASURED = {DIRECT_ENTRY, PERFLUOROCARBONS, CONTINUOUS}  # t CO2e that are not activity data × factor
CLAUSES = {
    COMBUSTION: "2025/2547 Annex II B.3.1.1, Eq 5, 6, 10",
    PROCESS: "2025/2547 Annex II B.3.1.2, Eq 11, 10",
    MASS_BALANCE: "2025/2547 Annex II B.3.2, Eq 12, 15",
    DIRECT_ENTRY: "2025/2547 Annex II B.2, Eq 4 (Emmeas), B.6 or B.7",
    PERFLUOROCARBONS: "2025/2547 Annex II B.2, Eq 4 (Emmeas), B.7",
    CONTINUOUS: "2025/2547 Annex II B.2, Eq 4 (Emmeas), B.6",
}


@dataclass(frozen=True)
class SourceStream:
    """A fuel or material. `activity_data` is in `unit` (t or 1000 Nm³), negative for outputs of a mass balance.

    `net_calorific_value` is in GJ per `unit`, `emission_factor` in t CO2/TJ (combustion) or t CO2/t (process),
    `carbon_content` in t C/t. Measured methods know `emissions_t_co2e` alone, and of which `gas` they are. `sources`
    names where a value is from, `derived` holds the calculation of values that were not entered themselves.
    """

    name: str
    method: str
    activity_data: Decimal | None = None
    unit: str = "t"
    net_calorific_value: Decimal | None = None
    emission_factor: Decimal | None = None
    carbon_content: Decimal | None = None
    oxidation_factor: Decimal = ONE
    conversion_factor: Decimal = ONE
    biomass_fraction: Decimal = ZERO
    emissions_t_co2e: Decimal | None = None
    sources: tuple[tuple[str, str], ...] = ()
    gas: str = "CO2"
    derived: Derived = ()


@dataclass(frozen=True)
class StreamEmissions:
    """What one stream emits: fossil t CO2e, zero-rated biomass t CO2, and its energy in TJ where an NCV is known."""

    stream: SourceStream
    fossil: Step
    biomass: Step
    energy: Step | None


def emissions_of(stream: SourceStream) -> StreamEmissions:
    formula, inputs, unrated = BY_METHOD[stream.method](stream)
    clause, unit = CLAUSES[stream.method], "t CO2e" if stream.method in MEASURED else "t CO2"
    if stream.method in MEASURED and not stream.biomass_fraction:
        fossil = worked_out("Em", stream.name, unrated, unit, formula, clause, *inputs)
        return StreamEmissions(stream, fossil, given("Em_bio", stream.name, ZERO, "t CO2"), energy_of(stream))
    share = given("BF", "biomass fraction", stream.biomass_fraction, "-", source_of(stream, "biomass_fraction"))
    fossil_t, biomass_t = unrated * (1 - stream.biomass_fraction), unrated * stream.biomass_fraction
    fossil = worked_out("Em", stream.name, fossil_t, unit, f"{formula} × (1 − BF)", clause, *inputs, share)
    biomass = worked_out("Em_bio", stream.name, biomass_t, "t CO2", f"{formula} × BF", clause, *inputs, share)
    return StreamEmissions(stream, fossil, biomass, energy_of(stream))


def source_of(stream: SourceStream, field: str) -> str:
    return dict(stream.sources).get(field, "entered")


def value(stream: SourceStream, field: str, symbol: str, name: str, unit: str) -> Step:
    source = source_of(stream, field)
    return derived_or_given(stream.derived, field, symbol, name, getattr(stream, field), unit, source)


def activity(stream: SourceStream) -> Step:
    return value(stream, "activity_data", "AD", "activity data", stream.unit)


def calorific(stream: SourceStream) -> Step:
    return value(stream, "net_calorific_value", "NCV", "net calorific value", f"GJ/{stream.unit}")


# What a method makes of a stream: its formula, its inputs, and t CO2e before any biomass is taken off.
Unrated = tuple[str, tuple[Step, ...], Decimal]


def combustion(stream: SourceStream) -> Unrated:
    """Em = AD × EF × OF with AD = FQ × NCV in TJ (Eq 5, 6)."""
    inputs = (
        activity(stream),
        calorific(stream),
        value(stream, "emission_factor", "EF", "emission factor", "t CO2/TJ"),
        value(stream, "oxidation_factor", "OF", "oxidation factor", "-"),
    )
    energy_tj = require(stream.activity_data) * require(stream.net_calorific_value) / GJ_PER_TJ
    unrated = energy_tj * require(stream.emission_factor) * stream.oxidation_factor
    return "AD × NCV / 1000 × EF × OF", inputs, unrated


def process(stream: SourceStream) -> Unrated:
    """Em = AD × EF × CF (Eq 11)."""
    inputs = (
        activity(stream),
        value(stream, "emission_factor", "EF", "emission factor", "t CO2/t"),
        value(stream, "conversion_factor", "CF", "conversion factor", "-"),
    )
    unrated = require(stream.activity_data) * require(stream.emission_factor) * stream.conversion_factor
    return "AD × EF × CF", inputs, unrated


def mass_balance(stream: SourceStream) -> Unrated:
    """Em = f × AD × CC, outputs with negative activity data (Eq 12)."""
    inputs = (activity(stream), value(stream, "carbon_content", "CC", "carbon content", "t C/t"))
    return "3.664 × AD × CC", inputs, T_CO2_PER_T_C * require(stream.activity_data) * require(stream.carbon_content)


def measured(stream: SourceStream) -> Unrated:
    """Emissions measured continuously (B.6), perfluorocarbons (B.7), or either worked out elsewhere and entered."""
    entered = value(stream, "emissions_t_co2e", "Em_meas", "emissions entered", "t CO2e")
    return "Em_meas", (entered,), require(stream.emissions_t_co2e)


BY_METHOD = {
    COMBUSTION: combustion,
    PROCESS: process,
    MASS_BALANCE: mass_balance,
    **dict.fromkeys(MEASURED, measured),
}


def energy_of(stream: SourceStream) -> Step | None:
    """TJ of a stream whose net calorific value is known, whatever its method."""
    if stream.net_calorific_value is None or stream.activity_data is None:
        return None
    energy_tj = stream.activity_data * stream.net_calorific_value / GJ_PER_TJ
    inputs = activity(stream), calorific(stream)
    return worked_out(
        "E", stream.name, energy_tj, "TJ", "AD × NCV / 1000", "2025/2547 Annex II C.1.2.2, Eq 33", *inputs
    )
