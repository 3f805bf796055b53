"""Rules of a PAT statement: a sound one finds nothing, and each cause of rejection is found at its field."""

from decimal import Decimal as D

import pytest

from calculations.pat import json_input as pat
from calculations.tests.faults import GONE, found_at, with_value
from calculations.validation import BLOCKS, WARNS, Case, findings_of

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
WET_STEAM = [{"name": "Steam", "quantity_t": D(1), "enthalpy_kcal_per_kg": D(12)}]
DG = [{"name": "DG set", "kwh": D(1000), "heat_rate_kcal_per_kwh": D(2700)}]
PAT_FAULTS = [
    ("PAT-01", BLOCKS, ("texts",), {"remarks": "430 MTOE"}, "texts.remarks", "Write toe"),
    ("PAT-01", WARNS, ("products", 0, "quantity_t"), D(1), "products", "thousand times"),
    ("PAT-01", WARNS, ("products", 0, "quantity_t"), D(10**8), "products", "thousand times"),
    ("PAT-11", WARNS, (*F, "density_kg_per_l"), D("0.95"), "fuels[0].density_kg_per_l", "0.8 to 0.9 is usual"),
    ("PAT-11", WARNS, ("heat",), WET_STEAM, "heat[0].enthalpy_kcal_per_kg", "20 to 900 is usual"),
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
