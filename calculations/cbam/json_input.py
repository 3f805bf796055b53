"""The input of `manage.py calculate cbam` and of the what-if page: reading it strictly, and writing the figures."""

from decimal import Decimal

from calculations import strict_json
from calculations.cbam import processes, streams
from calculations.cbam.flows import Electricity, Heat, WasteGas
from calculations.cbam.installation import Emissions, Good, Installation, calculate
from calculations.cbam.processes import OwnPrecursor, Process, ProcessCycle, PurchasedPrecursor
from calculations.cbam.streams import SourceStream
from calculations.strict_json import Fault, StructureError

ZERO, ONE = Decimal(0), Decimal(1)
UNITS = ["t", "1000Nm3"]
CALORIFIC_UNITS = {"t": "GJ/t", "1000Nm3": "GJ/1000Nm3"}
FACTOR_UNITS = {streams.COMBUSTION: "tCO2/TJ", streams.PROCESS: "tCO2/t"}
# Which numbers a method needs; another method's numbers beside them would be left out silently, so they are faults.
NEEDS = {
    streams.COMBUSTION: ["activity_data", "net_calorific_value", "emission_factor"],
    streams.PROCESS: ["activity_data", "emission_factor"],
    streams.MASS_BALANCE: ["activity_data", "carbon_content"],
    streams.DIRECT_ENTRY: ["emissions_t_co2e"],
}
ALIEN = {
    streams.COMBUSTION: ["carbon_content", "carbon_content_unit", "emissions_t_co2e"],
    streams.PROCESS: ["carbon_content", "carbon_content_unit", "emissions_t_co2e"],
    streams.MASS_BALANCE: ["emission_factor", "emission_factor_unit", "emissions_t_co2e"],
    streams.DIRECT_ENTRY: ["emission_factor", "emission_factor_unit", "carbon_content", "carbon_content_unit"],
}


def installation_of(data) -> Installation:
    """The installation a parsed file describes; a StructureError names every fault and its place."""
    return strict_json.read(data, installation)


def work_out(data) -> Emissions:
    """The figures of a parsed file. Raises StructureError, also for a cycle of processes."""
    found = installation_of(data)
    try:
        return calculate(found)
    except ProcessCycle as error:
        place = [process.name for process in found.processes].index(error.names[0])
        raise StructureError([Fault(f"processes[{place}].own_precursors", str(error))]) from None


def installation(node) -> Installation:
    heading = {key: node.text(key) for key in ("title", "source")}
    period, site = node.child("period"), node.child("installation")
    start_on, end_on = span(period) if period else (None, None)
    name, country = (site.text("name"), site.text("country")) if site else ("", "")
    if site:
        site.close()
    node.take("expected")  # what the file's author expects is not an input
    found = Installation(
        tuple(stream(row) for row in node.rows("source_streams", required=True)),
        tuple(process(row) for row in node.rows("processes", required=True)),
        tuple(good(row) for row in node.rows("goods", required=True)),
        name=name,
        country=country,
        start_on=start_on,
        end_on=end_on,
        **heading,
    )
    node.close()
    check_names(node, found)
    return found


def span(node):
    start_on, end_on = node.day("start", required=True), node.day("end", required=True)
    if start_on and end_on and end_on < start_on:
        node.fault("end", "lies before the start.")
    node.close()
    return start_on, end_on


def stream(node) -> SourceStream:
    name, method = node.text("name", required=True), node.choice("method", streams.METHODS, required=True)
    found = SourceStream(
        name,
        method,
        activity_data=activity(node, method),
        unit=unit_of(node),
        net_calorific_value=measured(node, "net_calorific_value"),
        emission_factor=measured(node, "emission_factor"),
        carbon_content=measured(node, "carbon_content"),
        oxidation_factor=node.fraction("oxidation_factor", ONE),
        conversion_factor=node.fraction("conversion_factor", ONE),
        biomass_fraction=node.fraction("biomass_fraction", ZERO),
        emissions_t_co2e=node.number("emissions_t_co2e"),
    )
    if method in NEEDS:
        check_method(node, method, found)
    node.close()
    return found


def activity(node, method):
    """Only what leaves a mass balance is negative."""
    return node.number("activity_data", least=None if method == streams.MASS_BALANCE else ZERO)


def unit_of(node):
    unit = node.choice("unit", UNITS)
    if node.has("activity_data") and not node.has("unit"):
        node.fault("unit", f"is missing: {' or '.join(UNITS)}.")
    return unit or "t"


def measured(node, key):
    """A number that must say its unit in `<key>_unit`."""
    value, unit = node.number(key), node.text(f"{key}_unit")
    if node.has(key) and not unit:
        node.fault(f"{key}_unit", "is missing.")
    return value


def check_method(node, method, found):
    for key in NEEDS[method]:
        if not node.has(key):
            node.fault(key, f"is missing; the method {method} needs it.")
    for key in ALIEN[method]:
        if node.has(key):
            node.fault(key, f"is not used by the method {method}.")
    check_shares(node, method, found)
    check_units(node, method, found)


def check_shares(node, method, found):
    """A factor that the method does not know would change nothing: it must be 1 (a biomass fraction 0)."""
    unused = {
        "oxidation_factor": method != streams.COMBUSTION and found.oxidation_factor != 1,
        "conversion_factor": method != streams.PROCESS and found.conversion_factor != 1,
        "biomass_fraction": method == streams.DIRECT_ENTRY and found.biomass_fraction != 0,
    }
    for key, is_unused in unused.items():
        if is_unused:
            node.fault(key, f"is not used by the method {method}.")


def check_units(node, method, found):
    if method in (streams.PROCESS, streams.MASS_BALANCE) and found.unit != "t":
        node.fault("unit", f"must be t with the method {method}.")
    if found.net_calorific_value is not None:
        same_unit(node, "net_calorific_value_unit", CALORIFIC_UNITS[found.unit if found.unit in UNITS else "t"])
        if not node.has("activity_data"):
            node.fault("activity_data", "is missing; a net calorific value counts with it.")
    if found.emission_factor is not None and method in FACTOR_UNITS:
        same_unit(node, "emission_factor_unit", FACTOR_UNITS[method])
    if found.carbon_content is not None:
        same_unit(node, "carbon_content_unit", "tC/t")
        if found.carbon_content > 1:
            node.fault("carbon_content", "must not be above 1 t C/t.")


def same_unit(node, key, expected):
    written = node.text(key)
    if written and written != expected:
        node.fault(key, f"“{strict_json.shown(written)}” does not fit; {expected} is expected here.")


def process(node) -> Process:
    found = Process(
        node.text("name", required=True),
        node.text("category"),
        node.number("activity_level_t", required=True, above=ZERO, default=ONE),
        node.number("directly_attributable_emissions_t", required=True, default=ZERO),
        electricity(node.child("electricity")),
        heat(node.child("heat")),
        waste_gas(node.child("waste_gas")),
        tuple(purchased(row) for row in node.rows("purchased_precursors")),
        tuple(own(row) for row in node.rows("own_precursors")),
    )
    node.close()
    return found


def electricity(node) -> Electricity:
    if node is None:
        return Electricity()
    found = Electricity(
        *(node.number(key, default=ZERO) for key in ("consumed_mwh", "emission_factor", "exported_mwh"))
    )
    needs_factor(node, found.consumed_mwh or found.exported_mwh, "emission_factor", "t CO2/MWh")
    node.close()
    return found


def heat(node) -> Heat:
    if node is None:
        return Heat()
    keys = ("imported_tj", "exported_tj", "imported_emission_factor", "exported_emission_factor")
    found = Heat(*(node.number(key, default=ZERO) for key in keys))
    needs_factor(node, found.imported_tj, "imported_emission_factor", "t CO2/TJ")
    needs_factor(node, found.exported_tj, "exported_emission_factor", "t CO2/TJ")
    node.close()
    return found


def needs_factor(node, quantity, key, unit):
    if quantity and not node.has(key):
        node.fault(key, f"is missing ({unit}).")


def waste_gas(node) -> WasteGas:
    if node is None:
        return WasteGas()
    found = WasteGas(*(node.number(key, default=ZERO) for key in ("imported_tj", "exported_tj")))
    node.close()
    return found


def purchased(node) -> PurchasedPrecursor:
    found = PurchasedPrecursor(
        node.text("name", required=True),
        node.number("mass_t", required=True, default=ZERO),
        node.number("see_direct", required=True, default=ZERO),
        node.number("electricity_mwh_per_t", default=ZERO),
        node.number("electricity_emission_factor", default=ZERO),
        node.choice("source", [processes.MEASURED, processes.DEFAULT], required=True),
        node.text("category"),
    )
    needs_factor(node, found.electricity_mwh_per_t, "electricity_emission_factor", "t CO2/MWh")
    node.close()
    return found


def own(node) -> OwnPrecursor:
    found = OwnPrecursor(node.text("process", required=True), node.number("mass_t", required=True, default=ZERO))
    node.close()
    return found


def good(node) -> Good:
    found = Good(node.text("process", required=True), node.text("cn_code", required=True), node.text("name"))
    node.close()
    return found


def check_names(node, found: Installation):
    """Processes have names of their own; own precursors and goods name one of them."""
    names = {process.name for process in found.processes}
    seen: set[str] = set()
    for place, process in enumerate(found.processes):
        if process.name and process.name in seen:
            node.fault(f"processes[{place}].name", f"“{strict_json.shown(process.name)}” stands twice.")
        seen.add(process.name)
        for row, entry in enumerate(process.own):
            known(node, f"processes[{place}].own_precursors[{row}].process", entry.process, names)
    for place, entry in enumerate(found.goods):
        known(node, f"goods[{place}].process", entry.process, names)


def known(node, place, name, names):
    if name and name not in names:
        node.fault(place, f"“{strict_json.shown(name)}” is no process of this installation.")


def figures(found: Emissions) -> dict:
    """The figures in the keys of the worked examples, as Decimals."""
    return {
        "direct_emissions_t": found.direct.value,
        "biomass_co2_t": found.biomass.value,
        "fuel_input_tj": found.fuel_input.value,
        "indirect_emissions_t": found.indirect.value,
        "streams": [{"name": entry.stream.name, "t_co2e": entry.fossil.value} for entry in found.streams],
        "goods": [good_figures(entry) for entry in found.goods],
    }


def good_figures(entry):
    return {
        "process": entry.good.process,
        "cn_code": entry.good.cn_code,
        "see_direct": entry.process.see_direct.value,
        "see_indirect": entry.process.see_indirect.value,
        "see_total": entry.process.see_total,
        "electricity_mwh_per_t": entry.process.electricity_mwh_per_t.value,
        "default_share": entry.process.default_share,
    }
