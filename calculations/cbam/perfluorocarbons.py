"""Perfluorocarbons of primary aluminium, in t CO2e. Implementing Regulation (EU) 2025/2547, Annex II B.7.

Method A (slope) rests on the anode effect minutes per cell-day, method B on the anode effect overvoltage. The factors
are those of Tables 2 and 3 of B.7 for the technology of the cells, or the smelter's own.
"""

from dataclasses import dataclass
from decimal import Decimal

from calculations.trace import Step, given, require, worked_out

GWP_CF4, GWP_C2F6 = Decimal(6630), Decimal(11100)  # t CO2e/t, Annex II G, Table 6
KG_PER_T = Decimal(1000)

EQ_20 = "2025/2547 Annex II B.7, Eq 20"
EQ_21 = "2025/2547 Annex II B.7.1, Eq 21"
EQ_22 = "2025/2547 Annex II B.7, Eq 22 (slope), 25 (overvoltage)"
EQ_23 = "2025/2547 Annex II B.7.1, Eq 23"
EQ_24 = "2025/2547 Annex II B.7.2, Eq 24"
EQ_26 = "2025/2547 Annex II B.7.3, Eq 26"


@dataclass(frozen=True)
class Slope:
    """Method A: kg CF4 per t Al and anode effect minute per cell-day; the minutes, or effects a day × minutes each."""

    emission_factor: Decimal
    minutes_per_cell_day: Decimal | None = None
    effects_per_cell_day: Decimal | None = None
    minutes_per_effect: Decimal | None = None


@dataclass(frozen=True)
class Overvoltage:
    """Method B: kg CF4 per t Al and mV, mV, and the current efficiency in per cent, as the act has it."""

    coefficient: Decimal
    overvoltage_mv: Decimal
    current_efficiency_percent: Decimal


@dataclass(frozen=True)
class Potline:
    """Primary aluminium of the period in t, t C2F6 per t CF4, and what of both gases the duct collects."""

    aluminium_t: Decimal
    c2f6_t_per_t_cf4: Decimal
    collection_efficiency: Decimal
    method: Slope | Overvoltage


def emissions(potline: Potline) -> Step:
    """Em = CF4 × GWP + C2F6 × GWP, t CO2e (Eq 26)."""
    cf4 = total(duct_cf4(potline), potline)
    fraction = given("F_C2F6", "weight fraction of C2F6", potline.c2f6_t_per_t_cf4, "t C2F6/t CF4")
    c2f6 = worked_out(
        "C2F6", "C2F6", cf4.value * potline.c2f6_t_per_t_cf4, "t C2F6", "CF4 × F_C2F6", EQ_22, cf4, fraction
    )
    value = cf4.value * GWP_CF4 + c2f6.value * GWP_C2F6
    formula = "CF4 × 6630 + C2F6 × 11100"
    return worked_out("Em_meas", "perfluorocarbons", value, "t CO2e", formula, EQ_26, cf4, c2f6)


def total(duct: Step, potline: Potline) -> Step:
    """CF4 in all, with what escapes the duct (Eq 20)."""
    caught = given("η_duct", "collection efficiency", potline.collection_efficiency, "-")
    value = duct.value / potline.collection_efficiency
    return worked_out("CF4", "CF4, duct and fugitive", value, "t CF4", "CF4_duct / η_duct", EQ_20, duct, caught)


def duct_cf4(potline: Potline) -> Step:
    aluminium = given("Pr_Al", "primary aluminium", potline.aluminium_t, "t")
    if isinstance(potline.method, Overvoltage):
        return by_overvoltage(potline.method, aluminium)
    return by_slope(potline.method, aluminium)


def by_slope(method: Slope, aluminium: Step) -> Step:
    """CF4 = AEM × SEF / 1000 × Pr_Al (Eq 21)."""
    minutes = effect_minutes(method)
    factor = given("SEF", "slope emission factor", method.emission_factor, "(kg CF4/t Al)/(min/cell-day)")
    value = minutes.value * method.emission_factor / KG_PER_T * aluminium.value
    inputs = minutes, factor, aluminium
    return worked_out("CF4_duct", "CF4, slope method", value, "t CF4", "AEM × SEF / 1000 × Pr_Al", EQ_21, *inputs)


def effect_minutes(method: Slope) -> Step:
    """AEM in minutes per cell-day, recorded or frequency × average duration (Eq 23)."""
    if method.minutes_per_cell_day is not None:
        return given("AEM", "anode effect minutes", method.minutes_per_cell_day, "min/cell-day")
    effects = given("f", "anode effects", require(method.effects_per_cell_day), "1/cell-day")
    duration = given("t", "average duration", require(method.minutes_per_effect), "min")
    value = effects.value * duration.value
    return worked_out("AEM", "anode effect minutes", value, "min/cell-day", "f × t", EQ_23, effects, duration)


def by_overvoltage(method: Overvoltage, aluminium: Step) -> Step:
    """CF4 = OVC × (AEO / CE) × Pr_Al × 0.001 (Eq 24)."""
    inputs = (
        given("OVC", "overvoltage coefficient", method.coefficient, "(kg CF4/t Al)/mV"),
        given("AEO", "anode effect overvoltage", method.overvoltage_mv, "mV"),
        given("CE", "current efficiency", method.current_efficiency_percent, "%"),
        aluminium,
    )
    value = method.coefficient * (method.overvoltage_mv / method.current_efficiency_percent) * aluminium.value
    formula = "OVC × (AEO / CE) × Pr_Al × 0.001"
    return worked_out("CF4_duct", "CF4, overvoltage method", value / KG_PER_T, "t CF4", formula, EQ_24, *inputs)
