"""Layout of the dashboard's small charts, as SVG geometry in the units of their viewBox. Pure."""

from collections.abc import Sequence

from core import svg

WIDTH, HEIGHT = 120, 28
MARGIN = 2  # above and below

Values = Sequence[float | None]


def sparkline(values: Values) -> list[str]:
    """Values, oldest first, None for a gap → the points of a `<polyline>` for each run between gaps."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return []
    x = svg.Scale(0, len(values) - 1, 0, WIDTH)
    y = svg.Scale(min(known), max(known), HEIGHT - MARGIN, MARGIN)
    return [svg.line([(x(place), y(values[place])) for place in run], WIDTH) for run in svg.known_runs(values)]


def bars(values: Values, height: float, top: float) -> list[tuple[int, float, float]]:
    """(place, y, height) of each known value, `top` being the value at the upper edge."""
    y = svg.Scale(0, top, height, 0, decimals=2)
    return [(place, *svg.bar(max(value, 0), y)) for place, value in enumerate(values) if value is not None]


def band(lows: Values, highs: Values, height: float, top: float) -> str:
    """Path data of the area from the lows to the highs; places where either is None interrupt it."""
    clipped = [low if low is None else max(low, 0) for low in lows]
    return svg.step_area(clipped, highs, svg.Scale(0, top, height, 0, decimals=2))
