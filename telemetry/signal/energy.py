"""Energy of a device: kWh per quarter hour from samples of power and of meter registers. Pure.

Times are epoch seconds (UTC), power kW or W as the sample's kind says, energy kWh.

Three kinds of evidence; for one second only one of them counts:

1. a **meter register** (`energy_kwh`): the difference of two readings. It goes before power, second by second;
2. **power** (`power_consumption`): a mean that holds until the next sample, kWh since the last one, or a register;
3. a **bridge**: a register (or kWh since the last reading) across a gap. The total is known, its profile is not, so it
   is stored apart from measured energy and spread evenly over the gap only so that days and months can be summed. Power
   measured inside the gap is subtracted from it.

A gap is more than three intervals *and* at least 30 minutes without a usable sample. Time without evidence is missing
and never filled. A register that falls (reboot, roll-over, retrograde count) adds nothing for the fall.
"""

from bisect import bisect_right
from itertools import pairwise, zip_longest
from math import isfinite
from typing import Any, NamedTuple

KW, W, KWH_PER_READING, REGISTER = "kW", "W", "kWh", "register"  # devices.models.PowerKind, which this may not import
MEAN_POWER = (KW, W)

QUARTER_S = 900
GAP_INTERVALS = 3
MIN_GAP_S = 1800
MAX_BRIDGE_S = 31 * 86_400  # the energy of a longer gap cannot be assigned to a month
RETROGRADE = 0.9  # a register that falls by less is jitter, one that falls by more was reset
REGISTER_WINDOW = 6  # register readings that tell a glitch from a reset
MAX_MAGNITUDE = 1e15  # no meter counts this far; keeps every sum finite


class EnergySample(NamedTuple):
    """The energy-related values of one reading. `power` and `register` are None when missing or suspect."""

    at: float
    power: float | None = None
    register: float | None = None
    kind: str = KW
    interval_s: float = 300
    exports: bool = False  # negative power is plausible
    unit: int = 0  # which hardware: registers of two units have nothing in common
    has_power: bool = True  # a power value was sent, though it may be suspect


class EnergySegment(NamedTuple):
    """kWh spread evenly from `start` until `end`."""

    start: float
    end: float
    kwh: float
    bridged: bool = False


class QuarterEnergy(NamedTuple):
    measured_kwh: float | None  # None where nothing was measured: zero is a measurement
    bridged_kwh: float | None
    covered_s: float


class RegisterReading(NamedTuple):
    """One reading of a register."""

    at: float
    kwh: float
    interval_s: float
    unit: int


def mean_kw(kind: str, value: float | None, interval_s: float) -> float | None:
    """`power_consumption` as mean power in kW; None for a register, whose single values give no power."""
    if value is None or kind == REGISTER:
        return None
    if kind == W:
        return value / 1000
    if kind == KWH_PER_READING:
        return value * 3600 / interval_s
    return value


def is_gap(interval_s: float, seconds: float) -> bool:
    return seconds > GAP_INTERVALS * interval_s and seconds >= MIN_GAP_S


def segments(samples: list[EnergySample]) -> list[EnergySegment]:
    """The energy of `samples` (oldest first), in time order and without overlap."""
    by_power = power_segments(samples)
    register_readings = [
        RegisterReading(s.at, s.register, s.interval_s, s.unit)
        for s in samples
        if s.register is not None and is_sane(s.register)
    ]
    by_register = register_segments(register_readings)
    return merge_evidence(by_register, by_power) if by_register else by_power


def by_quarter(
    energy_segments: list[EnergySegment], since: float = float("-inf"), until: float = float("inf")
) -> dict[int, QuarterEnergy]:
    """Quarter's start (epoch s) → its energy; a segment across a boundary is split by time.

    Only quarters from `since` until `until` (quarter boundaries).
    """
    quarters: dict[int, list[Any]] = {}  # [measured kWh, bridged kWh, covered s]
    for segment in energy_segments:
        length = segment.end - segment.start
        if length <= 0:
            continue
        start = int(max(segment.start, since) // QUARTER_S) * QUARTER_S
        for quarter in range(start, int(-(-min(segment.end, until) // QUARTER_S)) * QUARTER_S, QUARTER_S):
            seconds = min(segment.end, quarter + QUARTER_S) - max(segment.start, quarter)
            totals = quarters.setdefault(quarter, [None, None, 0.0])
            index = 1 if segment.bridged else 0
            totals[index] = (totals[index] or 0.0) + segment.kwh * seconds / length
            if not segment.bridged:
                totals[2] += seconds
    return {quarter: QuarterEnergy(*totals) for quarter, totals in quarters.items()}


def is_sane(value: float) -> bool:
    return isfinite(value) and abs(value) < MAX_MAGNITUDE


def is_usable(sample: EnergySample) -> bool:
    if sample.power is None or not is_sane(sample.power):
        return False
    return sample.power >= 0 or (sample.exports and sample.kind != REGISTER)


def power_segments(samples: list[EnergySample]) -> list[EnergySegment]:
    """Energy by `power_consumption` alone, whatever its kind."""
    usable = [s for s in samples if is_usable(s)]
    result = [
        mean_power_segment(s, following)
        for s, following in zip_longest(usable, usable[1:])
        # "kWh since the last reading" already counts the time since this one
        if s.kind in MEAN_POWER and not (following and following.kind == KWH_PER_READING)
    ]
    with_power = [s for s in samples if s.has_power]
    previous: list[EnergySample | None] = [None, *with_power]
    for before, s in zip(previous, with_power, strict=False):
        if s.kind == KWH_PER_READING and is_usable(s):
            result.extend(kwh_per_reading_segments(before, s))
    result.extend(
        register_segments(
            [
                RegisterReading(s.at, s.power, s.interval_s, s.unit)
                for s in usable
                if s.kind == REGISTER and s.power is not None
            ]
        )
    )
    return sorted(result)


def mean_power_segment(sample: EnergySample, following: EnergySample | None) -> EnergySegment:
    """A mean power holds until the next sample; before a gap and after the last sample, for one interval only."""
    end = sample.at + sample.interval_s
    if following is not None:
        is_last = is_gap(sample.interval_s, following.at - sample.at)
        end = min(end, following.at) if is_last else following.at
    kw = mean_kw(sample.kind, sample.power, sample.interval_s)
    return EnergySegment(sample.at, end, (kw or 0.0) * (end - sample.at) / 3600)


def kwh_per_reading_segments(before: EnergySample | None, sample: EnergySample) -> list[EnergySegment]:
    """kWh since the last reading; the very first one covers its interval, one after a gap bridges it."""
    kwh = sample.power or 0.0
    if before is None:
        return [EnergySegment(sample.at - sample.interval_s, sample.at, kwh)]
    silence = sample.at - before.at
    if silence > MAX_BRIDGE_S:
        return []
    return [EnergySegment(before.at, sample.at, kwh, is_gap(sample.interval_s, silence))]


def register_segments(readings: list[RegisterReading]) -> list[EnergySegment]:
    """The gains between readings of a register; one across a gap is a bridge."""
    readings = without_spikes(readings)
    result: list[EnergySegment] = []
    for index in range(1, len(readings)):
        before, reading = readings[index - 1], readings[index]
        silence = reading.at - before.at
        if before.unit != reading.unit or silence > MAX_BRIDGE_S:
            continue
        window = [c.kwh for c in readings[max(0, index - REGISTER_WINDOW) : index + 1] if c.unit == reading.unit]
        gain = register_gain(window)
        if gain is not None:
            result.append(EnergySegment(before.at, reading.at, gain, is_gap(before.interval_s, silence)))
    return result


def without_spikes(readings: list[RegisterReading]) -> list[RegisterReading]:
    """Without misread registers: a single reading far above both its neighbours, which agree with each other."""
    result: list[RegisterReading] = []
    for index, reading in enumerate(readings):
        before, after = (result[-1] if result else None), (readings[index + 1] if index + 1 < len(readings) else None)
        is_spike = (
            before is not None
            and after is not None
            and before.unit == reading.unit == after.unit
            and before.kwh <= after.kwh < reading.kwh * RETROGRADE
        )
        if not is_spike:
            result.append(reading)
    return result


def register_gain(window: list[float]) -> float | None:
    """kWh gained by the last reading of a register, given the few before it; None when the register was reset.

    The highest level seen counts, so that a counter that steps back and forth adds nothing twice; one that dips and
    returns to its former level (a misread zero) adds only what is above that level.
    """
    high = window[0]
    former: float | None = None
    gain: float | None = None
    for previous, value in pairwise(window):
        if value >= high:
            if former is not None and previous < former / 2 and value >= former:
                gain, former = value - former, None
            else:
                gain = value - high
            high = value
        elif value >= high * RETROGRADE:
            gain = 0.0
        else:
            former, high, gain = max(former or 0.0, high), value, None
    return gain


def merge_evidence(by_register: list[EnergySegment], by_power: list[EnergySegment]) -> list[EnergySegment]:
    """Both kinds of evidence as one timeline: register first, then power, then the remainder of bridges."""
    measured = [s for s in by_register if not s.bridged]
    bridges = [s for s in by_register if s.bridged]
    power = parts_outside([s for s in by_power if not s.bridged], measured)
    timeline = measured + power + [part for bridge in bridges for part in remainder(bridge, power)]
    return sorted(timeline + parts_outside([s for s in by_power if s.bridged], sorted(measured + bridges)))


def remainder(bridge: EnergySegment, power: list[EnergySegment]) -> list[EnergySegment]:
    """A bridge less the energy measured inside it, spread over the remaining time; never below zero."""
    inside_kwh = sum(
        s.kwh * (min(s.end, bridge.end) - max(s.start, bridge.start)) / (s.end - s.start)
        for s in power
        if s.start < bridge.end and s.end > bridge.start
    )
    return parts_outside([bridge._replace(kwh=max(0.0, bridge.kwh - inside_kwh))], power, keep_total=True)


def parts_outside(
    parts: list[EnergySegment], exclusions: list[EnergySegment], keep_total: bool = False
) -> list[EnergySegment]:
    """`parts` without the time of `exclusions` (in time order), their energy by time or (`keep_total`) in full."""
    starts, ends = [s.start for s in exclusions], [s.end for s in exclusions]
    result: list[EnergySegment] = []
    for segment in parts:
        free, moment = [], segment.start
        for index in range(bisect_right(ends, segment.start), len(exclusions)):
            if starts[index] >= segment.end:
                break
            if starts[index] > moment:
                free.append((moment, starts[index]))
            moment = max(moment, ends[index])
        if moment < segment.end:
            free.append((moment, segment.end))
        whole = sum(end - start for start, end in free) if keep_total else segment.end - segment.start
        result += [segment._replace(start=a, end=b, kwh=segment.kwh * (b - a) / whole) for a, b in free]
    return result
