"""What a figure is: its place in the table, its goal, and what was measured of it and of its counterpart."""

from collections.abc import Callable
from statistics import median
from typing import NamedTuple


class Side(NamedTuple):
    """One side's figures, a number for each round."""

    values: list[float]
    unit: str

    @property
    def median(self):
        return median(self.values)

    @property
    def spread(self):
        return min(self.values), max(self.values)


class Measurement(NamedTuple):
    ours: Side
    theirs: Side
    notes: list[str] = []  # other figures of the same run, printed below the table


class Benchmark(NamedTuple):
    key: str  # for --only
    title: str
    against: str
    goal: float
    sense: str  # how both become one ratio: SENSES
    bound_by: str  # what a profiler says the time or room goes to; printed beside the figure
    measure: Callable  # run → Measured


class Question(NamedTuple):
    key: str  # for --only
    title: str
    follows: str  # what was decided from it
    measure: Callable  # run → lines of Markdown


# sense → (ratio of two numbers, whether it is good to be above the goal, how the goal is written)
SENSES = {
    "times the rate": (lambda ours, theirs: ours / theirs, True, "≥ {goal:g} ×"),
    "times faster": (lambda ours, theirs: theirs / ours, True, "≥ {goal:g} × faster"),
    "times the time": (lambda ours, theirs: ours / theirs, False, "≤ {goal:g} × the time"),
    "times as much": (lambda ours, theirs: ours / theirs, False, "≤ {goal:g} ×"),
}


def ratio(benchmark, measurement) -> float:
    """Of the medians."""
    return SENSES[benchmark.sense][0](measurement.ours.median, measurement.theirs.median)


def ratio_spread(benchmark, measurement) -> tuple[float, float]:
    """Lowest and highest of the rounds, each against the counterpart's round beside it."""
    of_two = SENSES[benchmark.sense][0]
    pairs = [of_two(a, b) for a, b in zip(measurement.ours.values, measurement.theirs.values, strict=False)]
    return min(pairs), max(pairs)


def is_met(benchmark, measurement) -> bool:
    value = ratio(benchmark, measurement)
    return value >= benchmark.goal if SENSES[benchmark.sense][1] else value <= benchmark.goal


def goal_text(benchmark) -> str:
    return SENSES[benchmark.sense][2].format(goal=benchmark.goal)
