"""The demo's machines as curves: what each would measure at any moment. Pure, and the same for the same moment.

History is read off these curves, and the virtual devices go on along them, so that nothing jumps where one becomes the
other. Nothing here is random: noise is a hash of machine and time, smoothed. Units are those of `telemetry.metrics`;
`kw` is mean electrical power. Local time is IST (+05:30, no summer time).
"""

import math
import zlib
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

IST = timedelta(hours=5, minutes=30)
METER_FITTED_ON = date(2024, 1, 1)


class WorkWeek(NamedTuple):
    """When a factory works: from `starts` for `hours` on every weekday but `day_off` (ISO), except on `holidays`."""

    day_off: int
    starts: float
    hours: float
    holidays: frozenset = frozenset()

    def works_on(self, day: date) -> bool:
        return day.isoweekday() != self.day_off and day not in self.holidays


class Incident(NamedTuple):
    """From `begins` to `ends` a metric is lifted by `by` at its height; None means that nothing was sent at all."""

    begins: datetime
    ends: datetime
    metric: str = ""
    by: float = 0.0

    def share(self, at: datetime) -> float:
        """0 outside, rising over the first tenth, falling over the last."""
        length, elapsed = (self.ends - self.begins).total_seconds(), (at - self.begins).total_seconds()
        if not 0 <= elapsed <= length:
            return 0.0
        edge = max(60.0, min(length / 10, 1800.0))
        return min(1.0, elapsed / edge, (length - elapsed) / edge)


class SimulatedMachine(NamedTuple):
    device_id: str
    curve: str  # names a function below
    week: WorkWeek
    power_kind: str = "kW"  # as devices.models.PowerKind has it
    incidents: tuple = ()

    def reading_at(self, at: datetime, interval_s: float = 300) -> dict | None:
        """What the device sends at `at`; None while nothing arrives from it."""
        if any(not incident.metric and incident.share(at) > 0 for incident in self.incidents):
            return None
        values = CURVES[self.curve](self, at)
        for incident in self.incidents:
            if incident.metric in values:
                values[incident.metric] += incident.by * incident.share(at)
        kw = max(0.0, values.pop("kw"))
        values["power_consumption"] = convert_power(self, kw, at, interval_s)
        return {name: round(value, 3 if name == "power_consumption" else 2) for name, value in values.items()}


def convert_power(machine, kw, at, interval_s):
    match machine.power_kind:
        case "W":
            return kw * 1000
        case "kWh":
            return kw * interval_s / 3600
        case "register":
            return register_kwh(machine, at)
    return kw


# Time as the machines feel it


def local(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None) + IST


def hours_of_day(at: datetime) -> float:
    here = local(at)
    return here.hour + here.minute / 60 + here.second / 3600


def hours_running(week: WorkWeek, at: datetime) -> float | None:
    """Hours since today's (or last night's) start while the factory works, else None."""
    now = local(at)
    for day in (now.date(), now.date() - timedelta(days=1)):
        elapsed = (now - datetime.combine(day, datetime.min.time())).total_seconds() / 3600 - week.starts
        if week.works_on(day) and 0 <= elapsed < week.hours:
            return elapsed
    return None


def hours_stopped(week: WorkWeek, at: datetime) -> float:
    """Hours since work last stopped."""
    now = local(at)
    for back in range(10):
        day = now.date() - timedelta(days=back)
        elapsed = (now - datetime.combine(day, datetime.min.time())).total_seconds() / 3600 - week.starts - week.hours
        if week.works_on(day) and elapsed >= 0:
            return elapsed
    return 240.0


# Noise


@lru_cache(maxsize=200_000)
def hash_noise(name: str, place: int) -> float:
    """A fixed number in −1…1 for this name and place."""
    return zlib.crc32(f"{name}:{place}".encode()) / 2**31 - 1


def noise(name: str, at: datetime, minutes: float = 20) -> float:
    """−1…1, wandering smoothly over about `minutes`."""
    place = at.timestamp() / (60 * minutes)
    whole = math.floor(place)
    part = place - whole
    part = part * part * (3 - 2 * part)
    return hash_noise(name, whole) * (1 - part) + hash_noise(name, whole + 1) * part


def jitter(name: str, at: datetime) -> float:
    return hash_noise(name, int(at.timestamp()))


# Weather of the place: what a cheap sensor in the hall sees beside the machine


def ambient_air(machine, at, warmer=0.0, humid=0.0) -> dict:
    """Temperature, humidity and pressure of the hall: warm afternoons, drier when warm; Pune lies at 560 m."""
    swing = math.cos((hours_of_day(at) - 15) / 24 * math.tau)
    name = machine.device_id[:8]
    temperature = 27 + 5 * swing + 2.5 * noise(name + "warm", at, 3 * 1440) + warmer
    humidity = 52 - 14 * swing + 9 * noise(name + "humid", at, 2 * 1440) + humid
    height = 948.0 if "SF" in machine.device_id else 1008.0
    pressure = (
        height + 1.4 * math.cos((hours_of_day(at) - 10) / 12 * math.tau) + 3.5 * noise(name + "hpa", at, 4 * 1440)
    )
    return {"temperature": temperature, "humidity": max(8.0, min(97.0, humidity)), "pressure": pressure}


def vibration(machine, at, level, shares=(1.0, 0.82, 1.1)):
    """RMS vibration of the three axes around `level` m/s²."""
    axes = {}
    for axis, part in zip("xyz", shares, strict=True):
        name = machine.device_id + axis
        wobble = 1 + 0.12 * noise(name, at, 15) + 0.06 * jitter(name, at)
        axes[f"vibration_{axis}"] = max(0.02, level * part * wobble)
    return axes


# The machines


def furnace(machine, at, peak=862.0, charge_minutes=75.0) -> dict:
    """A reheating furnace: heats up for two and a half hours, then dips each time it is charged; cools overnight."""
    on, here = hours_running(machine.week, at), ambient_air(machine, at)
    ambient = here["temperature"]
    if on is None:
        temperature = ambient + (peak - ambient) * math.exp(-hours_stopped(machine.week, at) / 7.5)
        kw, gas, level = 0.8 + 0.1 * jitter(machine.device_id, at), 150.0, 0.12
    elif on < 2.5:
        began = at - timedelta(hours=on, seconds=1)
        cold = ambient + (peak - ambient) * math.exp(-hours_stopped(machine.week, began) / 7.5)
        temperature = cold + (peak - cold) * (1 - math.exp(-on / 0.8)) / (1 - math.exp(-2.5 / 0.8))
        kw, gas, level = 43.5 + 1.2 * noise(machine.device_id + "kw", at), 230 + 40 * on / 2.5, 0.7
    else:
        phase = ((on - 2.5) * 60 / charge_minutes) % 1.0
        temperature = peak - 78 * math.exp(-phase * 5.5) + 11 * noise(machine.device_id + "t", at, 45)
        kw = 24 + 16 * math.exp(-phase * 4) + 1.5 * noise(machine.device_id + "kw", at, 12)
        gas, level = 285 + 62 * math.exp(-phase * 7), 1.9
    gas += 12 * noise(machine.device_id + "gas", at, 30)
    return {
        **here,
        "temperature": temperature,
        "gas_index": gas,
        "humidity": here["humidity"] * 0.6,
        "kw": kw,
        **vibration(machine, at, level),
    }


def cooling_tower(machine, at) -> dict:
    """Runs day and night; its fan works harder while the furnace is hot and the air is warm."""
    here, busy = ambient_air(machine, at, humid=24), hours_running(machine.week, at) is not None
    water = here["temperature"] + (7.5 if busy else 1.5) + 0.8 * noise(machine.device_id + "t", at)
    kw = (6.4 if busy else 2.1) + 0.06 * (here["temperature"] - 27) + 0.2 * noise(machine.device_id + "kw", at, 10)
    gas = 95 + 9 * noise(machine.device_id + "gas", at, 60)
    return {**here, "temperature": water, "gas_index": gas, "kw": kw, **vibration(machine, at, 2.3 if busy else 1.4)}


def hammer(machine, at) -> dict:
    """A forging hammer: strokes while billets are hot, rests at meal breaks and shift change."""
    on, here = hours_running(machine.week, at), ambient_air(machine, at, warmer=6)
    at_work = on is not None and on > 2.6 and not any(start <= on < start + 0.5 for start in (4, 8, 12))
    if not at_work:
        return {
            **here,
            "gas_index": 120 + 8 * noise(machine.device_id, at),
            "kw": 1.1 if on is not None else 0.3,
            **vibration(machine, at, 0.15),
        }
    pace = 1 + 0.18 * noise(machine.device_id + "pace", at, 25)
    oil = 58 + 9 * (1 - math.exp(-(on - 2.6) / 2)) + 2 * noise(machine.device_id + "t", at)
    return {
        **here,
        "temperature": oil,
        "gas_index": 165 + 20 * noise(machine.device_id + "gas", at),
        "kw": 22 * pace,
        **vibration(machine, at, 3.0 * pace, (0.8, 0.7, 1.15)),
    }


def compressor(machine, at) -> dict:
    here, kw = ambient_air(machine, at, warmer=4), mean_compressor_kw(machine.week, local(at).date(), hours_of_day(at))
    return {
        **here,
        "temperature": here["temperature"] + 1.9 * kw,
        "gas_index": 105 + 7 * noise(machine.device_id, at, 60),
        "kw": kw,
        **vibration(machine, at, 0.3 + 0.13 * kw),
    }


def mean_compressor_kw(week, day, hour) -> float:
    """Loads and unloads twice an hour at work; only leaks overnight. No noise: its meter must add up."""
    works = day.isoweekday() != week.day_off and week.starts <= hour < week.starts + week.hours
    loaded = (hour * 2) % 1 < (0.68 if works else 0.12)
    return (17.5 if loaded else 6.2) if works else (5.5 if loaded else 0.4)


@lru_cache(maxsize=64)
def cumulative_kwh(week, weekday):
    """kWh counted since midnight at each minute of such a day."""
    day = METER_FITTED_ON + timedelta(days=(weekday - METER_FITTED_ON.isoweekday()) % 7)
    cumulative, total = [0.0], 0.0
    for minute in range(1440):
        total += mean_compressor_kw(week, day, (minute + 0.5) / 60) / 60
        cumulative.append(total)
    return cumulative


def register_kwh(machine, at):
    """The meter's register: every kWh since it was fitted, never going back."""
    here = local(at)
    weeks, days = divmod((here.date() - METER_FITTED_ON).days, 7)
    total = weeks * sum(cumulative_kwh(machine.week, weekday)[-1] for weekday in range(1, 8))
    total += sum(cumulative_kwh(machine.week, METER_FITTED_ON.isoweekday() + day)[-1] for day in range(days))
    return total + cumulative_kwh(machine.week, here.isoweekday())[here.hour * 60 + here.minute]


def reactor(machine, at) -> dict:
    """Batches of eight hours: heat to 118 °C, hold, cool with water, empty."""
    on, here = hours_running(machine.week, at), ambient_air(machine, at)
    if on is None:
        return {
            **here,
            "temperature": here["temperature"] + 3,
            "gas_index": 110 + 9 * noise(machine.device_id, at, 60),
            "kw": 0.6,
            **vibration(machine, at, 0.1),
        }
    phase, low = (on % 8) / 8, here["temperature"] + 9
    rise = 1 - math.exp(-phase / 0.09) if phase < 0.7 else math.exp(-(phase - 0.7) / 0.08)
    temperature = low + (118 - low) * rise + 1.2 * noise(machine.device_id + "t", at)
    kw = (31 * math.exp(-phase / 0.12) + 11 if phase < 0.7 else 6.5) + 0.7 * noise(machine.device_id + "kw", at, 10)
    gas = 190 + 130 * math.exp(-(((phase - 0.45) / 0.16) ** 2)) + 14 * noise(machine.device_id + "gas", at, 30)
    return {**here, "temperature": temperature, "gas_index": gas, "kw": kw, **vibration(machine, at, 1.6)}


def dryer(machine, at) -> dict:
    """A spray dryer: steady at 185 °C, its exhaust rich."""
    on, here = hours_running(machine.week, at), ambient_air(machine, at)
    warm = 0.0 if on is None else 1 - math.exp(-on / 0.7)
    temperature = here["temperature"] + 4 + (158 + 4 * noise(machine.device_id + "t", at, 40)) * warm
    gas = 120 + 205 * warm + 22 * noise(machine.device_id + "gas", at, 35)
    kw = 0.5 + 18.5 * warm + 1.1 * noise(machine.device_id + "kw", at, 12) * warm
    return {**here, "temperature": temperature, "gas_index": gas, "kw": kw, **vibration(machine, at, 0.1 + 2.5 * warm)}


def boiler(machine, at) -> dict:
    """Steam at 172 °C for reactor and dryer, on its burner fan's power."""
    on, here = hours_running(machine.week, at), ambient_air(machine, at)
    warm = 0.35 if on is None else 1.0
    temperature = here["temperature"] + 144 * warm + 3 * noise(machine.device_id + "t", at, 25)
    return {
        **here,
        "temperature": temperature,
        "gas_index": 150 + 160 * warm + 18 * noise(machine.device_id, at, 30),
        "kw": 1.2 + 6.1 * warm + 0.5 * noise(machine.device_id + "kw", at, 12),
        **vibration(machine, at, 1.1 * warm),
    }


def pump(machine, at) -> dict:
    """Effluent pumps: on when the tank is full, day and night."""
    here, on = ambient_air(machine, at, humid=18), (at.timestamp() / 5400) % 1 < 0.6
    return {
        **here,
        "gas_index": 170 + 25 * noise(machine.device_id, at, 90),
        "kw": 4.2 if on else 0.2,
        **vibration(machine, at, 1.9 if on else 0.05),
    }


def tank(machine, at) -> dict:
    """A quench tank: oil that warms with every batch."""
    here, on = ambient_air(machine, at, warmer=3), hours_running(machine.week, at) is not None
    oil = here["temperature"] + (24 if on else 6) + 4 * noise(machine.device_id, at, 50)
    return {
        **here,
        "temperature": oil,
        "gas_index": 140 + 12 * noise(machine.device_id + "gas", at),
        "kw": 2.4 if on else 0.2,
        **vibration(machine, at, 0.6 if on else 0.05),
    }


CURVES = {
    function.__name__: function
    for function in (furnace, cooling_tower, hammer, compressor, reactor, dryer, boiler, pump, tank)
}
