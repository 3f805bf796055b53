"""Questions that a device's first values raise: watts, watt-hours, gravity, °F, a reversed transformer. Pure.

A question is asked where most of the latest values are odd, so a single first reading suffices, and one glitch of a
device that has sent plausible values for long does not. Values before the last change of their meaning do not count.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from math import exp, hypot
from statistics import median
from typing import Any, NamedTuple

from telemetry.metrics import AXES
from telemetry.signal.energy import KW, KWH_PER_READING, REGISTER, W, is_sane, mean_kw
from telemetry.signal.plausibility import RATED_POWER_MULTIPLE

WINDOW = 12  # values of a metric that are looked at, the latest
MAX_MACHINE_KW = 1_000  # without a rating: no single machine of a small plant draws more
MAX_INCOMER_KW = 10_000  # nor the whole of it
MIN_REVERSED_KW = 0.05  # less below zero is the noise of a current transformer
REGISTER_MULTIPLE = 3  # times the rating, from reading to reading: an hour of it is out of reach
POWER_MULTIPLE = 250  # times the power that the device itself measures: a load has one value, not two
MIN_GAINS = 3  # of a register
KWH_PER_UNIT = {"kWh": 1.0, "Wh": 0.001, "MWh": 1000.0}  # devices.models.EnergyUnit
GRAVITY_ON_ONE_AXIS, OTHER_AXES = (8.8, 10.8), 2.5  # m/s²
GRAVITY_TILTED, TILTED_SPREAD, MIN_TILTED = (9.4, 10.2), 0.4, 3  # of the vector of three axes
HALL_FAHRENHEIT = (77.0, 110.0)  # 25 to 43 °C
AIR_SENSOR_MAX = 85.0  # °C; DHT22 80, BME280 85
MAX_VAPOUR_KPA = 8.0  # of open air: 41 °C at 100 % RH


class QuestionKind(StrEnum):
    POWER_UNIT = "power_unit"
    POWER_SIGN = "power_sign"
    REGISTER_UNIT = "register_unit"
    GRAVITY = "vibration_gravity"
    FAHRENHEIT = "temperature_fahrenheit"


# What cannot be judged by a limit while its question is open; "" stands for kinds of rules that sum energy.
METRICS_IN_QUESTION: dict[str, frozenset[str]] = {
    QuestionKind.POWER_UNIT: frozenset({"power_consumption", ""}),
    QuestionKind.POWER_SIGN: frozenset({"power_consumption"}),
    QuestionKind.REGISTER_UNIT: frozenset({"energy_kwh", ""}),
    QuestionKind.GRAVITY: frozenset({*AXES, "vibration"}),
    QuestionKind.FAHRENHEIT: frozenset({"temperature"}),
}


MIN_ODD = {QuestionKind.REGISTER_UNIT: MIN_GAINS}  # one step of a register is doubtful and says nothing of its unit


class Observation(NamedTuple):
    """A value that was looked at. `against` says what `expected` is."""

    at: datetime
    value: float
    is_odd: bool
    expected: float | None = None
    against: str = ""


class UnitQuestion(NamedTuple):
    """A doubt about a unit. `suggested`: the fields of a profile that would explain it; empty where none would."""

    kind: QuestionKind
    metric: str
    seen: float  # the latest odd value; of power and registers as kW
    seen_at: datetime
    typical: float  # median of the odd values
    expected: float | None
    against: str  # rating, size, power, direction, gravity, air, sensor
    since: datetime | None  # the first odd value; None where nothing else came before it
    suggested: dict[str, Any]


class Place(NamedTuple):
    """What is known of the measuring point."""

    max_kw: float = MAX_MACHINE_KW
    is_air: bool | None = None  # whether it measures the temperature of a hall; None: nobody said


ProfileAt = Callable[[datetime], Any]


class Evidence(NamedTuple):
    """The latest observations that bear on one kind of question."""

    kind: QuestionKind
    metric: str
    observations: list[Observation]
    suggested: dict[str, Any]

    @property
    def is_settled(self) -> bool:
        """Whether a question that was asked has answered itself: hardly any value is odd now."""
        return bool(self.observations) and 4 * sum(one.is_odd for one in self.observations) <= len(self.observations)

    @property
    def question(self) -> UnitQuestion | None:
        """The question where most of the observations are odd."""
        odd = [one for one in self.observations if one.is_odd]
        if len(odd) < MIN_ODD.get(self.kind, 1) or 2 * len(odd) <= len(self.observations):
            return None
        last, typical = odd[-1], median(one.value for one in odd)
        since = None if odd[0] is self.observations[0] else odd[0].at
        return UnitQuestion(
            self.kind, self.metric, last.value, last.at, typical, last.expected, last.against, since, self.suggested
        )


def evidence(readings: Sequence[Any], profile_at: ProfileAt, place: Place) -> list[Evidence]:
    """What `readings` (oldest first: `at` and the metrics) say of each kind of question, by their profiles."""
    if not readings:
        return []
    current = profile_at(readings[-1].at)
    register = "power_consumption" if current.power_kind == REGISTER else "energy_kwh"
    in_wh: dict[str, Any] = {"energy_unit": "Wh"} if current.energy_unit == "kWh" else {}
    in_watts: dict[str, Any] = {"power_kind": W} if current.power_kind == KW else in_wh
    gains = register_gains(readings, register, profile_at, place.max_kw)
    found: list[tuple[QuestionKind, str, Iterable[Observation], dict[str, Any]]] = [
        (QuestionKind.POWER_UNIT, "power_consumption", power_sizes(readings, profile_at, place.max_kw), in_watts),
        (QuestionKind.POWER_SIGN, "power_consumption", power_signs(readings, profile_at), {"exports_power": True}),
        (QuestionKind.REGISTER_UNIT, register, gains, in_wh),
        (QuestionKind.GRAVITY, "vibration", gravities(readings, profile_at), {"vibration_kind": "raw"}),
        (QuestionKind.FAHRENHEIT, "temperature", hall_temperatures(readings, profile_at, place.is_air), {}),
    ]
    return [
        Evidence(kind, metric, list(observations)[-WINDOW:], suggested)
        for kind, metric, observations, suggested in found
    ]


def questions(readings: Sequence[Any], profile_at: ProfileAt, place: Place) -> list[UnitQuestion]:
    """The questions that `readings` raise."""
    return [question for one in evidence(readings, profile_at, place) if (question := one.question) is not None]


def power_sizes(readings: Sequence[Any], profile_at: ProfileAt, max_kw: float) -> Iterable[Observation]:
    """Mean powers other than zero; odd where far beyond the rating, or beyond any machine."""
    for at, kw, profile in powers(readings, profile_at, (KW, KWH_PER_READING)):
        if profile.rated_kw:
            yield Observation(at, kw, kw > RATED_POWER_MULTIPLE * profile.rated_kw, profile.rated_kw, "rating")
        else:
            yield Observation(at, kw, kw > max_kw, max_kw, "size")


def power_signs(readings: Sequence[Any], profile_at: ProfileAt) -> Iterable[Observation]:
    """Mean powers other than zero; odd where negative though the profile exports none."""
    for at, kw, profile in powers(readings, profile_at, (KW, W, KWH_PER_READING)):
        is_odd = not profile.exports_power and kw <= -max(MIN_REVERSED_KW, 0.01 * (profile.rated_kw or 0))
        yield Observation(at, kw, is_odd, 0.0, "direction")


def powers(
    readings: Sequence[Any], profile_at: ProfileAt, kinds: tuple[str, ...]
) -> Iterable[tuple[datetime, float, Any]]:
    """(moment, kW, profile) of the power values other than zero of the current kind of power."""
    current, previous_at = profile_at(readings[-1].at).power_kind, None
    for reading in readings:
        value, profile = reading.power_consumption, profile_at(reading.at)
        if value is None or profile.power_kind != current:
            continue
        seconds = profile.interval_s
        if previous_at is not None and current == KWH_PER_READING:
            seconds = max(seconds, (reading.at - previous_at).total_seconds())
        previous_at = reading.at
        kw = mean_kw(current, value, seconds) if current in kinds and is_sane(value) else None
        if kw:
            yield reading.at, kw * (KWH_PER_UNIT[profile.energy_unit] if current == KWH_PER_READING else 1), profile


def register_gains(readings: Sequence[Any], metric: str, profile_at: ProfileAt, max_kw: float) -> list[Observation]:
    """The mean kW of each rise of a register; odd where it is far beyond the rating or the measured power."""
    unit = profile_at(readings[-1].at).energy_unit
    counted = [
        (reading.at, value, profile)
        for reading in readings
        if (value := getattr(reading, metric)) is not None
        and is_sane(value)
        and (profile := profile_at(reading.at)).energy_unit == unit
        and (metric == "energy_kwh" or profile.power_kind == REGISTER)
    ]
    measured_kw = median_kw(readings, profile_at)
    found = []
    for (before_at, before, _), (at, value, profile) in pairwise(counted):
        hours = (at - before_at).total_seconds() / 3600
        if value > before and hours:
            kw = (value - before) * KWH_PER_UNIT[unit] / hours
            found.append(observe_gain(at, kw, profile.rated_kw, measured_kw, max_kw))
    return found


def observe_gain(
    at: datetime, kw: float, rated_kw: float | None, measured_kw: float | None, max_kw: float
) -> Observation:
    if rated_kw:
        return Observation(at, kw, kw > REGISTER_MULTIPLE * rated_kw, rated_kw, "rating")
    if measured_kw:
        return Observation(at, kw, kw > POWER_MULTIPLE * measured_kw, measured_kw, "power")
    return Observation(at, kw, kw > max_kw, max_kw, "size")


def median_kw(readings: Sequence[Any], profile_at: ProfileAt) -> float | None:
    """The power that the same device measures beside its register."""
    values = [kw for _, kw, _ in powers(readings, profile_at, (KW, W)) if kw > 0]
    return median(values) if values else None


def gravities(readings: Sequence[Any], profile_at: ProfileAt) -> list[Observation]:
    """Vibration vectors; odd where one axis holds the earth's gravity, or an axis is negative, which no RMS is."""
    found, tilted = [], []
    current = profile_at(readings[-1].at).vibration_kind
    for reading in readings:
        values = [value for axis in AXES if (value := getattr(reading, axis)) is not None]
        if not values or current == "raw" or profile_at(reading.at).vibration_kind != current:
            continue
        largest = max(values, key=abs)
        low, high = GRAVITY_ON_ONE_AXIS
        others = [abs(value) for value in values if value is not largest]
        is_odd = min(values) < 0 or (low <= largest <= high and all(value <= OTHER_AXES for value in others))
        found.append(Observation(reading.at, largest, is_odd, 9.81, "gravity"))
        if len(values) == len(AXES):
            tilted.append((reading.at, hypot(*values)))
    return found if any(one.is_odd for one in found) else tilted_gravities(tilted[-WINDOW:])


def tilted_gravities(vectors: list[tuple[datetime, float]]) -> list[Observation]:
    """A sensor mounted askew: the vector of three axes keeps the length of gravity."""
    lengths = [length for _, length in vectors]
    low, high = GRAVITY_TILTED
    if len(lengths) < MIN_TILTED or max(lengths) - min(lengths) > TILTED_SPREAD:
        return []
    return [Observation(at, length, low <= length <= high, 9.81, "gravity") for at, length in vectors]


def hall_temperatures(readings: Sequence[Any], profile_at: ProfileAt, is_air: bool | None) -> Iterable[Observation]:
    """Air temperatures; odd at 77 to 110 where the air sensor or the humidity beside it rules out °C."""
    low, high = HALL_FAHRENHEIT
    humidity: float | None = None
    for reading in readings:
        humidity = reading.humidity if reading.humidity is not None else humidity
        value = reading.temperature
        if value is None or is_air is False:
            continue
        sensor_max = profile_at(reading.at).temperature_max
        is_air_sensor = is_air or (sensor_max is not None and sensor_max <= AIR_SENSOR_MAX)
        is_too_moist = humidity is not None and humidity <= 100 and vapour_kpa(value, humidity) > MAX_VAPOUR_KPA
        is_odd = low <= value <= high and (is_air_sensor or is_too_moist)
        yield Observation(reading.at, value, is_odd, celsius(value), "air" if is_too_moist else "sensor")


def vapour_kpa(temperature: float, humidity: float) -> float:
    """Pressure of the water vapour in air (Magnus), kPa."""
    return humidity / 100 * 0.61094 * exp(17.625 * temperature / (temperature + 243.04))


def celsius(fahrenheit: float) -> float:
    return (fahrenheit - 32) / 1.8
