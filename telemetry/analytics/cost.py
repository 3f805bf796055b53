"""Cost of electricity by a factory's tariff: from kWh by date and time of day to charges with their formulas. Pure.

Only what the tariff states is charged. Taxes, duties and fuel surcharges are not included, and the page says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import TYPE_CHECKING

from calculations.quantities import decimal_places
from core.number_format import indian

if TYPE_CHECKING:
    from factories.models import Tariff

HUNDRED, POINT = Decimal(100), Decimal("0.01")
OTHER_TIMES = "other times"


Band = tuple[str, Decimal, Decimal]  # (name, kWh, ₹/kWh)
Clock = tuple[date, time]


@dataclass(frozen=True)
class Charge:
    """A line of the account: rupees and their formula."""

    name: str
    rs: Decimal
    formula: str


@dataclass(frozen=True)
class Saving:
    """The saving if a tenth of the dearest time band's energy moved to the cheapest."""

    from_name: str
    to_name: str
    kwh: Decimal
    rs: Decimal
    formula: str


@dataclass(frozen=True)
class Account:
    charges: list[Charge]
    demand: Charge | None  # of a month at this peak; never part of the sum of a shorter period
    by_band: list[Band]
    saving: Saving | None

    @property
    def rs(self) -> Decimal:
        return sum((charge.rs for charge in self.charges), Decimal(0))


def account(by_clock: Mapping[Clock, float], tariff: "Tariff", peak_kw: float | None) -> Account:
    """`tariff`: a Tariff with its bands; `by_clock`: kWh of each quarter hour in the factory's own time."""
    kwh = by_band(by_clock, tariff)
    total_kwh, rate = sum(kwh.values(), Decimal(0)), tariff.energy_rs_per_kwh
    changes = {band.name: band.change_rs_per_kwh for band in tariff.bands.all()}
    charges = [Charge("Energy charge", total_kwh * rate, f"{indian(total_kwh, 1)} kWh × {format_rupees(rate)}/kWh")]
    charges += [
        Charge(f"Time of day: {name}", kwh[name] * change, f"{indian(kwh[name], 1)} kWh × {format_rupees(change)}/kWh")
        for name, change in changes.items()
    ]
    if factor := power_factor(tariff, total_kwh * rate):
        charges.append(factor)
    bands = [(name, amount, rate + changes.get(name, Decimal(0))) for name, amount in kwh.items()]
    return Account(charges, demand(tariff, peak_kw), bands, saving(bands))


def by_band(by_clock: Mapping[Clock, float], tariff: "Tariff") -> dict[str, Decimal]:
    """{band: kWh}, with what lies outside all bands last."""
    kwh_by_band = {band.name: Decimal(0) for band in tariff.bands.all()} | {OTHER_TIMES: Decimal(0)}
    names: dict[time, str] = {}
    for (_on, clock), kwh in by_clock.items():
        if clock not in names:
            band = tariff.band_at(clock)
            names[clock] = band.name if band else OTHER_TIMES
        kwh_by_band[names[clock]] += Decimal(str(kwh))
    return kwh_by_band


def power_factor(tariff: "Tariff", energy_rs: Decimal) -> Charge | None:
    """Penalty below the target, incentive above, as a share of the energy charge for each 0.01."""
    factor, target = tariff.power_factor, tariff.factor_target
    if factor is None or target is None:
        return None
    percent = tariff.factor_percent if factor < target else tariff.bonus_percent
    if percent is None or factor == target:
        return None
    points = (target - factor) / POINT
    step = f"{plain_decimal(points)} × 0.01 from {plain_decimal(target)} to {plain_decimal(factor)}"
    formula = f"{step} × {plain_decimal(percent)} % of the energy charge"
    return Charge("Power factor", energy_rs * points * percent / HUNDRED, formula)


def demand(tariff: "Tariff", peak_kw: float | None) -> Charge | None:
    """A month's demand charge if this peak were its highest; needs the rate and the power factor."""
    rate, factor = tariff.demand_rs_per_kva, tariff.power_factor
    if rate is None or factor is None or peak_kw is None:
        return None
    kva = Decimal(str(peak_kw)) / factor
    formula = f"{indian(peak_kw, 1)} kW ÷ {plain_decimal(factor)} = {indian(kva, 1)} kVA"
    if tariff.contract_demand_kva is not None and tariff.least_billed_percent is not None:
        least = tariff.contract_demand_kva * tariff.least_billed_percent / HUNDRED
        if least > kva:
            kva = least
            contract_kva = plain_decimal(tariff.contract_demand_kva)
            formula = f"least billed: {plain_decimal(tariff.least_billed_percent)} % of {contract_kva} kVA"
    return Charge("Demand charge of a month at this peak", kva * rate, f"{formula} × {format_rupees(rate)}/kVA")


def saving(bands: Sequence[Band]) -> Saving | None:
    """Between the dearest time with energy in it and the cheapest; None where every hour costs the same."""
    with_energy = [band for band in bands if band[1] > 0]
    if not with_energy:
        return None
    dear, cheap = max(with_energy, key=lambda band: band[2]), min(bands, key=lambda band: band[2])
    if dear[2] <= cheap[2]:
        return None
    kwh = dear[1] / 10
    formula = f"10 % of {indian(dear[1], 1)} kWh × ({format_rupees(dear[2])} − {format_rupees(cheap[2])})/kWh"
    return Saving(dear[0], cheap[0], kwh, kwh * (dear[2] - cheap[2]), formula)


def plain_decimal(value: Decimal) -> str:
    """Every digit that was entered, none more."""
    return f"{value.normalize():f}"


def format_rupees(rate: Decimal) -> str:
    """₹ 8.12, −₹ 1.50: two places, or as many as were entered."""
    decimals = max(2, decimal_places(rate.normalize()))
    return f"{'−' if rate < 0 else ''}₹ {indian(abs(rate), decimals)}"
