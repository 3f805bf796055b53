"""Faults of what a CBAM file may hold besides streams, processes and goods, each at its place."""

from decimal import Decimal as D

import pytest

from calculations import strict_json
from calculations.cbam import json_input
from calculations.tests.faults import GONE, with_value
from calculations.tests.test_calculate import vector

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
    (HEAT, (PROCESSES, 3, "heat", "imported_by_fuel", "efficiency"), D(0), "imported_by_fuel.efficiency", "above 0"),
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
    (HEAT, (PROCESSES, 1, "electricity"), {"exported_mwh": D(1)}, "electricity.emission_factor", "missing"),
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
    with pytest.raises(strict_json.StructureError) as refused:
        json_input.work_out(with_value(vector(name), path, value))
    assert any(fault.place.endswith(place) and words in fault.sentence for fault in refused.value.faults), refused.value
