"""Small pictures of a value around an alert, as coordinates for SVG. Pure.

A gap in what was said is a gap in the line. Coordinates grow to the right and down, in a box of WIDTH × HEIGHT.
"""

from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

WIDTH, HEIGHT = 240, 60
MARGIN = 0.08  # of the height, above and below


class Point(NamedTuple):
    at: datetime
    low: float
    value: float
    high: float


class Picture(NamedTuple):
    lines: list  # polyline points, one per run without gap
    bands: list  # polygon points from the lows to the highs of each run
    limits: list  # heights of the limit lines
    shade: tuple | None  # x and width of the time the alert lasted
    top: float
    bottom: float

    @property
    def middle(self):
        return (self.top + self.bottom) / 2


def draw(points, *, start, end, limits=(), gap_s, since=None, until=None):
    """`points`, oldest first, from `start` to `end`; None where there is nothing to draw."""
    if not points:
        return None
    bottom, top = scale([p.low for p in points] + list(limits), [p.high for p in points] + list(limits))
    box = Box(start, end, bottom, top)
    segments = runs(points, gap_s)
    return Picture(
        lines=[line(box, run) for run in segments],
        bands=[band(box, run) for run in segments if any(p.low != p.high for p in run)],
        limits=[box.y(limit) for limit in limits],
        shade=shade(box, since, until) if since else None,
        top=top,
        bottom=bottom,
    )


class Box(NamedTuple):
    start: datetime
    end: datetime
    bottom: float
    top: float

    def x(self, at):
        share = (at - self.start).total_seconds() / max((self.end - self.start).total_seconds(), 1)
        return round(min(max(share, 0), 1) * WIDTH, 1)

    def y(self, value):
        return round((self.top - value) / (self.top - self.bottom) * HEIGHT, 1)


def scale(lows, highs):
    low, high = min(lows), max(highs)
    padding = (high - low) * MARGIN or max(abs(high) * MARGIN, 1)
    return low - padding, high + padding


def runs(points, gap_s):
    """`points` cut wherever nothing was said for more than `gap_s` seconds."""
    segments = [[points[0]]]
    for previous, point in pairwise(points):
        if (point.at - previous.at).total_seconds() > gap_s:
            segments.append([])
        segments[-1].append(point)
    return segments


def line(box, run):
    if len(run) == 1:  # a lone reading is a short dash, or nobody would see it
        x, y = box.x(run[0].at), box.y(run[0].value)
        return f"{max(x - 1, 0)},{y} {min(x + 1, WIDTH)},{y}"
    return " ".join(f"{box.x(p.at)},{box.y(p.value)}" for p in run)


def band(box, run):
    upper = [f"{box.x(p.at)},{box.y(p.high)}" for p in run]
    lower = [f"{box.x(p.at)},{box.y(p.low)}" for p in reversed(run)]
    return " ".join(upper + lower)


def shade(box, since, until):
    x = box.x(since)
    return x, round(max(box.x(until or box.end) - x, 0.5), 1)
