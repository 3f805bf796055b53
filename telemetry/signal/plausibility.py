"""Range check: values outside the plausible ranges of a device's profile are suspect. Pure.

Suspect values are stored and counted, but left out of figures.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any, Protocol

from telemetry.metrics import AXES, BY_NAME, IMPLAUSIBLE_BIT, METRIC_NAMES

GRID_FEEDER_KW = 100_000  # 100 MW: no factory this service is for draws more through one meter
RATED_POWER_MULTIPLE = 10  # above ten times its rating the unit is wrong (W for kW is a factor of 1,000)
MAX_GAP_H = 24 * 31  # "kWh since the last reading" may span an outage of a month
UNITS_PER_KW = {"kW": 1, "W": 1_000, "kWh": MAX_GAP_H}  # of one kW, by devices.PowerKind
IMPLAUSIBLE_BITS = tuple(IMPLAUSIBLE_BIT[name] for name in METRIC_NAMES)

DEFAULT_PROFILE = SimpleNamespace(
    temperature_max=None, vibration_kind="rms", power_kind="kW", rated_kw=None, exports_power=False, energy_unit="kWh"
)  # a device without any profile

Range = tuple[float, float]  # (low, high), both plausible


class TimedValues(Protocol):
    """A reading: its moment and the value of each stored metric, in the order of `METRIC_NAMES`."""

    @property
    def at(self) -> datetime: ...

    @property
    def values(self) -> Sequence[float | None]: ...


class ReadingColumns(Protocol):
    """Readings as columns (`payloads.Columns`)."""

    @property
    def moments(self) -> Sequence[datetime]: ...

    @property
    def extremes(self) -> Sequence[tuple[float, float] | None]: ...


def plausible_ranges(profile: Any) -> tuple[Range, ...]:
    """(low, high) of each stored metric under one DeviceProfile, in the units the device sends."""
    ranges_by_metric: dict[str, Range] = {name: (BY_NAME[name].low, BY_NAME[name].high) for name in METRIC_NAMES}
    if profile.temperature_max is not None:
        ranges_by_metric["temperature"] = (ranges_by_metric["temperature"][0], profile.temperature_max)
    if profile.vibration_kind == "raw":  # gravity and sign included
        for axis in AXES:
            ranges_by_metric[axis] = (-ranges_by_metric[axis][1], ranges_by_metric[axis][1])
    ranges_by_metric["power_consumption"] = power_range(profile)
    return tuple(ranges_by_metric[name] for name in METRIC_NAMES)


def power_range(profile: Any) -> Range:
    """(low, high) of `power_consumption` in the unit of its kind."""
    if profile.power_kind == "register":
        return 0, BY_NAME["energy_kwh"].high
    max_kw = RATED_POWER_MULTIPLE * profile.rated_kw if profile.rated_kw else GRID_FEEDER_KW
    max_value = max_kw * UNITS_PER_KW[profile.power_kind]
    return (-max_value if profile.exports_power else 0), max_value


def suspect_bits(values: Sequence[float | None], ranges: tuple[Range, ...]) -> int:
    """A bit (metrics.IMPLAUSIBLE_BIT) for each value outside its range."""
    bits = 0
    for bit, value, (low, high) in zip(IMPLAUSIBLE_BITS, values, ranges, strict=True):
        if value is not None and not low <= value <= high:
            bits |= bit
    return bits


class PlausibilityChecker:
    """A device's plausible ranges over time: a reading is checked against the profile that holds at its moment."""

    def __init__(self, profiles: Iterable[Any]) -> None:
        ordered = sorted(profiles, key=lambda profile: profile.valid_from)
        self.profiles = ordered or [DEFAULT_PROFILE]  # oldest first
        self.range_changes = [(profile.valid_from, plausible_ranges(profile)) for profile in reversed(ordered)]
        self.earliest_ranges = self.range_changes[-1][1] if self.range_changes else plausible_ranges(DEFAULT_PROFILE)

    def ranges_at(self, moment: datetime) -> tuple[Range, ...]:
        for since, ranges in self.range_changes:
            if since <= moment:
                return ranges
        return self.earliest_ranges

    def profile_at(self, moment: datetime) -> Any:
        """The first one also holds for older readings."""
        return next((one for one in reversed(self.profiles[1:]) if one.valid_from <= moment), self.profiles[0])

    def are_all_plausible(self, columns: ReadingColumns) -> bool:
        """Whether no reading holds a suspect value, by the extremes of each column; False where a profile changes."""
        ranges = self.ranges_at(min(columns.moments))
        if ranges is not self.ranges_at(max(columns.moments)):
            return False
        return all(
            extremes is None or (low <= extremes[0] and extremes[1] <= high)
            for extremes, (low, high) in zip(columns.extremes, ranges, strict=True)
        )

    def suspect_bits(self, sample: TimedValues) -> int:
        return suspect_bits(sample.values, self.ranges_at(sample.at))


def plausibility_checker(device: Any) -> PlausibilityChecker:
    """The checker of a device with its profiles fetched; cached on that object, which many requests share."""
    checker = device.__dict__.get("plausibility_checker")
    if checker is None:
        checker = device.__dict__["plausibility_checker"] = PlausibilityChecker(device.profiles.all())
    return checker
