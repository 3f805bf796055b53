"""The CCTS section of the energy statement: achieved emission intensity against the target. Pure.

Only for a unit with a registration number in the Schedule; what nobody has verified is called modelled.
"""

from dataclasses import dataclass
from decimal import Decimal

from factories.figures import indian
from reports.calculations.cbam.streams import SourceStream
from reports.calculations.ccts.credits import MODELLED, carbon_credits
from reports.calculations.ccts.intensity import BoughtEnergy, Intensity, bought_emissions, intensity, stream_emissions
from reports.calculations.trace import Step
from reports.schemes.blocks import column, figure, number_column, steps, table, text
from reports.schemes.items import given, item, missing, not_applicable, section

NUMBERS = {
    *("activity_data", "net_calorific_value", "emission_factor", "carbon_content"),
    *("oxidation_factor", "biomass_fraction"),
}
NO_FACTOR = (
    "The emission factor of bought electricity that BEE fixed for the year is not entered: no intensity is worked out."
)
RESTS = "Fuels by activity data × NCV × EF × OF; bought electricity by the factor entered; unverified by a third party."


@dataclass(frozen=True)
class Position:
    """`found` and `credits` are None where what they need is not entered."""

    told: dict
    streams: tuple[Step, ...]
    found: Intensity | None
    credits: Step | None


def position(year) -> Position | None:
    """Of `pat_year.Year`; None for a unit that is not in the Schedule."""
    told = year.entered.get("ccts")
    if not told:
        return None
    sources = [stream(row, told["sources"].get(row["name"], {})) for row in told["streams"]]
    bought = bought_electricity(year, told)
    output = year.found.unit.production_t if year.found else None
    fuels = tuple(stream_emissions(one) for one in sources)
    if bought is None or not output or told["left_out"]:
        return Position(told, (*fuels, *([bought_emissions(bought)] if bought else [])), None, None)
    found = intensity(sources, [bought], output)
    target = told["target_t_co2e_per_t"]
    gained = carbon_credits(target and Decimal(target), found.intensity.value, output)
    return Position(told, found.streams, found, gained)


def stream(row, sources):
    values = {name: Decimal(value) if name in NUMBERS else value for name, value in row.items()}
    known = {name: value for name, value in values.items() if not name.endswith("_unit")}
    return SourceStream(**known, sources=tuple(sources.items()))


def bought_electricity(year, told) -> BoughtEnergy | None:
    electricity = year.case.get("electricity", {})
    purchased, factor = electricity.get("purchased_kwh"), told["grid_factor_t_per_mwh"]
    if purchased is None or factor is None:
        return None
    mwh = (purchased - (electricity.get("excluded_kwh") or 0)) / 1000
    source = f"entered: {told['grid_factor_source']}"
    return BoughtEnergy("Bought electricity", mwh, "MWh", Decimal(factor), source)


def part(year):
    """Section 12."""
    at = position(year)
    if at is None:
        entry = not_applicable("Position", "no entry of the unit in the Schedule is recorded")
        return section("12", "CCTS", [item("12.1", "Emission intensity", [entry])])
    told = at.told
    achieved = at.found and at.found.intensity
    entries = [
        given("Registration number in the Schedule", year.particulars.get("obligated_registration")),
        given("Target emission intensity, t CO2e/t", told["target_t_co2e_per_t"], told["grid_factor_source"]),
        given("Emission factor of bought electricity, t CO2/MWh", told["grid_factor_t_per_mwh"]),
        said("Achieved, t CO2e/t", achieved, 6),
        said(f"Certificates, t CO2e ({MODELLED})", at.credits, 3),
    ]
    blocks = [streams_table(at)]
    if at.found:
        blocks.append(steps("Emission intensity, step by step", achieved))
    return section("12", "CCTS", [item("12.1", "Emission intensity", entries)], blocks)


def said(label, step, decimals):
    return missing(label) if step is None else given(label, indian(step.value, decimals), step.formula)


def streams_table(at):
    rows = [[text(step.name), figure(step.value), text(step.formula)] for step in at.streams]
    foot = [text("Gate to gate"), figure(at.found.total.value), text("")] if at.found else None
    note = " ".join([RESTS, *([] if at.told["grid_factor_t_per_mwh"] else [NO_FACTOR])])
    columns = [column("Stream"), number_column("Emissions", "t CO2"), column("How")]
    return table("Emissions by stream", columns, rows, foot, note)
