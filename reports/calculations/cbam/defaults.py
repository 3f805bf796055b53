"""Default values with their mark-up against actual values, in tonnes and rupees.

Implementing Regulation (EU) 2025/2621, Annex I: the total is increased by the mark-up of the year of import. Base
values and mark-ups are kept apart; the product is never stored.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from reports.calculations.trace import Step, given, worked_out

CLAUSE = "2025/2621 Annex I, introductory part"


def marked_up(base: Decimal, mark_up: Decimal, base_source: str = "entered", mark_up_source: str = "entered") -> Step:
    """Base total × (1 + mark-up); the mark-up is a fraction."""
    inputs = (
        given("D", "default value, total", base, "t CO2e/t", base_source),
        given("μ", "mark-up of the year", mark_up, "-", mark_up_source),
    )
    return worked_out(
        "D_m", "default value with mark-up", base * (1 + mark_up), "t CO2e/t", "D × (1 + μ)", CLAUSE, *inputs
    )


def printed_default(value: Decimal) -> Decimal:
    """Three decimals, as the act prints them."""
    return value.quantize(Decimal("0.001"), ROUND_HALF_UP)


@dataclass(frozen=True)
class Prices:
    """EUR per certificate (1 t CO2e) and rupees per EUR; None while not published or not entered."""

    certificate_eur: Decimal | None = None
    inr_per_eur: Decimal | None = None

    def rupees(self, emissions_t: Decimal) -> Decimal | None:
        if self.certificate_eur is None or self.inr_per_eur is None:
            return None
        return emissions_t * self.certificate_eur * self.inr_per_eur


@dataclass(frozen=True)
class DefaultAgainstActual:
    """Per tonne and for a quantity, where one is known; positive savings: actual data leave less to pay."""

    default_t_per_t: Decimal
    actual_t_per_t: Decimal
    quantity_t: Decimal | None
    prices: Prices

    @property
    def saving_t_per_t(self) -> Decimal:
        return self.default_t_per_t - self.actual_t_per_t

    @property
    def saving_t(self) -> Decimal | None:
        return None if self.quantity_t is None else self.saving_t_per_t * self.quantity_t

    @property
    def saving_rs(self) -> Decimal | None:
        return None if self.saving_t is None else self.prices.rupees(self.saving_t)


def compare(
    default_t_per_t: Decimal | None, actual_t_per_t: Decimal | None, quantity_t: Decimal | None, prices: Prices
) -> DefaultAgainstActual | None:
    """Both sides as obligations (after their own free allocation) or both as SEE; None where one is not known."""
    if default_t_per_t is None or actual_t_per_t is None:
        return None
    return DefaultAgainstActual(default_t_per_t, actual_t_per_t, quantity_t, prices)
