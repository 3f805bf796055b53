"""CBAM beyond the published files: heat, waste gas, functional units, what counts, free allocation, default values."""

from decimal import Decimal as D

import pytest

from reports.calculations.cbam import allocation, composition, defaults, definitive, file, goods
from reports.calculations.cbam.installation import Reconciliation
from reports.calculations.trace import given
from reports.tests.test_calculate import vector
from reports.tests.test_trace import by_hand


def process(name="P", level=100, direct=50, **more):
    return {"name": name, "activity_level_t": level, "directly_attributable_emissions_t": direct, **more}


def worked_out(*processes, cn="73181542", streams=()):
    named = [{"process": processes[-1]["name"], "cn_code": cn}]
    return file.work_out({"source_streams": list(streams), "processes": list(processes), "goods": named})


def see_direct(*processes):
    return worked_out(*processes).goods[0].process.see_direct.value


def test_heat_that_is_bought_adds_and_heat_that_is_sold_takes_off():
    given = {"imported_tj": 2, "imported_emission_factor": 70, "exported_tj": 1, "exported_emission_factor": 60}
    assert see_direct(process(heat=given)) == (D(50) + 140 - 60) / 100


def test_waste_gas_counts_as_natural_gas_and_two_thirds_of_it_when_it_leaves():
    assert see_direct(process(waste_gas={"imported_tj": 1})) == (50 + D("56.1")) / 100
    assert see_direct(process(waste_gas={"exported_tj": 1})) == (50 - D("56.1") * D("0.667")) / 100


def test_electricity_that_leaves_is_deducted_at_the_same_factor():
    assert see_direct(process(electricity={"exported_mwh": 10, "emission_factor": D("0.8")})) == D("0.42")


def test_attributed_emissions_never_fall_below_zero():
    found = worked_out(process(waste_gas={"exported_tj": 100}))
    assert found.goods[0].process.see_direct.value == 0
    assert found.goods[0].process.default_share is None
    assert by_hand(found.goods[0].process.attributed_direct) == 0


def test_default_values_are_followed_through_own_precursors():
    steel = {"name": "steel", "mass_t": 200, "see_direct": 2, "source": "default"}
    first = process("billet", level=100, direct=0, purchased_precursors=[steel])
    second = process("bolt", level=50, direct=100, own_precursors=[{"process": "billet", "mass_t": 80}])
    found = worked_out(second, first, cn="73181542")
    bolt = found.processes["bolt"]
    assert bolt.see_direct.value == (100 + 80 * D(4)) / 50
    assert bolt.default_share == (80 * D(4) / 50) / bolt.see_direct.value


def test_a_mass_balance_with_a_net_calorific_value_counts_as_fuel_input():
    coal = {
        "name": "Charge carbon",
        "method": "mass_balance",
        "activity_data": 10,
        "unit": "t",
        "carbon_content": D("0.8297"),
        "carbon_content_unit": "tC/t",
        "net_calorific_value": 28,
        "net_calorific_value_unit": "GJ/t",
        "biomass_fraction": D("0.5"),
    }
    found = worked_out(process(), streams=[coal])
    assert found.fuel_input.value == D("0.28")
    assert found.direct.value == found.biomass.value == D("3.664") * 10 * D("0.8297") / 2


def test_direct_entry_takes_the_tonnes_as_they_are():
    found = worked_out(process(), streams=[{"name": "PFC", "method": "direct_entry", "emissions_t_co2e": D("12.5")}])
    assert (found.direct.value, found.biomass.value) == (D("12.5"), 0)


@pytest.mark.parametrize(
    ("installation", "processes", "shared", "difference", "adds_up"),
    [
        (1000, 1000, 0, 0, True),
        (1000, 1005, 0, -5, True),
        (1000, 1006, 0, -6, False),
        (1000, 700, 300, 0, True),  # boilers for several processes: their fuel stands in the heat they import
        (1000, 1000, 300, 0, True),  # heat from outside stands in no source stream
        (1000, 600, 300, 100, False),
        (0, 0, 0, 0, True),
        (0, 5, 0, -5, False),
    ],
)
def test_the_processes_reconcile_with_the_installation(installation, processes, shared, difference, adds_up):
    found = Reconciliation(D(installation), D(processes), D(shared))
    assert (found.difference_t, found.adds_up) == (difference, adds_up)


@pytest.mark.parametrize(
    ("code", "category"),
    [
        ("7318 15 42", goods.STEEL_PRODUCTS),
        ("73261990", goods.STEEL_PRODUCTS),
        ("7326199010", goods.STEEL_PRODUCTS),
        ("72241010", goods.CRUDE_STEEL),
        ("72021120", goods.FEMN),
        ("72022110", None),  # ferro-silicon
        ("72044990", None),  # scrap
        ("73251000", None),  # cast articles
        ("87089900", None),
        ("31056000", None),
        ("31052010", goods.MIXED),
        ("31021010", goods.UREA),
        ("76020090", None),
        ("76169910", goods.ALUMINIUM_PRODUCTS),
        ("26011200", goods.SINTER),
        ("26011100", None),
        ("25233000", goods.ALUMINOUS),
    ],
)
def test_a_cn_code_knows_its_category(code, category):
    assert goods.category_of(code) == category


@pytest.mark.parametrize(
    ("code", "unit"),
    [("25232900", "t clinker"), ("31052010", "kg N"), ("28080000", "kg N"), ("73181542", "t"), ("25233000", "t")],
)
def test_a_cn_code_knows_its_functional_unit(code, unit):
    assert goods.functional_unit(code).name == unit


def test_electricity_of_screws_is_recorded_and_not_counted():
    found = definitive.counted_goods(file.work_out(vector("cbam-screws")))[0]
    assert definitive.printed_see(found.see_direct.value) == D("2.00694")
    assert found.see_indirect is None
    assert found.see_indirect_of_precursors.value == 0
    assert found.see == found.see_direct.value


def test_cement_counts_electricity_and_is_told_per_tonne_of_clinker():
    """1,037,310 / 1,255,000 t clinker; times 0.95 it is the published figure per tonne of cement again (Eq 64)."""
    found = definitive.counted_goods(file.work_out(vector("cbam-cement")), {"Cement Bubble": D("0.95")})[0]
    assert definitive.printed_see(found.see_direct.value) == D("0.82654")
    assert found.see_direct.unit == "t CO2e/t clinker"
    assert abs(composition.per_tonne(found.see_direct.value, D("0.95")) - D("0.7852147410358565")) < D("1e-12")
    assert abs(found.see_indirect.value * D("0.95") - D("0.12224275")) < D("1e-12")


def test_fertiliser_is_told_per_kilogram_of_nitrogen():
    found = definitive.counted_goods(file.work_out(vector("cbam-npk")), {"Granulator / Pipe reactor": D(150)})[0]
    assert abs(found.see_direct.value - D("0.00206423408")) < D("1e-11")
    assert found.see_direct.unit == "t CO2e/kg N"


def test_without_the_content_a_functional_unit_is_not_guessed():
    found = definitive.counted_goods(file.work_out(vector("cbam-npk")))[0]
    assert found.see_direct.value is None and found.see is None


def precursor(name, category, mass, indirect_mwh):
    return {
        "name": name,
        "category": category,
        "mass_t": mass,
        "see_direct": 1,
        "electricity_mwh_per_t": indirect_mwh,
        "electricity_emission_factor": 1,
        "source": "measured",
    }


def test_a_steel_good_carries_the_electricity_of_its_pellets_and_of_nothing_else():
    """Pellets (outside Annex II) → sponge iron → billets: their 0.05 t/t stays, whatever the steel's own power is."""
    power = {"consumed_mwh": 1000, "emission_factor": 1}
    sponge = process(
        "DRI",
        electricity=power,
        category="DRI",
        purchased_precursors=[
            precursor("pellets", "Sintered ore", 150, D("0.05")),
            precursor("iron", "Pig iron", 9, 7),
        ],
    )
    billet = process(
        "Steel", category="Crude steel", electricity=power, own_precursors=[{"process": "DRI", "mass_t": 110}]
    )
    found = definitive.counted_goods(worked_out(sponge, billet, cn="72071111"))[0]
    assert found.see_indirect is None
    assert found.see_indirect_of_precursors.value == D("0.075") * D("1.1")
    assert found.see == found.see_direct.value + D("0.0825")


def test_ammonia_leaves_out_the_electricity_of_its_hydrogen():
    made = process(
        "Ammonia",
        category="Ammonia",
        electricity={"consumed_mwh": 10, "emission_factor": 1},
        purchased_precursors=[precursor("hydrogen", "Hydrogen", 18, 5), precursor("ammonia", "Ammonia", 10, 1)],
    )
    found = definitive.counted_goods(worked_out(made, cn="28141000"), {"Ammonia": D(820)})[0]
    assert found.see_indirect.value == (D(10) + 10) / 100 / 820


def test_free_allocation_multiplies_the_benchmark_by_the_cbam_factor():
    """Published second-hand: 7208 on India's defaults 1.33575; ferro-manganese 1.326975."""
    year = allocation.YearFactors(D("0.975"), D(1))
    assert allocation.allocation(year, D("1.370")).value == D("1.33575")
    assert allocation.allocation(year, D("1.361")).value == D("1.326975")
    assert allocation.allocation(year, None) is None


def test_a_complex_good_brings_the_allocation_of_its_precursors():
    year = allocation.YearFactors(D("0.975"), D(1))
    bar = allocation.PrecursorAllocation("bar", D("1.2"), benchmark_b=D("1.364"))
    found = allocation.complex_allocation(year, D("0.038"), [bar])
    assert found.value == D("0.975") * D("0.038") + D("1.2") * D("0.975") * D("1.364")
    assert all(by_hand(step) == step.value for _, step in found.lines() if step.formula)
    unknown = allocation.PrecursorAllocation("wire", D(1))
    assert allocation.complex_allocation(year, D("0.038"), [bar, unknown]) is None


def test_screws_on_default_values_leave_this_to_pay():
    """India 7318 15 in 2026: 5.72 × 1.10 = 6.292, less 0.975 × 1.364."""
    value = defaults.marked_up(D("5.72"), D("0.10"))
    assert defaults.printed_default(value.value) == D("6.292")
    sefa = allocation.allocation(allocation.YearFactors(D("0.975"), D(1)), D("1.364")).value
    see = given("SEE", "default", value.value, "t CO2e/t")
    left = allocation.obligation(see, allocation.allocation(allocation.YearFactors(D("0.975"), D(1)), D("1.364")))
    assert left.value == value.value - sefa == D("4.9621")
    assert by_hand(left) == left.value
    assert allocation.obligation(see, None) is None


def test_default_against_actual_in_tonnes_and_rupees():
    found = defaults.compare(D("6.292"), D("2.0"), D(100), defaults.Prices(D("80"), D(100)))
    assert (found.saving_t, found.saving_rs) == (D("429.2"), D("3433600"))
    assert defaults.compare(D("6.292"), D("2.0"), D(100), defaults.Prices()).saving_rs is None
    assert defaults.compare(None, D("2.0"), D(100), defaults.Prices()) is None
