"""Greenhouse gas emission intensity, gate to gate, by stream.

GEI Target Rules 2025, G.S.R. 739(E); BEE, Detailed Procedure for Compliance Mechanism: fuel emissions from activity
data × NCV × EF × OF or by carbon balance at 44/12, process emissions, and bought electricity and heat, over the
equivalent output.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from calculations.cbam import streams
from calculations.cbam.streams import MASS_BALANCE, SourceStream
from calculations.trace import Step, given, require, summed, worked_out

CLAUSE = "G.S.R. 739(E), 8 October 2025; BEE Detailed Procedure for Compliance Mechanism"
CO2_PER_C = Decimal(44) / Decimal(12)  # the carbon balance of the BEE procedure; 2025/2547 rounds to 3.664


@dataclass(frozen=True)
class BoughtEnergy:
    """Electricity in MWh and t CO2/MWh, or heat in TJ and t CO2/TJ: the factor BEE fixes for the compliance year."""

    name: str
    quantity: Decimal
    unit: str
    emission_factor: Decimal
    source: str = "entered"


@dataclass(frozen=True)
class Intensity:
    """t CO2e by stream and in all, and t CO2e/t of equivalent product; None where nothing was produced."""

    streams: tuple[Step, ...]
    total: Step
    intensity: Step | None


def intensity(
    sources: Iterable[SourceStream], bought: Iterable[BoughtEnergy], equivalent_output_t: Decimal
) -> Intensity:
    steps = (*(stream_emissions(stream) for stream in sources), *(bought_emissions(entry) for entry in bought))
    total = summed("Em", "emissions, gate to gate", "t CO2e", CLAUSE, steps, formula="" if steps else "0")
    if not equivalent_output_t:
        return Intensity(steps, total, None)
    output = given("Q_eq", "equivalent output", equivalent_output_t, "t")
    value = total.value / equivalent_output_t
    found = worked_out("GEI", "emission intensity", value, "t CO2e/t", "Em / Q_eq", CLAUSE, total, output)
    return Intensity(steps, total, found)


def bought_emissions(entry: BoughtEnergy) -> Step:
    inputs = (
        given("E", entry.name, entry.quantity, entry.unit),
        given("EF", f"emission factor of {entry.name}", entry.emission_factor, f"t CO2/{entry.unit}", entry.source),
    )
    return worked_out("Em", entry.name, entry.quantity * entry.emission_factor, "t CO2", "E × EF", CLAUSE, *inputs)


def stream_emissions(stream: SourceStream) -> Step:
    """t CO2e of a source stream; the carbon of a mass balance by BEE's ratio."""
    if stream.method == MASS_BALANCE:
        return carbon_balance(stream)
    return streams.emissions_of(stream).fossil


def carbon_balance(stream: SourceStream) -> Step:
    """M × C × 44/12, what leaves with a negative mass: together (M_in × C_in − M_out × C_out) × 44/12."""
    inputs = (
        streams.activity(stream),
        streams.value(stream, "carbon_content", "CC", "carbon content", "t C/t"),
        streams.value(stream, "biomass_fraction", "BF", "biomass fraction", "-"),
    )
    carbon_t = require(stream.activity_data) * require(stream.carbon_content)
    value = carbon_t * CO2_PER_C * (1 - stream.biomass_fraction)
    formula = "AD × CC × (44 / 12) × (1 − BF)"
    return worked_out("Em", stream.name, value, "t CO2", formula, CLAUSE, *inputs)
