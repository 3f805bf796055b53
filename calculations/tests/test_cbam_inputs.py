"""What a CBAM file may hold besides plain streams: measured gases, values in the place of others, obligations."""

from decimal import Decimal as D

import pytest

from calculations import strict_json
from calculations.cbam import json_input
from calculations.cbam import obligation as obligations
from calculations.tests.faults import GONE, with_value
from calculations.tests.test_calculate import vector
from calculations.tests.test_trace import traced

ALUMINIUM, ACID = "cbam-primary-aluminium", "cbam-nitric-acid"
CEMENT, HEAT, SCREWS = "cbam-clinker-and-cement", "cbam-heat-and-cogeneration", "cbam-wire-and-screws"
S = "source_streams"
SLOPE, PROCESSES, GOOD = (S, 0, "perfluorocarbons"), "processes", ("goods", 0)


def figures(name, path=None, value=None):
    data = vector(name) if path is None else with_value(vector(name), path, value)
    return json_input.figures(json_input.work_out(data))


def stream(**row):
    process = {"name": "P", "activity_level_t": 1, "directly_attributable_emissions_t": 0}
    goods = [{"process": "P", "cn_code": "73181542"}]
    return json_input.work_out(
        {"source_streams": [{"name": "S", **row}], "processes": [process], "goods": goods}
    ).streams[0]


def test_anode_effect_minutes_may_be_entered_as_they_are_recorded():
    minutes = {"anode_effect_minutes_per_cell_day": D(2)}
    parts = ("anode_effects_per_cell_day", "minutes_per_anode_effect")
    data = vector(ALUMINIUM)
    line = {key: value for key, value in data[S][0]["perfluorocarbons"].items() if key not in parts}
    data[S][0]["perfluorocarbons"] = line | minutes
    assert json_input.figures(json_input.work_out(data))["streams"][0] == figures(ALUMINIUM)["streams"][0]


def test_what_escapes_the_duct_is_added():
    caught = figures(ALUMINIUM, (*SLOPE, "collection_efficiency"), D(1))["streams"][0]["t_co2e"]
    assert abs(figures(ALUMINIUM)["streams"][0]["t_co2e"] * D("0.98") - caught) < D("1e-15")


def test_carbon_dioxide_may_be_measured_too_and_its_biomass_taken_off():
    hours = [{"concentration_g_per_nm3": D(100), "flue_gas_nm3": D(10**6)}]
    found = stream(
        method="continuous_measurement", measurement={"gas": "CO2", "hours": hours}, biomass_fraction=D("0.4")
    )
    assert (found.fossil.value, found.biomass.value, found.fossil.unit) == (60, 40, "t CO2e")
    traced(found.fossil)


def test_a_measured_stream_may_say_its_fuel():
    hours = [{"concentration_g_per_nm3": D(100), "flue_gas_nm3": D(10**6)}]
    fuel = {
        "activity_data": D(10),
        "unit": "t",
        "net_calorific_value": D(40),
        "net_calorific_value_unit": "GJ/t",
    }
    found = stream(method="continuous_measurement", measurement={"gas": "CO2", "hours": hours}, **fuel)
    assert found.energy.value == D("0.4")


COKE = {"activity_data": D(10), "unit": "t"}
NCV = {"net_calorific_value": D(28), "net_calorific_value_unit": "GJ/t"}


@pytest.mark.parametrize(
    ("row", "tonnes"),
    [
        ({"method": "combustion", **NCV, "carbon_content": D("0.7"), "carbon_content_unit": "tC/t"}, D("25.648")),
        ({"method": "process", "carbon_content": D("0.7"), "carbon_content_unit": "tC/t"}, D("25.648")),
        ({"method": "mass_balance", "emission_factor": D("2.5648"), "emission_factor_unit": "tCO2/t"}, D("25.648")),
        (
            {"method": "mass_balance", **NCV, "emission_factor": D("91.6"), "emission_factor_unit": "tCO2/TJ"},
            D("25.648"),
        ),
    ],
)
def test_a_factor_follows_from_carbon_and_carbon_from_a_factor(row, tonnes):
    """10 t of 0.7 t C/t are 25.648 t CO2 whichever way they are entered (Eq 8, 9, 13, 14)."""
    found = stream(**COKE, **row)
    assert abs(found.fossil.value - tonnes) < D("1e-20")
    traced(found.fossil)
    assert any("Eq" in step.clause and step.symbol in ("EF", "CC") for step in found.fossil.inputs)


def test_a_gas_has_its_carbon_per_normal_cubic_metre():
    gas = {"net_calorific_value": D(36), "net_calorific_value_unit": "GJ/1000Nm3"}
    content = {"carbon_content": D("0.55"), "carbon_content_unit": "tC/1000Nm3"}
    found = stream(method="combustion", activity_data=D(10), unit="1000Nm3", **gas, **content)
    assert abs(found.fossil.value - D("5.5") * D("3.664")) < D("1e-20")
    units = {step.symbol: step.unit for _, step in traced(found.fossil).lines()}
    assert (units["CC"], units["NCV"]) == ("t C/1000Nm3", "GJ/1000Nm3")


def test_a_factor_that_holds_more_carbon_than_there_can_be_is_refused():
    with pytest.raises(strict_json.StructureError, match="above 1"):
        stream(**COKE, method="mass_balance", emission_factor=D(4), emission_factor_unit="tCO2/t")


def test_dust_that_is_wholly_calcined_has_the_factor_of_clinker():
    dust = {"clinker_emission_factor": D("0.525"), "calcination": D(1)}
    found = stream(method="process", activity_data=D(1), unit="t", kiln_dust=dust)
    assert abs(found.fossil.value - D("0.525")) < D("1e-24")


def obligation(path=None, value=None):
    return figures(SCREWS, path, value)["obligations"][0]


@pytest.mark.parametrize(
    ("path", "missing"),
    [
        ((PROCESSES, 0, "purchased_precursors", 0, "benchmark_b_t_per_t"), "free_allocation"),
        ((PROCESSES, 0, "benchmark_a_t_per_t"), "free_allocation"),
        ((*GOOD, "benchmark_a_t_per_t"), "left"),
        ((*GOOD, "benchmark_b_t_per_t"), "default_left"),
        ((*GOOD, "default_value"), "default_see"),
        ((*GOOD, "quantity_t"), "saving_t"),
        (("prices",), "saving_rs"),
    ],
)
def test_what_is_not_entered_is_not_determined(path, missing):
    assert obligation()[missing] is not None
    assert obligation(path, GONE)[missing] is None


def test_a_good_without_a_benchmark_of_its_own_has_that_of_its_process():
    data = with_value(vector(SCREWS), (*GOOD, "benchmark_a_t_per_t"), GONE)
    data = with_value(data, (PROCESSES, 1, "benchmark_a_t_per_t"), D("0.038"))
    assert json_input.figures(json_input.work_out(data))["obligations"][0] == obligation()
    data = with_value(data, (*GOOD, "benchmark_a_t_per_t"), D("0.138"))
    more = (
        json_input.figures(json_input.work_out(data))["obligations"][0]["free_allocation"]
        - obligation()["free_allocation"]
    )
    assert more == D("0.975") * D("0.1")


def test_a_benchmark_says_where_it_is_from():
    found = obligations.obligations(json_input.work_out(vector(SCREWS)))[0]
    sources = {step.source for tree in (found.left, found.default_left) for _, step in tree.lines() if not step.formula}
    assert {"2025/2620, 7318", "2026; Directive 2003/87/EC, Art. 10a(1a)", "result of its own process"} <= sources
    own = next(step for _, step in found.left.lines() if step.symbol == "BM")
    assert (own.value, own.source) == (D("0.038"), "2025/2620, 7318")
    years = {step.source for _, step in found.left.lines() if step.symbol in ("CBAM_y", "CSCF_y")}
    assert years == {"2026; Directive 2003/87/EC, Art. 10a(1a)"}


def test_a_suppliers_verified_allocation_goes_before_column_b():
    data = with_value(vector(SCREWS), (PROCESSES, 0, "purchased_precursors", 0, "benchmark_b_t_per_t"), GONE)
    data = with_value(data, (PROCESSES, 0, "purchased_precursors", 0, "sefa_t_per_t"), D("1.2"))
    found = json_input.figures(json_input.work_out(data))["obligations"][0]["free_allocation"]
    wire = D("0.975") * D("0.05") + D(21) / 20 * D("1.2")
    assert abs(found - (D("0.975") * D("0.038") + D(18) / 17 * wire)) < D("1e-20")


def test_one_cn_code_of_two_processes_has_one_value_by_tonnes():
    data = vector(SCREWS)
    data["goods"].append({"process": "Wire drawing", "cn_code": "73181542", "quantity_t": D(300)})
    found = json_input.figures(json_input.work_out(data))
    screws, wire = (row["see_counted"] for row in found["obligations"])
    assert found["cn_codes"] == [
        {"cn_code": "73181542", "quantity_t": D(400), "see_counted": (100 * screws + 300 * wire) / 400}
    ]


def test_an_input_without_them_prints_no_keys_of_theirs():
    assert set(figures("cbam-screws")) == {
        "direct_emissions_t",
        "biomass_co2_t",
        "fuel_input_tj",
        "indirect_emissions_t",
        "streams",
        "goods",
    }


@pytest.mark.parametrize("name", [ALUMINIUM, ACID, CEMENT, HEAT, SCREWS])
def test_every_step_of_units_and_obligations_follows_from_its_inputs(name):
    found = json_input.work_out(vector(name))
    steps = [
        step
        for unit in found.installation.energy_units
        for step in (getattr(unit, "heat_factor", None), getattr(unit, "electricity_factor", None))
    ]
    for entry in obligations.obligations(found):
        steps += [entry.left, entry.default_left]
    for step in steps:
        if step is not None:
            traced(step)
