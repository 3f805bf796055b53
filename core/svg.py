"""Geometry and markup of SVG charts: scales, runs between gaps, lines, areas, bars, round ticks. Pure.

Coordinates are rounded, so that the same values always give the same text. None is a gap: nothing is drawn there.
"""

from collections.abc import Callable, Iterable, Sequence
from html import escape
from itertools import pairwise
from math import ceil, floor, log10
from typing import NamedTuple, TypeVar

TICK_STEPS = (1, 2, 2.5, 5, 10)
CEILING_STEPS = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
DASH = 1  # half the length of the dash that stands for a single point
TOLERANCE = 0.999  # of a tick step: float noise must not lead to the next larger one

Point = tuple[float, float]
Item = TypeVar("Item")


class Scale(NamedTuple):
    """Linear map from values (`low` to `high`) to coordinates (`start` to `end`); `end` may be the smaller one."""

    low: float
    high: float
    start: float
    end: float
    decimals: int = 1

    def __call__(self, value: float) -> float:
        share = (value - self.low) / ((self.high - self.low) or 1)
        return round(self.start + share * (self.end - self.start), self.decimals)

    def clamped(self, value: float) -> float:
        """As a call, but never beyond the ends."""
        return self(min(max(value, self.low), self.high))


def known_runs(values: Sequence) -> list[range]:
    """Index ranges of consecutive values that are not None."""
    ranges, start = [], None
    for index, value in enumerate([*values, None]):
        if value is not None and start is None:
            start = index
        elif value is None and start is not None:
            ranges.append(range(start, index))
            start = None
    return ranges


def split_at_gaps(items: Sequence[Item], is_gap: Callable[[Item, Item], bool]) -> list[list[Item]]:
    """Runs of items, cut between each two neighbours for which `is_gap` holds."""
    runs = [list(items[:1])] if items else []
    for previous, item in pairwise(items):
        if is_gap(previous, item):
            runs.append([])
        runs[-1].append(item)
    return runs


def points(pairs: Iterable[Point]) -> str:
    """The `points` attribute of a polyline or polygon."""
    return " ".join(f"{x},{y}" for x, y in pairs)


def line(pairs: Sequence[Point], width: float) -> str:
    """Points of a polyline in a box of `width`; a single one becomes a short dash, which would be invisible else."""
    if len(pairs) > 1:
        return points(pairs)
    [(x, y)] = pairs
    return points([(max(x - DASH, 0.0), y), (min(x + DASH, float(width)), y)])


def area(upper: Sequence[Point], lower: Sequence[Point]) -> str:
    """Points of the polygon between two lines over the same places."""
    return points([*upper, *reversed(lower)])


def step_area(lows: Sequence[float | None], highs: Sequence[float | None], y: Scale) -> str:
    """Path data of the area between two step lines, one unit of x for each pair; a pair with a None is left out."""
    pairs = enumerate(zip(lows, highs, strict=True))
    return "".join(
        f"M{index} {y(high)}H{index + 1}V{y(low)}H{index}Z"
        for index, (low, high) in pairs
        if low is not None and high is not None
    )


def bar(value: float, y: Scale) -> Point:
    """(y, height) of a bar that begins at zero; below zero it hangs."""
    top, foot = y(max(value, 0)), y(min(value, 0))
    return top, round(foot - top, y.decimals)


def nice_ticks(low: float, high: float, count: int) -> list[float]:
    """Evenly spaced round numbers that enclose `low` to `high`, about `count` steps apart."""
    if high <= low:
        high = low + 1
    step = next_round((high - low) / count, TICK_STEPS, TOLERANCE)
    return [round(place * step, 10) for place in range(floor(low / step), ceil(high / step) + 1)]


def nice_ceiling(value: float) -> float:
    """The next round number from `value` up: a steady upper end of an axis that begins at zero."""
    return next_round(value, CEILING_STEPS) if value > 0 else 1


def next_round(value: float, steps: Sequence[float], tolerance: float = 1) -> float:
    """The smallest of `steps` × 10ⁿ from `value` up; `steps` ascend from 1 to 10."""
    size = 10.0 ** floor(log10(value))
    return next(step * size for step in steps if step * size >= value * tolerance)


def element(name: str, *children: str, **attributes: object) -> str:
    """Markup of an element; `children` are markup already, `stroke_width=1` is `stroke-width="1"`."""
    listed = "".join(f' {key.replace("_", "-")}="{escape(str(value))}"' for key, value in attributes.items())
    return f"<{name}{listed}>{''.join(children)}</{name}>" if children else f"<{name}{listed}/>"


def text(label: str, **attributes: object) -> str:
    """A text element, its label escaped."""
    return element("text", escape(label), **attributes)
