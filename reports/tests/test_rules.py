"""Validation rules: a sound report finds nothing, and each fault is found by its rule at its field."""

import copy
from decimal import Decimal as D

import pytest

from reports.calculations.cbam import file as cbam
from reports.calculations.pat import file as pat
from reports.calculations.rules import BLOCKS, RULES, WARNS, Case, findings_of
from reports.tests.test_calculate import vector

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


def with_value(data, path, value):
    changed = copy.deepcopy(data)
    *steps, last = path
    target = changed
    for step in steps:
        target = target.setdefault(step, {}) if isinstance(target, dict) else target[step]
    if value is GONE:
        del target[last]
    else:
        target[last] = value
    return changed


GONE = object()
P, S, G = ("processes", 0), ("source_streams", 0), ("goods", 0)
PRE = (*P, "purchased_precursors", 0)


def cbam_findings(data, **more):
    return findings_of(
        "cbam", Case(data, cbam.work_out(calculable(data)), references={"cbam.grid.in": D("0.726")}, **more)
    )


def test_a_sound_cbam_report_finds_nothing():
    assert cbam_findings(CBAM, is_report=True) == []


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
        WARNS,
        (*P, "electricity", "consumed_mwh"),
        D(9_000_000),
        "processes[0].electricity.consumed_mwh",
        "kWh",
    ),
    (
        "CBAM-04",
        WARNS,
        (*P, "electricity", "emission_factor"),
        D(726),
        "processes[0].electricity.emission_factor",
        "kg",
    ),
    ("CBAM-04", BLOCKS, (*P, "electricity", "metered_in"), "kVAh", "processes[0].electricity.metered_in", "real power"),
    ("CBAM-04", WARNS, (*PRE, "see_direct"), D(8030), "processes[0].purchased_precursors[0].see_direct", "kg"),
    ("CBAM-05", BLOCKS, (*S, "calorific_basis"), "gross", "source_streams[0].calorific_basis", "net one"),
    ("CBAM-05", BLOCKS, (*S, "volume_conditions"), "15 °C", "source_streams[0].volume_conditions", "0 °C"),
    ("CBAM-05", WARNS, (*S, "net_calorific_value"), D("40.2"), "source_streams[0].net_calorific_value", "gross"),
    ("CBAM-05", WARNS, (*S, "net_calorific_value"), D("0.0362"), "source_streams[0].net_calorific_value", "TJ"),
    ("CBAM-06", WARNS, (*S, "oxidation_factor"), D("0.01"), "source_streams[0].oxidation_factor", "typed"),
    ("CBAM-07", BLOCKS, (*S, "biomass_fraction"), D("0.5"), "source_streams[0].biomass_fraction", "without proof"),
    ("CBAM-08", BLOCKS, (*S, "is_mobile"), True, "source_streams[0]", "excluded"),
    ("CBAM-08", WARNS, (*S, "name"), "Diesel for forklifts", "source_streams[0]", "sounds like"),
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


def found_at(findings, rule, place):
    return [finding for finding in findings if (finding.rule, finding.place) == (rule, place)]


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
    data = with_value(CBAM, ("source_streams", 0, "name"), "Wood")
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


PAT = {
    "period": {"start": "2025-04-01", "end": "2026-03-31"},
    "unit": {"registration_number": "FORGE001", "ccts_registration_number": "X"},
    "electricity": {"purchased_kwh": D(5_000_000), "exported_kwh": D(0), "excluded_kwh": D(0)},
    "fuels": [
        {
            "name": "High speed diesel",
            "quantity": D(20),
            "unit": "kL",
            "density_kg_per_l": D("0.8263"),
            "gross_calorific_value_kcal_per_kg": D(11840),
        }
    ],
    "products": [
        {
            "name": "Forgings",
            "quantity_t": D(10000),
            "dispatched_t": D(9900),
            "opening_stock_t": D(100),
            "closing_stock_t": D(200),
        }
    ],
    "pat": {"baseline_production_t": D(9500), "target_sec_toe_per_t": D("0.43")},
    "ccts": {"equivalent_output_t": D(10000), "target_t_co2e_per_t": D(1), "achieved_t_co2e_per_t": D(1)},
    "monitoring_plan": {"dated_on": "2025-03-01"},
    "bought_energy": [{"name": "Grid", "unit": "MWh", "emission_factor": D("0.7117"), "version": "CEA 21.0"}],
    "meters": [{"name": "Main", "calibrated_until": "2026-12-31"}],
}
F = ("fuels", 0)
DG = [{"name": "DG set", "kwh": D(1000), "heat_rate_kcal_per_kwh": D(2700)}]
PAT_FAULTS = [
    ("PAT-01", BLOCKS, ("texts",), {"remarks": "430 MTOE"}, "texts.remarks", "Write toe"),
    ("PAT-01", WARNS, ("products", 0, "quantity_t"), D(1), "products", "thousand times"),
    ("PAT-02", BLOCKS, ("electricity", "own_generation"), DG, "electricity.own_generation[0]", "only the fuel"),
    ("PAT-02", WARNS, ("electricity", "excluded_kwh"), GONE, "electricity.excluded_kwh", "colony"),
    ("PAT-03", WARNS, ("electricity", "exported_kwh"), D(9), "electricity.export_heat_rate_kcal_per_kwh", "860"),
    (
        "PAT-03",
        WARNS,
        ("electricity", "own_generation"),
        [{**DG[0], "heat_rate_kcal_per_kwh": D(860)}],
        "electricity.own_generation[0].heat_rate_kcal_per_kwh",
        "no generator",
    ),
    ("PAT-04", BLOCKS, (*F, "calorific_basis"), "net", "fuels[0].calorific_basis", "gross"),
    (
        "PAT-04",
        WARNS,
        (*F, "gross_calorific_value_kcal_per_kg"),
        D(10200),
        "fuels[0].gross_calorific_value_kcal_per_kg",
        "is it net",
    ),
    ("PAT-05", BLOCKS, ("products", 0, "is_intermediate"), True, "products[0]", "intermediate"),
    ("PAT-05", BLOCKS, ("products", 0, "closing_stock_t"), D(0), "products[0].quantity_t", "9800"),
    ("PAT-06", WARNS, ("pat", "baseline_production_t"), D(10000), "pat.baseline_production_t", "notified"),
    ("PAT-06", BLOCKS, ("ccts", "equivalent_output_t"), D(9500), "ccts.equivalent_output_t", "the year's output"),
    ("PAT-07", BLOCKS, ("bought_energy", 0, "version"), "", "bought_energy[0].version", "no version"),
    (
        "PAT-07",
        BLOCKS,
        ("bought_energy", 0, "emission_factor"),
        D("0.82"),
        "bought_energy[0].emission_factor",
        "2008-09",
    ),
    ("PAT-08", WARNS, ("meters", 0, "calibrated_until"), "2025-12-31", "meters[0].calibrated_until", "lapsed"),
    ("PAT-08", BLOCKS, ("months_without_bill",), ["May 2025"], "months_without_bill", "May 2025"),
    ("PAT-09", BLOCKS, ("boundary_change",), {"what": "new press"}, "boundary_change.approval", "approval"),
    ("PAT-10", BLOCKS, ("unit", "registration_number"), "", "unit.registration_number", "voluntary"),
    ("PAT-10", BLOCKS, ("unit", "ccts_registration_number"), "", "unit.ccts_registration_number", "Schedule"),
    ("PAT-10", BLOCKS, ("texts",), {"remarks": "163 ESCerts earned"}, "texts.remarks", "modelled"),
]


def pat_findings(data):
    known = {"electricity", "fuels", "products", "pat", "ccts"}
    plain = {key: value for key, value in data.items() if key in known}
    fuel_keys = set(PAT["fuels"][0])
    plain["fuels"] = [{key: row[key] for key in row if key in fuel_keys} for row in plain["fuels"]]
    plain["products"] = [{key: row[key] for key in ("name", "quantity_t")} for row in plain["products"]]
    return findings_of("pat", Case(data, pat.work_out(plain), is_report=True))


def test_a_sound_pat_statement_finds_nothing():
    assert pat_findings(PAT) == []


@pytest.mark.parametrize(("rule", "severity", "path", "value", "place", "words"), PAT_FAULTS)
def test_a_cause_of_rejection_by_the_agency_is_found(rule, severity, path, value, place, words):
    found = found_at(pat_findings(with_value(PAT, path, value)), rule, place)
    assert found and found[0].severity == severity and words in found[0].sentence, found


def test_a_certificate_left_aside_and_mixed_moisture_are_found():
    data = with_value(PAT, (*F, "source"), "standard")
    data["fuels"][0] |= {"has_certificate": True, "moisture_basis": "as fired", "certificate_basis": "air dried"}
    places = {finding.place for finding in pat_findings(data) if finding.rule == "PAT-04"}
    assert places == {"fuels[0].source", "fuels[0].moisture_basis"}


SPCB = {
    "period": {"start": "2025-04-01", "end": "2026-03-31"},
    "addressee": "Maharashtra Pollution Control Board",
    "due_on": "2026-09-30",
    "made_on": "2026-08-01",
    "signatory": {"name": "Asha Kulkarni"},
    "unit": {
        "name": "Steel Forge",
        "address": "Pune",
        "occupier": "Asha Kulkarni",
        "industry_category": "Orange",
        "year_established": 1998,
    },
    "consents": [{"name": "CTO air", "number": "1/2024", "valid_until": None}],
    "products": [{"name": "Forgings", "actual_quantity": D(120), "consented_quantity": D(130), "unit": "t/day"}],
    "water": [{"name": "Borewell", "meter_opening": D(100), "meter_closing": D(400), "quantity_m3": D(300)}],
    "per_unit": [{"name": "Water", "previous": D(3), "current": D("2.5")}],
    "hazardous_waste": [
        {
            "name": "Used oil 5.1",
            "opening_t": D(1),
            "generated_t": D(4),
            "dispatched_t": D(3),
            "reused_t": D(0),
            "closing_t": D(2),
            "unit": "t",
            "manifests": [{"number": "F10/1", "quantity_t": D(3)}],
        }
    ],
    "laboratory_results": [
        {
            "name": "Stack 1",
            "medium": "stack",
            "parameter": "PM",
            "text": "120",
            "unit": "mg/Nm3",
            "is_combustion": True,
            "oxygen_pct": D(9),
            "normalised": D(150),
            "standard": D(150),
        }
    ],
    "gaps": [{"name": "Furnace", "start": "2025-06-01", "explanation": "relining"}],
}
L, W = ("laboratory_results", 0), ("hazardous_waste", 0)
SPCB_FAULTS = [
    ("SPCB-01", BLOCKS, ("products", 0, "actual_quantity"), D(131), "products[0].reason", "consented"),
    ("SPCB-01", BLOCKS, ("products", 0, "is_in_consent"), False, "products[0]", "does not stand"),
    ("SPCB-02", BLOCKS, (*W, "closing_t"), D(3), "hazardous_waste[0].closing_t", "is 2 t"),
    ("SPCB-02", BLOCKS, (*W, "manifests"), [], "hazardous_waste[0].dispatched_t", "0 t on manifests"),
    ("SPCB-02", BLOCKS, ("water", 0, "quantity_m3"), D(250), "water[0].quantity_m3", "moved by 300"),
    ("SPCB-03", WARNS, ("unit", "occupier"), "", "unit.occupier", "not entered"),
    ("SPCB-03", BLOCKS, ("consents", 0, "valid_until"), "2025-12-31", "consents[0].valid_until", "ran out"),
    ("SPCB-03", BLOCKS, ("consents", 0, "number"), "", "consents[0].number", "no number"),
    ("SPCB-04", BLOCKS, (*L, "unit"), "mg/L", "laboratory_results[0].unit", "mg/Nm³"),
    ("SPCB-04", BLOCKS, (*L, "text"), "0", "laboratory_results[0].text", "BDL"),
    ("SPCB-04", BLOCKS, (*L, "oxygen_pct"), GONE, "laboratory_results[0].oxygen_pct", "normalised"),
    ("SPCB-04", BLOCKS, (*W, "unit"), "drums", "hazardous_waste[0].unit", "t and kg"),
    ("SPCB-04", WARNS, ("per_unit", 0, "previous"), GONE, "per_unit[0].previous", "previous year"),
    ("SPCB-05", BLOCKS, (*L, "normalised"), D(165), "laboratory_results[0].reason", "10.0 % above"),
    ("SPCB-06", WARNS, ("gaps", 0, "explanation"), "", "gaps[0].explanation", "no explanation"),
    ("SPCB-07", BLOCKS, ("texts",), {"note": "our CPCB-compliant CEMS"}, "texts.note", "indicative"),
    (
        "SPCB-07",
        BLOCKS,
        ("exceedances",),
        [{"name": "MQ-135", "instrument_class": "INDICATIVE"}],
        "exceedances[0].instrument_class",
        "process alerts",
    ),
    ("SPCB-08", BLOCKS, ("addressee",), "CPCB, Delhi", "addressee", "State board"),
    ("SPCB-08", BLOCKS, ("addressee",), "", "addressee", "not entered"),
    ("SPCB-09", WARNS, ("made_on",), "2026-10-04", "made_on", "late"),
    ("SPCB-09", BLOCKS, ("signatory",), {}, "signatory.name", "Nobody"),
]


def test_a_sound_form_v_finds_nothing():
    assert findings_of("spcb", Case(SPCB, is_report=True)) == []


@pytest.mark.parametrize(("rule", "severity", "path", "value", "place", "words"), SPCB_FAULTS)
def test_a_cause_of_rejection_by_the_board_is_found(rule, severity, path, value, place, words):
    found = found_at(findings_of("spcb", Case(with_value(SPCB, path, value), is_report=True)), rule, place)
    assert found and found[0].severity == severity and words in found[0].sentence, found


def test_below_detection_has_no_variation():
    data = with_value(with_value(SPCB, (*L, "text"), "BDL"), (*L, "normalised"), GONE)
    assert findings_of("spcb", Case(data, is_report=True)) == []


def test_every_rule_is_told_by_some_test_here():
    """A rule that nothing above can make fail would be no rule."""
    told = {row[0] for row in [*CBAM_FAULTS, *PAT_FAULTS, *SPCB_FAULTS]} | {"CBAM-09", "CBAM-10"}
    assert told == {entry.id for rules in RULES.values() for entry in rules}


def test_ids_are_unique_and_the_22_common_errors_are_covered():
    ids = [entry.id for rules in RULES.values() for entry in rules]
    assert len(ids) == len(set(ids))
    covered = {entry.id[:7] for entry in RULES["cbam"]}
    assert covered == {f"CBAM-{number:02d}" for number in range(1, 23)}


def test_an_empty_case_is_judged_without_falling_over():
    for scheme in RULES:
        for is_report in (True, False):
            findings_of(scheme, Case({}, is_report=is_report))


def test_what_blocks_comes_first_and_is_frozen():
    data = with_value(with_value(CBAM, (*S, "name"), "Diesel for forklifts"), (*G, "cn_code"), "7326")
    found = cbam_findings(data)
    assert [finding.severity for finding in found] == sorted((f.severity for f in found), key=lambda s: s != BLOCKS)
    assert found[0].frozen()["rule"] == "CBAM-01"
