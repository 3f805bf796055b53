"""What a CBAM file may hold besides streams, processes and goods: faults at their place, and figures by hand."""

import copy
from decimal import Decimal as D

import pytest

from reports.calculations import structure
from reports.calculations.cbam import file
from reports.calculations.cbam import obligation as obligations
from reports.tests.faults import GONE, with_value
from reports.tests.test_calculate import vector
from reports.tests.test_trace import by_hand

ALUMINIUM, ACID = "cbam-primary-aluminium", "cbam-nitric-acid"
CEMENT, HEAT, SCREWS = "cbam-clinker-and-cement", "cbam-heat-and-cogeneration", "cbam-wire-and-screws"
S = "source_streams"
SLOPE, OVERVOLTAGE = (S, 0, "perfluorocarbons"), (S, 1, "perfluorocarbons")
MEASURED, UNITS, PROCESSES, GOOD = (S, 0, "measurement"), "energy_units", "processes", ("goods", 0)
FAULTS = [
    # perfluorocarbons
    (ALUMINIUM, (*SLOPE, "aluminium_t"), GONE, "source_streams[0].perfluorocarbons.aluminium_t", "missing"),
    (ALUMINIUM, (*SLOPE, "collection_efficiency"), D("1.2"), "perfluorocarbons.collection_efficiency", "above 1"),
    (ALUMINIUM, (*SLOPE, "collection_efficiency"), D(0), "perfluorocarbons.collection_efficiency", "above 0"),
    (ALUMINIUM, (*SLOPE, "slope_emission_factor"), GONE, "perfluorocarbons.slope_emission_factor", "missing"),
    (ALUMINIUM, (*SLOPE, "minutes_per_anode_effect"), GONE, "minutes_per_anode_effect", "is missing; without"),
    (ALUMINIUM, (*SLOPE, "anode_effects_per_cell_day"), GONE, "anode_effects_per_cell_day", "is missing; without"),
    (
        ALUMINIUM,
        (*SLOPE, "anode_effect_minutes_per_cell_day"),
        D(2),
        "perfluorocarbons.minutes_per_anode_effect",
        "not used where",
    ),
    (ALUMINIUM, (*SLOPE, "overvoltage_coefficient"), D(1), "overvoltage_coefficient", "not used by the slope"),
    (ALUMINIUM, (*OVERVOLTAGE, "current_efficiency_percent"), D(0), "current_efficiency_percent", "above 0"),
    (ALUMINIUM, (*OVERVOLTAGE, "current_efficiency_percent"), D(101), "current_efficiency_percent", "above 100"),
    (ALUMINIUM, (*OVERVOLTAGE, "anode_effect_overvoltage_mv"), GONE, "anode_effect_overvoltage_mv", "missing"),
    (ALUMINIUM, SLOPE, GONE, "source_streams[0].perfluorocarbons", "needs it"),
    (ALUMINIUM, (S, 0, "emissions_t_co2e"), D(1), "source_streams[0].emissions_t_co2e", "not used"),
    (ALUMINIUM, (S, 0, "emission_factor"), D(1), "source_streams[0].emission_factor", "not used"),
    (ALUMINIUM, (S, 0, "biomass_fraction"), D("0.1"), "source_streams[0].biomass_fraction", "not used"),
    (ALUMINIUM, (S, 2, "perfluorocarbons"), {}, "source_streams[2].perfluorocarbons", "not used by the method"),
    # continuous measurement
    (ACID, (*MEASURED, "gas"), GONE, "source_streams[0].measurement.gas", "missing"),
    (ACID, (*MEASURED, "gas"), "CH4", "source_streams[0].measurement.gas", "not one of"),
    (ACID, (*MEASURED, "hours"), [], "source_streams[0].measurement.hours", "at least one hour"),
    (ACID, (*MEASURED, "hours", 0, "flue_gas_nm3"), GONE, "measurement.hours[0].flue_gas_nm3", "missing"),
    (ACID, (*MEASURED, "substitution"), GONE, "hours[2].concentration_g_per_nm3", "no substitution"),
    (ACID, (*MEASURED, "substitution", "mean_g_per_nm3"), D(-1), "substitution.mean_g_per_nm3", "below 0"),
    (ACID, (S, 0, "biomass_fraction"), D("0.1"), "source_streams[0].biomass_fraction", "not used"),
    # values in the place of others
    (CEMENT, (S, 2, "activity_data"), D(1), "source_streams[2].deliveries", "in the place of activity_data"),
    (CEMENT, (S, 2, "deliveries", "imported"), GONE, "source_streams[2].deliveries.imported", "missing"),
    (CEMENT, (S, 2, "deliveries", "closing_stock"), D(99999), "source_streams[2].deliveries", "below 0"),
    (CEMENT, (S, 2, "unit"), GONE, "source_streams[2].unit", "missing"),
    (CEMENT, (S, 2, "emission_factor"), D(95), "source_streams[2].carbon_content", "not used where emission_factor"),
    (CEMENT, (S, 2, "carbon_content_unit"), "tC/1000Nm3", "source_streams[2].carbon_content_unit", "does not fit"),
    (CEMENT, (S, 2, "carbon_content"), D("1.5"), "source_streams[2].carbon_content", "above 1 t C/t"),
    (CEMENT, (S, 2, "net_calorific_value"), D(0), "source_streams[2].net_calorific_value", "missing or zero"),
    (CEMENT, (S, 2, "oxidation_factor"), D("0.9"), "source_streams[2].ash", "in the place of oxidation_factor"),
    (CEMENT, (S, 2, "ash", "carbon_in_ash_t"), D(99999), "ash.carbon_in_ash_t", "above the carbon in the fuel"),
    (CEMENT, (S, 2, "ash", "carbon_in_fuel_t"), D(0), "ash.carbon_in_fuel_t", "above 0"),
    (CEMENT, (S, 0, "ash"), {}, "source_streams[0].ash", "not used by the method process"),
    (CEMENT, (S, 2, "kiln_dust"), {}, "source_streams[2].kiln_dust", "not used by the method combustion"),
    (CEMENT, (S, 1, "kiln_dust", "calcination"), D(60), "kiln_dust.calcination", "above 1"),
    (CEMENT, (S, 1, "emission_factor"), D(1), "source_streams[1].kiln_dust", "in the place of emission_factor"),
    (CEMENT, (S, 1, "carbon_content"), D("0.1"), "source_streams[1].carbon_content", "not used where"),
    (CEMENT, (S, 0, "activity_data"), D(1), "source_streams[0].clinker_balance", "in the place of"),
    (CEMENT, (S, 0, "clinker_balance", "clinker_to_cement_ratio"), D(72), "clinker_to_cement_ratio", "above 1"),
    (CEMENT, (S, 0, "clinker_balance", "clinker_supplied_t"), D(999_999), "clinker_balance", "below 0"),
    (CEMENT, (S, 0, "clinker_balance", "cement_delivered"), D(1), "clinker_balance.cement_delivered", "not a key"),
    (CEMENT, (S, 3, "carbon_content_unit"), "tC/t", "source_streams[3].carbon_content_unit", "not used"),
    # compositions
    (CEMENT, (PROCESSES, 1, "composition", 0, "quantity_t"), D(0), "processes[1].composition[0].quantity_t", "above 0"),
    (CEMENT, (PROCESSES, 1, "composition", 0, "clinker_t_per_t"), D(75), "composition[0].clinker_t_per_t", "above 1"),
    (CEMENT, (PROCESSES, 1, "composition", 0, "clinker_t_per_t"), GONE, "processes[1].composition[0]", "needs"),
    (CEMENT, (PROCESSES, 1, "composition", 0, "nitrogen_kg_per_t"), D(9), "nitrogen_kg_per_t", "give one of them"),
    (CEMENT, (PROCESSES, 1, "composition"), GONE, "goods[0]", "composition of its process"),
    (CEMENT, (*GOOD, "cn_code"), "73181542", "processes[1].composition[0]", "functional unit of 73181542 is t"),
    (CEMENT, (*GOOD, "cn_code"), "73181542", "goods[0].clinker_t_per_t", "functional unit of 73181542 is t"),
    # energy units
    (HEAT, (UNITS, 0, "kind"), "stove", "energy_units[0].kind", "not one of"),
    (HEAT, (UNITS, 0, "name"), "Gas turbine", "energy_units[1].name", "stands twice"),
    (HEAT, (UNITS, 0, "efficiency"), D(80), "energy_units[0].efficiency", "above 1"),
    (HEAT, (UNITS, 0, "fuels"), [], "energy_units[0].fuels", "hold no energy"),
    (HEAT, (UNITS, 0, "fuels", 0, "energy_tj"), D(0), "energy_units[0].fuels", "hold no energy"),
    (HEAT, (UNITS, 0, "fuels", 0, "is_waste_gas"), "no", "energy_units[0].fuels[0].is_waste_gas", "true or false"),
    (HEAT, (UNITS, 1, "net_heat_tj"), D(0), "energy_units[1].net_heat_tj", "above 0"),
    (HEAT, (UNITS, 1, "reference_efficiency_heat"), D(85), "energy_units[1].reference_efficiency_heat", "above 1"),
    (HEAT, (UNITS, 1, "efficiencies"), "guessed", "energy_units[1].efficiencies", "not one of"),
    (HEAT, (UNITS, 2, "fuels"), [], "energy_units[2].fuels", "not a key"),
    (HEAT, (PROCESSES, 0, "heat", "imported_from"), "Stove", "processes[0].heat.imported_from", "no energy unit"),
    (HEAT, (PROCESSES, 0, "heat", "imported_tj"), D(1), "processes[0].heat.imported_medium", "in the place of"),
    (HEAT, (PROCESSES, 0, "heat", "imported_emission_factor"), D(1), "imported_emission_factor", "not used where"),
    (HEAT, (PROCESSES, 0, "heat", "imported_from"), GONE, "processes[0].heat.imported_emission_factor", "missing"),
    (
        HEAT,
        (PROCESSES, 0, "heat", "imported_medium", "return_enthalpy_kj_per_kg"),
        D(9999),
        "heat.imported_medium.return_enthalpy_kj_per_kg",
        "above the enthalpy sent",
    ),
    (HEAT, (PROCESSES, 3, "heat", "imported_by_fuel", "efficiency"), D(70), "imported_by_fuel.efficiency", "above 1"),
    (HEAT, (PROCESSES, 0, "electricity", "consumed_mwh"), D(1), "processes[0].electricity.consumed_mwh", "not used"),
    (HEAT, (PROCESSES, 0, "electricity", "sources"), [], "processes[0].electricity.sources", "at least one source"),
    (HEAT, (PROCESSES, 0, "electricity", "sources", 0, "mwh"), D(0), "electricity.sources[0].mwh", "above 0"),
    (
        HEAT,
        (PROCESSES, 0, "electricity", "sources", 0, "emission_factor"),
        GONE,
        "sources[0].emission_factor",
        "missing",
    ),
    (
        HEAT,
        (PROCESSES, 0, "electricity", "sources", 1, "emission_factor"),
        D(1),
        "sources[1].emission_factor",
        "not used",
    ),
    (
        HEAT,
        (PROCESSES, 0, "electricity", "sources", 1, "unit"),
        "Boiler house",
        "sources[1].unit",
        "makes no electricity",
    ),
    (HEAT, (PROCESSES, 2, "heat", "imported_from"), "Station", "processes[2].heat.imported_from", "no energy unit"),
    (HEAT, (PROCESSES, 0, "electricity", "exported_mwh"), D(1), "processes[0].electricity.exported_from", "missing"),
    (
        HEAT,
        (PROCESSES, 1, "electricity", "exported_from"),
        "Boiler house",
        "electricity.exported_from",
        "no electricity",
    ),
    (HEAT, ("installation_totals", "heat_tj"), D(1), "installation_totals.heat_tj", "not a key"),
    # free allocation
    (SCREWS, ("free_allocation", "cbam_factor"), D("97.5"), "free_allocation.cbam_factor", "above 1"),
    (SCREWS, ("free_allocation", "correction_factor"), GONE, "free_allocation.correction_factor", "missing"),
    (SCREWS, ("free_allocation",), GONE, "goods[0].benchmark_a_t_per_t", "not used without free_allocation"),
    (SCREWS, ("free_allocation",), GONE, "goods[0].default_value", "not used without free_allocation"),
    (SCREWS, ("free_allocation",), GONE, "processes[0].benchmark_a_t_per_t", "not used without"),
    (SCREWS, ("free_allocation",), GONE, "purchased_precursors[0].benchmark_b_t_per_t", "not used without"),
    (SCREWS, ("free_allocation",), GONE, "prices", "not used without"),
    (SCREWS, ("prices", "inr_per_eur"), D(0), "prices.inr_per_eur", "above 0"),
    (SCREWS, (*GOOD, "default_value", "mark_up"), D(10), "goods[0].default_value.mark_up", "above 1"),
    (SCREWS, (*GOOD, "quantity_t"), D(-1), "goods[0].quantity_t", "above 0"),
    (
        SCREWS,
        (PROCESSES, 0, "purchased_precursors", 0, "sefa_t_per_t"),
        D(1),
        "purchased_precursors[0].benchmark_b_t_per_t",
        "not used where sefa_t_per_t",
    ),
]


@pytest.mark.parametrize(("name", "path", "value", "place", "words"), FAULTS)
def test_a_fault_is_told_at_its_place(name, path, value, place, words):
    with pytest.raises(structure.StructureError) as refused:
        file.work_out(with_value(vector(name), path, value))
    assert any(fault.place.endswith(place) and words in fault.sentence for fault in refused.value.faults), refused.value


def figures(name, path=None, value=None):
    data = vector(name) if path is None else with_value(vector(name), path, value)
    return file.figures(file.work_out(data))


def stream(**row):
    process = {"name": "P", "activity_level_t": 1, "directly_attributable_emissions_t": 0}
    goods = [{"process": "P", "cn_code": "73181542"}]
    return file.work_out({"source_streams": [{"name": "S", **row}], "processes": [process], "goods": goods}).streams[0]


def traced(step):
    """Every step of a tree that is worked out gives its value by hand."""
    for _, one in step.lines():
        if one.formula:
            assert abs(by_hand(one) - one.value) <= abs(one.value) * D("1e-24"), one.formula
    return step


def test_anode_effect_minutes_may_be_entered_as_they_are_recorded():
    minutes = {"anode_effect_minutes_per_cell_day": D(2)}
    parts = ("anode_effects_per_cell_day", "minutes_per_anode_effect")
    data = vector(ALUMINIUM)
    line = {key: value for key, value in data[S][0]["perfluorocarbons"].items() if key not in parts}
    data[S][0]["perfluorocarbons"] = line | minutes
    assert file.figures(file.work_out(data))["streams"][0] == figures(ALUMINIUM)["streams"][0]


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


def test_a_factor_that_holds_more_carbon_than_there_can_be_is_refused():
    with pytest.raises(structure.StructureError, match="above 1"):
        stream(**COKE, method="mass_balance", emission_factor=D(4), emission_factor_unit="tCO2/t")


def test_dust_that_is_wholly_calcined_has_the_factor_of_clinker():
    dust = {"clinker_emission_factor": D("0.525"), "calcination": D(1)}
    found = stream(method="process", activity_data=D(1), unit="t", kiln_dust=dust)
    assert abs(found.fossil.value - D("0.525")) < D("1e-24")


def heat_of(name, kind="boiler", **unit):
    """t CO2/TJ of one energy unit."""
    data = vector(HEAT)
    data[UNITS].append({"name": name, "kind": kind, **unit})
    return file.work_out(data).installation.energy_units[-1]


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
        heat = file.work_out(with_value(vector(HEAT), (PROCESSES, 3, "heat", "imported_by_fuel"), name))
        return heat.installation.processes[3].heat.imported_tj

    assert imported({"fuel_tj": D(10)}) == 7
    assert imported({"fuel_tj": D(10), "efficiency": D("0.85")}) == D("8.5")


def test_losses_are_shared_by_use_and_reach_the_trace():
    found = file.work_out(vector(HEAT))
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
    with pytest.raises(structure.StructureError, match=r"energy_units\[2\]\.losses_tj: cannot be shared"):
        file.work_out(data)


def test_meters_of_processes_are_brought_to_that_of_the_installation():
    found = file.work_out(vector(HEAT))
    assert sum(process.electricity.consumed_mwh for process in found.installation.processes) == 21_000
    with_heat = with_value(vector(HEAT), ("installation_totals", "heat_imported_tj"), D(200))
    processes = file.work_out(with_heat).installation.processes
    assert abs(sum(process.heat.imported_tj for process in processes) - 200) < D("1e-20")


@pytest.mark.parametrize("key", ["electricity_mwh", "heat_imported_tj"])
def test_a_meter_of_what_no_process_has_is_a_fault(key):
    data = with_value(vector(SCREWS), ("installation_totals",), {key: D(5)})
    with pytest.raises(structure.StructureError, match=rf"installation_totals\.{key}: cannot be shared"):
        file.work_out(data)


def test_exports_are_deducted_at_the_factor_of_the_unit_that_made_them():
    data = with_value(vector(ALUMINIUM), (PROCESSES, 0, "electricity", "exported_mwh"), D(1000))
    data[PROCESSES][0]["electricity"]["exported_from"] = "Diesel station"
    found = file.work_out(data)
    exported = found.processes["Potlines and casthouse"].attributed_direct.inputs[-1]
    assert traced(exported).value == 1000 * found.installation.energy_units[0].electricity_factor.value


CO_PRODUCTS = [
    {"process": "Wire drawing", "mass_t": D(2), "molar_mass_g_per_mol": D(2)},
    {"process": "Screws", "mass_t": D(56), "molar_mass_g_per_mol": D(28)},
]


def shared(co_products):
    entry = {"name": "Reformer", "emissions_t": D(30), "co_products": co_products}
    found = file.work_out(with_value(vector(SCREWS), ("shared_emissions",), [entry]))
    before = file.work_out(vector(SCREWS)).installation.processes
    after = found.installation.processes
    for process in after:
        traced(found.processes[process.name].attributed_direct)
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
    with pytest.raises(structure.StructureError) as refused:
        shared(rows)
    assert any(fault.place == place and words in fault.sentence for fault in refused.value.faults), refused.value


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


def test_a_suppliers_verified_allocation_goes_before_column_b():
    data = with_value(vector(SCREWS), (PROCESSES, 0, "purchased_precursors", 0, "benchmark_b_t_per_t"), GONE)
    data = with_value(data, (PROCESSES, 0, "purchased_precursors", 0, "sefa_t_per_t"), D("1.2"))
    found = file.figures(file.work_out(data))["obligations"][0]["free_allocation"]
    wire = D("0.975") * D("0.05") + D(21) / 20 * D("1.2")
    assert abs(found - (D("0.975") * D("0.038") + D(18) / 17 * wire)) < D("1e-20")


def test_one_cn_code_of_two_processes_has_one_value_by_tonnes():
    data = vector(SCREWS)
    data["goods"].append({"process": "Wire drawing", "cn_code": "73181542", "quantity_t": D(300)})
    found = file.figures(file.work_out(data))
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
    found = file.work_out(vector(name))
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
