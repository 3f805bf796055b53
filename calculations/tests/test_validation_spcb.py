"""Rules of a Form V: a sound one finds nothing, and each cause of rejection is found at its field."""

from decimal import Decimal as D

import pytest

from calculations.tests.faults import GONE, found_at, with_value
from calculations.validation import BLOCKS, WARNS, Case, findings_of

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
