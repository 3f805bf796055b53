"""A quick look at new readings: whether any could raise a question about a unit. Pure.

It runs on every reading that is evaluated, so it is a plain loop; `telemetry.analytics.unit_questions` decides.
"""

from collections.abc import Sequence
from typing import Any

from telemetry.analytics.unit_questions import (
    GRAVITY_ON_ONE_AXIS,
    GRAVITY_TILTED,
    HALL_FAHRENHEIT,
    KWH_PER_UNIT,
    MAX_MACHINE_KW,
    POWER_MULTIPLE,
    REGISTER_MULTIPLE,
    Place,
    ProfileAt,
)
from telemetry.signal.energy import KW, KWH_PER_READING, REGISTER
from telemetry.signal.plausibility import RATED_POWER_MULTIPLE


def may_be_odd(readings: Sequence[Any], profile_at: ProfileAt, place: Place) -> bool:
    """False where no reading could be odd, by the latest profile."""
    profile = profile_at(readings[-1].at)
    lowest, highest = power_bounds(profile, place)
    register = "power_consumption" if profile.power_kind == REGISTER else "energy_kwh"
    highest_gain = (REGISTER_MULTIPLE * profile.rated_kw) if profile.rated_kw else 0.0  # 0: compared with power
    has_rms, coldest, hottest = profile.vibration_kind != "raw", *HALL_FAHRENHEIT
    before: Any = None
    for reading in readings:
        power, temperature = reading.power_consumption, reading.temperature
        if power is not None and not lowest <= power <= highest:
            return True
        if temperature is not None and coldest <= temperature <= hottest and place.is_air is not False:
            return True
        if has_rms and may_hold_gravity(reading.vibration_x, reading.vibration_y, reading.vibration_z):
            return True
        if getattr(reading, register) is not None:
            if before is not None and rises_fast(before, reading, register, profile, highest_gain):
                return True
            before = reading
    return False


def power_bounds(profile: Any, place: Place) -> tuple[float, float]:
    """Values of `power_consumption` that raise no question, in the unit in which they are sent."""
    lowest = float("-inf") if profile.exports_power else 0.0
    if profile.power_kind not in (KW, KWH_PER_READING):
        return lowest, float("inf")
    highest = RATED_POWER_MULTIPLE * profile.rated_kw if profile.rated_kw else place.max_kw
    is_delta = profile.power_kind == KWH_PER_READING
    return lowest, highest * profile.interval_s / 3600 / KWH_PER_UNIT[profile.energy_unit] if is_delta else highest


def may_hold_gravity(*axes: float | None) -> bool:
    low, high = GRAVITY_ON_ONE_AXIS
    squares = 0.0
    for value in axes:
        if value is not None:
            if value < 0 or low <= value <= high:
                return True
            squares += value * value
    return GRAVITY_TILTED[0] ** 2 <= squares <= GRAVITY_TILTED[1] ** 2


def rises_fast(before: Any, reading: Any, register: str, profile: Any, highest_kw: float) -> bool:
    hours = (reading.at - before.at).total_seconds() / 3600
    gain = (getattr(reading, register) - getattr(before, register)) * KWH_PER_UNIT[profile.energy_unit]
    if highest_kw:
        return gain > highest_kw * hours
    power = reading.power_consumption if register == "energy_kwh" else None
    return gain > (POWER_MULTIPLE * abs(power) if power else MAX_MACHINE_KW) * hours
