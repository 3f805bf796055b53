"""A unit's energy worked out, as figures and tables of the what-if page."""

from collections.abc import Iterator

from reports.calculations.pat.file import Performance
from reports.calculations.pat.toe import KCAL_PER_MILLION_KCAL, KCAL_PER_TOE
from reports.calculations.trace import Step
from reports.what_if.layout import Figure, Table

NO_PRODUCT = "no product entered"
NO_TARGET = "no target entered"


def figures(found):
    specific = found.specific
    return [
        Figure("Energy, gate to gate", found.energy.total_toe, "toe"),
        Figure("… in heat", found.energy.total.value / KCAL_PER_MILLION_KCAL, "million kcal"),
        Figure("Electricity", found.energy.electricity_toe, "toe"),
        Figure("Finished product", found.unit.production_t, "t"),
        Figure("Specific energy", specific.total_toe_per_t, "toe/t", 5, NO_PRODUCT),
        Figure("Electrical", specific.electrical_kwh_per_t, "kWh/t", 2, NO_PRODUCT),
        Figure("Thermal", specific.thermal_kcal_per_kg, "kcal/kg", 2, NO_PRODUCT),
        Figure("ESCerts, modelled, not issued", found.escerts and found.escerts.value, "toe", 3, NO_TARGET),
        Figure(
            "CCC, modelled, not issued", found.carbon_credits and found.carbon_credits.value, "t CO2e", 3, NO_TARGET
        ),
        *more_figures(found),
    ]


def more_figures(found: Performance) -> Iterator[Figure]:
    """Of what only some inputs hold."""
    if plant := found.unit.electricity.captive_plant:
        yield Figure("Captive plant, gross heat rate", plant.gross_heat_rate.value, "kcal/kWh", 2)
        yield Figure("Captive plant, net heat rate", plant.net_heat_rate.value, "kcal/kWh", 2)
    if found.emissions:
        intensity = found.emissions.intensity
        yield Figure("Emissions, gate to gate", found.emissions.total.value, "t CO2e")
        yield Figure("Emission intensity", intensity and intensity.value, "t CO2e/t", 6, "no output entered")
    if found.unit.ccts and found.unit.ccts.average_price_rs is not None:
        due = found.compensation and found.compensation.value
        yield Figure("Environmental compensation", due, "₹", 2, NO_TARGET)


def tables(found, on):
    return [by_source(found), *([by_stream(found)] if found.emissions else [])]


def by_stream(found: Performance) -> Table:
    rows = [[step.name, step.formula, Figure("", step.value, "t CO2e")] for step in found.emissions.streams]
    return Table("Emissions by stream", ["Stream", "How", "Emissions"], rows)


def by_source(found: Performance) -> Table:
    parts = [found.energy.electricity, *found.energy.heat.inputs, *found.energy.fuels]
    rows = [
        [
            step.name[:1].upper() + step.name[1:],
            Figure("", step.value / KCAL_PER_MILLION_KCAL, "million kcal"),
            Figure("", step.value / KCAL_PER_TOE, "toe"),
        ]
        for step in parts
    ]
    return Table("Energy by source", ["Source", "Heat", "Oil equivalent"], rows)


def traces(found: Performance) -> Iterator[tuple[str, Step]]:
    plant = found.unit.electricity.captive_plant
    yield "Energy, gate to gate", found.energy.total
    for title, step in (
        ("Specific energy", found.specific.total),
        ("ESCerts", found.escerts),
        ("Carbon credits", found.carbon_credits),
        ("Emission intensity", found.emissions and found.emissions.intensity),
        ("Environmental compensation", found.compensation),
        ("Net heat rate of the captive plant", plant and plant.net_heat_rate),
    ):
        if step:
            yield title, step
