"""Layout of the small chart of a value around an alert, as SVG geometry in a box of WIDTH × HEIGHT. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from core import svg

WIDTH, HEIGHT = 240, 60
MARGIN = 0.08  # of the span of values, above and below
MIN_SHADE = 0.5


class Point(NamedTuple):
    at: datetime
    low: float
    value: float
    high: float


class Picture(NamedTuple):
    lines: list[str]  # polyline points, one per run without gap
    bands: list[str]  # polygon points from the lows to the highs of each run
    limits: list[float]  # heights of the limit lines
    shade: tuple[float, float] | None  # x and width of the time the alert lasted
    top: float
    bottom: float

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


def draw(
    points: Sequence[Point],
    *,
    start: datetime,
    end: datetime,
    limits: Sequence[float] = (),
    gap_s: float,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Picture | None:
    """`points`, oldest first, from `start` to `end`, cut at gaps over `gap_s`; None where there is nothing to draw."""
    if not points:
        return None
    bottom, top = value_range([*(p.low for p in points), *limits], [*(p.high for p in points), *limits])
    x = time_scale(start, end)
    y = svg.Scale(top, bottom, 0, HEIGHT)
    runs = svg.split_at_gaps(points, lambda a, b: (b.at - a.at).total_seconds() > gap_s)
    return Picture(
        lines=[svg.line([(x(p.at), y(p.value)) for p in run], WIDTH) for run in runs],
        bands=[band(run, x, y) for run in runs if any(p.low != p.high for p in run)],
        limits=[y(limit) for limit in limits],
        shade=shade(x, since, until or end) if since else None,
        top=top,
        bottom=bottom,
    )


def time_scale(start, end):
    """Moment → x; moments outside the box are drawn at its edges."""
    scale = svg.Scale(0, max((end - start).total_seconds(), 1), 0, WIDTH)
    return lambda at: scale.clamped((at - start).total_seconds())


def value_range(lows, highs) -> tuple:
    low, high = min(lows), max(highs)
    padding = (high - low) * MARGIN or max(abs(high) * MARGIN, 1)
    return low - padding, high + padding


def band(run, x, y):
    return svg.area([(x(p.at), y(p.high)) for p in run], [(x(p.at), y(p.low)) for p in run])


def shade(x, since, until) -> tuple:
    return x(since), round(max(x(until) - x(since), MIN_SHADE), 1)
