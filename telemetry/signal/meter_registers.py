"""What a meter register gained from reading to reading, and which of its gains are doubtful. Pure.

Readings that follow from each other are a **run**: each gains no more than can have flowed (`flow_limits`). A run ends

* with a **fall**: a reboot, a replaced meter, a misread zero. One within a tenth and within what can flow is jitter:
  it gains nothing, and the level before it is kept for an hour. A fall by the width of the register is a roll-over;
* with a **jump**: a gain that cannot have flowed.

A register that falls and jumps back to about its former level was misread in between, and so was one that jumps and
falls back, however many readings it took, up to `GLITCH_MEMORY_S`: the readings in between are none, and the gain is
what lies between the two levels. Other falls are resets, and add nothing. Other jumps are doubtful: nothing is added,
and later readings go on from the new level. A register that fell to zero and stands there measures nothing for a
week (`ZERO_MEMORY_S`) unless it counts: it may still come back.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from telemetry.signal.flow_limits import limit_kw, possible_kwh, tick_kwh

MAX_BRIDGE_S = 400 * 86_400  # a register read once a year, and a month late
GLITCH_MEMORY_S = 62 * 86_400  # a register that comes back later than that is asked about
ZERO_MEMORY_S = 7 * 86_400  # longer, and a register at zero is believed to stand until it comes back
RETROGRADE = 0.9  # a register that falls by less may be jitter, one that falls by more was reset
JITTER_MEMORY_S, JITTER_INTERVALS = 3600, 6  # whichever is longer
ABOUT = 0.1  # a register that counted while it was misread returns to within a tenth of its former level
MAX_RUNS_BACK = 50  # of which one may be gone on with
START, FALL, JUMP = "start", "fall", "jump"
REAL, SWAPPED = "real", "swapped"  # a person's verdict on the step that a reading ends


class RegisterReading(NamedTuple):
    """One reading of a register, in kWh."""

    at: float
    kwh: float
    interval_s: float = 300
    unit: int = 0  # which meter: two of them have nothing in common
    rated_kw: float | None = None
    width_kwh: float | None = None  # the register starts again at 0 after so many
    verdict: str = ""


class RegisterStep(NamedTuple):
    """kWh gained from one reading to the next."""

    before: RegisterReading
    after: RegisterReading
    kwh: float


class DoubtfulGain(NamedTuple):
    """A gain that cannot have flowed. `before_at` is None for the first "kWh since the last reading" of all."""

    before_at: float | None
    after_at: float
    gained_kwh: float
    possible_kwh: float
    is_repeated: bool = False  # looks like the same value sent twice
    is_rated: bool = True  # held against a rating; else against the device's history


class RegisterGains(NamedTuple):
    steps: list[RegisterStep]
    doubts: list[DoubtfulGain]


# {moment of a reading: third-highest kW around it}; None: what has no rating is not checked
History = Mapping[float, float] | None


@dataclass
class Run:
    """Readings that follow from each other."""

    cause: str
    readings: list[RegisterReading]
    gains: list[float] = field(default_factory=lambda: [0.0])  # of each reading over the one before it
    levels: list[float] = field(default_factory=list)  # of each reading, roll-overs added
    peak: int = 0  # index of the highest level

    def __post_init__(self) -> None:
        self.levels = [reading.kwh for reading in self.readings]

    @property
    def last(self) -> RegisterReading:
        return self.readings[-1]

    @property
    def turned_over_kwh(self) -> float:
        return self.levels[-1] - self.last.kwh

    @property
    def is_at_zero(self) -> bool:
        return self.cause == FALL and all(reading.kwh == 0 for reading in self.readings)

    def high(self, reading: RegisterReading) -> float:
        """The highest level of the last hour, which a counter that steps back and forth must pass to gain anything."""
        if self.levels[-1] >= self.levels[self.peak]:
            return self.levels[-1]
        since = reading.at - jitter_memory_s(reading)
        if self.readings[self.peak].at >= since:
            return self.levels[self.peak]
        recent = [level for one, level in zip(self.readings, self.levels, strict=True) if one.at >= since]
        return max([*recent, self.levels[-1]])

    def append(self, reading: RegisterReading, gain: float, turned_over_kwh: float) -> None:
        self.readings.append(reading)
        self.gains.append(gain)
        self.levels.append(reading.kwh + turned_over_kwh)
        if self.levels[-1] >= self.levels[self.peak]:
            self.peak = len(self.levels) - 1


def jitter_memory_s(reading: RegisterReading) -> float:
    return max(JITTER_MEMORY_S, JITTER_INTERVALS * reading.interval_s)


def register_gains(readings: Iterable[RegisterReading], history: History) -> RegisterGains:
    """The gains between readings (oldest first), and those that are doubtful."""
    result = RegisterGains([], [])
    for runs in runs_by_meter(readings, history):
        for index, run in enumerate(runs):
            if run.cause == JUMP:
                result.doubts.append(doubtful_gain(runs[index - 1].last, run.readings[0], history))
            fell_at = runs[index - 1].last.at if run.is_at_zero else float("-inf")
            result.steps.extend(
                RegisterStep(run.readings[place - 1], run.readings[place], run.gains[place])
                for place in range(1, len(run.readings))
                if run.readings[place].at > fell_at + ZERO_MEMORY_S
            )
    return result


def runs_by_meter(readings: Iterable[RegisterReading], history: History) -> Iterator[list[Run]]:
    """The runs of each meter, misread ones left out; a silence that no energy can be assigned across divides too."""
    runs: list[Run] = []
    for reading in readings:
        if runs and is_another_meter(runs[-1].last, reading):
            yield runs
            runs = []
        place(runs, reading, history)
    if runs:
        yield runs


def is_another_meter(before: RegisterReading, reading: RegisterReading) -> bool:
    return before.unit != reading.unit or reading.verdict == SWAPPED or reading.at - before.at > MAX_BRIDGE_S


def place(runs: list[Run], reading: RegisterReading, history: History) -> None:
    """Add a reading to the run it follows from, or begin a new one."""
    if not runs:
        runs.append(Run(START, [reading]))
        return
    run = runs[-1]
    turned_over_kwh = turnover(run, reading, history)
    gain = reading.kwh + turned_over_kwh - run.high(reading)
    cause = break_cause(run, reading, gain, history)
    way_back = JUMP if not cause and is_brief_dip(runs, reading) else cause
    index = run_returned_to(runs, reading, way_back, history) if way_back and reading.verdict != REAL else None
    if index is not None:
        go_on(runs, index, reading)
    elif cause:
        runs.append(Run(cause, [reading]))
    else:
        run.append(reading, max(0.0, gain), turned_over_kwh)


def break_cause(run: Run, reading: RegisterReading, gain: float, history: History) -> str:
    """How a run ends with its last reading; empty where `reading` follows from it."""
    if 0 <= gain <= possible_kwh(reading.at - run.last.at, max_kw(run.last, reading, history)):
        return ""  # nearly always: the tick of a register takes time to tell
    possible = max_gain(run.last, reading, history)
    if gain > possible and reading.verdict != REAL:
        return JUMP
    if gain < 0 and not is_jitter(reading, run.high(reading) - run.turned_over_kwh, -gain, possible):
        return FALL
    return ""


def go_on(runs: list[Run], index: int, reading: RegisterReading) -> None:
    """Go on with the run at `index`: those after it were misread."""
    del runs[index + 1 :]
    run = runs[index]
    gain = reading.kwh + run.turned_over_kwh - run.high(reading)
    run.append(reading, max(0.0, gain), run.turned_over_kwh)


def turnover(run: Run, reading: RegisterReading, history: History) -> float:
    """kWh to add to a reading for the times its register has started again at 0 in this run."""
    before, turned_over_kwh = run.last, run.turned_over_kwh
    if not reading.width_kwh or reading.kwh >= before.kwh:
        return turned_over_kwh
    gain = reading.kwh + reading.width_kwh - before.kwh
    is_turnover = 0 <= gain <= max_gain(before, reading, history)
    return turned_over_kwh + reading.width_kwh if is_turnover else turned_over_kwh


def max_kw(before: RegisterReading, reading: RegisterReading, history: History) -> float:
    """The highest mean power believed between two readings; that of the larger rating where it changes."""
    rated_kw = max(before.rated_kw, reading.rated_kw) if before.rated_kw and reading.rated_kw else None
    if not rated_kw and history is None:
        return float("inf")
    return limit_kw(rated_kw, (history or {}).get(reading.at))


def max_gain(before: RegisterReading, reading: RegisterReading, history: History) -> float:
    tick = tick_kwh(before.kwh, reading.kwh, reading.rated_kw)
    return possible_kwh(reading.at - before.at, max_kw(before, reading, history)) + tick


def is_jitter(reading: RegisterReading, high_kwh: float, fall_kwh: float, possible: float) -> bool:
    return reading.kwh >= RETROGRADE * high_kwh and fall_kwh <= possible


def is_brief_dip(runs: list[Run], reading: RegisterReading) -> bool:
    """Whether a small register that fell to less than half an hour ago steps back to its former level at once."""
    if len(runs) < 2 or runs[-1].cause != FALL:
        return False
    former = runs[-2].last
    return runs[-1].last.kwh < former.kwh / 2 <= reading.kwh / 2 and (
        reading.at - former.at <= jitter_memory_s(reading)
    )


def run_returned_to(runs: list[Run], reading: RegisterReading, way_back: str, history: History) -> int | None:
    """Index of the run that a reading goes on from when the runs after it were misread; None where there is none.

    What fell must jump back, and what jumped must fall back.
    """
    way_there = FALL if way_back == JUMP else JUMP
    for index in range(len(runs) - 2, max(-1, len(runs) - 2 - MAX_RUNS_BACK), -1):
        if reading.at - runs[index].last.at > GLITCH_MEMORY_S:
            return None
        if runs[index + 1].cause == way_there and is_return(runs[index], runs[index + 1 :], reading, history):
            return index
    return None


def is_return(former: Run, misread: list[Run], reading: RegisterReading, history: History) -> bool:
    """Whether a reading is at about the level of `former`, by what can have flowed since."""
    possible = max_gain(former.last, reading, history)
    high = former.high(reading)
    gain = reading.kwh + former.turned_over_kwh - high
    if gain < 0:
        return is_jitter(reading, high - former.turned_over_kwh, -gain, possible)
    counted = sum(sum(run.gains) for run in misread)
    return gain <= (min(possible, ABOUT * high + 2 * counted) if counted else possible)


def doubtful_gain(before: RegisterReading, reading: RegisterReading, history: History) -> DoubtfulGain:
    is_rated = bool(before.rated_kw and reading.rated_kw)
    possible = max_gain(before, reading, history)
    return DoubtfulGain(before.at, reading.at, reading.kwh - before.kwh, possible, is_rated=is_rated)
