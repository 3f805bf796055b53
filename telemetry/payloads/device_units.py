"""Power and energy that were sent with a unit → the unit that the device's profile says. Pure.

The contract leaves their unit to the profile; a device that says one itself is believed.
"""

from typing import Any

from telemetry.metrics import METRIC_NAMES
from telemetry.payloads.samples import NO_VALUES, ReadingSample, Reject
from telemetry.payloads.units import UNITS

POWER_UNITS = frozenset({"kW", "W", "MW", "mW"})


def in_device_units(sample: ReadingSample, profile: Any) -> ReadingSample | Reject:
    """With power and energy in the units of the DeviceProfile; what it cannot be is kept aside, with a warning."""
    values, warnings, extra = list(sample.values), [], dict(sample.extra or {})
    for metric, said in sample.said_units:
        place = METRIC_NAMES.index(metric)
        value, expected = values[place], expected_unit(metric, profile)
        if (said in POWER_UNITS) != (expected in POWER_UNITS):
            values[place], extra[metric] = None, f"{value:g} {said}"
            warnings.append(f"{metric}: {value:g} {said}, but it is set up as {meaning(metric, profile)}; kept aside")
        elif said != expected:
            values[place] = value * UNITS[metric][said].factor / UNITS[metric][expected].factor
            warnings.append(f"{metric}: {value:g} {said} read as {values[place]:.10g} {expected}")
    if tuple(values) == NO_VALUES:
        problems = {metric: f"is {meaning(metric, profile)}, not {said}" for metric, said in sample.said_units}
        return Reject(sample.device_id, "invalid", problems, sample.raw)
    return sample._replace(
        values=tuple(values), extra=extra or None, warnings=(*warnings, *sample.warnings), said_units=()
    )


def expected_unit(metric: str, profile: Any) -> str:
    is_power = metric == "power_consumption" and profile.power_kind in POWER_UNITS
    return str(profile.power_kind if is_power else profile.energy_unit)


def meaning(metric: str, profile: Any) -> str:
    unit = expected_unit(metric, profile)
    if metric == "power_consumption" and profile.power_kind == "kWh":
        return f"{unit} since the last reading"
    return unit if unit in POWER_UNITS else f"a register in {unit}"
