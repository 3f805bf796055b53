"""From the samples of a value to the samples another kind of rule judges. Pure; a gap derives nothing.

Each derived figure has a limit like any other value: hold, hysteresis and lateness mean the same for every kind.
"""

from collections import deque
from datetime import timedelta
from itertools import pairwise

from alerts.evaluation.conditions import Sample

SAME, CHANGED = 1.0, 0.0
MISSING, SAID = 1.0, 0.0


def changes(samples, window: timedelta, direction: str = "any") -> list[Sample]:
    """How far each sample has moved within `window` before it, in the metric's unit; farthest way where it swings.

    `direction`: rise, fall (a fall counts as positive) or any. A sample with no other inside its window says nothing
    of a rate and is left out.
    """
    lows, highs, found = deque(), deque(), []
    for sample in samples:
        for kept in (lows, highs):
            while kept and sample.at - kept[0].at > window:
                kept.popleft()
        if lows:
            rise, fall = sample.value - lows[0].value, highs[0].value - sample.value
            found.append(Sample(sample.at, {"rise": rise, "fall": fall}.get(direction, max(rise, fall))))
        while lows and lows[-1].value >= sample.value:
            lows.pop()
        while highs and highs[-1].value <= sample.value:
            highs.pop()
        lows.append(sample)
        highs.append(sample)
    return found


def repeats(samples, gap: timedelta, rest: tuple[float, float] | None = None) -> list[Sample]:
    """SAME for each sample that repeats the one before to the last digit, CHANGED for one that does not.

    What follows a silence longer than `gap` is neither: what the sensor did meanwhile nobody knows. At a value within
    `rest` a sensor may stand still for ever.
    """
    found = []
    for before, sample in pairwise(samples):
        if sample.at - before.at <= gap:
            is_resting = rest is not None and rest[0] <= sample.value <= rest[1]
            is_same = sample.value == before.value and not is_resting
            found.append(Sample(sample.at, SAME if is_same else CHANGED))
    return found


def absences(said) -> list[Sample]:
    """(moment, whether the metric was in that reading) → MISSING or SAID at each."""
    return [Sample(at, SAID if is_there else MISSING) for at, is_there in said]
