"""Emissions measured continuously in a flue gas: CO2 and N2O. 2025/2547 Annex II B.6; N2O must be measured (B.6.1).

Hourly means of concentration times the flue gas of the hour. An hour with fewer than 80 % of its values takes the mean
concentration plus twice the standard deviation (B.6.2.6).
"""

from dataclasses import dataclass
from decimal import Decimal

from calculations.trace import Step, given, require, summed, worked_out

CO2, N2O = "CO2", "N2O"
GASES = [CO2, N2O]
GWP_N2O = Decimal(265)  # t CO2e/t, Annex II G, Table 6
G_PER_T = Decimal(10) ** 6

EQ_16 = "2025/2547 Annex II B.6.2.1, Eq 16"
EQ_18 = "2025/2547 Annex II B.6.2.4, Eq 18"
EQ_19 = "2025/2547 Annex II B.6.2.6, Eq 19"


@dataclass(frozen=True)
class Hour:
    """An hour or a shorter reference period: g/Nm³, None where it must be substituted, and Nm³ of dry flue gas."""

    concentration_g_per_nm3: Decimal | None
    flue_gas_nm3: Decimal


@dataclass(frozen=True)
class Substitution:
    """Mean and standard deviation of the concentration over the period, g/Nm³."""

    mean_g_per_nm3: Decimal
    standard_deviation_g_per_nm3: Decimal


@dataclass(frozen=True)
class Measurement:
    """What is measured of a gas, one hour at least."""

    gas: str
    hours: tuple[Hour, ...]
    substitution: Substitution | None = None


def emissions(measurement: Measurement) -> Step:
    """t CO2e of the period."""
    hours = [of_hour(measurement, hour) for hour in measurement.hours]
    if measurement.gas == CO2:
        return summed("Em_meas", "CO2 measured", "t CO2e", EQ_16, hours)
    whole = summed("N2O", "N2O measured", "t N2O", EQ_16, hours)
    return worked_out("Em_meas", "N2O measured", whole.value * GWP_N2O, "t CO2e", "N2O × 265", EQ_18, whole)


def of_hour(measurement: Measurement, hour: Hour) -> Step:
    """GHG = conc × V × 10⁻⁶ (Eq 16)."""
    inputs = concentration(measurement, hour), given("V", "flue gas", hour.flue_gas_nm3, "Nm³")
    value = inputs[0].value * hour.flue_gas_nm3 / G_PER_T
    unit = f"t {measurement.gas}"
    return worked_out("GHG", f"{measurement.gas} of an hour", value, unit, "conc × V / 1000000", EQ_16, *inputs)


def concentration(measurement: Measurement, hour: Hour) -> Step:
    """What was measured, else C + 2 × σ (Eq 19)."""
    if hour.concentration_g_per_nm3 is not None:
        return given("conc", "hourly mean", hour.concentration_g_per_nm3, "g/Nm³")
    by = require(measurement.substitution)
    inputs = (
        given("C", "mean of the period", by.mean_g_per_nm3, "g/Nm³"),
        given("σ", "standard deviation", by.standard_deviation_g_per_nm3, "g/Nm³"),
    )
    value = by.mean_g_per_nm3 + 2 * by.standard_deviation_g_per_nm3
    return worked_out("conc", "substituted", value, "g/Nm³", "C + 2 × σ", EQ_19, *inputs)
