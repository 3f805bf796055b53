"""A blank in one month costs nothing of what the other months have."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from registers.models import Fuel, FuelUse, Material, MaterialUse
from reports.gathering.registers import cbam_streams, fuels

D = Decimal
FUEL = Fuel(name="Furnace oil", fuel_kind="residual_fuel_oil", unit="t")


def consumption(**columns):
    """A month for each value; None is a blank."""
    months = zip(*columns.values(), strict=True)
    rows = [
        FuelUse(fuel=FUEL, month=date(2025, month, 1), used_process=10, **dict(zip(columns, values, strict=True)))
        for month, values in enumerate(months, start=4)
    ]
    return fuels.FuelConsumption(FUEL, None, rows)


class Tables:
    """The standard values, as FactorLog looks them up."""

    def __init__(self, **values):
        self.values = values

    def value(self, key):
        return self.values.get(key.split(".")[0])

    def citation_of(self, key):
        return "the table" if self.value(key) else ""


def test_a_blank_month_counts_with_the_standard_value_and_is_named():
    value, source = fuels.entered_or_standard(
        consumption(gcv_kcal_per_kg=[D(9000), None, D(9000), D(9000)]),
        "gcv_kcal_per_kg",
        "gcv.x",
        Tables(gcv=D(10_000)),
    )
    assert value == D(9250)
    assert source == "entered; blank in May 2025: the table"


def test_where_no_table_has_one_it_counts_with_the_mean_of_the_others():
    value, source = fuels.entered_or_standard(
        consumption(density_kg_per_l=[D("0.9"), None, D("0.8")]), "density_kg_per_l", "density.x", Tables()
    )
    assert (value, source) == (D("0.85"), "entered; blank in May 2025: the mean of the other months")


def test_months_without_consumption_are_no_blanks():
    found = consumption(ncv_gj_per_t=[D(40), None])
    found.rows[1].used_process = None
    assert fuels.entered_or_standard(found, "ncv_gj_per_t", "x", Tables(x=D(1))) == (D(40), "entered")


def test_nothing_entered_is_the_standard_value():
    found = consumption(ncv_gj_per_t=[None, None])
    assert fuels.entered_or_standard(found, "ncv_gj_per_t", "x", Tables(x=D(40))) == (D(40), "the table")


def test_a_factor_of_each_month_is_the_best_that_the_month_has():
    found = consumption(
        factor_t_per_tj=[D(80), None, None], carbon_t_per_t=[None, D("0.8"), None], ncv_gj_per_t=[D(40), D(40), None]
    )
    value, source = fuels.emission_factor(found, Tables(fuel=D("77.4")))
    by_carbon = fuels.month_factor(found.rows[1])
    assert value == (D(80) + by_carbon + D("77.4")) / 3
    assert source == "entered; blank in Jun 2025: the table"


def test_a_share_that_is_blank_in_a_month_is_the_cautious_one_there_only():
    assert fuels.share(consumption(biomass_percent=[D(100), None]), "biomass_percent", D(0)) == D("0.5")
    assert fuels.share(consumption(oxidation_percent=[D(98), None]), "oxidation_percent", D(1)) == D("0.99")


@pytest.mark.parametrize(("role", "name"), [("carbonate", "factor_t_per_t"), ("balance", "carbon_t_per_t")])
def test_a_material_with_one_blank_month_is_not_left_out(role, name):
    material = Material(name="Limestone", carbon_role=role, unit="t")
    rows = [
        MaterialUse(material=material, month=date(2025, month, 1), used=10, **{name: value})
        for month, value in ((4, D("0.44")), (5, None), (6, D("0.40")))
    ]
    left_out = []
    year = SimpleNamespace(sources={}, leave_out=lambda *words: left_out.append(words))
    row = cbam_streams.material_stream(year, material, rows)
    value = row.get("emission_factor", row.get("carbon_content"))
    assert (row["activity_data"], value, left_out) == (D(30), D("0.42"), [])
    assert "entered; blank in May 2025: the mean of the other months" in year.sources["Limestone"].values()
