"""Consumption per unit of product, two years side by side, per day, and waste balances. Form V parts B, D and E.

Environment (Protection) Rules 1986, rule 14 and Form V.
"""

from dataclasses import dataclass
from decimal import Decimal

from calculations.quantities import share_pct


@dataclass(frozen=True)
class TwoYears:
    """A figure of the previous and the current financial year; None where it is not known, never zero."""

    previous: Decimal | None
    current: Decimal | None

    @property
    def change_pct(self) -> Decimal | None:
        if self.previous is None or self.current is None:
            return None
        return share_pct(self.current - self.previous, self.previous)


def per_unit(quantity: Decimal | None, output: Decimal | None) -> Decimal | None:
    """Consumption per unit of product: annual quantity / annual output."""
    return None if quantity is None or not output else quantity / output


def per_unit_two_years(quantities: TwoYears, outputs: TwoYears) -> TwoYears:
    return TwoYears(per_unit(quantities.previous, outputs.previous), per_unit(quantities.current, outputs.current))


def per_day(quantity: Decimal | None, operating_days: Decimal | int | None) -> Decimal | None:
    """m³/day and the like, by operating days."""
    return None if quantity is None or not operating_days else quantity / operating_days


@dataclass(frozen=True)
class AgainstConsent:
    """Actual against consented quantity in the same unit; `may_need_reason` where the consent is passed."""

    actual: Decimal
    consented: Decimal | None

    @property
    def share_pct(self) -> Decimal | None:
        return share_pct(self.actual, self.consented)

    @property
    def may_need_reason(self) -> bool:
        return self.consented is not None and self.actual > self.consented


@dataclass(frozen=True)
class WasteBalance:
    """Tonnes of one waste: opening + generated − dispatched − reused must be the closing stock that was entered."""

    opening_t: Decimal
    generated_t: Decimal
    dispatched_t: Decimal
    reused_t: Decimal
    closing_t: Decimal

    @property
    def expected_closing_t(self) -> Decimal:
        return self.opening_t + self.generated_t - self.dispatched_t - self.reused_t

    @property
    def difference_t(self) -> Decimal:
        return self.closing_t - self.expected_closing_t
