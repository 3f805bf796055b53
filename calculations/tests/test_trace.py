"""Every step of a calculation can be followed by hand: its printed formula gives its value."""

import ast
import operator
import re
from decimal import Decimal as D
from pathlib import Path

import pytest

from calculations import strict_json
from calculations.cbam import json_input as cbam
from calculations.ccts.intensity import BoughtEnergy, intensity
from calculations.pat import json_input as pat
from calculations.trace import given, worked_out

VECTORS = sorted((Path(__file__).parent / "vectors").glob("*.json"))
OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


def by_hand(step):
    """The value of a step's formula with the values of its inputs in the places of their symbols."""
    if step.formula.startswith("Σ "):
        assert {entry.symbol for entry in step.inputs} <= {step.formula[2:]}
        return sum((entry.value for entry in step.inputs), D(0))
    text, values = step.formula, []
    for entry in sorted(step.inputs, key=lambda entry: -len(entry.symbol)):
        values.append(entry.value)
        same = sum(1 for other in step.inputs if other.symbol == entry.symbol)
        place = rf"(?<![\w,*]){re.escape(entry.symbol)}(?![\w,*])"
        text = re.sub(place, f"v{len(values) - 1}_", text, count=0 if same == 1 else 1)
    text = text.replace("×", "*").replace("−", "-")
    return evaluated(ast.parse(text, mode="eval").body, values)


def evaluated(node, values):
    match node:
        case ast.BinOp():
            return OPERATORS[type(node.op)](evaluated(node.left, values), evaluated(node.right, values))
        case ast.Constant():
            return D(str(node.value))
        case ast.Name():
            return values[int(node.id[1:-1])]
        case ast.Call(func=ast.Name(id="max" | "min" as name)):
            return {"max": max, "min": min}[name](evaluated(argument, values) for argument in node.args)
    raise AssertionError(ast.dump(node))


def traced(step):
    """Every step of a tree gives its value by hand, with unit and clause; what is given says where it is from."""
    for _, one in step.lines():
        assert all(isinstance(words, str) and words for words in (one.symbol, one.name, one.unit)), one
        if one.formula:
            assert abs(by_hand(one) - one.value) <= abs(one.value) * D("1e-24"), one.formula
            assert one.clause, one
        else:
            assert isinstance(one.source, str) and one.source, one
    return step


def traces_of(path):
    data = strict_json.parse(path.read_bytes())
    if path.stem.startswith("pat"):
        found = pat.work_out(data)
        return [found.energy.total, found.specific.total, found.escerts, found.carbon_credits]
    found = cbam.work_out(data)
    trees = [found.direct, found.biomass, found.fuel_input, found.indirect]
    for process in found.processes.values():
        trees += [process.see_direct, process.see_indirect, process.electricity_mwh_per_t, process.default_t_per_t]
    return trees


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_each_step_follows_from_its_inputs(path):
    steps = [step for tree in traces_of(path) if tree for _depth, step in tree.lines()]
    worked_out = [step for step in steps if step.formula]
    assert len(worked_out) >= 3
    for step in worked_out:
        value = by_hand(step)
        assert abs(value - step.value) <= abs(value) * D("1e-24"), (step.formula, value, step.value)
        assert step.clause and step.unit and step.name
    for step in steps:
        assert step.formula or step.source


def test_a_trace_is_frozen_as_text():
    found = cbam.work_out(strict_json.parse(VECTORS[0].read_bytes()))
    frozen = found.direct.frozen()
    assert frozen["value"].startswith("1037310")
    assert frozen["inputs"][0]["inputs"][0] == {
        "symbol": "AD",
        "name": "activity data",
        "value": "1255000",
        "unit": "t",
        "formula": "",
        "clause": "",
        "source": "entered",
        "inputs": [],
    }


def test_emission_intensity_is_traced_by_stream():
    found = intensity([], [BoughtEnergy("grid", D(1000), "MWh", D("0.7117"), "CEA V21.0")], D(500))
    assert found.intensity.value == D("1.4234")
    assert all(by_hand(step) == step.value for _, step in found.intensity.lines() if step.formula)


def test_a_chain_of_many_processes_stays_readable_and_quick():
    """Two own precursors a stage: a tree that repeated its branches would have 2³⁰⁰ of them."""
    chain = [{"name": "0", "activity_level_t": 1, "directly_attributable_emissions_t": 1}]
    for stage in range(1, 300):
        before = {"process": str(stage - 1), "mass_t": D("0.5")}
        chain.append(
            {
                "name": str(stage),
                "activity_level_t": 1,
                "directly_attributable_emissions_t": 1,
                "own_precursors": [before, before],
            }
        )
    found = cbam.work_out(
        {"source_streams": [], "processes": chain, "goods": [{"process": "299", "cn_code": "73181542"}]}
    )
    assert found.goods[0].process.see_direct.value == 300
    assert len(list(found.goods[0].process.see_direct.lines())) < 40


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("entered", "entered"), ("Own record, sum of 12 months", "entered"), ("Meter, read by a person", "measured"),
        ("Metered by a device, sum of 3 months", "measured"), ("Invoice, sum of 12 months; bills 2026.pdf", "invoice"),
        ("S.O. 394(E), 12 March 2007", "table"), ("table: 2025/2547 Annex II G, Table 1", "table"),
        ("Own or NABL laboratory; blank in Feb 2026: table 1", "laboratory"), ("Estimate", "estimate"),
        ("Supplier certificate", "supplier"), ("notification", "notified"), ("result above", "derived"),
    ],
)  # fmt: skip
def test_a_value_is_called_what_its_source_makes_it(source, kind):
    assert given("Q", "quantity", D(1), "t", source).kind == kind


def test_a_calculated_value_has_a_formula_and_no_kind():
    assert worked_out("E", "energy", D(1), "kcal", "Q × 1", "r.4").kind == ""
