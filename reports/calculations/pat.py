"""PAT: energy in tonnes of oil equivalent. Sub-metered electricity only, until fuels and bills are entered."""

from decimal import Decimal

KCAL_PER_KWH = Decimal(860)  # S.O. 394(E), 12 March 2007
KCAL_PER_TOE = Decimal(10) ** 7  # S.O. 394(E): 1 kg of oil equivalent is 10,000 kcal
KCAL_PER_MILLION_KCAL = Decimal(10) ** 6
KWH_PER_LAKH_KWH = Decimal(10) ** 5
TOE_CITATION = "S.O. 394(E) of 12 March 2007: 860 kcal/kWh; 1 toe = 10,000,000 kcal"
VOLUNTARY_TITLE = "PAT-format energy performance statement (voluntary; not a statutory filing)"


def electricity_toe(energy_kwh: Decimal) -> Decimal:
    """Electricity in tonnes of oil equivalent: kWh × 860 / 10⁷."""
    return energy_kwh * KCAL_PER_KWH / KCAL_PER_TOE


def million_kcal(energy_kwh: Decimal) -> Decimal:
    return energy_kwh * KCAL_PER_KWH / KCAL_PER_MILLION_KCAL


def lakh_kwh(energy_kwh: Decimal) -> Decimal:
    return energy_kwh / KWH_PER_LAKH_KWH
