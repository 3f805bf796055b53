"""Energy units, heat and electricity of processes, and what is attributed from the whole installation, by hand."""

import copy
from decimal import Decimal as D

import pytest

from calculations import strict_json
from calculations.cbam import json_input
from calculations.tests.faults import GONE, with_value
from calculations.tests.test_calculate import vector
from calculations.tests.test_trace import by_hand, traced

ALUMINIUM, HEAT, SCREWS = "cbam-primary-aluminium", "cbam-heat-and-cogeneration", "cbam-wire-and-screws"
UNITS, PROCESSES = "energy_units", "processes"


def heat_of(name, kind="boiler", **unit):
    """t CO2/TJ of one energy unit."""
    data = vector(HEAT)
    data[UNITS].append({"name": name, "kind": kind, **unit})
    return json_input.work_out(data).installation.energy_units[-1]


def test_a_waste_gas_never_counts_above_natural_gas():
    gas = {"name": "Furnace gas", "energy_tj": D(10), "emission_factor": D(260), "is_waste_gas": True}
    found = heat_of("Gas boiler", fuels=[gas], efficiency=D(1))
    assert found.heat_factor.value == D("56.1")
    traced(found.heat_factor)


def test_cogeneration_without_known_efficiencies_takes_the_standard_ones():
    fuel = {"name": "Gas", "energy_tj": D(100), "emission_factor": D("56.1")}
    quantities = {"net_heat_tj": D(50), "net_electricity_mwh": D(5000)}
    references = {"reference_efficiency_heat": D("0.9"), "reference_efficiency_electricity": D("0.525")}
    found = heat_of("CHP", "cogeneration", fuels=[fuel], efficiencies="standard", **quantities, **references)
    share = (D("0.55") / D("0.9")) / (D("0.55") / D("0.9") + D("0.25") / D("0.525"))
    assert abs(found.heat_share.value - share) < D("1e-24")
    back = traced(found.heat_factor).value * 50 + traced(found.electricity_factor).value * 5000
    assert abs(back - 5610) < D("1e-20")  # nothing lost, nothing twice


def test_heat_by_fuel_takes_seventy_per_cent_unless_the_efficiency_is_measured():
    def imported(name):
        heat = json_input.work_out(with_value(vector(HEAT), (PROCESSES, 3, "heat", "imported_by_fuel"), name))
        return heat.installation.processes[3].heat.imported_tj

    assert imported({"fuel_tj": D(10)}) == 7
    assert imported({"fuel_tj": D(10), "efficiency": D("0.85")}) == D("8.5")


def test_losses_are_shared_by_use_and_reach_the_trace():
    found = json_input.work_out(vector(HEAT))
    users = found.installation.processes[:2]
    assert abs(sum(user.heat.imported_losses_t for user in users) - 4 * found.installation.energy_units[0].heat_factor.value) < D("1e-20")  # fmt: skip  # noqa: E501
    ratio = users[0].heat.imported_losses_t / users[1].heat.imported_losses_t
    assert abs(ratio - users[0].heat.imported_tj / users[1].heat.imported_tj) < D("1e-24")
    term = found.processes["Coating"].attributed_direct.inputs[1]
    assert term.formula == "Q × EF_heat + Em_loss" and by_hand(term) == term.value


def test_losses_of_heat_that_nobody_uses_are_a_fault():
    data = with_value(vector(HEAT), (UNITS, 2), {**vector(HEAT)[UNITS][0], "name": "Idle boiler"})
    data[PROCESSES] = data[PROCESSES][:3]
    data["goods"] = data["goods"][:2]
    with pytest.raises(strict_json.StructureError, match=r"energy_units\[2\]\.losses_tj: cannot be shared"):
        json_input.work_out(data)


def test_meters_of_processes_are_brought_to_that_of_the_installation():
    found = json_input.work_out(vector(HEAT))
    assert sum(process.electricity.consumed_mwh for process in found.installation.processes) == 21_000
    with_heat = json_input.work_out(with_value(vector(HEAT), ("installation_totals", "heat_imported_tj"), D(200)))
    processes = with_heat.installation.processes
    assert abs(sum(process.heat.imported_tj for process in processes) - 200) < D("1e-20")
    for one in with_heat.processes.values():
        symbols = {step.symbol for _, step in traced(one.see_direct).lines()}
        assert "RecF" in symbols and "RecF" in {step.symbol for _, step in traced(one.see_indirect).lines()}


@pytest.mark.parametrize("key", ["electricity_mwh", "heat_imported_tj"])
def test_a_meter_of_what_no_process_has_is_a_fault(key):
    data = with_value(vector(SCREWS), ("installation_totals",), {key: D(5)})
    with pytest.raises(strict_json.StructureError, match=rf"installation_totals\.{key}: cannot be shared"):
        json_input.work_out(data)


def test_exports_are_deducted_at_the_factor_of_the_unit_that_made_them():
    data = with_value(vector(ALUMINIUM), (PROCESSES, 0, "electricity", "exported_mwh"), D(1000))
    data[PROCESSES][0]["electricity"]["exported_from"] = "Diesel station"
    found = json_input.work_out(data)
    exported = found.processes["Potlines and casthouse"].attributed_direct.inputs[-1]
    assert traced(exported).value == 1000 * found.installation.energy_units[0].electricity_factor.value


CO_PRODUCTS = [
    {"process": "Wire drawing", "mass_t": D(2), "molar_mass_g_per_mol": D(2)},
    {"process": "Screws", "mass_t": D(56), "molar_mass_g_per_mol": D(28)},
]


def shared(co_products):
    entry = {"name": "Reformer", "emissions_t": D(30), "co_products": co_products}
    found = json_input.work_out(with_value(vector(SCREWS), ("shared_emissions",), [entry]))
    before = json_input.work_out(vector(SCREWS)).installation.processes
    after = found.installation.processes
    for process in after:
        symbols = {step.symbol for _, step in traced(found.processes[process.name].attributed_direct).lines()}
        assert {"Em_shared", "Em_i", "n_all"} <= symbols
    return [
        now.directly_attributable_emissions_t - then.directly_attributable_emissions_t
        for now, then in zip(after, before, strict=True)
    ]


def test_chemical_co_products_share_emissions_by_moles_else_by_mass():
    assert shared(CO_PRODUCTS) == [10, 20]
    by_mass = [{key: row[key] for key in ("process", "mass_t")} for row in CO_PRODUCTS]
    assert [round(part, 12) for part in shared(by_mass)] == [round(D(60) / 58, 12), round(D(30) * 56 / 58, 12)]


@pytest.mark.parametrize(
    ("path", "value", "place", "words"),
    [
        ((0, "process"), "Ghost", "shared_emissions[0].co_products[0].process", "no process"),
        ((0, "mass_t"), D(0), "shared_emissions[0].co_products[0].mass_t", "above 0"),
        ((0, "molar_mass_g_per_mol"), GONE, "shared_emissions[0].co_products", "all have a molar mass, or none"),
    ],
)
def test_a_faulty_co_product_is_named(path, value, place, words):
    rows = with_value({"rows": copy.deepcopy(CO_PRODUCTS)}, ("rows", *path), value)["rows"]
    with pytest.raises(strict_json.StructureError) as refused:
        shared(rows)
    assert any(fault.place == place and words in fault.sentence for fault in refused.value.faults), refused.value
