"""Pollutants discharged: mass per day, concentrations at reference oxygen, variation from the standard. Form V part C.

The formula of normalisation is that of the boiler rules 2023 (Environment (Protection) Amendment Rules, Schedule I
no. 70), dry basis: 6 % oxygen for solid fuel, 3 % for liquid fuel.
"""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from reports.calculations.quantities import share_pct

MG_PER_KG = Decimal(10) ** 6
AIR_OXYGEN_PCT = Decimal(21)
HIGHEST_OXYGEN_PCT = Decimal("20.5")  # above it the divisor is noise: not normalisable (rule of this product, printed)
MOLAR_MASS_G = {  # g/mol, by the parameter of a laboratory result; NOx is reported as NO2
    "so2": Decimal("64.066"),
    "nox": Decimal("46.006"),
    "no2": Decimal("46.006"),
    "co": Decimal("28.010"),
    "hcl": Decimal("36.461"),
    "nh3": Decimal("17.031"),
}
MOLAR_VOLUME_L = {0: Decimal("22.414"), 25: Decimal("24.45")}  # at 101.325 kPa; °C of the laboratory's Nm³
BELOW_DETECTION = re.compile(r"\s*(bdl|nd|<|below)", re.IGNORECASE)


@dataclass(frozen=True)
class Result:
    """A laboratory's result as it stands on the report: `text`, and its number where it is one.

    "BDL" and "<5" have no number: they are not zero.
    """

    text: str

    @property
    def value(self) -> Decimal | None:
        try:
            number = Decimal(self.text.strip().replace(",", ""))
        except InvalidOperation:
            return None
        return number if number.is_finite() else None

    @property
    def is_below_detection(self) -> bool:
        return self.value is None and bool(BELOW_DETECTION.match(self.text))

    def printed(self, detection_limit: Decimal | None = None) -> str:
        if not self.is_below_detection or detection_limit is None or "=" in self.text:
            return self.text.strip()
        return f"BDL (DL = {detection_limit})"


def air_kg_per_day(concentration_mg_per_nm3: Decimal, flow_nm3_per_h: Decimal, operating_h_per_day: Decimal) -> Decimal:
    """C × Q × h / 10⁶; the flow is a laboratory's, never a sensor's."""
    return concentration_mg_per_nm3 * flow_nm3_per_h * operating_h_per_day / MG_PER_KG


def water_kg_per_day(concentration_mg_per_l: Decimal, flow_m3_per_day: Decimal) -> Decimal:
    """C × flow / 1000."""
    return concentration_mg_per_l * flow_m3_per_day / 1000


def at_reference_oxygen(concentration: Decimal, oxygen_pct: Decimal, reference_pct: Decimal) -> Decimal | None:
    """C × (21 − O2_ref) / (21 − O2); None ("not normalisable") from 20.5 % oxygen on."""
    if oxygen_pct >= HIGHEST_OXYGEN_PCT:
        return None
    return concentration * (AIR_OXYGEN_PCT - reference_pct) / (AIR_OXYGEN_PCT - oxygen_pct)


def mg_per_nm3(ppm: Decimal, molar_mass_g: Decimal, normal_temperature_c: int) -> Decimal:
    """ppm × M / molar volume; the temperature of the laboratory's Nm³ (0 or 25 °C) must be known."""
    return ppm * molar_mass_g / MOLAR_VOLUME_L[normal_temperature_c]


@dataclass(frozen=True)
class Variation:
    """% variation from the prescribed standard; a reason is due as soon as it is positive."""

    concentration: Decimal | None
    standard: Decimal | None
    reason: str = ""

    @property
    def pct(self) -> Decimal | None:
        """(C − standard) / standard × 100; negative is below the limit."""
        if self.concentration is None or self.standard is None:
            return None
        return share_pct(self.concentration - self.standard, self.standard)

    @property
    def lacks_reason(self) -> bool:
        return self.pct is not None and self.pct > 0 and not self.reason.strip()
