"""Charts of the printed page as SVG: black and one accent, min–max band, gaps hatched, units on the axes. Pure.

Deterministic: coordinates rounded to a tenth, no ids but those given.
"""

from datetime import datetime
from html import escape
from math import ceil, floor, log10

WIDTH, HEIGHT = 660, 176
LEFT, RIGHT, TOP, BOTTOM = 52, 8, 18, 24
INK, QUIET, ACCENT, BAND = "#111", "#8a8f98", "#0b5cad", "#c9dcf0"
TICKS = 4


def nice_scale(low, high, ticks=TICKS):
    """Round numbers that hold low to high → list of tick values."""
    if high <= low:
        high = low + 1
    raw = (high - low) / ticks
    step = next(m * 10 ** floor(log10(raw)) for m in (1, 2, 2.5, 5, 10) if m * 10 ** floor(log10(raw)) >= raw * 0.999)
    first, last = floor(low / step), ceil(high / step)
    return [round(place * step, 10) for place in range(first, last + 1)]


def label_of(value):
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:g}"


class Frame:
    """The plane of a chart: seconds or places across, values up."""

    def __init__(self, first, last, ticks):
        self.first, self.last, self.ticks = first, max(last, first + 1), ticks

    def x(self, value):
        return round(LEFT + (value - self.first) / (self.last - self.first) * (WIDTH - LEFT - RIGHT), 1)

    def y(self, value):
        low, high = self.ticks[0], self.ticks[-1]
        return round(HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - TOP - BOTTOM), 1)

    def axes(self, unit):
        parts = []
        for tick in self.ticks:
            y = self.y(tick)
            parts.append(
                f'<line x1="{LEFT}" y1="{y}" x2="{WIDTH - RIGHT}" y2="{y}" stroke="{QUIET}" stroke-width="0.4"/>'
            )
            parts.append(text(LEFT - 6, y + 3, label_of(tick), "end"))
        parts.append(text(LEFT - 6, 8, unit, "end", bold=True))
        return parts


def text(x, y, label, anchor="middle", bold=False):
    weight = ' font-weight="700"' if bold else ""
    place = f'x="{x}" y="{round(y, 1)}" text-anchor="{anchor}"'
    return f'<text {place} font-size="9" fill="{INK}"{weight}>{escape(label)}</text>'


def svg(parts, title):
    """The chart; `title` is what is read aloud."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'role="img" font-family="Noto Sans"><title>{escape(title)}</title>{"".join(parts)}</svg>'
    )


def bars(labels, values, unit, title, every=1):
    """Bars from zero, one a day or month; a day nobody measured is hatched, not zero."""
    known = [value for value in values if value is not None]
    if not known:
        return ""
    frame = Frame(0, len(values), nice_scale(min(0, *known), max(known)))
    slot = (WIDTH - LEFT - RIGHT) / len(values)
    parts = frame.axes(unit)
    for place, (label, value) in enumerate(zip(labels, values, strict=True)):
        x, width = round(frame.x(place) + slot * 0.14, 1), round(slot * 0.72, 1)
        if value is None:
            parts.append(hatching(x, width))
        else:
            top, foot = frame.y(max(value, 0)), frame.y(min(value, 0))
            parts.append(
                f'<rect x="{x}" y="{top}" width="{width}" height="{round(max(foot - top, 0.3), 1)}" fill="{ACCENT}"/>'
            )
        if place % every == 0:
            parts.append(text(x + width / 2, HEIGHT - BOTTOM + 13, label))
    return svg(parts, title)


def band(times, lows, means, highs, unit, title, zone, start, end):
    """A mean line over its min–max band; `times` are bucket starts (epoch s, evenly spaced), None is a gap."""
    known = [(low, high) for low, high in zip(lows, highs, strict=True) if low is not None]
    if not known:
        return ""
    ticks = nice_scale(min(low for low, _ in known), max(high for _, high in known))
    frame = Frame(start, end, ticks)
    width = times[1] - times[0] if len(times) > 1 else end - start
    parts = gaps(frame, times, means, width) + frame.axes(unit)
    for run in runs(means):
        parts += curve(frame, times, lows, means, highs, run, width)
    parts += time_axis(frame, start, end, zone)
    return svg(parts, title)


def runs(values):
    """Index ranges of consecutive known values."""
    ranges, start = [], None
    for place, value in enumerate([*values, None]):
        if value is not None and start is None:
            start = place
        elif value is None and start is not None:
            ranges.append(range(start, place))
            start = None
    return ranges


def curve(frame, times, lows, means, highs, run, width):
    xs = [frame.x(min(max(times[i] + width / 2, frame.first), frame.last)) for i in run]
    upper = [f"{x},{frame.y(highs[i])}" for x, i in zip(xs, run, strict=True)]
    lower = [f"{x},{frame.y(lows[i])}" for x, i in zip(xs, run, strict=True)]
    line = [f"{x},{frame.y(means[i])}" for x, i in zip(xs, run, strict=True)]
    if len(run) == 1:  # a lone bucket between gaps is a mark, not a line without length
        return [
            f'<polyline points="{lower[0]} {upper[0]}" stroke="{BAND}" stroke-width="2"/>',
            f'<circle cx="{xs[0]}" cy="{frame.y(means[run[0]])}" r="0.9" fill="{ACCENT}"/>',
        ]
    return [
        f'<polygon points="{" ".join(upper + lower[::-1])}" fill="{BAND}"/>',
        f'<polyline points="{" ".join(line)}" fill="none" stroke="{ACCENT}" stroke-width="1"/>',
    ]


def gaps(frame, times, means, width):
    missing = runs([None if mean is not None else 1 for mean in means])
    return [
        part
        for run in missing
        for x, right in [(frame.x(max(times[run[0]], frame.first)), frame.x(min(times[run[-1]] + width, frame.last)))]
        for part in [hatching(x, round(right - x, 1))]
        if right - x > 0.4
    ]


def hatching(x, width):
    """Where nothing was measured: slanting lines, readable in grey."""
    top, foot = TOP, HEIGHT - BOTTOM
    lines = [f'<rect x="{x}" y="{top}" width="{width}" height="{foot - top}" fill="#f3f3f3"/>']
    for place in range(top, foot, 6):
        rise = min(6.0, width)
        lines.append(
            f'<line x1="{x}" y1="{place + 6}" x2="{round(x + width, 1)}" y2="{round(place + 6 - rise, 1)}" '
            f'stroke="{QUIET}" stroke-width="0.35"/>'
        )
    return "".join(lines)


def time_axis(frame, start, end, zone):
    days = (end - start) / 86_400
    parts, every = [], max(1, ceil(days / 8))
    for day in range(0, ceil(days), every):
        moment = start + day * 86_400
        local_time = datetime.fromtimestamp(moment, zone)
        x = frame.x(moment)
        foot = HEIGHT - BOTTOM
        parts.append(f'<line x1="{x}" y1="{foot}" x2="{x}" y2="{foot + 4}" stroke="{INK}" stroke-width="0.6"/>')
        parts.append(
            text(x, HEIGHT - BOTTOM + 14, f"{local_time.day} {local_time:%b}", "start" if day == 0 else "middle")
        )
    return parts
