"""CBAM arithmetic on installations nobody would think of: what must hold whatever was entered."""

import copy
from decimal import Decimal as D

from hypothesis import assume, given
from hypothesis import strategies as st

from calculations.cbam import allocation, composition, heat, json_input, stream_values
from calculations.cbam.attribution import CoProduct, SharedEmissions, parts_of
from calculations.cbam.heat import Boiler, Cogeneration, FuelInput
from calculations.quantities import weighted_mean
from calculations.tests.properties import (
    ONE,
    ZERO,
    above_zero,
    above_zero_shares,
    amounts,
    fuel,
    installations,
    is_close,
    numbers,
    scales,
    shares,
    suite,
)
from calculations.trace import given as entered

BY_TONNE = ("see_direct", "see_indirect", "electricity_mwh_per_t")


def worked_out(data):
    return json_input.work_out(copy.deepcopy(data))


def specific(found):
    """{process: its three specific figures}"""
    return {
        name: (one.see_direct.value, one.see_indirect.value, one.electricity_mwh_per_t.value)
        for name, one in found.processes.items()
    }


def size_of(found) -> D:
    """The size of the terms that a specific figure may be a difference of."""
    return max([abs(step.value) for one in found.processes.values() for _, step in one.see_direct.lines()], default=ONE)


# Conservation


@suite
@given(installations())
def test_what_is_attributed_and_bought_leaves_with_the_goods(data):
    """Σ SEE × (activity level − what own processes take) = Σ attributed + Σ bought: nothing lost, nothing twice."""
    found = worked_out(data)
    for part in ("direct", "indirect"):
        taken: dict[str, D] = {}
        for process in found.installation.processes:
            for entry in process.own:
                taken[entry.process] = taken.get(entry.process, ZERO) + entry.mass_t
        left, came, size = ZERO, ZERO, ONE
        for name, one in found.processes.items():
            see = getattr(one, f"see_{part}").value
            left += see * (one.process.activity_level_t - taken.get(name, ZERO))
            size = max(size, abs(see) * (one.process.activity_level_t + taken.get(name, ZERO)))
            came += getattr(one, f"attributed_{part}").value
            came += sum((entry.mass_t * getattr(entry, f"see_{part}") for entry in one.process.purchased), ZERO)
        assert is_close(left, came, size)


@suite
@given(st.lists(fuel("fuel"), max_size=6))
def test_an_installation_emits_the_sum_of_its_streams_fossil_and_biomass(rows):
    process = {"name": "P", "activity_level_t": 1, "directly_attributable_emissions_t": 0}
    goods = [{"process": "P", "cn_code": "73181542"}]
    found = json_input.work_out({"source_streams": rows, "processes": [process], "goods": goods})
    assert found.direct.value == sum((one.fossil.value for one in found.streams), ZERO)
    for row, one in zip(rows, found.streams, strict=True):
        whole = (
            row["activity_data"] * row["net_calorific_value"] / 1000 * row["emission_factor"] * row["oxidation_factor"]
        )
        assert is_close(one.fossil.value + one.biomass.value, whole, whole)


@suite
@given(installations(), above_zero)
def test_reconciled_meters_add_up_to_the_installation(data, whole):
    meters = [row["electricity"]["consumed_mwh"] for row in data["processes"]]
    assume(sum(meters) > 0)
    found = worked_out({**data, "installation_totals": {"electricity_mwh": whole}})
    read = [process.electricity.consumed_mwh for process in found.installation.processes]
    assert is_close(sum(read), whole, whole)
    for before, after in zip(meters, read, strict=True):
        assert is_close(before * whole, after * sum(meters), whole * sum(meters))  # each by the same factor


@suite
@given(amounts, st.lists(st.tuples(above_zero, numbers("1", "500")), min_size=1, max_size=5), st.booleans())
def test_co_products_take_all_of_what_they_share(emissions, products, by_moles):
    rows = tuple(
        CoProduct(f"P{place}", mass, molar if by_moles else None) for place, (mass, molar) in enumerate(products)
    )
    parts = [step.value for step in parts_of(SharedEmissions("S", emissions, rows))]
    assert is_close(sum(parts), emissions, emissions)
    assert all(part >= 0 for part in parts)


fuel_inputs = st.lists(
    st.builds(FuelInput, st.just("fuel"), above_zero, numbers("0", "300"), st.booleans()), min_size=1, max_size=4
).map(tuple)


@suite
@given(fuel_inputs, above_zero, above_zero, above_zero_shares, above_zero_shares, amounts, st.booleans())
def test_cogeneration_gives_all_it_emits_to_heat_and_electricity(
    fuels, heat_tj, mwh, of_heat, of_power, cleaning, known
):
    unit = Cogeneration("CHP", fuels, heat_tj, mwh, of_heat, of_power, cleaning, known)
    emitted = heat.emissions(fuels, cleaning).value
    back = unit.heat_factor.value * heat_tj + unit.electricity_factor.value * mwh
    assert is_close(back, emitted, emitted)
    assert is_close(unit.heat_share.value + unit.electricity_share.value, ONE)


@suite
@given(fuel_inputs, above_zero_shares)
def test_a_boilers_heat_carries_the_emissions_of_its_fuel(fuels, efficiency):
    """What it emits is what its heat carries, E_In × η at EF_heat; without cleaning no more than its worst fuel."""
    factor = Boiler("B", fuels, efficiency).heat_factor.value
    burnt = heat.energy_input(fuels).value
    assert is_close(factor * burnt * efficiency, heat.emissions(fuels, ZERO).value, factor * burnt)
    assert factor * efficiency <= max(one.emission_factor for one in fuels) + D("1e-20")


@suite
@given(installations(), above_zero, above_zero)
def test_heat_losses_are_added_whole_to_the_users(data, losses, factor):
    unit = {"name": "Boiler", "kind": "boiler", "efficiency": ONE, "losses_tj": losses}
    unit["fuels"] = [{"name": "F", "energy_tj": ONE, "emission_factor": factor}]
    users = [row for row in data["processes"] if row["heat"]["imported_tj"]]
    assume(users)
    changed = copy.deepcopy({**data, "energy_units": [unit]})
    for row in changed["processes"]:
        if row["heat"]["imported_tj"]:
            del row["heat"]["imported_emission_factor"]
            row["heat"]["imported_from"] = "Boiler"
    found = json_input.work_out(changed)
    lost = sum((process.heat.imported_losses_t for process in found.installation.processes), ZERO)
    assert is_close(lost, losses * factor, losses * factor)


# Scaling and units


def scaled(data, by):
    """Every quantity of the year times `by`; factors and specific values as they are."""
    extensive = {
        *("activity_data", "activity_level_t", "directly_attributable_emissions_t", "consumed_mwh", "exported_mwh"),
        *("imported_tj", "exported_tj", "mass_t", "emissions_t_co2e"),
    }

    def walk(node):
        if isinstance(node, dict):
            return {key: value * by if key in extensive else walk(value) for key, value in node.items()}
        return [walk(entry) for entry in node] if isinstance(node, list) else node

    return walk(data)


@suite
@given(installations(), scales)
def test_twice_the_year_has_twice_the_emissions_and_the_same_per_tonne(data, by):
    one, other = worked_out(data), worked_out(scaled(data, by))
    size = size_of(one)
    assert is_close(one.direct.value * by, other.direct.value, one.direct.value * by)
    assert is_close(one.indirect.value * by, other.indirect.value, one.indirect.value * by)
    for name, figures in specific(one).items():
        for before, after in zip(figures, specific(other)[name], strict=True):
            assert is_close(before, after, size)


@suite
@given(amounts, above_zero_shares, numbers("1", "125"), shares)
def test_carbon_counts_the_same_by_every_method(tonnes, content, ncv, biomass):
    """Combustion with Eq 8, process with Eq 9 and mass balance with Eq 12 of the same carbon."""
    carbon = {"carbon_content": content, "carbon_content_unit": "tC/t"}
    same = {"name": "carbon", "activity_data": tonnes, "unit": "t", "biomass_fraction": biomass, **carbon}
    rows = [
        {**same, "method": "combustion", "net_calorific_value": ncv, "net_calorific_value_unit": "GJ/t"},
        {**same, "method": "process"},
        {**same, "method": "mass_balance"},
    ]
    process = {"name": "P", "activity_level_t": 1, "directly_attributable_emissions_t": 0}
    goods = [{"process": "P", "cn_code": "73181542"}]
    found = json_input.work_out({"source_streams": rows, "processes": [process], "goods": goods})
    first, *others = [one.fossil.value for one in found.streams]
    assert all(is_close(first, other, tonnes) for other in others)


@suite
@given(above_zero_shares, numbers("1", "125"))
def test_a_carbon_content_comes_back_from_its_factor(content, ncv):
    by_energy = stream_values.emission_factor_by_energy(content, ncv).value
    assert is_close(stream_values.carbon_content_by_energy(by_energy, ncv).value, content)
    by_mass = stream_values.emission_factor_by_mass(content).value
    assert is_close(stream_values.carbon_content_by_mass(by_mass).value, content)


@suite
@given(installations(), st.lists(above_zero, min_size=1, max_size=4), numbers("0", "3"))
def test_sources_of_one_factor_count_as_one_source(data, parts, factor):
    one, other = copy.deepcopy(data), copy.deepcopy(data)
    one["processes"][0]["electricity"] = {"consumed_mwh": sum(parts), "emission_factor": factor}
    sources = [{"name": f"meter {place}", "mwh": mwh, "emission_factor": factor} for place, mwh in enumerate(parts)]
    other["processes"][0]["electricity"] = {"sources": sources}
    assert is_close(worked_out(one).indirect.value, worked_out(other).indirect.value, worked_out(one).indirect.value)


@suite
@given(numbers("0", "100"), above_zero)
def test_a_functional_unit_and_back_is_the_tonne(see, content):
    assert is_close(composition.per_tonne(composition.per_functional_unit(see, content), content), see)


# Monotonicity


@suite
@given(installations(), st.data(), above_zero)
def test_more_emissions_never_make_a_good_cleaner(data, draw, more):
    place = draw.draw(st.integers(0, len(data["processes"]) - 1))
    field = draw.draw(
        st.sampled_from(
            [("directly_attributable_emissions_t",), ("electricity", "consumed_mwh"), ("heat", "imported_tj"),
             ("waste_gas", "imported_tj")]
        )
    )  # fmt: skip
    changed = copy.deepcopy(data)
    target = changed["processes"][place]
    for key in field[:-1]:
        target = target[key]
    target[field[-1]] += more
    before, after = worked_out(data), worked_out(changed)
    slack = D("1e-20") * size_of(after)
    for name, figures in specific(before).items():
        assert all(now >= then - slack for then, now in zip(figures, specific(after)[name], strict=True))


@suite
@given(installations(), above_zero)
def test_more_goods_from_the_same_emissions_are_never_dirtier(data, more):
    changed = copy.deepcopy(data)
    changed["processes"][0]["activity_level_t"] += more
    name = changed["processes"][0]["name"]
    for then, now in zip(specific(worked_out(data))[name], specific(worked_out(changed))[name], strict=True):
        assert now <= then + D("1e-20") * max(ONE, then)


terms = st.tuples(numbers("0", "10"), numbers("0", "3"), numbers("0", "1"))


@suite
@given(terms, numbers("0", "3"))
def test_more_free_allocation_leaves_no_more_to_pay_for(row, more):
    see, benchmark, paid = row
    year = allocation.YearFactors(D("0.975"), ONE)

    def left(value):
        sefa = allocation.allocation(year, value)
        return allocation.obligation(entered("SEE", "", see, "t CO2e/t"), sefa, paid).value

    assert 0 <= left(benchmark + more) <= left(benchmark) <= see


@suite
@given(st.lists(st.tuples(above_zero, amounts), min_size=1, max_size=6))
def test_a_weighted_mean_lies_between_its_values(rows):
    found = weighted_mean(rows)
    values = [value for _, value in rows]
    slack = D("1e-20") * max(ONE, *values)
    assert min(values) - slack <= found <= max(values) + slack


@suite
@given(installations())
def test_the_share_of_default_values_is_a_share(data):
    for row in data["processes"]:
        row["heat"]["exported_tj"] = row["electricity"]["exported_mwh"] = row["waste_gas"]["exported_tj"] = ZERO
    for one in worked_out(data).processes.values():
        assert one.default_share is None or -D("1e-20") <= one.default_share <= 1 + D("1e-20")


# Order


@suite
@given(installations(), st.randoms(use_true_random=False))
def test_the_order_of_an_input_changes_no_figure(data, random):
    mixed = copy.deepcopy(data)
    for rows in (
        mixed["source_streams"],
        mixed["processes"],
        *(row["purchased_precursors"] for row in mixed["processes"]),
    ):
        random.shuffle(rows)
    one, other = worked_out(data), worked_out(mixed)
    size = size_of(one)
    assert is_close(one.direct.value, other.direct.value, size)
    for name, figures in specific(one).items():
        assert all(is_close(then, now, size) for then, now in zip(figures, specific(other)[name], strict=True))
    assert is_close(one.reconciliation.difference_t, other.reconciliation.difference_t, one.direct.value + size)
