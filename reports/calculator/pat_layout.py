"""Calculated energy performance of a unit as figures and tables of the calculator page."""

from collections.abc import Iterator

from calculations.pat.json_input import Performance
from calculations.pat.toe import KCAL_PER_MILLION_KCAL, KCAL_PER_TOE
from calculations.trace import Step
from reports.calculator.layout import FigureCell, FigureTable

NO_PRODUCT = "no product entered"
NO_TARGET = "no target entered"


def figures(result) -> list:
    specific = result.specific
    return [
        FigureCell("Energy, gate to gate", result.energy.total_toe, "toe"),
        FigureCell("… in heat", result.energy.total.value / KCAL_PER_MILLION_KCAL, "million kcal"),
        FigureCell("Electricity", result.energy.electricity_toe, "toe"),
        FigureCell("Finished product", result.unit.production_t, "t"),
        FigureCell("Specific energy", specific.total_toe_per_t, "toe/t", 5, NO_PRODUCT),
        FigureCell("Electrical", specific.electrical_kwh_per_t, "kWh/t", 2, NO_PRODUCT),
        FigureCell("Thermal", specific.thermal_kcal_per_kg, "kcal/kg", 2, NO_PRODUCT),
        FigureCell("ESCerts, modelled, not issued", result.escerts and result.escerts.value, "toe", 3, NO_TARGET),
        FigureCell(
            "CCC, modelled, not issued", result.carbon_credits and result.carbon_credits.value, "t CO2e", 3, NO_TARGET
        ),
        *more_figures(result),
    ]


def more_figures(result: Performance) -> Iterator[FigureCell]:
    """Figures of optional inputs."""
    if plant := result.unit.electricity.captive_plant:
        yield FigureCell("Captive plant, gross heat rate", plant.gross_heat_rate.value, "kcal/kWh", 2)
        yield FigureCell("Captive plant, net heat rate", plant.net_heat_rate.value, "kcal/kWh", 2)
    if result.emissions:
        intensity = result.emissions.intensity
        yield FigureCell("Emissions, gate to gate", result.emissions.total.value, "t CO2e")
        yield FigureCell("Emission intensity", intensity and intensity.value, "t CO2e/t", 6, "no output entered")
    if result.unit.ccts and result.unit.ccts.average_price_rs is not None:
        due = result.compensation and result.compensation.value
        yield FigureCell("Environmental compensation", due, "₹", 2, NO_TARGET)


def tables(result, on) -> list:
    return [by_source(result), *([by_stream(result)] if result.emissions else [])]


def by_stream(result: Performance) -> FigureTable:
    rows = [[step.name, step.formula, FigureCell("", step.value, "t CO2e")] for step in result.emissions.streams]
    return FigureTable("Emissions by stream", ["Stream", "How", "Emissions"], rows)


def by_source(result: Performance) -> FigureTable:
    parts = [result.energy.electricity, *result.energy.heat.inputs, *result.energy.fuels]
    rows = [
        [
            step.name[:1].upper() + step.name[1:],
            FigureCell("", step.value / KCAL_PER_MILLION_KCAL, "million kcal"),
            FigureCell("", step.value / KCAL_PER_TOE, "toe"),
        ]
        for step in parts
    ]
    return FigureTable("Energy by source", ["Source", "Heat", "Oil equivalent"], rows)


def traces(result: Performance) -> Iterator[tuple[str, Step]]:
    plant = result.unit.electricity.captive_plant
    yield "Energy, gate to gate", result.energy.total
    for title, step in (
        ("Specific energy", result.specific.total),
        ("ESCerts", result.escerts),
        ("Carbon credits", result.carbon_credits),
        ("Emission intensity", result.emissions and result.emissions.intensity),
        ("Environmental compensation", result.compensation),
        ("Net heat rate of the captive plant", plant and plant.net_heat_rate),
    ):
        if step:
            yield title, step
