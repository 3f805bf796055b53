"""Specific energy consumption against previous year, baseline and target; ESCerts; the threshold test.

Nothing is normalised here: factors are listed, and the accredited auditor's figure is entered with its document.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from calculations.pat.energy import Electricity, Energy
from calculations.quantities import share_pct
from calculations.trace import ENTERED, Step, given, worked_out

KG_PER_T = Decimal(1000)
SEC_CLAUSE = "Energy Conservation Rules 2012, r.4(1)(a)"
ESCERT_CLAUSE = "Energy Conservation Rules 2012; 1 ESCert = 1 toe; on the baseline production"
MODELLED = "modelled, not issued"


@dataclass(frozen=True)
class SpecificEnergy:
    """Per tonne of finished product: toe/t, electrical kWh/t, thermal kcal/kg. None where nothing was produced."""

    total: Step | None
    electrical_kwh_per_t: Decimal | None
    thermal_kcal_per_kg: Decimal | None

    @property
    def total_toe_per_t(self) -> Decimal | None:
        return self.total.value if self.total else None


def specific_energy(
    energy: Energy, electricity: Electricity, production_t: Decimal, production_source: str = ENTERED
) -> SpecificEnergy:
    """All energy over finished tonnes; stages are never added up.

    What generators inside made is electrical consumption, so that the fuel they burnt is no thermal one as well; the
    total holds that fuel, and not its kWh. Without their kWh the fuel stays thermal: it is counted once in any case.
    """
    if not production_t:
        return SpecificEnergy(None, None, None)
    inputs = energy.total, given("Q_prod", "finished product", production_t, "t", production_source)
    value = energy.total_toe / production_t
    total = worked_out(
        "SEC", "specific energy consumption", value, "toe/t", "E / 10000000 / Q_prod", SEC_CLAUSE, *inputs
    )
    own_kwh = sum((entry.energy_kwh for entry in electricity.own_generation), Decimal(0))
    generated_kwh = electricity.generated_of_fuels_kwh
    used_kwh = electricity.purchased_kwh - electricity.excluded_kwh - electricity.exported_kwh + own_kwh + generated_kwh
    thermal_kcal = energy.thermal_kcal - (energy.fuel_for_power_kcal if generated_kwh else 0)
    return SpecificEnergy(total, used_kwh / production_t, thermal_kcal / (production_t * KG_PER_T))


def equivalent_production_t(products: Iterable[tuple[Decimal, Decimal]]) -> Decimal:
    """Σ quantity × equivalence factor, [(t, factor to the major product)]."""
    return sum((quantity * factor for quantity, factor in products), Decimal(0))


@dataclass(frozen=True)
class Comparison:
    """SEC of the year against another: toe/t, the saving (positive: less energy) and in per cent of that other."""

    against: str
    other_toe_per_t: Decimal
    saving_toe_per_t: Decimal
    saving_pct: Decimal | None


def compare(sec_toe_per_t: Decimal | None, against: str, other_toe_per_t: Decimal | None) -> Comparison | None:
    """None where either is not known."""
    if sec_toe_per_t is None or other_toe_per_t is None:
        return None
    saving = other_toe_per_t - sec_toe_per_t
    return Comparison(against, other_toe_per_t, saving, share_pct(saving, other_toe_per_t))


def escerts(
    target_toe_per_t: Decimal | None, achieved_toe_per_t: Decimal | None, baseline_production_t: Decimal
) -> Step | None:
    """(SEC_target − SEC_achieved) × production_baseline, unrounded; negative is a purchase. None without a target.

    `achieved` is the raw SEC, or the one the accredited auditor normalised.
    """
    if target_toe_per_t is None or achieved_toe_per_t is None:
        return None
    inputs = (
        given("SEC_target", "target", target_toe_per_t, "toe/t", "notification"),
        given("SEC", "achieved", achieved_toe_per_t, "toe/t", "result above"),
        given("P_base", "baseline production", baseline_production_t, "t", "notification"),
    )
    value = (target_toe_per_t - achieved_toe_per_t) * baseline_production_t
    return worked_out("ESCerts", MODELLED, value, "toe", "(SEC_target − SEC) × P_base", ESCERT_CLAUSE, *inputs)


@dataclass(frozen=True)
class Threshold:
    """Whether a sector's threshold for designated consumers is reached; None where its number is not known."""

    total_toe: Decimal
    threshold_toe: Decimal | None

    @property
    def is_reached(self) -> bool | None:
        return None if self.threshold_toe is None else self.total_toe >= self.threshold_toe

    @property
    def share_pct(self) -> Decimal | None:
        return share_pct(self.total_toe, self.threshold_toe)
