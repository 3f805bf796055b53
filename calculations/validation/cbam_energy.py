"""CBAM rules on fuels, units and electricity: common errors 4 to 9."""

import re
from collections.abc import Iterator
from decimal import Decimal

from calculations.cbam import goods
from calculations.validation.cbam_goods import category_of, is_definitive
from calculations.validation.finding import BLOCKS, WARNS, Case, Found, Rule, name_of, number, rule

RULES: list[Rule] = []
MOBILE = re.compile(r"fork.?lift|truck|tractor|loader|dumper|vehicle|lorry", re.IGNORECASE)
GENERATOR_FUEL = re.compile(r"diesel|hsd|\bdg\b|gas|furnace oil|\bfo\b", re.IGNORECASE)
GAS = re.compile(r"natural gas|\bpng\b|\blng\b|\bcng\b|gail", re.IGNORECASE)
# Wide enough for any plant; beyond it a unit has slipped by a thousand.
MOST_MWH_PER_T, LEAST_MWH_PER_T = Decimal(40), Decimal("0.0005")
MOST_GRID_FACTOR = Decimal(3)
MOST_SEE = Decimal(100)
NCV_GJ_PER_T = (Decimal("0.5"), Decimal(125))  # blast furnace gas 2.47, hydrogen 120
GAS_GJ_PER_1000NM3 = (Decimal(30), Decimal("39.5"))  # net; gross values of the same gas begin above
RENEWABLE_CERTIFICATES = {"rec", "i-rec", "go"}
GRID = "cbam.grid.in"


@rule(RULES, "CBAM-04", "Quantities are in the units of their fields", WARNS)
def slipped_units(case: Case) -> Found:
    for place, process in case.rows("processes"):
        level, power = number(process, "activity_level_t"), number(process, "electricity", "consumed_mwh")
        factor = number(process, "electricity", "emission_factor")
        if level and power and not LEAST_MWH_PER_T <= power / level <= MOST_MWH_PER_T:
            words = f"{name_of(process)} uses {power / level:.4g} MWh per tonne: kWh, MWh or million units mixed up?"
            yield f"{place}.electricity.consumed_mwh", words
        if factor and factor > MOST_GRID_FACTOR:
            yield f"{place}.electricity.emission_factor", f"{factor} t CO2/MWh: is this in kg?"
        metered = str((process.get("electricity") or {}).get("metered_in") or "kWh")
        if metered.lower() in ("kvah", "mvah"):
            words = f"{name_of(process)} is metered in {metered}: only real power counts (2025/2547 Annex II D.3)."
            yield f"{place}.electricity.metered_in", words, BLOCKS
    for place, entry in case.rows("processes", "purchased_precursors"):
        see = number(entry, "see_direct")
        if see and see > MOST_SEE:
            yield f"{place}.see_direct", f"{see} t CO2e per tonne of {name_of(entry)}: is this in kg?"


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
    value, is_volume = number(stream, "net_calorific_value"), stream.get("unit") == "1000Nm3"
    if value is None:
        return
    low, high = GAS_GJ_PER_1000NM3 if is_volume and GAS.search(name_of(stream)) else NCV_GJ_PER_T
    if value < low:
        yield f"{place}.net_calorific_value", f"{value} GJ for {name_of(stream)}: is this in TJ or in kcal?", WARNS
    elif value > high:
        words = "is this the gross value, or of 15 °C?" if is_volume else "is this in kcal or MJ?"
        yield f"{place}.net_calorific_value", f"{value} GJ for {name_of(stream)}: {words}", WARNS


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
