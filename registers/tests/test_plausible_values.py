"""Rows with values that cannot be, or need a reason: fuels, bills, generators, precursors."""

from datetime import date
from decimal import Decimal as D

import pytest
from django.core.exceptions import ValidationError

from registers import models
from registers.tests import model_factories as makers

pytestmark = pytest.mark.django_db
APRIL = date(2025, 4, 1)


def faults_of(row):
    try:
        row.full_clean()
    except ValidationError as error:
        return error.message_dict
    return {}


def fuel_use(factory, kind, **values):
    fuel = makers.FuelMaker(factory=factory, fuel_kind=kind)
    values = {"value_source": "supplier", **values}
    return models.FuelUse.register.new_row(factory, fuel=fuel, month=APRIL, **values)


@pytest.mark.parametrize(
    ("kind", "name", "value", "words"),
    [
        ("residual_fuel_oil", "ncv_gj_per_t", "60", "32.32 to 48.48 is possible"),
        ("residual_fuel_oil", "gcv_kcal_per_kg", "14000", "is possible"),
        ("residual_fuel_oil", "gcv_kcal_per_kg", "100500", "a digit too many"),
        ("other_bituminous_coal", "gcv_kcal_per_kg", "17.58", "MJ/kg"),
        ("other_bituminous_coal", "factor_t_per_tj", "94600", "kg/TJ"),
        ("natural_gas", "gcv_kcal_per_sm3", "38", "MJ/m³"),
        ("gas_diesel_oil", "density_kg_per_l", "2.9", "0.45 to 1.2 is possible"),
        ("gas_diesel_oil", "oxidation_percent", "0.99", "a fraction of one"),
    ],
)
def test_an_impossible_value_of_a_fuel_is_refused_also_with_a_remark(steel_forge, kind, name, value, words):
    row = fuel_use(steel_forge, kind, **{name: D(value), "remark": "as the supplier wrote"})
    assert words in faults_of(row)[name][0]


def test_an_unusual_value_needs_a_reason(steel_forge):
    row = fuel_use(steel_forge, "other_bituminous_coal", gcv_kcal_per_kg=D(2100))
    assert "give the reason in the remark" in faults_of(row)["gcv_kcal_per_kg"][0]
    row.remark = "washery rejects, laboratory report 14"
    assert faults_of(row) == {}


def test_a_standard_value_is_the_one_of_the_table(steel_forge):
    row = fuel_use(steel_forge, "residual_fuel_oil", ncv_gj_per_t=D("38.5"), value_source="standard", remark="x")
    assert "is 40.4 GJ/t ((EU) 2025/2547, Annex II G), not 38.5" in faults_of(row)["ncv_gj_per_t"][0]
    row.ncv_gj_per_t = D("40.4")
    assert faults_of(row) == {}


def bill(factory, **values):
    connection = makers.ConnectionMaker(factory=factory, contract_demand_kva=D(500))
    return models.ElectricityBill.register.new_row(factory, connection=connection, month=APRIL, **values)


def test_a_bill_beyond_its_demand_is_refused(steel_forge):
    faults = faults_of(bill(steel_forge, energy_kwh=D(1_234_560), demand_kva=D(410)))
    assert "418 % load factor" in faults["energy_kwh"][0]


def test_a_bill_of_two_months_is_held_against_its_days(steel_forge):
    row = bill(steel_forge, energy_kwh=D(420_000), demand_kva=D(410))
    assert "142 % load factor" in faults_of(row)["energy_kwh"][0]
    row.from_on, row.until_on = date(2025, 3, 1), date(2025, 4, 30)
    assert faults_of(row) == {}


def test_next_to_no_energy_for_a_demand_needs_a_reason(steel_forge):
    row = bill(steel_forge, energy_kwh=D(410))
    assert "load factor of 0.11 %" in faults_of(row)["energy_kwh"][0]
    row.remark = "the works stood still"
    assert faults_of(row) == {}


@pytest.mark.parametrize(("energy", "words"), [("123", "in MWh"), ("123456000", "in lakh, or the energy in Wh")])
def test_a_price_far_from_any_tariff_needs_a_reason(steel_forge, energy, words):
    row = bill(steel_forge, energy_kwh=D(energy), amount_rs=D(987_654))
    assert words in faults_of(row)["amount_rs"][0]


def test_a_generator_makes_no_more_than_its_rating(steel_forge):
    generator = makers.GeneratorMaker(factory=steel_forge, rated_kw=D(250))
    row = models.Generation.register.new_row(steel_forge, generator=generator, month=APRIL, generated_kwh=D(2_500_000))
    assert "more than 250 kW can make" in faults_of(row)["generated_kwh"][0]


@pytest.mark.parametrize(("value", "needs_reason"), [("99", False), ("0.0001", True)])
def test_embedded_emissions_of_a_supplier_are_plausible(steel_forge, value, needs_reason):
    row = makers.PrecursorSupplyMaker.build(
        factory=steel_forge, basis="actual", see_direct_t_per_t=D(value), verification_report="VR-1"
    )
    assert "see_direct_t_per_t" in faults_of(row)
    row.remark = "hydrogen route, verified"
    assert ("see_direct_t_per_t" in faults_of(row)) is not needs_reason
