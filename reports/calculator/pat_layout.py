"""A unit's energy worked out, as figures and tables of the what-if page."""

from calculations.pat.toe import KCAL_PER_MILLION_KCAL, KCAL_PER_TOE
from reports.calculator.layout import Figure, Table

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
    ]


def tables(found, on):
    parts = [found.energy.electricity, *found.energy.heat.inputs, *found.energy.fuels]
    rows = [
        [
            step.name[:1].upper() + step.name[1:],
            Figure("", step.value / KCAL_PER_MILLION_KCAL, "million kcal"),
            Figure("", step.value / KCAL_PER_TOE, "toe"),
        ]
        for step in parts
    ]
    return [Table("Energy by source", ["Source", "Heat", "Oil equivalent"], rows)]


def traces(found):
    yield "Energy, gate to gate", found.energy.total
    for title, step in (
        ("Specific energy", found.specific.total),
        ("ESCerts", found.escerts),
        ("Carbon credits", found.carbon_credits),
    ):
        if step:
            yield title, step
