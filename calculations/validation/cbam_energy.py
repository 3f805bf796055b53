"""CBAM rules on fuels, units and electricity: common errors 4 to 9."""

import re
from collections.abc import Iterator
from decimal import Decimal

from calculations.cbam import goods
from calculations.cbam.stream_file import PER_T, PER_TJ
from calculations.plausibility import (
    CARBON_DIOXIDE_OF_A_TONNE,
    GRID_FACTOR,
    MWH_PER_TONNE,
    OWN_DIRECT,
    SEE,
    PlausibleRange,
    kind_named,
    ranges_of,
)
from calculations.validation.cbam_goods import category_of, is_definitive
from calculations.validation.finding import BLOCKS, WARNS, Case, Found, Rule, name_of, number, rule

RULES: list[Rule] = []
MOBILE = re.compile(r"fork.?lift|truck|tractor|loader|dumper|vehicle|lorry", re.IGNORECASE)
GENERATOR_FUEL = re.compile(r"diesel|hsd|\bdg\b|gas|furnace oil|\bfo\b", re.IGNORECASE)
RENEWABLE_CERTIFICATES = {"rec", "i-rec", "go"}
GRID = "cbam.grid.in"
PRECURSOR_RANGES = {
    "see_direct": SEE,
    "electricity_mwh_per_t": MWH_PER_TONNE,
    "electricity_emission_factor": GRID_FACTOR,
}


@rule(RULES, "CBAM-04", "Quantities are in the units of their fields", WARNS)
def slipped_units(case: Case) -> Found:
    for place, process in case.rows("processes"):
        level = number(process, "activity_level_t")
        for path, quantity, plausible in (
            (("electricity", "consumed_mwh"), "electricity", MWH_PER_TONNE),
            (("directly_attributable_emissions_t",), "direct emissions", OWN_DIRECT),
        ):
            amount = number(process, *path)
            if level and amount:
                yield from doubts(
                    f"{place}.{'.'.join(path)}", f"{name_of(process)}, {quantity} per tonne", amount / level, plausible
                )
        factor = number(process, "electricity", "emission_factor")
        yield from doubts(f"{place}.electricity.emission_factor", name_of(process), factor, GRID_FACTOR)
        metered = str((process.get("electricity") or {}).get("metered_in") or "kWh")
        if metered.lower() in ("kvah", "mvah"):
            words = f"{name_of(process)} is metered in {metered}: only real power counts (2025/2547 Annex II D.3)."
            yield f"{place}.electricity.metered_in", words, BLOCKS
    for place, entry in case.rows("processes", "purchased_precursors"):
        for key, plausible in PRECURSOR_RANGES.items():
            yield from doubts(f"{place}.{key}", name_of(entry), number(entry, key), plausible)
    for place, stream in case.rows("source_streams"):
        yield from factor_doubts(place, stream)


def factor_doubts(place: str, stream: dict) -> Found:
    where, value = f"{place}.emission_factor", number(stream, "emission_factor")
    if stream.get("emission_factor_unit") == PER_TJ:
        yield from doubts(where, name_of(stream), value, ranges_of(kind_named(name_of(stream))).factor_t_per_tj)
    elif stream.get("emission_factor_unit") == PER_T and stream.get("gas") in (None, "", "CO2"):
        yield from doubts(where, name_of(stream), value, CARBON_DIOXIDE_OF_A_TONNE)


def doubts(place: str, name: str, value: Decimal | None, plausible: PlausibleRange) -> Found:
    """An unusual value warns, an impossible one blocks."""
    if value and (doubt := plausible.doubt(value)):
        yield place, f"{name}: {doubt.sentence}", BLOCKS if doubt.is_impossible else WARNS


@rule(RULES, "CBAM-05", "Calorific values are net, gas is in normal cubic metres")
def calorific_values(case: Case) -> Found:
    for place, stream in case.rows("source_streams"):
        if str(stream.get("calorific_basis") or "net").lower() == "gross":
            yield f"{place}.calorific_basis", f"{name_of(stream)} has a gross calorific value; the net one is needed."
        if str(stream.get("volume_conditions") or "0 °C").startswith("15"):
            words = f"{name_of(stream)} is in standard cubic metres of 15 °C: convert to 0 °C (× 273.15 / 288.15)."
            yield f"{place}.volume_conditions", words
        yield from odd_calorific_value(place, stream)


def odd_calorific_value(place: str, stream: dict) -> Found:
    ranges = ranges_of(kind_named(name_of(stream)))
    plausible = ranges.net_gj_per_1000nm3 if stream.get("unit") == "1000Nm3" else ranges.net_gj_per_t
    value = number(stream, "net_calorific_value")
    yield from doubts(f"{place}.net_calorific_value", name_of(stream), value, plausible)


@rule(RULES, "CBAM-06", "Oxidation and conversion factors are fractions", WARNS)
def oxidation(case: Case) -> Found:
    for place, stream in case.rows("source_streams"):
        for key in ("oxidation_factor", "conversion_factor"):
            value = number(stream, key)
            if value is not None and value < Decimal("0.5"):
                yield f"{place}.{key}", f"{value} for {name_of(stream)}: 1 means complete; was 1 % typed for 100 %?"


@rule(RULES, "CBAM-07", "Biomass is zero-rated only with proof")
def biomass(case: Case) -> Found:
    for place, stream in case.rows("source_streams"):
        is_fuel = stream.get("method") in ("combustion", "mass_balance") or number(stream, "net_calorific_value")
        if number(stream, "biomass_fraction") and is_fuel and not stream.get("biomass_evidence"):
            words = (
                f"{name_of(stream)} is zero-rated in part without proof of the criteria of Directive (EU) 2018/2001; "
                "without it the carbon counts as fossil (2025/2547 Annex II B.3.3)."
            )
            yield f"{place}.biomass_fraction", words, BLOCKS if case.is_report else WARNS


@rule(RULES, "CBAM-08", "Vehicles are left out, generators are in")
def vehicles_and_generators(case: Case) -> Found:
    streams = case.rows("source_streams")
    for place, stream in streams:
        if stream.get("is_mobile"):
            yield (
                place,
                f"{name_of(stream)} is burnt in mobile machinery, which is excluded (2025/2547 Annex II B.1(c)).",
            )
        elif MOBILE.search(name_of(stream)):
            yield place, f"{name_of(stream)} sounds like mobile machinery, which is excluded.", WARNS
    generated = number(case.data, "own_generation_mwh")
    if generated and not any(GENERATOR_FUEL.search(name_of(stream)) for _, stream in streams):
        yield "own_generation_mwh", f"{generated} MWh were generated, but no fuel of the generators is entered."


@rule(RULES, "CBAM-09", "Electricity has the factor of the act and counts only where it must")
def electricity_factors(case: Case) -> Found:
    if not is_definitive(case):
        return
    grid = case.references.get(GRID)
    for place, process in case.rows("processes"):
        counts = goods.counts_indirect(category_of(case, process))
        for where, used in bought_electricity(process) if counts else ():
            yield from factor_faults(f"{place}.{where}.emission_factor", name_of(process), used, grid, is_indian(case))
    yield from counted_for_annex_ii(case)


def bought_electricity(process: dict) -> Iterator[tuple[str, dict]]:
    """(path, row) of the electricity whose factor must be that of the act: with a unit or evidence it is its own."""
    electricity = process.get("electricity") or {}
    sources = electricity.get("sources")
    if sources is None:
        rows = [("electricity", electricity, electricity.get("consumed_mwh"))]
    else:
        rows = [(f"electricity.sources[{place}]", row, row.get("mwh")) for place, row in enumerate(sources)]
    for where, row, used in rows:
        if used and not (row.get("unit") or row.get("evidence") or row.get("actual_factor_evidence")):
            yield where, row


def factor_faults(place: str, name: str, row: dict, grid: Decimal | None, indian: bool) -> Found:
    factor, source = number(row, "emission_factor"), str(row.get("factor_source") or "").lower()
    if factor is None:
        return
    if factor == 0 or source in RENEWABLE_CERTIFICATES:
        words = "renewable certificates are no evidence; a direct link or a physical purchase agreement is (D.4.3)."
        yield place, f"{name} counts electricity at {factor}: {words}"
    elif source == "cea" or (grid is not None and indian and factor != grid):
        words = f"the default of the act ({grid} for India) holds, a CEA factor does not replace it (D.4)."
        yield place, f"{name} uses {factor} t CO2/MWh: {words}"


def is_indian(case: Case) -> bool:
    return str((case.data.get("installation") or {}).get("country") or "India").lower() in ("india", "in")


def counted_for_annex_ii(case: Case) -> Found:
    for place, good in case.rows("goods"):
        category = goods.category_of(str(good.get("cn_code") or ""))
        if category and goods.counts_indirect(category) is False and number(good, "reported", "see_indirect"):
            words = (
                f"{name_of(good)}: electricity is recorded, not counted, for {category.lower()} (Annex II of 2023/956)."
            )
            yield f"{place}.reported.see_indirect", words
