"""Carbon credit certificates (1 CCC = 1 t CO2e), on the compliance year's own output. G.S.R. 739(E), r.5(2), (3)."""

from decimal import Decimal

from calculations.trace import Step, given, worked_out

CLAUSE = "GEI Target Rules 2025, G.S.R. 739(E), r.5(2), (3); on the year's equivalent output"
MODELLED = "modelled, not issued"


def carbon_credits(target_t_per_t, achieved_t_per_t, equivalent_output_t) -> Step | None:
    """(target − achieved) × equivalent output, t CO2e; negative is a shortfall. None where no target is notified."""
    if target_t_per_t is None or achieved_t_per_t is None:
        return None
    inputs = (
        given("GEI_target", "target", target_t_per_t, "t CO2e/t", "First Schedule"),
        given("GEI", "achieved", achieved_t_per_t, "t CO2e/t"),
        given("Q_eq", "equivalent output", equivalent_output_t, "t"),
    )
    value = (target_t_per_t - achieved_t_per_t) * equivalent_output_t
    return worked_out("CCC", MODELLED, value, "t CO2e", "(GEI_target − GEI) × Q_eq", CLAUSE, *inputs)


def environmental_compensation_rs(shortfall_t: Decimal, average_price_rs: Decimal | None) -> Decimal | None:
    """Twice the average CCC price of the trading cycle × shortfall; None while the price is not known."""
    return None if average_price_rs is None else 2 * average_price_rs * shortfall_t
