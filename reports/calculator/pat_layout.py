"""A unit's energy worked out, as figures and tables of the what-if page."""

from calculations.pat.toe import KCAL_PER_MILLION_KCAL, KCAL_PER_TOE
from reports.calculator.layout import FigureCell, FigureTable

NO_PRODUCT = "no product entered"
NO_TARGET = "no target entered"


def figures(result):
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
    ]


def tables(result, on):
    energy_steps = [result.energy.electricity, *result.energy.heat.inputs, *result.energy.fuels]
    rows = [
        [
            step.name[:1].upper() + step.name[1:],
            FigureCell("", step.value / KCAL_PER_MILLION_KCAL, "million kcal"),
            FigureCell("", step.value / KCAL_PER_TOE, "toe"),
        ]
        for step in energy_steps
    ]
    return [FigureTable("Energy by source", ["Source", "Heat", "Oil equivalent"], rows)]


def traces(result):
    yield "Energy, gate to gate", result.energy.total
    for title, step in (
        ("Specific energy", result.specific.total),
        ("ESCerts", result.escerts),
        ("Carbon credits", result.carbon_credits),
    ):
        if step:
            yield title, step
