"""The input of `manage.py calculate cbam` and of the what-if page: reading it strictly, and writing the figures."""

from datetime import date
from decimal import Decimal

from calculations import strict_json
from calculations.cbam import processes
from calculations.cbam.allocation import YearFactors
from calculations.cbam.attribution_file import attributed, shared, totals
from calculations.cbam.completed import completed
from calculations.cbam.energy_file import Units, electricity, measurable_heat, needs_factor, units
from calculations.cbam.figures import figures
from calculations.cbam.flows import WasteGas
from calculations.cbam.goods_file import check_contents, composition, free_allocation, good, of_the_year, prices
from calculations.cbam.installation import Emissions, Installation, calculate
from calculations.cbam.processes import OwnPrecursor, Process, ProcessCycle, PurchasedPrecursor
from calculations.cbam.stream_file import stream
from calculations.plausibility import GRID_FACTOR, MWH_PER_TONNE, SEE, refuse_impossible
from calculations.strict_json import Fault, Node, StructureError

__all__ = ["completed", "figures", "installation_of", "work_out"]

ZERO, ONE = Decimal(0), Decimal(1)


def installation_of(data: dict) -> Installation:
    """The installation a parsed file describes; a StructureError names every fault and its place."""
    return strict_json.read(data, installation)


def work_out(data: dict) -> Emissions:
    """The figures of a parsed file. Raises StructureError, also for a cycle of processes."""
    found = installation_of(data)
    try:
        return calculate(found)
    except ProcessCycle as error:
        place = [process.name for process in found.processes].index(error.names[0])
        raise StructureError([Fault(f"processes[{place}].own_precursors", str(error))]) from None


def installation(node: Node) -> Installation:
    heading = {key: node.text(key) for key in ("title", "source")}
    period, site = node.child("period"), node.child("installation")
    start_on, end_on = span(period) if period else (None, None)
    name, country = (site.text("name"), site.text("country")) if site else ("", "")
    if site:
        site.close()
    node.take("expected")  # what the file's author expects is not an input
    known, year = units(node.rows("energy_units")), free_allocation(node.child("free_allocation"))
    streams = tuple(stream(row) for row in node.rows("source_streams", required=True))
    entered = tuple(process(row, known, year) for row in node.rows("processes", required=True))
    entries = [shared(row) for row in node.rows("shared_emissions")]
    found = Installation(
        streams,
        attributed(node, entered, entries, totals(node.child("installation_totals")), known),
        tuple(good(row, year) for row in node.rows("goods", required=True)),
        energy_units=tuple(known.values()),
        year=year,
        prices=prices(node.child("prices"), year),
        name=name,
        country=country,
        start_on=start_on,
        end_on=end_on,
        **heading,
    )
    node.close()
    check_names(node, found)
    check_contents(node, found)
    return found


def span(node: Node) -> tuple[date | None, date | None]:
    start_on, end_on = node.day("start", required=True), node.day("end", required=True)
    if start_on and end_on and end_on < start_on:
        node.fault("end", "lies before the start.")
    node.close()
    return start_on, end_on


def process(node: Node, known: Units, year: YearFactors | None) -> Process:
    found = Process(
        node.text("name", required=True),
        node.text("category"),
        node.number("activity_level_t", required=True, above=ZERO, default=ONE),
        node.number("directly_attributable_emissions_t", required=True, default=ZERO),
        electricity(node.child("electricity"), known),
        measurable_heat(node.child("heat"), known),
        waste_gas(node.child("waste_gas")),
        tuple(purchased(row, year) for row in node.rows("purchased_precursors")),
        tuple(own(row) for row in node.rows("own_precursors")),
        composition(node),
        of_the_year(node, "benchmark_a_t_per_t", year),
    )
    node.close()
    return found


def waste_gas(node: Node | None) -> WasteGas:
    if node is None:
        return WasteGas()
    found = WasteGas(*(node.number(key, default=ZERO) for key in ("imported_tj", "exported_tj")))
    node.close()
    return found


def purchased(node: Node, year: YearFactors | None) -> PurchasedPrecursor:
    found = PurchasedPrecursor(
        node.text("name", required=True),
        node.number("mass_t", required=True, default=ZERO),
        node.number("see_direct", required=True, default=ZERO),
        node.number("electricity_mwh_per_t", default=ZERO),
        node.number("electricity_emission_factor", default=ZERO),
        node.choice("source", [processes.MEASURED, processes.DEFAULT], required=True),
        node.text("category"),
        of_the_year(node, "sefa_t_per_t", year),
        of_the_year(node, "benchmark_b_t_per_t", year),
    )
    if node.has("sefa_t_per_t") and node.has("benchmark_b_t_per_t"):
        node.fault("benchmark_b_t_per_t", "is not used where sefa_t_per_t stands; give one of them.")
    needs_factor(node, found.electricity_mwh_per_t, "electricity_emission_factor", "t CO2/MWh")
    refuse_impossible(node, "see_direct", found.see_direct, SEE)
    refuse_impossible(node, "electricity_mwh_per_t", found.electricity_mwh_per_t, MWH_PER_TONNE)
    refuse_impossible(node, "electricity_emission_factor", found.electricity_emission_factor, GRID_FACTOR)
    node.close()
    return found


def own(node: Node) -> OwnPrecursor:
    found = OwnPrecursor(node.text("process", required=True), node.number("mass_t", required=True, default=ZERO))
    node.close()
    return found


def check_names(node: Node, found: Installation) -> None:
    """Processes have names of their own; own precursors and goods name one of them."""
    names = {process.name for process in found.processes}
    seen: set[str] = set()
    for place, process in enumerate(found.processes):
        if process.name and process.name in seen:
            node.fault(f"processes[{place}].name", f"“{strict_json.shown(process.name)}” stands twice.")
        seen.add(process.name)
        for row, entry in enumerate(process.own):
            known_process(node, f"processes[{place}].own_precursors[{row}].process", entry.process, names)
    for place, made in enumerate(found.goods):
        known_process(node, f"goods[{place}].process", made.process, names)


def known_process(node: Node, place: str, name: str, names: set[str]) -> None:
    if name and name not in names:
        node.fault(place, f"“{strict_json.shown(name)}” is no process of this installation.")
