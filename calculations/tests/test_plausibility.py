"""Plausible ranges: usual slips are named, impossible values refused, and ranges rest on the cited tables."""

import csv
from decimal import Decimal as D
from pathlib import Path

import pytest

from calculations import plausibility, strict_json
from calculations.cbam import json_input as cbam
from calculations.pat import json_input as pat
from calculations.plausibility import fuels, kind_named, ranges_of
from calculations.tests.faults import with_value
from calculations.tests.test_calculate import vector

OIL, COAL, DIESEL = (ranges_of(kind) for kind in ("residual_fuel_oil", "other_bituminous_coal", "gas_diesel_oil"))
LEDGER = Path(__file__).resolve().parents[2] / "registers" / "factors" / "data"


@pytest.mark.parametrize(
    ("value_range", "value", "slip"),
    [
        (COAL.factor_t_per_tj, "94600", "kg/TJ? That would be 94.6 t CO2/TJ"),
        (COAL.factor_t_per_tj, "0.0946", "t/GJ? That would be 94.6"),
        (COAL.gross_kcal_per_kg, "17.58", "MJ/kg or GJ/t? That would be 4,198.9 kcal/kg"),
        (OIL.gross_kcal_per_kg, "100500", "a digit too many? That would be 10,050"),
        (OIL.gross_kcal_per_kg, "14000", ""),
        (OIL.net_gj_per_t, "60", ""),
        (OIL.net_gj_per_t, "9650", "kcal/kg? That would be 40.403 GJ/t"),
        (DIESEL.density_kg_per_l, "832", "kg/m³? That would be 0.832 kg/L"),
        (plausibility.GRID_FACTOR, "711.7", "kg/MWh or g/kWh? That would be 0.7117"),
        (plausibility.SEE, "99", "kg CO2e per tonne? That would be 0.099"),
        (plausibility.MWH_PER_TONNE, "900", "kWh? That would be 0.9"),
        (plausibility.HEAT_RATE, "11300", "kJ/kWh? That would be 2,699"),
    ],
)
def test_an_impossible_value_is_named_with_its_likely_unit(value_range, value, slip):
    doubt = value_range.doubt(D(value))
    assert doubt.is_impossible
    assert slip in doubt.sentence if slip else "Is it in" not in doubt.sentence
    assert value_range.source in doubt.sentence


@pytest.mark.parametrize(
    ("value_range", "value"),
    [(OIL.net_gj_per_t, "36"), (COAL.net_gj_per_t, "34"), (plausibility.SEE, "0.0001"), (plausibility.SEE, "20.1")],
)
def test_an_unusual_value_is_possible(value_range, value):
    assert value_range.doubt(D(value)).is_impossible is False


@pytest.mark.parametrize("kind", fuels.STANDARD_NET)
def test_standard_values_are_usual(kind):
    ranges, gross = ranges_of(kind), fuels.standard_gross(kind)
    assert ranges.net_gj_per_t.doubt(fuels.STANDARD_NET[kind]) is None
    assert gross is None or ranges.gross_kcal_per_kg.doubt(gross) is None


@pytest.mark.parametrize("value", ["1e24", "9.87654321e-60", "123456789012345.678901234567890123", "-5e23"])
def test_an_enormous_value_is_written_all_the_same(value):
    assert plausibility.SEE.doubt(D(value)).sentence


def test_both_ends_belong_to_a_range():
    low, high = OIL.net_gj_per_t.usual
    assert OIL.net_gj_per_t.doubt(low) is None and OIL.net_gj_per_t.doubt(high) is None
    assert not OIL.net_gj_per_t.doubt(OIL.net_gj_per_t.hard[0]).is_impossible


def ledger(name):
    with (LEDGER / name).open(newline="") as file:
        return {row["key"]: D(row["value"]) for row in csv.DictReader(file)}


def test_standard_values_are_those_of_the_ledger():
    act, notification = ledger("eu-2025-2547.csv"), ledger("so-394e.csv")
    rows = {"lpg": "liquefied_petroleum_gases", "coke_oven_coke": "coke_oven_coke_and_lignite_coke"}
    rows |= {"biogas": "other_biogas"}
    for kind, value in fuels.STANDARD_NET.items():
        name = rows.get(kind, kind)
        assert act.get(f"fuel.ncv.{name}", act.get(f"biomass.ncv.{name}")) == value, kind
    names = {"gas_diesel_oil": "high_speed_diesel", "residual_fuel_oil": "furnace_oil", "naphtha": "furnace_oil"}
    names |= {"motor_gasoline": "petrol"}
    for kind, value in fuels.STANDARD_GROSS.items():
        assert notification[f"gcv.{names.get(kind, kind)}"] == value, kind
    for kind, (_name, _net, _margins, factor, _of_factor) in fuels.KINDS.items():
        assert act[f"fuel.ef.{rows.get(kind, kind)}"] == factor, kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Furnace oil, tank 2", "residual_fuel_oil"),
        ("HSD", "gas_diesel_oil"),
        ("Indian coal, grade G11", "other_bituminous_coal"),
        ("Sub-bituminous coal", "sub_bituminous_coal"),
        ("Coking coal", "coking_coal"),
        ("Pet coke", "petroleum_coke"),
        ("Coke", "coke_oven_coke"),
        ("Coke oven gas", ""),
        ("PNG", "natural_gas"),
        ("Diesel and natural gas", ""),  # of two kinds nothing is known
        ("Limestone", ""),
    ],
)
def test_a_free_name_speaks_of_a_kind_of_fuel(name, kind):
    assert kind_named(name) == kind


IMPOSSIBLE = [
    (cbam, "cbam-screws", ("processes", 0, "electricity", "emission_factor"), 833),
    (cbam, "cbam-screws", ("processes", 0, "purchased_precursors", 0, "see_direct"), 99),
    (pat, "pat-electricity-and-diesel", ("fuels", 0, "density_kg_per_l"), 832),
    (pat, "pat-electricity-and-diesel", ("fuels", 0, "gross_calorific_value_kcal_per_kg"), "17.58"),
    (pat, "pat-electricity-and-diesel", ("electricity", "excluded_kwh"), 10**12),
    (pat, "pat-electricity-and-diesel", ("electricity", "export_heat_rate_kcal_per_kwh"), "0.86"),
]


@pytest.mark.parametrize(("scheme", "example", "path", "value"), IMPOSSIBLE)
def test_a_calculation_refuses_what_is_impossible_at_its_place(scheme, example, path, value):
    data = with_value(vector(example), path, D(value))
    with pytest.raises(strict_json.StructureError) as refused:
        scheme.work_out(data)
    assert str(path[-1]) in refused.value.faults[0].place


def test_no_unit_gives_more_energy_than_it_takes():
    data = with_value(vector("pat-electricity-and-diesel"), ("electricity", "exported_kwh"), D(10**9))
    with pytest.raises(strict_json.StructureError, match="takes off more than came in and was made"):
        pat.work_out(data)


def test_zero_is_a_statement():
    data = with_value(vector("cbam-screws"), ("processes", 0, "purchased_precursors", 0, "see_direct"), D(0))
    assert cbam.work_out(data).goods
