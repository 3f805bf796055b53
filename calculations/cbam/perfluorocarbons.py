"""Perfluorocarbons of primary aluminium, and nitrous oxide, in t CO2e. 2025/2547 Annex II B.7, B.6.2.4 and B.9."""

from decimal import Decimal

KG_PER_T = Decimal(1000)


def total_t(duct_t: Decimal, collection_efficiency: Decimal) -> Decimal:
    """PFC (total) = PFC (duct) / collection efficiency (Eq 20)."""
    return duct_t / collection_efficiency


def cf4_by_slope_t(effect_minutes_per_cell_day: Decimal, slope_factor: Decimal, aluminium_t: Decimal) -> Decimal:
    """CF4 = AEM × SEF / 1000 × Pr_Al (Eq 21); SEF in kg CF4 per t Al and anode-effect minute per cell-day."""
    return effect_minutes_per_cell_day * slope_factor / KG_PER_T * aluminium_t


def cf4_by_overvoltage_t(coefficient, overvoltage_mv, current_efficiency_pct, aluminium_t) -> Decimal:
    """CF4 = OVC × AEO / CE × Pr_Al × 0.001 (Eq 24); CE in per cent, as the regulation has it."""
    return coefficient * overvoltage_mv / current_efficiency_pct * aluminium_t / KG_PER_T


def c2f6_t(cf4_t: Decimal, weight_fraction: Decimal) -> Decimal:
    """C2F6 = CF4 × F_C2F6 (Eq 22, 25)."""
    return cf4_t * weight_fraction


def co2e_t(cf4_t: Decimal, c2f6_t: Decimal, gwp_cf4: Decimal, gwp_c2f6: Decimal) -> Decimal:
    """PFC in t CO2e (Eq 26)."""
    return cf4_t * gwp_cf4 + c2f6_t * gwp_c2f6


def nitrous_oxide_co2e_t(nitrous_oxide_t: Decimal, gwp: Decimal) -> Decimal:
    """CO2e = N2O × GWP (Eq 18); N2O itself only from continuous measurement (B.6.1)."""
    return nitrous_oxide_t * gwp


def measured_t(hours: list[tuple[Decimal, Decimal]]) -> Decimal:
    """Emissions of a CEMS in t, from hourly (g/Nm³, Nm³) (Eq 16)."""
    return sum((grams * volume for grams, volume in hours), Decimal(0)) / Decimal(10) ** 6


def substituted_concentration(mean: Decimal, deviation: Decimal) -> Decimal:
    """A CEMS hour with fewer than 80 % of its values: mean plus twice the standard deviation (Eq 19)."""
    return mean + 2 * deviation
