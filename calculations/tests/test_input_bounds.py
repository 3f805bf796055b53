"""Every value of every example: what happens where it is missing, zero, negative, too large, or of another kind."""

import re
from decimal import Decimal as D

import pytest

from calculations import strict_json
from calculations.tests.faults import GONE, with_value
from calculations.tests.test_calculate import NAMES, SCHEMES, vector

STREAM, PROCESS, BOUGHT = "source_streams[]", "processes[]", "processes[].purchased_precursors[]"
# What an input may leave out; all else is a fault at its place.
OPTIONAL = {
    *("title", "source", "period", "pat:source_streams", "pat:bought_energy", "bought_energy[].version"),
    *("installation", "installation.name", "installation.country", "installation_totals", "prices"),
    *("installation_totals.electricity_mwh", "free_allocation.source", "energy_units[].losses_tj"),
    *("energy_units[].flue_gas_cleaning_t", "shared_emissions", f"{STREAM}.ash", f"{STREAM}.biomass_fraction"),
    *(f"{STREAM}.clinker_balance.{key}" for key in ("cement_stock_change_t", "clinker_stock_change_t")),
    *(f"{STREAM}.clinker_balance.{key}" for key in ("clinker_dispatched_t", "clinker_supplied_t")),
    f"{STREAM}.measurement.hours[].concentration_g_per_nm3",  # substituted then
    *(f"{PROCESS}.{key}" for key in ("category", "electricity", "heat", "own_precursors", "purchased_precursors")),
    *(f"{PROCESS}.electricity.{key}" for key in ("consumed_mwh", "exported_mwh", "sources")),
    *(f"{PROCESS}.heat.{key}" for key in ("imported_tj", "imported_medium", "imported_by_fuel")),
    *(f"{PROCESS}.benchmark_a_t_per_t", f"{BOUGHT}.category", f"{BOUGHT}.electricity_mwh_per_t"),
    *(f"{BOUGHT}.benchmark_b_t_per_t", f"{BOUGHT}.electricity_emission_factor"),
    *(f"goods[].{key}" for key in ("name", "clinker_t_per_t", "nitrogen_kg_per_t", "quantity_t", "default_value")),
    *(f"goods[].{key}" for key in ("benchmark_a_t_per_t", "benchmark_b_t_per_t", "benchmark_source")),
    *("goods[].carbon_price_paid_t_per_t", "pat", "pat.target_sec_toe_per_t", "ccts.target_t_co2e_per_t"),
    *("ccts", "ccts.average_price_rs", "heat", "fuels", "products", "products[].equivalence"),
    *("electricity.purchased_kwh", "electricity.excluded_kwh", "electricity.exported_kwh"),
    *("electricity.captive_plant", "electricity.captive_plant.auxiliary_share", "electricity.own_generation"),
}
# What is missed at another place, or only with something else: a fault all the same where it is needed.
ELSEWHERE = {
    *(
        "energy_units",
        "free_allocation",
        "ccts",
        "shared_emissions[].co_products[].molar_mass_g_per_mol",
        f"{PROCESS}.composition",
        f"{PROCESS}.heat.imported_from",
    ),
    *(f"{PROCESS}.composition[].clinker_t_per_t", f"{PROCESS}.composition[].nitrogen_kg_per_t"),
    *(f"{PROCESS}.electricity.sources[].unit", f"{PROCESS}.electricity.emission_factor"),
    *(f"{STREAM}.{key}" for key in ("carbon_content", "clinker_balance", "deliveries", "kiln_dust")),
    *(f"{STREAM}.measurement.substitution", f"{BOUGHT}.electricity_emission_factor"),
}
SIGNED = {f"{STREAM}.clinker_balance.cement_stock_change_t", f"{STREAM}.clinker_balance.clinker_stock_change_t"}
ABOVE_ZERO = {
    *(f"{PROCESS}.activity_level_t", f"{STREAM}.perfluorocarbons.collection_efficiency", "prices.inr_per_eur"),
    *(f"{STREAM}.perfluorocarbons.current_efficiency_percent", f"{STREAM}.kiln_dust.clinker_emission_factor"),
    *(f"{STREAM}.clinker_balance.clinker_to_cement_ratio", f"{STREAM}.ash.carbon_in_fuel_t"),
    *(f"{PROCESS}.composition[].quantity_t", f"{PROCESS}.composition[].clinker_t_per_t", "prices.certificate_eur"),
    *(f"{PROCESS}.composition[].nitrogen_kg_per_t", f"{PROCESS}.electricity.sources[].mwh", "goods[].quantity_t"),
    *("goods[].clinker_t_per_t", "goods[].nitrogen_kg_per_t", "energy_units[].efficiency"),
    *("shared_emissions[].co_products[].mass_t", "shared_emissions[].co_products[].molar_mass_g_per_mol"),
    *("energy_units[].net_heat_tj", "energy_units[].net_electricity_mwh"),
    *("energy_units[].reference_efficiency_heat", "energy_units[].reference_efficiency_electricity"),
    *("electricity.own_generation[].heat_rate_kcal_per_kwh", "electricity.captive_plant.fuel_kcal"),
    *("electricity.captive_plant.generated_kwh", "fuels[].density_kg_per_l", "pat.target_sec_toe_per_t"),
    *("fuels[].gross_calorific_value_kcal_per_kg", "products[].equivalence", "ccts.average_price_rs"),
}
SHARES = {
    *(f"{STREAM}.biomass_fraction", f"{STREAM}.carbon_content", f"{STREAM}.kiln_dust.calcination"),
    *(f"{STREAM}.perfluorocarbons.collection_efficiency", f"{STREAM}.clinker_balance.clinker_to_cement_ratio"),
    *(f"{PROCESS}.composition[].clinker_t_per_t", "goods[].clinker_t_per_t", "goods[].default_value.mark_up"),
    *("energy_units[].efficiency", "energy_units[].reference_efficiency_heat", "free_allocation.cbam_factor"),
    *("energy_units[].reference_efficiency_electricity", "free_allocation.correction_factor"),
    "electricity.captive_plant.auxiliary_share",
}
# Zero leaves nothing to divide by: told in other words at the same place, or where the division is.
ZERO_ELSEWHERE = {"energy_units[].fuels[].energy_tj", f"{STREAM}.net_calorific_value"}
OTHER_KINDS = (True, "words", D("1.5"), [], {})


def places(node, path=()):
    """(path, value) of everything but what the file's author expects."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in inner:
        if (*path, key) != ("expected",):
            yield (*path, key), value
            yield from places(value, (*path, key))


def written(path):
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)[1:]


def is_among(scheme, path, kinds):
    """Whether a set holds this place, its rows without their numbers; some hold for one scheme alone."""
    kind = re.sub(r"\d+\]", "]", written(path))
    return kind in kinds or f"{scheme}:{kind}" in kinds


class Example:
    """A file and the faults it has when one of its values is another."""

    def __init__(self, name):
        self.scheme, self.data = name.split("-")[0], vector(name)
        self.places = list(places(self.data))
        self.numbers = [(path, value) for path, value in self.places if isinstance(value, D)]

    def faults(self, path, value):
        try:
            SCHEMES[self.scheme].work_out(with_value(self.data, path, value))
        except strict_json.StructureError as refused:
            return refused.faults
        return []

    def told(self, path, value, words):
        """Whether a fault at this place says so."""
        return any(one.place == written(path) and words in one.sentence for one in self.faults(path, value))

    def wrong(self, cases, expected, found):
        """The places of `cases` where `found` is otherwise than what their set says."""
        return [written(path) for path, _ in cases if found(path) != is_among(self.scheme, path, expected)]

    def is_signed(self, path):
        """What leaves a mass balance is negative."""
        if path[-1] == "activity_data" and self.data[path[0]][path[1]]["method"] == "mass_balance":
            return True
        return is_among(self.scheme, path, SIGNED)


@pytest.fixture(params=NAMES)
def example(request):
    return Example(request.param)


def test_what_is_missing_is_told_at_its_place_unless_it_may_be(example):
    cases = [case for case in example.places if not is_row(case) and not is_among(example.scheme, case[0], ELSEWHERE)]
    missing = {path for path, _ in cases if example.told(path, GONE, "is missing")}
    assert example.wrong(cases, OPTIONAL, lambda path: path not in missing) == []


def is_row(case):
    """A row of a list that is gone is another input, not a fault."""
    return isinstance(case[0][-1], int)


def test_zero_is_refused_where_it_means_nothing(example):
    cases = [case for case in example.numbers if not is_among(example.scheme, case[0], ZERO_ELSEWHERE)]
    assert example.wrong(cases, ABOVE_ZERO, lambda path: example.told(path, D(0), "must be above 0")) == []


def test_a_negative_number_is_refused_but_where_something_leaves(example):
    for path, _ in example.numbers:
        is_refused = any(example.told(path, D("-0.001"), words) for words in ("be above 0", "not be below 0"))
        assert is_refused != example.is_signed(path), written(path)


def test_a_share_is_at_most_one(example):
    assert (
        example.wrong(example.numbers, SHARES, lambda path: example.told(path, D("1.001"), "must not be above")) == []
    )


def test_a_value_of_another_kind_is_a_fault_within_it(example):
    for path, value in example.places:
        for other in OTHER_KINDS:
            if type(other) is not type(value) and not (other in ([], {}) and isinstance(value, list | dict)):
                found = example.faults(path, other)
                assert any(one.place.startswith(written(path)) for one in found), (written(path), other)


def test_every_set_names_places_that_there_are():
    """A key that was renamed leaves no line behind here."""
    known = set()
    for name in NAMES:
        one = Example(name)
        kinds = {re.sub(r"\d+\]", "]", written(path)) for path, _ in one.places}
        known |= kinds | {f"{one.scheme}:{kind}" for kind in kinds}
    listed = OPTIONAL | ELSEWHERE | SIGNED | ABOVE_ZERO | SHARES | ZERO_ELSEWHERE
    assert listed <= known, listed - known
