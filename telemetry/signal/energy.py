"""Energy of a device: kWh per quarter hour from samples of power and of meter registers. Pure.

Times are epoch seconds (UTC), power kW or W as the sample's kind says, energy kWh.

Three kinds of evidence; for one second only one of them counts:

1. a **meter register** (`energy_kwh`): the difference of two readings. It goes before power, second by second;
2. **power** (`power_consumption`): a mean that holds until the next sample, kWh since the last one, or a register;
3. a **bridge**: a register (or kWh since the last reading) across a gap. The total is known, its profile is not, so it
   is stored apart from measured energy and spread evenly over the gap only so that days and months can be summed. Power
   measured inside the gap is subtracted from it.

A gap is more than three intervals *and* at least 30 minutes without a usable sample. Time without evidence is missing
and never filled. Each gain of a counter is held against what can have flowed (`meter_registers`, `flow_limits`): what
cannot is a doubt, and its time is missing.

Energy fed back (negative power, where the feeder exports) is apart: it is measured by power alone, whatever a register
says of the same time, and never subtracted from what was taken.
"""

from collections.abc import Iterable
from itertools import zip_longest
from math import isfinite
from typing import NamedTuple

from telemetry.signal.flow_limits import limit_kw, possible_kwh
from telemetry.signal.meter_registers import (
    MAX_BRIDGE_S,
    REAL,
    DoubtfulGain,
    History,
    RegisterReading,
    RegisterStep,
    register_gains,
)
from telemetry.signal.segments import EnergySegment, merge_evidence

KW, W, KWH_PER_READING, REGISTER = "kW", "W", "kWh", "register"  # devices.models.PowerKind, which this may not import
MEAN_POWER = (KW, W)

GAP_INTERVALS = 3
MIN_GAP_S = 1800
REPEATED_WITHIN = 0.1  # of an interval: the same kWh so soon after the last ones were sent twice
MAX_MAGNITUDE = 1e15  # no meter counts this far; keeps every sum finite


class EnergySample(NamedTuple):
    """The energy-related values of one reading, energy in kWh. `power` and `register` are None when missing or suspect.

    A verdict is a person's on the gain that ends with this reading (`meter_registers.REAL`, `SWAPPED`).
    """

    at: float
    power: float | None = None
    register: float | None = None
    kind: str = KW
    interval_s: float = 300
    exports: bool = False  # negative power is plausible
    unit: int = 0  # which meter: registers of two have nothing in common
    has_power: bool = True  # a power value was sent, though it may be suspect
    power_unit: int = 0  # of a register sent as power
    rated_kw: float | None = None
    register_width_kwh: float | None = None
    verdict: str = ""
    power_verdict: str = ""


class Energy(NamedTuple):
    """The energy of a series: segments in time order and without overlap, and what is doubtful."""

    segments: list[EnergySegment]
    exports: list[EnergySegment]  # fed back, in the same time
    power_doubts: list[DoubtfulGain]  # of `power_consumption`
    register_doubts: list[DoubtfulGain]  # of `energy_kwh`


def mean_kw(kind: str, value: float | None, interval_s: float, units_per_kwh: float = 1.0) -> float | None:
    """`power_consumption` as mean power in kW; None for a register, whose single values give no power."""
    if value is None or kind == REGISTER:
        return None
    if kind == W:
        return value / 1000
    if kind == KWH_PER_READING:
        return value / units_per_kwh * 3600 / interval_s
    return value


def is_gap(interval_s: float, seconds: float) -> bool:
    return seconds > GAP_INTERVALS * interval_s and seconds >= MIN_GAP_S


def energy_of(samples: list[EnergySample], history: History = None, power_history: History = None) -> Energy:
    """The energy of `samples` (oldest first).

    `history` of `energy_kwh` and `power_history` are needed where a counter has no rating; without them it is not
    held against anything.
    """
    by_power, exports, power_doubts = power_segments(samples, power_history)
    registers = register_gains(register_readings(samples), history)
    by_register = register_segments(registers.steps)
    merged = merge_evidence(by_register, by_power) if by_register else by_power
    return Energy(merged, exports, power_doubts, registers.doubts)


def segments(samples: list[EnergySample]) -> list[EnergySegment]:
    """The energy taken by `samples` (oldest first), in time order and without overlap."""
    return energy_of(samples).segments


def register_readings(samples: list[EnergySample]) -> list[RegisterReading]:
    """The readings of `energy_kwh`."""
    return [
        RegisterReading(s.at, s.register, s.interval_s, s.unit, s.rated_kw, s.register_width_kwh, s.verdict)
        for s in samples
        if s.register is not None and is_sane(s.register)
    ]


def power_register_readings(samples: list[EnergySample]) -> list[RegisterReading]:
    """The readings of a register sent as `power_consumption`."""
    return [
        RegisterReading(s.at, s.power, s.interval_s, s.power_unit, s.rated_kw, s.register_width_kwh, s.power_verdict)
        for s in samples
        if s.kind == REGISTER and s.power is not None and is_usable(s)
    ]


def is_sane(value: float) -> bool:
    return isfinite(value) and abs(value) < MAX_MAGNITUDE


def is_usable(sample: EnergySample) -> bool:
    if sample.power is None or not is_sane(sample.power):
        return False
    return sample.power >= 0 or (sample.exports and sample.kind != REGISTER)


PowerEnergy = tuple[list[EnergySegment], list[EnergySegment], list[DoubtfulGain]]  # taken, fed back, doubtful


def power_segments(samples: list[EnergySample], history: History = None) -> PowerEnergy:
    """Energy by `power_consumption` alone, whatever its kind."""
    usable = [s for s in samples if is_usable(s)]
    signed = [
        mean_power_segment(s, following)
        for s, following in zip_longest(usable, usable[1:])
        # "kWh since the last reading" already counts the time since this one
        if s.kind in MEAN_POWER and not (following and following.kind == KWH_PER_READING)
    ]
    by_reading, doubts = kwh_per_reading_segments(samples, history)
    registers = register_gains(power_register_readings(samples), history)
    signed += by_reading + register_segments(registers.steps)
    taken = sorted(s._replace(kwh=max(0.0, s.kwh)) for s in signed)
    fed_back = sorted(s._replace(kwh=-s.kwh) for s in signed if s.kwh < 0)
    return taken, fed_back, sorted(doubts + registers.doubts, key=lambda doubt: doubt.after_at)


def mean_power_segment(sample: EnergySample, following: EnergySample | None) -> EnergySegment:
    """A mean power holds until the next sample; before a gap and after the last sample, for one interval only."""
    end = sample.at + sample.interval_s
    if following is not None:
        is_last = is_gap(sample.interval_s, following.at - sample.at)
        end = min(end, following.at) if is_last else following.at
    kw = mean_kw(sample.kind, sample.power, sample.interval_s)
    return EnergySegment(sample.at, end, (kw or 0.0) * (end - sample.at) / 3600)


def kwh_per_reading_segments(
    samples: list[EnergySample], history: History = None
) -> tuple[list[EnergySegment], list[DoubtfulGain]]:
    """kWh since the last reading; the very first one covers its interval, one after a gap bridges it.

    A repeated one is left out as if it had never come; other doubtful ones leave their time uncovered.
    """
    found: list[EnergySegment] = []
    doubts: list[DoubtfulGain] = []
    before: EnergySample | None = None
    for s in samples:
        if not s.has_power:
            continue
        doubt = doubtful_kwh(before, s, history) if s.kind == KWH_PER_READING and is_usable(s) else None
        if doubt:
            doubts.append(doubt)
            if doubt.is_repeated:
                continue
        elif s.kind == KWH_PER_READING and is_usable(s):
            found += kwh_per_reading_segment(before, s)
        before = s
    return found, doubts


def kwh_per_reading_segment(before: EnergySample | None, sample: EnergySample) -> list[EnergySegment]:
    kwh = sample.power or 0.0
    if before is None:
        return [EnergySegment(sample.at - sample.interval_s, sample.at, kwh)]
    silence = sample.at - before.at
    if silence > MAX_BRIDGE_S:
        return []
    return [EnergySegment(before.at, sample.at, kwh, is_gap(sample.interval_s, silence))]


def doubtful_kwh(before: EnergySample | None, sample: EnergySample, history: History) -> DoubtfulGain | None:
    """The doubt about kWh since the last reading that cannot have flowed since then, or that were sent twice."""
    kwh = sample.power or 0.0
    if sample.power_verdict == REAL or not kwh:
        return None
    seconds = sample.interval_s if before is None else sample.at - before.at
    is_rated = bool(sample.rated_kw)
    is_checked = is_rated or history is not None
    max_kw = limit_kw(sample.rated_kw, (history or {}).get(sample.at)) if is_checked else float("inf")
    possible = possible_kwh(seconds, max_kw)
    is_repeated = (
        before is not None
        and before.kind == KWH_PER_READING
        and before.power == sample.power
        and seconds <= REPEATED_WITHIN * sample.interval_s
    )
    if not is_repeated and abs(kwh) <= possible:
        return None
    return DoubtfulGain(before and before.at, sample.at, kwh, possible, is_repeated, is_rated)


def register_segments(steps: Iterable[RegisterStep]) -> list[EnergySegment]:
    """The gains of a register; one across a gap is a bridge."""
    return [
        EnergySegment(before.at, after.at, kwh, is_gap(before.interval_s, after.at - before.at))
        for before, after, kwh in steps
    ]
