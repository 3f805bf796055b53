"""Where the alert of a limit may end: a little inside its level, so that a trembling value is one alert. Pure.

The margins are proposals for each metric, not norms: the larger of a fixed one and a share of the level.
"""

from typing import NamedTuple


class Margin(NamedTuple):
    """`least`: in the metric's unit."""

    least: float
    share: float


MARGINS = {
    "temperature": Margin(5, 0.01),
    "gas_index": Margin(5, 0.05),
    "vibration": Margin(0.05, 0.15),
    "humidity": Margin(3, 0),
    "pressure": Margin(2, 0),
    "power_consumption": Margin(0.05, 0.05),
}
OTHERS = Margin(0, 0.05)


def suggested_clear_level(metric: str, kind: str, level: float) -> float | None:
    """None for kinds other than "above" and "below"."""
    if kind not in ("above", "below"):
        return None
    margin = MARGINS.get(metric, OTHERS)
    distance = max(margin.least, margin.share * abs(level))
    return round(level - distance if kind == "above" else level + distance, 3)


def by_metric() -> dict[str, Margin]:
    """The margins for the script of the form; those of every other metric under ""."""
    return {"": OTHERS, **MARGINS}
