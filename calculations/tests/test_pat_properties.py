"""PAT, CCTS and SPCB arithmetic on units nobody would think of."""

import copy
from decimal import Decimal as D

from hypothesis import assume, given
from hypothesis import strategies as st

from calculations.cbam.streams import SourceStream, emissions_of
from calculations.ccts import credits, intensity
from calculations.operations import HOURS_PER_QUARTER, MachineEnergy, Quarter, energy_total, operating_hours
from calculations.pat import json_input, performance
from calculations.pat.energy import CaptivePlant
from calculations.spcb import ambient, pollutants
from calculations.spcb.consumption import AgainstConsent, WasteBalance
from calculations.tests.properties import (
    ONE,
    ZERO,
    above_zero,
    amounts,
    is_close,
    numbers,
    scales,
    shares,
    suite,
    units,
)


def worked_out(data):
    return json_input.work_out(copy.deepcopy(data))


@suite
@given(units())
def test_every_form_of_energy_is_in_the_total_once(data):
    found = worked_out(data).energy
    parts = [found.electricity, *found.heat.inputs, *found.fuels]
    assert found.total.value == sum((step.value for step in parts), ZERO)
    assert is_close(found.thermal_kcal + found.electricity.value, found.total.value, found.total.value)


@suite
@given(units())
def test_specific_energy_times_product_is_the_energy_again(data):
    found = worked_out(data)
    again = found.specific.total_toe_per_t * found.unit.production_t
    assert is_close(again, found.energy.total_toe, found.energy.total_toe)


@suite
@given(units(), scales)
def test_twice_the_year_has_the_same_specific_energy(data, by):
    def walk(node):
        extensive = ("purchased_kwh", "excluded_kwh", "exported_kwh", "quantity_t", "quantity")
        if isinstance(node, dict):
            return {key: value * by if key in extensive else walk(value) for key, value in node.items()}
        return [walk(entry) for entry in node] if isinstance(node, list) else node

    one, other = worked_out(data), worked_out(walk(data))
    size = sum((abs(step.value) for _, step in one.energy.total.lines()), ONE)
    assert is_close(one.energy.total.value * by, other.energy.total.value, size * by)
    assert is_close(one.specific.total_toe_per_t, other.specific.total_toe_per_t, size)


@suite
@given(numbers("0", "10000"), numbers("0.5", "1.2"), numbers("500", "12000"))
def test_a_liquid_is_worth_the_same_in_kilolitres_and_in_tonnes(kilolitres, density, gross):
    key = "gross_calorific_value_kcal_per_kg"
    rows = [
        {"name": "oil", "unit": "kL", "quantity": kilolitres, "density_kg_per_l": density, key: gross},
        {"name": "oil", "unit": "t", "quantity": kilolitres * density, key: gross},
    ]
    by_volume, by_mass = json_input.work_out({"electricity": {}, "fuels": rows}).energy.fuels
    assert is_close(by_volume.value, by_mass.value, by_mass.value)


@suite
@given(units(), st.randoms(use_true_random=False))
def test_the_order_of_fuels_and_products_changes_nothing(data, random):
    mixed = copy.deepcopy(data)
    for key in ("fuels", "products", "heat"):
        random.shuffle(mixed[key])
    one, other = worked_out(data), worked_out(mixed)
    assert is_close(one.energy.total.value, other.energy.total.value, one.energy.total.value)
    assert is_close(one.specific.total_toe_per_t, other.specific.total_toe_per_t)


@suite
@given(units(), numbers("0.001", "1000"), above_zero)
def test_exports_take_off_and_purchases_add(data, exported, bought):
    more, less = copy.deepcopy(data), copy.deepcopy(data)
    more["electricity"]["purchased_kwh"] += bought
    less["electricity"]["exported_kwh"] += exported
    total = worked_out(data).energy.total.value
    assert worked_out(less).energy.total.value < total < worked_out(more).energy.total.value


@suite
@given(above_zero, above_zero, numbers("0", "0.9"))
def test_a_plants_net_heat_rate_is_never_below_its_gross_one(heat, generated, used):
    plant = CaptivePlant(heat, generated, used)
    net, gross = plant.net_heat_rate.value, plant.gross_heat_rate.value
    assert net >= gross
    assert is_close(net * generated * (1 - used), heat, heat)  # the same heat, over what leaves the plant


@suite
@given(numbers("0", "2"), numbers("0", "2"), above_zero, scales)
def test_certificates_are_linear_and_change_sign_with_the_target(target, achieved, base, by):
    for work, value in ((performance.escerts, base), (credits.carbon_credits, base)):
        gained, lost = work(target, achieved, value).value, work(achieved, target, value).value
        assert gained == -lost
        assert is_close(work(target, achieved, value * by).value, gained * by, abs(gained) * by)
        assert (gained > 0) == (achieved < target)


@suite
@given(numbers("0", "2"), numbers("0", "2"), above_zero, above_zero)
def test_compensation_is_due_for_a_shortfall_alone(target, achieved, output, price):
    due = credits.environmental_compensation(credits.carbon_credits(target, achieved, output), price).value
    assert is_close(due, max(ZERO, 2 * price * (achieved - target) * output), due)


def balance(tonnes, content):
    return SourceStream("carbon", "mass_balance", tonnes, carbon_content=content)


rows = st.lists(st.tuples(numbers("-1000", "1000"), shares), min_size=1, max_size=5)


@suite
@given(rows, above_zero)
def test_intensity_times_output_is_the_emissions_of_its_streams(carbon, output):
    found = intensity.intensity([balance(*row) for row in carbon], [], output)
    assert is_close(found.intensity.value * output, found.total.value, 10_000)
    whole = sum((tonnes * content for tonnes, content in carbon), ZERO)
    assert is_close(found.total.value * 12, whole * 44, 100_000)  # carbon in less carbon out, at 44/12


@suite
@given(numbers("-1000", "1000"), shares)
def test_the_two_carbon_ratios_differ_by_a_rounding_alone(tonnes, content):
    bee, union = intensity.carbon_balance(balance(tonnes, content)), emissions_of(balance(tonnes, content)).fossil
    assert is_close(bee.value * D("3.664") * 12, union.value * 44, 10_000)


# SPCB and operating hours


@suite
@given(numbers("0", "1000"), numbers("0", "20.4"), numbers("0", "20"))
def test_reference_oxygen_leaves_what_was_measured_there_and_orders_the_rest(value, oxygen, reference):
    at_reference = pollutants.at_reference_oxygen(value, reference, reference)
    assert is_close(at_reference, value)
    found = pollutants.at_reference_oxygen(value, oxygen, reference)
    assert found >= value if oxygen >= reference else found <= value  # diluted air hides what is emitted


@suite
@given(above_zero, numbers("1", "300"))
def test_a_ppm_is_less_in_warmer_air(ppm, molar_mass):
    assert pollutants.mg_per_nm3(ppm, molar_mass, 25) < pollutants.mg_per_nm3(ppm, molar_mass, 0)


values = st.lists(numbers("0", "200"), max_size=40)


@suite
@given(values, numbers("0", "200"), st.randoms(use_true_random=False))
def test_a_years_measurements_are_within_or_above(measured, limit, random):
    found = ambient.short_term(measured, limit)
    assert 0 <= found.longest_run_above <= found.above <= found.measurements == len(measured)
    assert found.above == sum(1 for value in measured if value > limit)
    mixed = list(measured)
    random.shuffle(mixed)
    again = ambient.short_term(mixed, limit)
    assert (again.above, again.within_pct, again.meets_share) == (found.above, found.within_pct, found.meets_share)
    mean = ambient.annual_mean(measured, limit).mean
    assert mean is None if not measured else min(measured) <= mean <= max(measured)


@suite
@given(amounts, amounts, amounts, amounts, amounts)
def test_a_waste_balance_differs_by_what_the_closing_stock_does(opening, generated, dispatched, reused, more):
    expected = WasteBalance(opening, generated, dispatched, reused, ZERO).expected_closing_t
    assert WasteBalance(opening, generated, dispatched, reused, expected).difference_t == 0
    assert WasteBalance(opening, generated, dispatched, reused, expected + more).difference_t == more


@suite
@given(amounts, above_zero)
def test_a_reason_is_asked_above_the_consent_alone(actual, consented):
    found = AgainstConsent(actual, consented)
    assert found.may_need_reason == (actual > consented) == (found.share_pct > 100)


quarters = st.lists(
    st.builds(
        Quarter, numbers("0", "100"), st.sampled_from([D(0), D(449), D(450), D(900)]), st.none() | numbers("1", "400")
    ),
    max_size=30,
)


@suite
@given(quarters, st.integers(0, 10))
def test_every_hour_of_a_period_is_operating_idle_or_unknown(judged, missing):
    period_h = (len(judged) + missing) * HOURS_PER_QUARTER
    found = operating_hours(judged, period_h)
    assert (found.operating_h or 0) + (found.idle_h or 0) + found.unknown_h == period_h
    assert found.coverage_pct is None or 0 <= found.coverage_pct <= 100


@suite
@given(quarters, st.randoms(use_true_random=False))
def test_operating_hours_do_not_depend_on_the_order_of_quarters(judged, random):
    mixed = list(judged)
    random.shuffle(mixed)
    assert operating_hours(mixed, D(24)) == operating_hours(judged, D(24))


machines = st.lists(
    st.builds(MachineEnergy, st.none() | amounts, st.none() | amounts, amounts, amounts, amounts), max_size=8
)


@suite
@given(machines, st.integers(0, 8))
def test_energy_of_all_machines_is_that_of_any_two_groups(rows_of, cut):
    assume(rows_of)
    whole = energy_total(rows_of)
    halves = energy_total([energy_total(rows_of[:cut]), energy_total(rows_of[cut:])])
    assert (whole.measured_kwh, whole.bridged_kwh, whole.total_kwh) == (
        halves.measured_kwh,
        halves.bridged_kwh,
        halves.total_kwh,
    )
    assert whole.expected_h == halves.expected_h
