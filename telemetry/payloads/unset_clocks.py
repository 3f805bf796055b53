"""Readings of a clock that was never set → moments, for the readings of one request. Pure.

A single one takes the server's time. Several keep their distances: the newest is now, or, where a reading whose clock
was set follows them in the body, one interval before that one. A count that starts again is a restart, whose readings
end one interval before those of the next. A clock that stands still gives the order alone.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median

from telemetry.payloads.names import field_of
from telemetry.payloads.samples import DEVICE_CLOCK, SHIFTED_CLOCK, UNSET_CLOCKS, UNSET_COUNTER, ReadingSample, Reject
from telemetry.payloads.times import number_in

SPACING = timedelta(milliseconds=1)  # of readings of which only the order is known
LONGEST_UPTIME = timedelta(days=366)  # a longer step leads from one epoch to another, 1970 to 2000
# Steps of a count, in seconds if it counts seconds. From the shortest on it may as well count milliseconds.
SHORTEST_IN_MS, LONG, LONGEST = 1_000, 7_200, 172_800
NO_TIME = timedelta(0)
Samples = Sequence[ReadingSample]


def place_unset_clocks(results: list[ReadingSample | Reject], *, end: datetime, oldest: datetime) -> None:
    """Give each sample of UNSET_CLOCKS its moment, in place; `end` is the newest's. Before `oldest` one is a Reject."""
    samples = {place: result for place, result in enumerate(results) if isinstance(result, ReadingSample)}
    for clock in clocks_of(samples):
        in_order = dict(reversed(clock.items())) if is_newest_first(list(clock.values())) else clock
        moments, is_in_ms = moments_of(list(in_order.values()), end)
        placed = [(place, at) for place, at in zip(in_order, moments, strict=True) if is_unset(clock[place])]
        note = note_of([clock[place].at for place, _at in placed], len(results), is_in_ms)
        for place, at in placed:
            results[place] = shifted(clock[place], at, oldest, note)


def is_unset(sample: ReadingSample) -> bool:
    return sample.clock in UNSET_CLOCKS


def shifted(sample: ReadingSample, at: datetime, oldest: datetime, note: str) -> ReadingSample | Reject:
    if at < oldest:
        return Reject(sample.device_id, "too_old", {"timestamp": f"{note}; older than what is kept"}, sample.raw)
    return sample._replace(at=at, clock=SHIFTED_CLOCK, warnings=(f"timestamp: {note}", *sample.warnings))


def note_of(stamps: Sequence[datetime], readings: int, is_in_ms: bool) -> str:
    since = f"{min(stamps).isoformat()[:19]}Z"
    if readings == 1:
        return f"{since}: clock not set, the server's time is taken"
    return f"{since}{' (a count of ms)' if is_in_ms else ''}: clock not set, {len(stamps)} shifted, distances kept"


def clocks_of(samples: dict[int, ReadingSample]) -> list[dict[int, ReadingSample]]:
    """The readings by one clock each, with those of them whose clock was set.

    A gateway that stamps the readings of its devices has one, whose times rise or fall throughout; else each device has
    its own.
    """
    stamped = {place: sample for place, sample in samples.items() if is_unset(sample) or sample.clock == DEVICE_CLOCK}
    unset = [sample for sample in stamped.values() if is_unset(sample)]
    names = dict.fromkeys(sample.device_id for sample in unset)
    if len(names) > 1 and (rises(unset) or rises(unset[::-1])):
        return [stamped]
    return [{place: one for place, one in stamped.items() if one.device_id == name} for name in names]


def rises(samples: Samples) -> bool:
    return all(one.at <= other.at for one, other in pairwise(samples))


def falls(samples: Samples) -> bool:
    return len(samples) > 1 and rises(samples[::-1]) and samples[0].at > samples[-1].at


def is_newest_first(samples: Samples) -> bool:
    unset = [sample for sample in samples if is_unset(sample)]
    return falls(unset) or (rises(unset) and falls([sample for sample in samples if not is_unset(sample)]))


def moments_of(samples: Samples, end: datetime) -> tuple[list[datetime], bool]:
    """A moment for each, oldest first, and whether their clock counts milliseconds."""
    runs = list(runs_of(samples))
    steps = [step for run in runs for step in steps_of(run)]
    is_in_ms = counts_milliseconds(samples, steps)
    divisor = 1_000 if is_in_ms else 1
    interval_s = median(steps) / divisor if steps else median(steps_of_set(samples) or [SPACING.total_seconds()])
    moments: list[datetime] = []  # newest first
    for run in reversed(runs):
        if not is_unset(run[0]):
            moments.append(run[0].at)
            continue
        newest = min(end, before(moments[-1], timedelta(seconds=interval_s))) if moments else end
        moments += [before(newest, elapsed) for elapsed in reversed(elapsed_until_newest(run, divisor))]
    return moments[::-1], is_in_ms


def runs_of(samples: Samples) -> Iterable[list[ReadingSample]]:
    """One run of an unset clock each, from start to restart; each reading of a set clock alone."""
    run: list[ReadingSample] = []
    for sample in samples:
        if run and not continues(run[-1], sample):
            yield run
            run = []
        run.append(sample)
    if run:
        yield run


def continues(one: ReadingSample, other: ReadingSample) -> bool:
    return is_unset(one) and one.clock == other.clock and NO_TIME <= other.at - one.at <= LONGEST_UPTIME


def steps_of(run: Samples) -> list[float]:
    """In seconds as sent; none of readings at the same time."""
    return [(other.at - one.at).total_seconds() for one, other in pairwise(run) if other.at > one.at]


def steps_of_set(samples: Samples) -> list[float]:
    moments = sorted({sample.at for sample in samples if not is_unset(sample)})
    return [(other - one).total_seconds() for one, other in pairwise(moments)]


def elapsed_until_newest(run: Samples, divisor: int) -> list[timedelta]:
    if run[0].at == run[-1].at and measure_the_same(run):
        return [SPACING * places for places in range(len(run) - 1, -1, -1)]
    return [(run[-1].at - sample.at) / divisor for sample in run]


def measure_the_same(run: Samples) -> bool:
    """Whether two readings of one device hold the same metric: no parts of one reading, then."""
    measured = [(one.device_id, place) for one in run for place, value in enumerate(one.values) if value is not None]
    return len(set(measured)) < len(measured)


def counts_milliseconds(samples: Samples, steps: Sequence[float]) -> bool:
    """Whether a count since the start is one of milliseconds: as its set readings are, or by its usual step."""
    if not any(sample.clock == UNSET_COUNTER for sample in samples):
        return False
    if any(is_sent_in_milliseconds(sample.raw) for sample in samples if not is_unset(sample)):
        return True
    return bool(steps) and is_step_in_milliseconds(median(steps))


def is_step_in_milliseconds(step: float) -> bool:
    """A small number counts seconds, unless its steps are whole thousands, or long ones that are no half hours."""
    if step < SHORTEST_IN_MS:
        return False
    is_round = (step + 20) % 1_000 <= 80  # whole seconds as milliseconds, and what a loop takes beside
    is_half_hours = (step + 60) % 1_800 <= 120
    return is_round or step > LONGEST or (step >= LONG and not is_half_hours)


def is_sent_in_milliseconds(raw: dict) -> bool:
    values = [value for name, value in raw.items() if (field := field_of(name)) and field.name == "timestamp"]
    numbers = [number_in(value) if isinstance(value, str) else value for value in values]
    return any(isinstance(number, int | float) and 10**11 <= number < 10**14 for number in numbers)


def before(moment: datetime, elapsed: timedelta) -> datetime:
    try:
        return moment - elapsed
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)
