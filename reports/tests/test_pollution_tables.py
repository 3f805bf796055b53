"""Tables of laboratory results: ambient air against its standards, and quantities a day of gases in ppm."""

import pytest

from reports.documents import pat_tables, spcb_pollution

STACK = {
    "point": "Stack 1",
    "point_what": "stack",
    "parameter": "SO₂",
    "parameter_key": "so2",
    "text": "100",
    "unit": "ppm",
    "unit_key": "ppm",
    "detection_limit": None,
    "oxygen_percent": None,
    "reference_oxygen_percent": None,
    "flow_nm3_per_h": "10000",
    "flow_m3_per_day": None,
    "limit": None,
    "low_limit": None,
    "limit_source": "",
    "reason": "",
    "laboratory": "Lab",
    "nabl_number": "TC-1",
    "report_number": "R-1",
    "sampled_on": "2026-05-01",
}


def span(*results, factors=()):
    return {
        "results": list(results),
        "factors": list(factors),
        "operating_days": "300",
        "operating_hours": "6000",
    }


def kg_per_day(**changes):
    table = spcb_pollution.pollutants(span({**STACK, **changes}), ("stack",), "(b) Air")
    return table["rows"][0][1], table["note"]


@pytest.mark.parametrize(("reference", "kg"), [("0", "57.166"), ("25", "52.406")])
def test_ppm_become_kilograms_a_day_at_the_laboratorys_temperature(reference, kg):
    """100 ppm SO2 are 285.830 mg/Nm³ at 0 °C and 262.03 at 25 °C; × 10,000 Nm³/h × 20 h/day."""
    cell, note = kg_per_day(reference_c=reference)
    assert f"{float(cell['value']):.3f}" == kg
    assert "molar mass" in note


@pytest.mark.parametrize("changes", [{}, {"reference_c": "15"}, {"reference_c": "0", "parameter_key": "other"}])
def test_ppm_without_a_known_gas_or_temperature_are_no_mass(changes):
    assert kg_per_day(**changes)[0] == {"text": "not provided", "is_missing": True}


def test_milligrams_are_taken_as_they_are():
    cell, note = kg_per_day(unit_key="mg/Nm3", unit="mg/Nm³")
    assert float(cell["value"]) == 20
    assert "molar mass" not in note


def ambient(*values, annual="60", daily="100"):
    rows = [
        {**STACK, "point_what": "ambient", "parameter_key": "pm10", "parameter": "PM10", "text": text, "unit": "µg/m³"}
        for text in values
    ]
    limits = [{"key": f"naaqs.pm10.{name}.general", "value": value} for name, value in (("annual", annual), ("24h", daily))]  # fmt: skip  # noqa: E501
    table = spcb_pollution.ambient_air(span(*rows, factors=limits if annual else ()))
    return dict(zip([column["label"] for column in table["columns"]], table["rows"][0], strict=True))


def test_ambient_air_stands_against_both_standards():
    row = ambient(*["90"] * 49, "120")
    assert row["Mean above it"]["text"] == "yes"
    assert row["At least 98 %"]["text"] == "yes"
    assert row["Two in a row above"]["text"] == "no"


def test_two_days_above_in_fifty_fail_the_98_per_cent():
    row = ambient(*["50"] * 48, "120", "120")
    assert row["Mean above it"]["text"] == "no"
    assert row["At least 98 %"]["text"] == "no"
    assert row["Two in a row above"]["text"] == "yes"


def test_without_a_standard_nothing_is_compared():
    row = ambient("90", annual=None)
    assert [row[name]["text"] for name in ("Mean above it", "At least 98 %", "Two in a row above")] == ["–"] * 3


class Year:
    def __init__(self, toe, threshold):
        self.is_whole, self.months = True, ""
        self.registers = {"threshold": threshold and {"value": threshold, "citation": "S.O. 1"}}
        self.result = type("Found", (), {"energy": type("Energy", (), {"total_toe": toe})})


@pytest.mark.parametrize(("threshold", "said"), [("20000", "yes"), ("20001", "no"), (None, "–")])
def test_the_threshold_of_designated_consumers_is_reached_or_not(threshold, said):
    row = pat_tables.threshold(Year(20_000, threshold))["rows"][0]
    assert row[3]["text"] == said
