"""A ratio means the same in every row: above the goal is good for rates, below it for times and sizes."""

import pytest

from benchmarks.benchmark import SENSES, Benchmark, Measurement, Side, is_met, ratio, ratio_spread
from benchmarks.report import table_row


def make_benchmark(sense, goal):
    return Benchmark("one", "a figure", "its counterpart", goal, sense, "", None)


def make_measurement(ours, theirs):
    return Measurement(Side(ours, "ms"), Side(theirs, "ms"))


@pytest.mark.parametrize(
    ("sense", "ours", "theirs", "goal", "met"),
    [
        ("times the rate", 400, 100, 4, True),
        ("times the rate", 399, 100, 4, False),
        ("times faster", 5, 100, 20, True),
        ("times faster", 6, 100, 20, False),
        ("times the time", 120, 100, 1.2, True),
        ("times the time", 121, 100, 1.2, False),
        ("times as much", 190, 100, 1.9, True),
        ("times as much", 191, 100, 1.9, False),
    ],
)
def test_a_goal_is_met_on_its_good_side(sense, ours, theirs, goal, met):
    assert is_met(make_benchmark(sense, goal), make_measurement([ours], [theirs])) is met


def test_every_sense_is_tried_above():
    marked = test_a_goal_is_met_on_its_good_side.pytestmark[0].args[1]
    assert {case[0] for case in marked} == set(SENSES)


def test_medians_make_the_ratio_and_neighbours_its_spread():
    rounds = make_measurement([10, 20, 90], [100, 100, 300])
    assert ratio(make_benchmark("times faster", 1), rounds) == 5
    assert ratio_spread(make_benchmark("times faster", 1), rounds) == pytest.approx((3.33, 10), abs=0.01)


def test_a_missed_goal_is_said():
    assert table_row(make_benchmark("times faster", 20), make_measurement([10, 11], [100, 110])).endswith(
        "| ≥ 20 × faster | **no** |"
    )
