"""Rules of a CBAM report: a sound one finds nothing, and each common error is found at its field."""

from decimal import Decimal as D

import pytest

from calculations.cbam import json_input as cbam
from calculations.tests.faults import GONE, found_at, with_value
from calculations.tests.test_calculate import vector
from calculations.validation import BLOCKS, WARNS, Case, findings_of

STREAM = {
    "name": "Natural gas",
    "method": "combustion",
    "activity_data": D(1000),
    "unit": "1000Nm3",
    "net_calorific_value": D("36.2"),
    "net_calorific_value_unit": "GJ/1000Nm3",
    "emission_factor": D("56.1"),
    "emission_factor_unit": "tCO2/TJ",
}
STEEL = {
    "name": "Round bar",
    "category": "Iron or steel products",
    "cn_code": "72283069",
    "mass_t": D(12000),
    "see_direct": D("8.03"),
    "source": "default",
    "default": {"country": "India", "base": D("7.30"), "mark_up": D("0.10")},
}
CBAM = {
    "title": "Emissions report 2026",
    "period": {"start": "2026-01-01", "end": "2026-12-31", "months_present": 12},
    "operator": {"name": "Steel Forge", "registration_number": "U27100PN1998", "address": "Plot 4, Chakan, Pune"},
    "installation": {
        "name": "Steel Forge, Chakan",
        "country": "India",
        "address": "Plot 4, Chakan, Pune",
        "un_locode": "IN PNQ",
        "latitude": D("18.760612"),
        "longitude": D("73.863200"),
    },
    "source_streams": [STREAM],
    "processes": [
        {
            "name": "Forging",
            "category": "Iron or steel products",
            "activity_level_t": D(10000),
            "directly_attributable_emissions_t": D("2030.82"),
            "electricity": {"consumed_mwh": D(9000), "emission_factor": D("0.726")},
            "purchased_precursors": [STEEL],
            "production": {
                "made_t": D(10200),
                "scrap_t": D(200),
                "sold_t": D(9900),
                "opening_stock_t": D(100),
                "closing_stock_t": D(200),
            },
            "outsourced_steps": [{"name": "Galvanizing", "is_counted": True}],
        }
    ],
    "goods": [
        {
            "process": "Forging",
            "cn_code": "73261990",
            "name": "Flange blanks",
            "free_allocation": {"value": D("1.5"), "includes_precursors": True},
            "reported": {"see_direct": D("9.83908"), "default_share": D("0.979360")},
        }
    ],
    "monitoring_plan": {"title": "MP", "version": "2", "dated_on": "2025-12-01"},
    "meters": [{"name": "Gas meter", "calibrated_until": "2027-03-31"}],
}
STRUCTURE = {
    "processes": {
        "name",
        "category",
        "activity_level_t",
        "directly_attributable_emissions_t",
        "electricity",
        "own_precursors",
        "purchased_precursors",
    },
    "source_streams": set(STREAM) | {"biomass_fraction", "oxidation_factor"},
    "goods": {"process", "cn_code", "name"},
    "purchased_precursors": {"name", "category", "mass_t", "see_direct", "source"},
    "electricity": {"consumed_mwh", "emission_factor", "exported_mwh"},
}


def calculable(data, under=""):
    """The keys of the calculation file alone."""
    if isinstance(data, list):
        return [calculable(row, under) for row in data]
    if not isinstance(data, dict):
        return data
    known = STRUCTURE.get(under, {"source_streams", "processes", "goods"} if not under else set(data))
    return {key: calculable(value, key) for key, value in data.items() if key in known}


P, S, G = ("processes", 0), ("source_streams", 0), ("goods", 0)
PRE = (*P, "purchased_precursors", 0)


def cbam_findings(data, **more):
    return findings_of(
        "cbam", Case(data, cbam.work_out(calculable(data)), references={"cbam.grid.in": D("0.726")}, **more)
    )


def test_a_sound_cbam_report_finds_nothing():
    assert cbam_findings(CBAM, is_report=True) == []


PER_TONNE = {"unit": "t", "net_calorific_value_unit": "GJ/t"}
UNUSUAL_COAL = {
    **STREAM,
    **PER_TONNE,
    "name": "Coal",
    "net_calorific_value": D("9.5"),
    "emission_factor": D("94.6"),
    "activity_data": D(5),
}
CBAM_FAULTS = [
    ("CBAM-01", BLOCKS, (*G, "cn_code"), "732619", "goods[0].cn_code", "eight digits"),
    ("CBAM-01", BLOCKS, (*G, "cn_code"), "73251000", "goods[0].cn_code", "forged ones are 7326"),
    ("CBAM-01", BLOCKS, (*G, "cn_code"), "84839089", "goods[0].cn_code", "chapters 84"),
    ("CBAM-01", BLOCKS, (*PRE, "cn_code"), "72044990", "processes[0].purchased_precursors[0].cn_code", "Scrap counts"),
    ("CBAM-01b", WARNS, (*P, "category"), "Crude steel", "processes[0].category", "are Iron or steel products"),
    ("CBAM-02", BLOCKS, (*P, "activity_level_t"), D(10200), "processes[0].activity_level_t", "includes scrap"),
    ("CBAM-02", BLOCKS, (*P, "activity_level_t"), D(9900), "processes[0].activity_level_t", "what was sold"),
    ("CBAM-02", BLOCKS, (*P, "production", "closing_stock_t"), D(900), "processes[0].production", "stocks"),
    ("CBAM-03", BLOCKS, (*P, "purchased_precursors"), GONE, "processes[0].purchased_precursors", "no precursor"),
    ("CBAM-03", BLOCKS, (*PRE, "mass_t"), D(9000), "processes[0].purchased_precursors", "before any loss"),
    ("CBAM-03", WARNS, (*PRE, "mass_t"), D(10000), "processes[0].purchased_precursors", "after cutting"),
    (
        "CBAM-04",
        BLOCKS,
        (*P, "electricity", "consumed_mwh"),
        D(9_000_000),
        "processes[0].electricity.consumed_mwh",
        "kWh",
    ),
    (
        "CBAM-04",
        WARNS,
        (*P, "electricity", "emission_factor"),
        D("2.4"),
        "processes[0].electricity.emission_factor",
        "1.6 is usual",
    ),
    ("CBAM-04", BLOCKS, (*P, "electricity", "metered_in"), "kVAh", "processes[0].electricity.metered_in", "real power"),
    ("CBAM-04", WARNS, (*PRE, "see_direct"), D(25), "processes[0].purchased_precursors[0].see_direct", "20 is usual"),
    ("CBAM-04", WARNS, (*PRE, "see_direct"), D("0.0001"), "processes[0].purchased_precursors[0].see_direct", "usual"),
    ("CBAM-04", WARNS, (*S, "emission_factor"), D("68"), "source_streams[0].emission_factor", "natural gas"),
    (
        "CBAM-04",
        BLOCKS,
        (*P, "directly_attributable_emissions_t"),
        D(2_030_820),
        "processes[0].directly_attributable_emissions_t",
        "Is it in kg? That would be 0.20308",
    ),
    ("CBAM-05", BLOCKS, (*S, "calorific_basis"), "gross", "source_streams[0].calorific_basis", "net one"),
    ("CBAM-05", BLOCKS, (*S, "volume_conditions"), "15 °C", "source_streams[0].volume_conditions", "0 °C"),
    (
        "CBAM-05",
        WARNS,
        (*S, "net_calorific_value"),
        D("40.2"),
        "source_streams[0].net_calorific_value",
        "gross values begin",
    ),
    ("CBAM-05", WARNS, S, UNUSUAL_COAL, "source_streams[0].net_calorific_value", "10 to 33 is usual"),
    ("CBAM-06", WARNS, (*S, "oxidation_factor"), D("0.01"), "source_streams[0].oxidation_factor", "typed"),
    ("CBAM-07", BLOCKS, (*S, "biomass_fraction"), D("0.5"), "source_streams[0].biomass_fraction", "without proof"),
    ("CBAM-08", BLOCKS, (*S, "is_mobile"), True, "source_streams[0]", "excluded"),
    ("CBAM-08", WARNS, (*S, "name"), "Gas of the forklifts", "source_streams[0]", "sounds like"),
    ("CBAM-11", BLOCKS, (*P, "directly_attributable_emissions_t"), D(1900), "processes", "differ by 130.82"),
    ("CBAM-12", BLOCKS, ("period", "start"), "2026-04-01", "period", "calendar year"),
    ("CBAM-12", BLOCKS, ("period", "months_present"), 11, "period.months_present", "11 of 12"),
    ("CBAM-12", BLOCKS, ("rows_left_out",), 3, "rows_left_out", "3 imported rows"),
    ("CBAM-12", WARNS, ("source_streams",), [STREAM, STREAM], "source_streams[1]", "stands twice"),
    ("CBAM-13", BLOCKS, (*PRE, "source"), "measured", "processes[0].purchased_precursors[0].verification", "verifier"),
    ("CBAM-13", BLOCKS, (*PRE, "basis"), "EPD", "processes[0].purchased_precursors[0].basis", "EPD"),
    (
        "CBAM-14",
        BLOCKS,
        (*PRE, "default", "country"),
        GONE,
        "processes[0].purchased_precursors[0].default.country",
        "origin",
    ),
    ("CBAM-14", BLOCKS, (*PRE, "see_direct"), D("7.30"), "processes[0].purchased_precursors[0].see_direct", "missing"),
    ("CBAM-14", BLOCKS, (*PRE, "see_direct"), D("8.833"), "processes[0].purchased_precursors[0].see_direct", "twice"),
    ("CBAM-14", BLOCKS, (*PRE, "see_direct"), D("8.5"), "processes[0].purchased_precursors[0].see_direct", "edition"),
    ("CBAM-15", BLOCKS, (*G, "reported", "default_share"), D("0.2"), "goods[0].reported.default_share", "0.979"),
    ("CBAM-16", BLOCKS, (*G, "free_allocation"), GONE, "goods[0].free_allocation", "neither"),
    (
        "CBAM-16",
        BLOCKS,
        (*G, "free_allocation", "includes_precursors"),
        False,
        "goods[0].free_allocation.includes_precursors",
        "leaves out",
    ),
    ("CBAM-17", WARNS, (*G, "reported", "see_direct"), D("9.839079"), "goods[0].reported.see_direct", "five digits"),
    ("CBAM-09", BLOCKS, (*G, "reported", "see_indirect"), D("0.65"), "goods[0].reported.see_indirect", "not counted"),
    ("CBAM-18", BLOCKS, ("operator", "registration_number"), "", "operator.registration_number", "registration"),
    ("CBAM-18", BLOCKS, ("installation", "un_locode"), "PUNE", "installation.un_locode", "IN PNQ"),
    ("CBAM-18", BLOCKS, ("installation", "latitude"), GONE, "installation.latitude", "main emission source"),
    ("CBAM-18", BLOCKS, ("installation", "longitude"), D("273.863200"), "installation.longitude", "no longitude"),
    ("CBAM-18", WARNS, ("installation", "latitude"), D("18.76"), "installation.latitude", "six decimals"),
    ("CBAM-18", BLOCKS, ("operator", "address"), "चाकण, पुणे", "operator.address", "in English"),
    ("CBAM-19", BLOCKS, ("carbon_price",), {"net_paid": D(4), "certifier": "X"}, "carbon_price.proof", "proof"),
    ("CBAM-20", BLOCKS, ("title",), "Verified emissions 2026", "title", "Verified"),
    ("CBAM-21", WARNS, ("monitoring_plan", "version"), "", "monitoring_plan.version", "version"),
    ("CBAM-21", WARNS, ("meters", 0, "calibrated_until"), "2026-06-30", "meters[0].calibrated_until", "lapsed"),
    ("CBAM-21", WARNS, ("meters", 0, "calibrated_until"), "soon", "meters[0].calibrated_until", "no calibration"),
    ("CBAM-21", WARNS, (*S, "is_estimate"), True, "source_streams[0].estimate_method", "estimate"),
    ("CBAM-22", WARNS, (*P, "outsourced_steps"), GONE, "processes[0].outsourced_steps", "done outside"),
    (
        "CBAM-22",
        BLOCKS,
        (*P, "outsourced_steps", 0, "is_counted"),
        False,
        "processes[0].outsourced_steps[0]",
        "as made here",
    ),
]


@pytest.mark.parametrize(("rule", "severity", "path", "value", "place", "words"), CBAM_FAULTS)
def test_a_common_error_is_found_at_its_field(rule, severity, path, value, place, words):
    found = found_at(cbam_findings(with_value(CBAM, path, value), is_report=True), rule, place)
    assert found and found[0].severity == severity and words in found[0].sentence, found


CEMENT = {
    "period": {"start": "2026-01-01", "end": "2026-12-31"},
    "source_streams": [],
    "processes": [
        {
            "name": "Mill",
            "category": "Cement",
            "activity_level_t": D(100),
            "directly_attributable_emissions_t": D(0),
            "is_joint_process": True,
            "electricity": {"consumed_mwh": D(9), "emission_factor": D("0.726")},
        }
    ],
    "goods": [{"process": "Mill", "cn_code": "25232900", "name": "OPC"}],
}


@pytest.mark.parametrize(
    ("rule", "path", "value", "place", "words"),
    [
        ("CBAM-09", ("emission_factor",), D("0.7117"), "emission_factor", "0.726 for India"),
        ("CBAM-09", ("emission_factor",), D(0), "emission_factor", "no evidence"),
        ("CBAM-09", ("factor_source",), "REC", "emission_factor", "no evidence"),
        ("CBAM-10", ("consumed_mwh",), D(0), "consumed_mwh", "no electricity"),
    ],
)
def test_where_electricity_counts_its_factor_is_that_of_the_act(rule, path, value, place, words):
    data = with_value(CEMENT, ("processes", 0, "electricity", *path), value)
    found = found_at(cbam_findings(data), rule, f"processes[0].electricity.{place}")
    assert found and words in found[0].sentence


def test_an_actual_factor_with_its_evidence_stands():
    data = with_value(CEMENT, ("processes", 0, "electricity"), {"consumed_mwh": D(9), "emission_factor": D("0.1")})
    data = with_value(data, ("processes", 0, "electricity", "actual_factor_evidence"), "PPA, hourly smart meters")
    assert cbam_findings(data) == []


def test_pellets_need_their_electricity():
    pellets = {
        "name": "Pellets",
        "category": "Sintered ore",
        "mass_t": D(14000),
        "see_direct": D("0.29"),
        "source": "default",
    }
    found = cbam_findings(with_value(CBAM, (*P, "purchased_precursors"), [pellets]))
    assert found_at(found, "CBAM-10", "processes[0].purchased_precursors[0].electricity_mwh_per_t")


def test_a_generator_without_fuel_is_missed():
    data = with_value(CBAM, ("source_streams", 0, "name"), "Flue dust")
    found = cbam_findings({**data, "own_generation_mwh": D(12)})
    assert found_at(found, "CBAM-08", "own_generation_mwh")


def test_more_taken_than_made_is_found():
    data = with_value(vector("cbam-eaf-rolling"), ("processes", 1, "own_precursors", 0, "mass_t"), D(2_300_000))
    found = findings_of("cbam", Case(data, cbam.work_out(data)))
    assert found_at(found, "CBAM-11", "processes[0].activity_level_t")


def test_one_cn_code_of_two_processes_is_asked_for():
    data = with_value(CBAM, ("processes",), [CBAM["processes"][0], {**CBAM["processes"][0], "name": "Line 2"}])
    data["goods"].append({"process": "Line 2", "cn_code": "7326 19 90"})
    assert found_at(cbam_findings(data, is_report=True), "CBAM-17", "goods[1].process")[0].severity == BLOCKS


@pytest.mark.parametrize("name", ["cbam-screws", "cbam-eaf-rolling", "cbam-npk"])
def test_the_commissions_examples_are_sound(name):
    assert findings_of("cbam", Case(vector(name), cbam.work_out(vector(name)))) == []


def findings_on(data, **references):
    found = cbam.work_out(data)
    return findings_of("cbam", Case(cbam.completed(data, found), found, references=references))


def test_a_gas_that_no_good_counts_is_found():
    data = vector("cbam-primary-aluminium")
    assert findings_on(data) == []
    data = with_value(data, ("goods", 0, "cn_code"), "73181542")
    found = found_at(findings_on(data), "CBAM-01b", "source_streams[0]")
    assert found[0].severity == WARNS and "emits PFC" in found[0].sentence


def test_one_average_over_two_ranges_of_composition_is_found():
    place = ("processes", 1, "composition", 1, "clinker_t_per_t")
    data = with_value(vector("cbam-clinker-and-cement"), place, D("0.65"))
    assert findings_on(data) == []
    found = found_at(findings_on(with_value(data, place, D("0.64"))), "CBAM-17", "processes[1].composition")
    assert found[0].severity == BLOCKS and "0.64 to 0.75 t clinker/t" in found[0].sentence


def test_each_source_of_electricity_needs_the_factor_of_the_act_or_evidence():
    data = vector("cbam-heat-and-cogeneration")
    grid = {"cbam.grid.in": D("0.726")}
    assert findings_on(data, **grid) == []  # the turbine's factor is its own
    first = ("processes", 0, "electricity", "sources", 0)
    data = with_value(data, (*first, "emission_factor"), D("0.7117"))
    place = "processes[0].electricity.sources[0].emission_factor"
    assert "0.726 for India" in found_at(findings_on(data, **grid), "CBAM-09", place)[0].sentence
    assert findings_on(with_value(data, (*first, "evidence"), "PPA, hourly smart meters"), **grid) == []


def test_rules_see_what_was_worked_out_of_other_keys():
    data = with_value(vector("cbam-heat-and-cogeneration"), ("processes", 0, "activity_level_t"), D(1))
    found = found_at(findings_on(data), "CBAM-04", "processes[0].electricity.consumed_mwh")
    assert found and "12,600 MWh/t" in found[0].sentence
