"""Carbon credit certificates (1 CCC = 1 t CO2e), on the compliance year's own output. G.S.R. 739(E), r.5(2), (3)."""

from decimal import Decimal

from reports.calculations.trace import Step, given, worked_out

CLAUSE = "GEI Target Rules 2025, G.S.R. 739(E), r.5(2), (3); on the year's equivalent output"
COMPENSATION = "GEI Target Rules 2025, G.S.R. 739(E): twice the average price of the trading cycle"
MODELLED = "modelled, not issued"
ZERO = Decimal(0)


def carbon_credits(
    target_t_per_t: Decimal | None, achieved_t_per_t: Decimal | None, equivalent_output_t: Decimal
) -> Step | None:
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


def environmental_compensation(credits: Step | None, average_price_rs: Decimal | None) -> Step | None:
    """Twice the average CCC price of the trading cycle × shortfall, in ₹; None while either is not known.

    `credits` is what `carbon_credits` gives: below zero it is the shortfall.
    """
    if credits is None or average_price_rs is None:
        return None
    price = given("p", "average price of a CCC", average_price_rs, "₹/t CO2e")
    value = 2 * average_price_rs * max(ZERO, -credits.value)
    formula = "2 × p × max(0, 0 − CCC)"
    return worked_out("EC", "environmental compensation", value, "₹", formula, COMPENSATION, price, credits)
