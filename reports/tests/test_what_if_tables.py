"""Tables of the what-if page that only some inputs have, on the examples that have them."""

import json

import pytest

from reports.what_if import examples
from reports.what_if.layout import Figure
from reports.what_if.outcome import work_out

pytestmark = pytest.mark.django_db  # default values and the grid factor come from the ledger


def outcome_of(name):
    outcome = work_out(examples.offered()[name][0], examples.text_of(name))
    assert outcome.faults == []
    return outcome


def cells(outcome, title):
    """{first cell: {column: value, or the reason why there is none}} of a table."""
    table = next(table for table in outcome.tables if table.title == title)
    return {
        row[0]: {
            column: float(cell.value) if cell.value is not None else cell.missing
            for column, cell in zip(table.columns, row, strict=True)
            if isinstance(cell, Figure)
        }
        for row in table.rows
    }


def expected(name):
    return json.loads(examples.text_of(name))["expected"]


def near(value):
    return pytest.approx(value, abs=1e-5)


def test_energy_units_show_the_factor_of_what_they_make():
    found = cells(outcome_of("cbam-heat-and-cogeneration"), "Energy units")
    boiler, turbine, neighbour = expected("cbam-heat-and-cogeneration")["energy_units"]
    assert found["Boiler house"] == {"Heat": near(boiler["heat_t_co2_per_tj"]), "Electricity": "–"}
    assert found["Gas turbine"]["Electricity"] == near(turbine["electricity_t_co2_per_mwh"])
    assert found["Neighbour's steam"]["Heat"] == near(neighbour["heat_t_co2_per_tj"])


def test_compositions_show_the_functional_unit_and_the_tonne_of_the_good():
    outcome = outcome_of("cbam-clinker-and-cement")
    found = cells(outcome, "Per functional unit")["Portland pozzolana cement"]
    unit = expected("cbam-clinker-and-cement")["functional_units"][0]
    assert found["Content"] == near(0.73)
    assert found["Counts"] == near(unit["see_counted"])
    assert found["Per tonne of the good"] == near(unit["see_counted_per_t_of_composition"])
    goods = cells(outcome, "Specific embedded emissions, t CO2e per tonne")["Portland pozzolana cement"]
    assert goods["Counts since 2026"] == near(unit["see_counted"])


def test_an_obligation_stands_beside_that_by_default_values():
    outcome = outcome_of("cbam-wire-and-screws")
    found = cells(outcome, "Free allocation and what is left to pay for, t CO2e per tonne")["Screws"]
    row = expected("cbam-wire-and-screws")["obligations"][0]
    assert found["Free allocation"] == near(row["free_allocation"])
    assert found["Left to pay for"] == near(row["left"])
    assert found["Left by default"] == near(row["default_left"])
    assert found["In rupees"] == near(row["saving_rs"])
    assert {"Screws: left to pay for", "Screws: left to pay for by default values"} <= {t.title for t in outcome.traces}


def test_what_is_not_entered_is_said_and_not_guessed():
    data = json.loads(examples.text_of("cbam-wire-and-screws"))
    del data["processes"][0]["benchmark_a_t_per_t"], data["prices"], data["goods"][0]["default_value"]
    found = cells(work_out("cbam", json.dumps(data)), "Free allocation and what is left to pay for, t CO2e per tonne")
    assert found["Screws"]["Free allocation"] == found["Screws"]["Left to pay for"] == "not determined"
    assert found["Screws"]["Default value"] == "not entered"
    assert found["Screws"]["In rupees"] == "no prices"


def test_precursors_show_their_specific_mass():
    found = cells(outcome_of("cbam-wire-and-screws"), "Precursors")
    assert found["Wire rod"] == {"Mass": 21_000, "Specific mass, m_i": near(1.05)}
    assert found["Wire drawing"]["Specific mass, m_i"] == near(18 / 17)


def test_a_cn_code_of_several_processes_has_one_value():
    data = json.loads(examples.text_of("cbam-wire-and-screws"))
    data["goods"].append({"process": "Wire drawing", "cn_code": "73181542", "quantity_t": 300})
    found = cells(work_out("cbam", json.dumps(data)), "CN codes of several processes")
    assert found["73181542"]["Quantity"] == 400


def test_an_input_without_them_has_none_of_these_tables():
    titles = {table.title for table in outcome_of("cbam-npk").tables}
    assert not titles & {"Energy units", "Per functional unit", "CN codes of several processes"}
    assert not any(title.startswith("Free allocation") for title in titles)


def figures_of(name):
    return {figure.label: figure for figure in outcome_of(name).figures}


def test_a_captive_plant_shows_both_heat_rates():
    found = figures_of("pat-captive-plant")
    assert found["Captive plant, gross heat rate"].value == 3000
    assert float(found["Captive plant, net heat rate"].value) == near(3260.8695652)
    assert "PAT-03" not in {finding.rule for finding in outcome_of("pat-captive-plant").findings}


def test_emission_intensity_shows_its_streams_and_what_a_shortfall_costs():
    outcome = outcome_of("pat-ccts-emissions")
    found = figures_of("pat-ccts-emissions")
    values = expected("pat-ccts-emissions")
    assert float(found["Emission intensity"].value) == near(values["emission_intensity_t_co2e_per_t"])
    assert float(found["Environmental compensation"].value) == near(values["environmental_compensation_rs"])
    assert list(cells(outcome, "Emissions by stream")) == ["Coal", "Coke", "Metal", "Grid", "Steam"]
    assert {"Emission intensity", "Environmental compensation"} <= {trace.title for trace in outcome.traces}
    assert "Captive plant, gross heat rate" not in found


@pytest.mark.parametrize("name", sorted(examples.offered()))
def test_no_example_has_a_finding_that_blocks(name):
    assert [finding for finding in outcome_of(name).findings if finding.severity == "blocks"] == []
