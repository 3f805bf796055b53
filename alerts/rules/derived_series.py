"""Derived series: rate of change, repeated values and missing values of a sample series. Pure; nothing across a gap.

A derived series has a limit like any other value, so hold, hysteresis and lateness mean the same for every kind of
rule.
"""

from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise

from alerts.rules.conditions import RuleSample

SAME, CHANGED = 1.0, 0.0
MISSING, PRESENT = 1.0, 0.0


def changes(samples: Iterable[RuleSample], window: timedelta, direction: str = "any") -> list[RuleSample]:
    """Largest change of each sample against the `window` before it, in the metric's unit (sliding minimum and maximum).

    `direction`: rise, fall (a fall counts as positive) or any. A sample with no other inside its window has no rate
    and is left out.
    """
    lows: deque[RuleSample] = deque()
    highs: deque[RuleSample] = deque()
    result = []
    for sample in samples:
        for queue in (lows, highs):
            while queue and sample.at - queue[0].at > window:
                queue.popleft()
        if lows:
            rise, fall = sample.value - lows[0].value, highs[0].value - sample.value
            result.append(RuleSample(sample.at, {"rise": rise, "fall": fall}.get(direction, max(rise, fall))))
        while lows and lows[-1].value >= sample.value:
            lows.pop()
        while highs and highs[-1].value <= sample.value:
            highs.pop()
        lows.append(sample)
        highs.append(sample)
    return result


def repeats(samples: Iterable[RuleSample], gap: timedelta, rest: tuple[float, float] | None = None) -> list[RuleSample]:
    """SAME for each sample equal to the previous one to the last digit, CHANGED for any other.

    A sample after a gap longer than `gap` is neither, since the values in between are unknown. A sensor may repeat a
    value within `rest` without limit.
    """
    result = []
    for previous, sample in pairwise(samples):
        if sample.at - previous.at <= gap:
            is_resting = rest is not None and rest[0] <= sample.value <= rest[1]
            is_same = sample.value == previous.value and not is_resting
            result.append(RuleSample(sample.at, SAME if is_same else CHANGED))
    return result


def absences(presence: Iterable[tuple[datetime, bool]]) -> list[RuleSample]:
    """(time, whether the reading contains the metric) → MISSING or PRESENT at each."""
    return [RuleSample(at, PRESENT if is_there else MISSING) for at, is_there in presence]
