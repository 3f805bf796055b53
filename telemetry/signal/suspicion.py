"""What to say about suspect values in the answer to a device: the value, its range, and what it smells of. Pure."""

from collections.abc import Sequence
from typing import Any

from telemetry.metrics import AXES, BY_NAME, METRIC_NAMES
from telemetry.signal.plausibility import IMPLAUSIBLE_BITS, Range

GRAVITY_MIN, GRAVITY_MAX, AT_REST = 8.8, 10.8, 2.5  # m/s²: on one axis, and at most on the others
PASCALS = (30_000, 110_000)  # of air, where hPa are expected
W_PER_KW = 1_000
FIRST_AXIS = METRIC_NAMES.index(AXES[0])
AXIS_VALUES = slice(FIRST_AXIS, FIRST_AXIS + len(AXES))
Extremes = Sequence[Range | None]  # (lowest, highest) of each metric


def gravity_warnings(extremes: Extremes, profile: Any) -> list[str]:
    """One warning where an axis shows what lies still on it, and the device is set up as RMS without gravity."""
    if profile.vibration_kind == "raw":
        return []
    axes = {axis: sent for axis, sent in zip(AXES, extremes[AXIS_VALUES], strict=True) if sent is not None}
    still = {axis for axis, (low, high) in axes.items() if max(abs(low), abs(high)) <= AT_REST}
    heavy = [axis for axis, (low, high) in axes.items() if in_gravity(low) and in_gravity(high)]
    if len(heavy) != 1 or len(heavy) + len(still) < len(axes):
        return []
    value = axes[heavy[0]][1]
    return [f"{heavy[0]} {shown(value)}: gravity? raw acceleration needs its profile"]


def may_be_gravity(values: Sequence[float | None]) -> bool:
    """Whether any axis of a reading may show it; a plain loop, since every reading is asked."""
    for value in values[AXIS_VALUES]:  # noqa: SIM110
        if value is not None and GRAVITY_MIN <= abs(value) <= GRAVITY_MAX:
            return True
    return False


def in_gravity(value: float) -> bool:
    return GRAVITY_MIN <= abs(value) <= GRAVITY_MAX


def suspicion_warnings(values: Sequence[float | None], bits: int, ranges: Sequence[Range], profile: Any) -> list[str]:
    """A warning for each value whose bit (metrics.IMPLAUSIBLE_BIT) is set."""
    return [
        f"{name} {shown(value)} outside {shown(low)}…{shown(high)}{unit_text(name, profile)}"
        + smell_of(name, value, high, profile)
        for name, bit, value, (low, high) in zip(METRIC_NAMES, IMPLAUSIBLE_BITS, values, ranges, strict=True)
        if bits & bit and value is not None
    ]


def unit_text(metric: str, profile: Any) -> str:
    unit = BY_NAME[metric].shown_unit
    if metric == "power_consumption":
        unit = profile.power_kind if profile.power_kind in ("kW", "W") else profile.energy_unit
    elif metric == "energy_kwh":
        unit = profile.energy_unit
    return f" {unit}" if unit else ""


def smell_of(metric: str, value: float, high: float, profile: Any) -> str:
    if metric == "pressure" and PASCALS[0] <= value <= PASCALS[1]:
        return ": Pa?"
    if metric == "power_consumption" and profile.power_kind == "kW" and high < value <= high * W_PER_KW:
        return ": W?"
    return ""


def shown(value: float) -> str:
    text = str(int(value)) if value == int(value) and abs(value) < 1e15 else f"{value:.6g}"
    return text.replace("-", "\u2212")
