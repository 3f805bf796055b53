"""Reading what the carbon credits of a unit rest on: its intensity, entered or worked out of its emissions."""

from dataclasses import dataclass
from decimal import Decimal

from reports.calculations.cbam.stream_file import stream
from reports.calculations.cbam.streams import SourceStream
from reports.calculations.ccts.intensity import BoughtEnergy
from reports.calculations.structure import Node

ZERO = Decimal(0)
UNITS = ["MWh", "TJ"]


@dataclass(frozen=True)
class Intensity:
    """CCTS: the year's equivalent output in t, target and achieved intensity in t CO2e/t, ₹ a certificate.

    `achieved_t_co2e_per_t` is None where it follows from the emissions that are entered.
    """

    equivalent_output_t: Decimal
    target_t_co2e_per_t: Decimal | None
    achieved_t_co2e_per_t: Decimal | None
    average_price_rs: Decimal | None = None


@dataclass(frozen=True)
class CarbonSources:
    """Fuels and materials by source stream, bought electricity and heat; empty where the intensity is entered."""

    streams: tuple[SourceStream, ...] = ()
    bought: tuple[BoughtEnergy, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.streams or self.bought)


def carbon_sources(node: Node) -> CarbonSources:
    """Of the file's `source_streams` and `bought_energy`, which only the intensity under `ccts` uses."""
    found = CarbonSources(
        tuple(stream(row) for row in node.rows("source_streams")),
        tuple(bought_energy(row) for row in node.rows("bought_energy")),
    )
    for key in ("source_streams", "bought_energy"):
        if node.data.get(key) and not node.has("ccts"):
            node.fault(key, "is not used without ccts, the output to divide by.")
    return found


def bought_energy(node: Node) -> BoughtEnergy:
    name, unit = node.text("name", required=True), node.choice("unit", UNITS, required=True)
    quantity = node.number("quantity", required=True, default=ZERO)
    factor = node.number("emission_factor", required=True, default=ZERO)
    source = node.text("version", default="entered")  # of the source of its factor: the rules ask for one
    node.close()
    return BoughtEnergy(name, quantity, unit, factor, source)


def intensity(node: Node | None, sources: CarbonSources) -> Intensity | None:
    if node is None:
        return None
    is_worked_out = bool(sources)
    if is_worked_out and node.has("achieved_t_co2e_per_t"):
        node.fault("achieved_t_co2e_per_t", "is not used where source_streams or bought_energy stand.")
    found = Intensity(
        node.number("equivalent_output_t", required=True, default=ZERO),
        node.number("target_t_co2e_per_t"),
        node.number("achieved_t_co2e_per_t", required=not is_worked_out, default=None if is_worked_out else ZERO),
        node.number("average_price_rs", above=ZERO),
    )
    node.close()
    return found
