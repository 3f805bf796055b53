"""Layout of the charts of the printed page: black and one accent, min–max band, gaps hatched, units on the axes. Pure.

Deterministic: coordinates rounded to a tenth, no ids but those given.
"""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from html import escape
from math import ceil

from core import svg

WIDTH, HEIGHT = 660, 176
LEFT, RIGHT, TOP, BOTTOM = 52, 8, 18, 24
FOOT = HEIGHT - BOTTOM  # y of the horizontal axis
INK, QUIET, ACCENT, BAND = "#111", "#8a8f98", "#0b5cad", "#c9dcf0"
TICKS = 4
MIN_BAR = 0.3  # a bar of zero is still to be seen
MIN_GAP = 0.4
HATCH = 6
MAX_DATES = 8

Values = Sequence[float | None]


def bars(labels: Sequence[str], values: Values, unit: str, title: str, every: int = 1) -> str:
    """Bars from zero, one a day or month; a day without measurements is hatched, not zero."""
    known = [value for value in values if value is not None]
    if not known:
        return ""
    ticks = svg.nice_ticks(min(0, *known), max(known), TICKS)
    x, y = x_scale(0, len(values)), y_scale(ticks)
    slot = (WIDTH - LEFT - RIGHT) / len(values)
    parts = [value_axis(ticks, y, unit)]
    for place, (label, value) in enumerate(zip(labels, values, strict=True)):
        left, width = round(x(place) + slot * 0.14, 1), round(slot * 0.72, 1)
        parts.append(hatching(left, width) if value is None else filled_bar(left, width, value, y))
        if place % every == 0:
            parts.append(text(left + width / 2, FOOT + 13, label))
    return drawing(parts, title)


def filled_bar(left, width, value, y):
    top, height = svg.bar(value, y)
    return svg.element("rect", x=left, y=top, width=width, height=max(height, MIN_BAR), fill=ACCENT)


def band(
    times: Sequence[float],
    lows: Values,
    means: Values,
    highs: Values,
    unit: str,
    title: str,
    zone: tzinfo,
    start: float,
    end: float,
) -> str:
    """A mean line over its min–max band; `times` are bucket starts (epoch s, evenly spaced), None is a gap."""
    known = [(low, high) for low, high in zip(lows, highs, strict=True) if low is not None]
    if not known:
        return ""
    ticks = svg.nice_ticks(min(low for low, _ in known), max(high for _, high in known), TICKS)
    x, y = x_scale(start, end), y_scale(ticks)
    width = times[1] - times[0] if len(times) > 1 else end - start
    parts = [*gaps(x, times, means, width), value_axis(ticks, y, unit)]
    for run in svg.known_runs(means):
        xs = [x.clamped(times[i] + width / 2) for i in run]
        lower, mean, upper = (
            [(at, y(series[i])) for at, i in zip(xs, run, strict=True)] for series in (lows, means, highs)
        )
        parts.append(curve(lower, mean, upper))
    parts.append(time_axis(x, start, end, zone))
    return drawing(parts, title)


def curve(lower, mean, upper):
    """The band and the line of one run; a lone bucket between gaps is a mark, not a line without length."""
    if len(mean) == 1:
        [(x, y)] = mean
        return svg.element("polyline", points=svg.points(lower + upper), stroke=BAND, stroke_width=2) + svg.element(
            "circle", cx=x, cy=y, r=0.9, fill=ACCENT
        )
    return svg.element("polygon", points=svg.area(upper, lower), fill=BAND) + svg.element(
        "polyline", points=svg.points(mean), fill="none", stroke=ACCENT, stroke_width=1
    )


def gaps(x, times, means, width) -> list:
    missing = svg.known_runs([None if mean is not None else 1 for mean in means])
    spans = [(x.clamped(times[run[0]]), x.clamped(times[run[-1]] + width)) for run in missing]
    return [hatching(left, round(right - left, 1)) for left, right in spans if right - left > MIN_GAP]


def hatching(x, width) -> str:
    """Where nothing was measured: slanting lines, readable in grey."""
    rise = min(float(HATCH), width)
    parts = [svg.element("rect", x=x, y=TOP, width=width, height=FOOT - TOP, fill="#f3f3f3")]
    for y in range(TOP + HATCH, FOOT + HATCH, HATCH):
        ends = {"x1": x, "y1": y, "x2": round(x + width, 1), "y2": round(y - rise, 1)}
        parts.append(svg.element("line", **ends, stroke=QUIET, stroke_width=0.35))
    return "".join(parts)


# Frame: scales, axes, text


def x_scale(first, last):
    """Seconds or places across."""
    return svg.Scale(first, max(last, first + 1), LEFT, WIDTH - RIGHT)


def y_scale(ticks):
    return svg.Scale(ticks[0], ticks[-1], FOOT, TOP)


def value_axis(ticks, y, unit) -> str:
    parts = [text(LEFT - 6, 8, unit, "end", font_weight=700)]
    for tick in ticks:
        ends = {"x1": LEFT, "y1": y(tick), "x2": WIDTH - RIGHT, "y2": y(tick)}
        parts.append(svg.element("line", **ends, stroke=QUIET, stroke_width=0.4))
        parts.append(text(LEFT - 6, y(tick) + 3, tick_label(tick), "end"))
    return "".join(parts)


def time_axis(x, start, end, zone) -> str:
    """A tick and a date for every day, or for every second, third … day of a long span."""
    days = (end - start) / 86_400
    parts = []
    for day in range(0, ceil(days), max(1, ceil(days / MAX_DATES))):
        moment = start + day * 86_400
        local_time, at = datetime.fromtimestamp(moment, zone), x(moment)
        parts.append(svg.element("line", x1=at, y1=FOOT, x2=at, y2=FOOT + 4, stroke=INK, stroke_width=0.6))
        parts.append(text(at, FOOT + 14, f"{local_time.day} {local_time:%b}", "start" if day == 0 else "middle"))
    return "".join(parts)


def tick_label(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:g}"


def text(x, y, label, anchor="middle", **style):
    return svg.text(label, x=x, y=round(y, 1), text_anchor=anchor, font_size=9, fill=INK, **style)


def drawing(parts, title):
    """The chart; `title` is what is read aloud."""
    size = {"viewBox": f"0 0 {WIDTH} {HEIGHT}", "width": WIDTH, "height": HEIGHT}
    options = {"xmlns": "http://www.w3.org/2000/svg", **size, "role": "img", "font_family": "Noto Sans"}
    return svg.element("svg", svg.element("title", escape(title)), *parts, **options)
