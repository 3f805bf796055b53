"""The CCTS section of the energy statement: achieved emission intensity against the target. Pure.

Only for units with a registration number in the Schedule; unverified figures are labelled as modelled.
"""

from dataclasses import dataclass
from decimal import Decimal

from calculations.cbam.streams import SourceStream
from calculations.ccts.credits import MODELLED, carbon_credits
from calculations.ccts.intensity import BoughtEnergy, Intensity, bought_emissions, intensity, stream_emissions
from calculations.trace import Step
from core.number_format import indian
from reports.documents.blocks import column, figure, number_column, steps, table, text
from reports.documents.items import given, item, missing, not_applicable, section

NUMBERS = {
    *("activity_data", "net_calorific_value", "emission_factor", "carbon_content"),
    *("oxidation_factor", "biomass_fraction"),
}
NO_FACTOR = (
    "The emission factor of bought electricity that BEE fixed for the year is not entered: no intensity is worked out."
)
METHOD_NOTE = (
    "Fuels by activity data × NCV × EF × OF; bought electricity by the factor entered; unverified by a third party."
)


@dataclass(frozen=True)
class Position:
    """`result` and `credits` are None where their inputs are not entered."""

    registers: dict
    streams: tuple[Step, ...]
    result: Intensity | None
    credits: Step | None


def position(year) -> Position | None:
    """The position of a `PatReportYear`; None for units not in the Schedule."""
    registers = year.registers.get("ccts")
    if not registers:
        return None
    sources = [stream(row, registers["sources"].get(row["name"], {})) for row in registers["streams"]]
    bought = bought_electricity(year, registers)
    output = year.result.unit.production_t if year.result else None
    fuels = tuple(stream_emissions(source_stream) for source_stream in sources)
    if bought is None or not output or registers["left_out"]:
        return Position(registers, (*fuels, *([bought_emissions(bought)] if bought else [])), None, None)
    result = intensity(sources, [bought], output)
    target = registers["target_t_co2e_per_t"]
    certificates = carbon_credits(target and Decimal(target), result.intensity.value, output)
    return Position(registers, result.streams, result, certificates)


def stream(row, sources):
    values = {name: Decimal(value) if name in NUMBERS else value for name, value in row.items()}
    known = {name: value for name, value in values.items() if not name.endswith("_unit")}
    return SourceStream(**known, sources=tuple(sources.items()))


def bought_electricity(year, registers) -> BoughtEnergy | None:
    electricity = year.case.get("electricity", {})
    purchased, factor = electricity.get("purchased_kwh"), registers["grid_factor_t_per_mwh"]
    if purchased is None or factor is None:
        return None
    mwh = (purchased - (electricity.get("excluded_kwh") or 0)) / 1000
    source = f"entered: {registers['grid_factor_source']}"
    return BoughtEnergy("Bought electricity", mwh, "MWh", Decimal(factor), source)


def ccts_section(year):
    """Section 12."""
    ccts_position = position(year)
    if ccts_position is None:
        entry = not_applicable("Position", "no entry of the unit in the Schedule is recorded")
        return section("12", "CCTS", [item("12.1", "Emission intensity", [entry])])
    registers = ccts_position.registers
    achieved = ccts_position.result and ccts_position.result.intensity
    entries = [
        given("Registration number in the Schedule", year.particulars.get("obligated_registration")),
        given("Target emission intensity, t CO2e/t", registers["target_t_co2e_per_t"], registers["grid_factor_source"]),
        given("Emission factor of bought electricity, t CO2/MWh", registers["grid_factor_t_per_mwh"]),
        step_entry("Achieved, t CO2e/t", achieved, 6),
        step_entry(f"Certificates, t CO2e ({MODELLED})", ccts_position.credits, 3),
    ]
    blocks = [streams_table(ccts_position)]
    if ccts_position.result:
        blocks.append(steps("Emission intensity, step by step", achieved))
    return section("12", "CCTS", [item("12.1", "Emission intensity", entries)], blocks)


def step_entry(label, step, decimals):
    return missing(label) if step is None else given(label, indian(step.value, decimals), step.formula)


def streams_table(ccts_position):
    rows = [[text(step.name), figure(step.value), text(step.formula)] for step in ccts_position.streams]
    foot = [text("Gate to gate"), figure(ccts_position.result.total.value), text("")] if ccts_position.result else None
    note = " ".join([METHOD_NOTE, *([] if ccts_position.registers["grid_factor_t_per_mwh"] else [NO_FACTOR])])
    columns = [column("Stream"), number_column("Emissions", "t CO2"), column("How")]
    return table("Emissions by stream", columns, rows, foot, note)
