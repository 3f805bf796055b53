"""The detectors' benchmark in small: every fault of the easy kinds is found, and a healthy machine is left alone."""

import pytest

from benchmarks.detectors.machines import END, quarter_hours
from benchmarks.detectors.scoring import Score, score_machine
from telemetry.analytics.detectors.nearest import NearestNeighbourDetector
from telemetry.analytics.detectors.robust import RobustBaselineDetector


@pytest.mark.parametrize("fault", ["spike", "bearing", "missing phase"])
@pytest.mark.parametrize("detector", [RobustBaselineDetector(), NearestNeighbourDetector()])
def test_a_known_fault_is_found(detector, fault):
    score = Score()
    for seed in range(2):
        score_machine(detector, seed, fault, score)
    assert (score.machines, score.recall) == (2, 1)
    assert all(0.75 <= delay < 12 for delay in score.delays_h)


def test_a_healthy_machine_is_left_alone():
    score = Score()
    for seed in range(3):
        score_machine(NearestNeighbourDetector(), seed, None, score)
    assert score.false_positives == 0


def test_the_generator_gives_the_same_machine_again():
    assert quarter_hours(7, "drift") == quarter_hours(7, "drift") != quarter_hours(8, "drift")
    rows, fault = quarter_hours(7, "drift")
    assert fault.at < fault.until <= END and len(rows) == 29 * 96
