"""`manage.py calculate`: every figure of the examples, and input that cannot be calculated, by its place."""

import copy
import io
import json
import sys
from decimal import Decimal as D
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from calculations import strict_json
from calculations.cbam import json_input as cbam
from calculations.pat import json_input as pat

VECTORS = Path(__file__).parent / "vectors"
NAMES = sorted(path.stem for path in VECTORS.glob("*.json"))
SCHEMES = {"cbam": cbam, "pat": pat}


def vector(name):
    return strict_json.parse((VECTORS / f"{name}.json").read_bytes())


def calculated(scheme, data):
    return SCHEMES[scheme].figures(SCHEMES[scheme].work_out(data))


def differences(found, expected, place=""):
    """Where `found` differs from `expected` by more than 1e-6 of it, in every key that is expected."""
    if isinstance(expected, dict):
        for key, value in expected.items():
            yield from differences(found[key], value, f"{place}.{key}")
    elif isinstance(expected, list):
        assert len(found) == len(expected), place
        for row, value in enumerate(expected):
            yield from differences(found[row], value, f"{place}[{row}]")
    elif isinstance(expected, D) and expected:
        if abs(found - expected) > abs(expected) * D("1e-6"):
            yield place, found, expected
    elif isinstance(expected, D):
        if found not in (None, 0):
            yield place, found, expected
    elif found != expected:
        yield place, found, expected


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_of_an_example_comes_out(name):
    data = vector(name)
    assert list(differences(calculated(name.split("-")[0], data), data["expected"])) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_command_prints_the_figures_and_nothing_else(name, capsys):
    call_command("calculate", name.split("-")[0], str(VECTORS / f"{name}.json"))
    printed = json.loads(capsys.readouterr().out, parse_float=D, parse_int=D)
    assert list(differences(printed, vector(name)["expected"])) == []
    assert set(vector(name)["expected"]) <= set(printed)


def test_a_file_comes_by_standard_input_too(capsys, monkeypatch):
    sent = io.TextIOWrapper(io.BytesIO((VECTORS / "cbam-screws.json").read_bytes()))
    monkeypatch.setattr(sys, "stdin", sent)
    call_command("calculate", "cbam", "-")
    assert json.loads(capsys.readouterr().out)["direct_emissions_t"] == 4948.02


def test_what_the_operator_rounded_is_told_on_standard_error(capsys):
    call_command("calculate", "cbam", str(VECTORS / "cbam-eaf-rolling.json"))
    assert "differ by -0.209959 t CO2e" in capsys.readouterr().err


def test_a_fault_leaves_standard_output_empty(tmp_path, capsys):
    file = tmp_path / "wrong.json"
    file.write_text('{"processes": [], "goods": [], "source_streams": [], "proceses": 1}')
    with pytest.raises(CommandError, match="proceses: is not a key of this format; is processes meant"):
        call_command("calculate", "cbam", str(file))
    assert capsys.readouterr().out == ""


def test_a_file_that_is_not_there_is_named():
    with pytest.raises(CommandError, match=r"no-such-file\.json cannot be read"):
        call_command("calculate", "cbam", "no-such-file.json")


def changed(name, path, value):
    """A vector with one value set, or removed where `value` is GONE."""
    data = copy.deepcopy(vector(name))
    *steps, last = path
    target = data
    for step in steps:
        target = target[step]
    if value is GONE:
        del target[last]
    else:
        target[last] = value
    return data


GONE = object()
EAF, SCREWS, NPK = "cbam-eaf-rolling", "cbam-screws", "cbam-npk"
STREAM, PROCESS, PRECURSOR = ("source_streams", 0), ("processes", 0), ("processes", 0, "purchased_precursors", 0)
HOSTILE_CBAM = [
    (EAF, (*STREAM, "colour"), "blue", "source_streams[0].colour", "not a key"),
    (EAF, (*STREAM, "unit"), GONE, "source_streams[0].unit", "missing"),
    (EAF, (*STREAM, "unit"), "kg", "source_streams[0].unit", "not one of"),
    (EAF, (*STREAM, "unit"), "1000Nm3", "source_streams[0].net_calorific_value_unit", "does not fit"),
    (EAF, (*STREAM, "emission_factor_unit"), GONE, "source_streams[0].emission_factor_unit", "missing"),
    (EAF, (*STREAM, "emission_factor_unit"), "tCO2/t", "source_streams[0].emission_factor_unit", "does not fit"),
    (EAF, (*STREAM, "net_calorific_value_unit"), GONE, "source_streams[0].net_calorific_value_unit", "missing"),
    (EAF, (*STREAM, "net_calorific_value"), GONE, "source_streams[0].net_calorific_value", "needs it"),
    (EAF, (*STREAM, "carbon_content"), D("0.1"), "source_streams[0].carbon_content", "not used"),
    (EAF, (*STREAM, "conversion_factor"), D("0.9"), "source_streams[0].conversion_factor", "not used"),
    (EAF, (*STREAM, "oxidation_factor"), D("99"), "source_streams[0].oxidation_factor", "not be above 1"),
    (EAF, (*STREAM, "biomass_fraction"), D("15"), "source_streams[0].biomass_fraction", "not be above 1"),
    (EAF, (*STREAM, "activity_data"), D("-1"), "source_streams[0].activity_data", "below 0"),
    (EAF, (*STREAM, "activity_data"), "163806", "source_streams[0].activity_data", "must be a number"),
    (EAF, (*STREAM, "activity_data"), True, "source_streams[0].activity_data", "must be a number"),
    (EAF, (*STREAM, "activity_data"), D("1e999999"), "source_streams[0].activity_data", "out of range"),
    (EAF, (*STREAM, "activity_data"), D("NaN"), "source_streams[0].activity_data", "out of range"),
    (EAF, (*STREAM, "method"), "magic", "source_streams[0].method", "not one of"),
    (EAF, (*STREAM, "method"), GONE, "source_streams[0].method", "missing"),
    (EAF, ("source_streams", 1, "carbon_content"), D("81.9"), "source_streams[1].carbon_content", "above 1 t C/t"),
    (EAF, ("source_streams", 1, "carbon_content_unit"), GONE, "source_streams[1].carbon_content_unit", "missing"),
    (EAF, ("source_streams", 3, "activity_data"), D("-5"), "source_streams[3].activity_data", "below 0"),
    (EAF, (*PROCESS, "activity_level_t"), D("-1"), "processes[0].activity_level_t", "above 0"),
    (EAF, (*PROCESS, "activity_level_t"), D(0), "processes[0].activity_level_t", "above 0"),
    (EAF, (*PROCESS, "activity_level_t"), GONE, "processes[0].activity_level_t", "missing"),
    (EAF, (*PROCESS, "electricity", "emission_factor"), GONE, "processes[0].electricity.emission_factor", "missing"),
    (EAF, (*PROCESS, "heat"), {"imported_tj": D(3)}, "processes[0].heat.imported_emission_factor", "missing"),
    (EAF, (*PROCESS, "waste_gas"), {"imported": D(3)}, "processes[0].waste_gas.imported", "not a key"),
    (EAF, (*PRECURSOR, "mass_t"), D("-1"), "processes[0].purchased_precursors[0].mass_t", "below 0"),
    (EAF, (*PRECURSOR, "source"), GONE, "processes[0].purchased_precursors[0].source", "missing"),
    (EAF, (*PRECURSOR, "source"), "guess", "processes[0].purchased_precursors[0].source", "not one of"),
    (
        EAF,
        ("processes", 1, "own_precursors", 0, "process"),
        "Ghost",
        "processes[1].own_precursors[0].process",
        "no process",
    ),
    (EAF, ("processes", 1, "name"), "EAF incl. continuous casting", "processes[1].name", "stands twice"),
    (EAF, ("goods", 0, "process"), "Ghost", "goods[0].process", "no process"),
    (EAF, ("goods", 0, "cn_code"), D(72189911), "goods[0].cn_code", "must be a text"),
    (EAF, ("goods",), GONE, "goods", "missing"),
    (EAF, ("processes",), {"name": "one"}, "processes", "must be a list"),
    (EAF, ("processes", 0), "EAF", "processes[0]", "must be an object"),
    (EAF, ("period", "end"), "2022-01-01", "period.end", "before the start"),
    (EAF, ("period", "end"), "31.12.2023", "period.end", "not a date"),
    (SCREWS, (*PRECURSOR, "electricity_emission_factor"), GONE, "electricity_emission_factor", "missing"),
    (NPK, (*STREAM, "net_calorific_value_unit"), "GJ/t", "source_streams[0].net_calorific_value_unit", "does not fit"),
]


@pytest.mark.parametrize(("name", "path", "value", "place", "words"), HOSTILE_CBAM)
def test_a_cbam_input_that_cannot_be_calculated_names_the_place(name, path, value, place, words):
    with pytest.raises(strict_json.StructureError) as refused:
        cbam.work_out(changed(name, path, value))
    assert any(fault.place.endswith(place) and words in fault.sentence for fault in refused.value.faults), refused.value


DIESEL, NEWSPRINT, ESCERTS = "pat-electricity-and-diesel", "pat-newsprint-baseline", "pat-escerts-and-ccts"
CAPTIVE, CREDITS = "pat-captive-plant", "pat-ccts-emissions"
HOSTILE_PAT = [
    (DIESEL, ("electricity", "purchased_mwh"), D(1), "electricity.purchased_mwh", "is purchased_kwh meant"),
    (DIESEL, ("electricity", "purchased_kwh"), D(-1), "electricity.purchased_kwh", "below 0"),
    (DIESEL, ("electricity",), GONE, "electricity", "missing"),
    (DIESEL, ("fuels", 0, "unit"), GONE, "fuels[0].unit", "missing"),
    (DIESEL, ("fuels", 0, "unit"), "L", "fuels[0].unit", "not one of"),
    (DIESEL, ("fuels", 0, "density_kg_per_l"), GONE, "fuels[0].density_kg_per_l", "needs it"),
    (DIESEL, ("fuels", 0, "unit"), "Sm3", "fuels[0].gross_calorific_value_kcal_per_sm3", "needs it"),
    (DIESEL, ("fuels", 0, "unit"), "t", "fuels[0].density_kg_per_l", "not used"),
    (DIESEL, ("fuels", 0, "quantity"), D(-7565), "fuels[0].quantity", "below 0"),
    (NEWSPRINT, ("heat", 0, "enthalpy_kcal_per_kg"), GONE, "heat[0].enthalpy_kcal_per_kg", "missing"),
    (NEWSPRINT, ("products", 0, "quantity_t"), D(-1), "products[0].quantity_t", "below 0"),
    (NEWSPRINT, ("electricity", "own_generation", 0, "kwh"), GONE, "electricity.own_generation[0].kwh", "missing"),
    (ESCERTS, ("pat", "baseline_production_t"), GONE, "pat.baseline_production_t", "missing"),
    (ESCERTS, ("ccts", "equivalent_output_t"), D(-1), "ccts.equivalent_output_t", "below 0"),
    (ESCERTS, ("ccts", "achieved"), D(1), "ccts.achieved", "not a key"),
    (ESCERTS, ("ccts", "average_price_rs"), D(0), "ccts.average_price_rs", "above 0"),
    (ESCERTS, ("ccts", "achieved_t_co2e_per_t"), GONE, "ccts.achieved_t_co2e_per_t", "missing"),
    (ESCERTS, ("products", 0, "equivalence"), D(0), "products[0].equivalence", "above 0"),
    (CAPTIVE, ("electricity", "captive_plant", "fuel_kcal"), GONE, "electricity.captive_plant.fuel_kcal", "missing"),
    (CAPTIVE, ("electricity", "captive_plant", "generated_kwh"), D(0), "captive_plant.generated_kwh", "above 0"),
    (CAPTIVE, ("electricity", "captive_plant", "auxiliary_share"), D(8), "captive_plant.auxiliary_share", "above 0.99"),
    (
        CAPTIVE,
        ("electricity", "export_heat_rate_kcal_per_kwh"),
        D(860),
        "electricity.export_heat_rate_kcal_per_kwh",
        "not used where captive_plant",
    ),
    (CREDITS, ("ccts", "achieved_t_co2e_per_t"), D(1), "ccts.achieved_t_co2e_per_t", "not used where source_streams"),
    (CREDITS, ("ccts",), GONE, "source_streams", "not used without ccts"),
    (CREDITS, ("ccts",), GONE, "bought_energy", "not used without ccts"),
    (CREDITS, ("bought_energy", 0, "unit"), "kWh", "bought_energy[0].unit", "not one of"),
    (CREDITS, ("bought_energy", 0, "emission_factor"), GONE, "bought_energy[0].emission_factor", "missing"),
    (CREDITS, ("source_streams", 1, "carbon_content_unit"), GONE, "source_streams[1].carbon_content_unit", "missing"),
]


@pytest.mark.parametrize(("name", "path", "value", "place", "words"), HOSTILE_PAT)
def test_a_pat_input_that_cannot_be_calculated_names_the_place(name, path, value, place, words):
    with pytest.raises(strict_json.StructureError) as refused:
        pat.work_out(changed(name, path, value))
    assert any(fault.place.endswith(place) and words in fault.sentence for fault in refused.value.faults), refused.value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "line 1"),
        (b"{", "line 1"),
        (b"[]", "must be an object"),
        (b'{"goods": NaN}', "NaN"),
        (b'{"goods": [], "goods": []}', "stands twice"),
        (b"\xff\xfe", "UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (rb'{"title": "\ud800"}', "half a character"),
        (rb'{"\ud800": 1}', "half a character"),
        (b'{"source_streams": [], "processes": [], "goods": [], "title": 1%s}' % (b"0" * 5000), "title"),
    ],
)
def test_text_that_is_no_input_is_refused_in_words(text, words):
    with pytest.raises(strict_json.StructureError) as refused:
        cbam.work_out(strict_json.parse(text))
    assert words in str(refused.value)


def test_all_faults_are_told_in_one_go():
    data = changed(EAF, (*STREAM, "unit"), GONE)
    data["processes"][0]["activity_level_t"] = D(-1)
    with pytest.raises(strict_json.StructureError) as refused:
        cbam.work_out(data)
    assert len(refused.value.faults) == 2


def test_a_cycle_of_precursors_is_an_error_that_names_it():
    data = changed(EAF, ("processes", 0, "own_precursors"), [{"process": "Rolling mill and finishing", "mass_t": D(1)}])
    circle = r"Rolling mill and finishing → EAF incl\. continuous casting"
    with pytest.raises(strict_json.StructureError, match=circle) as refused:
        cbam.work_out(data)
    first = refused.value.faults[0].sentence.split("each other: ")[1].split(" → ")[0]  # the place is that of the first
    place = [row["name"] for row in data["processes"]].index(first)
    assert [fault.place for fault in refused.value.faults] == [f"processes[{place}].own_precursors"]


def test_a_process_cannot_feed_itself():
    data = changed(EAF, ("processes", 1, "own_precursors", 0, "process"), "Rolling mill and finishing")
    with pytest.raises(strict_json.StructureError, match="precursors of each other"):
        cbam.work_out(data)
