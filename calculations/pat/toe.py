"""Energy in tonnes of oil equivalent, by the conversions of S.O. 394(E)."""

from decimal import Decimal

KCAL_PER_KWH = Decimal(860)  # S.O. 394(E), 12 March 2007
KCAL_PER_TOE = Decimal(10) ** 7  # S.O. 394(E): 1 kg of oil equivalent is 10,000 kcal
KCAL_PER_MILLION_KCAL = Decimal(10) ** 6
KWH_PER_LAKH_KWH = Decimal(10) ** 5
KG_PER_T = Decimal(1000)
L_PER_KL = Decimal(1000)
TOE_CITATION = "S.O. 394(E) of 12 March 2007: 860 kcal/kWh; 1 toe = 10,000,000 kcal"
VOLUNTARY_TITLE = "PAT-format energy performance statement (voluntary; not a statutory filing)"


def toe(energy_kcal: Decimal) -> Decimal:
    return energy_kcal / KCAL_PER_TOE


def electricity_toe(energy_kwh: Decimal) -> Decimal:
    """Electricity in tonnes of oil equivalent: kWh × 860 / 10⁷."""
    return toe(energy_kwh * KCAL_PER_KWH)


def million_kcal(energy_kwh: Decimal) -> Decimal:
    return energy_kwh * KCAL_PER_KWH / KCAL_PER_MILLION_KCAL


def lakh_kwh(energy_kwh: Decimal) -> Decimal:
    return energy_kwh / KWH_PER_LAKH_KWH
