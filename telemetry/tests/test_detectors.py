"""Detectors find what is unlike the four weeks before, say why, and stay silent where they know too little."""

import math
from datetime import UTC, datetime, timedelta

import pytest

from telemetry.analytics.detectors import DETECTION_WINDOW, QUARTER, TRAINING_WINDOW, MachineSeries, QuarterMeans, runs
from telemetry.analytics.detectors.nearest import NearestNeighbourDetector
from telemetry.analytics.detectors.robust import RobustBaselineDetector

END = datetime(2025, 1, 16, 10, 30, tzinfo=UTC)


def usual(at):
    """A machine that runs from 6 to 22 h and is a little restless."""
    step = at.timestamp() / 900
    ripple = math.sin(step * 1.7) + math.sin(step * 0.61)
    running = 6 <= at.hour < 22
    return (
        (70.0 if running else 30.0) + ripple,
        (25.0 if running else 0.5) + ripple * 0.2,
        (2.0 if running else 0.2) + ripple * 0.03,
        150.0 + ripple * 3,
    )


def series(change=lambda at, values: values, days=None):
    start = END - (DETECTION_WINDOW + TRAINING_WINDOW if days is None else timedelta(days=days))
    rows = []
    while start < END:
        rows.append(QuarterMeans(start, change(start, usual(start))))
        start += QUARTER
    return MachineSeries("Main furnace", END, rows)


def since(hours, **by):
    """From so many hours before the end on, these metrics times so much."""
    names = ("temperature", "power_consumption", "vibration", "gas_index")

    def change(at, values):
        if at < END - timedelta(hours=hours):
            return values
        return tuple(value * by.get(name, 1) for name, value in zip(names, values, strict=True))

    return change


@pytest.mark.parametrize("detector", [RobustBaselineDetector(), NearestNeighbourDetector()])
def test_a_day_like_the_others_is_no_finding(detector):
    assert list(detector.find(series())) == []


@pytest.mark.parametrize("detector", [RobustBaselineDetector(), NearestNeighbourDetector()])
def test_more_vibration_than_ever_is_found_with_its_evidence(detector):
    [finding] = detector.find(series(since(3, vibration=1.8)))
    assert (finding.since, finding.until) == (END - timedelta(hours=3), END)
    first = finding.evidence[0]
    assert first.metric == "vibration" and first.value == pytest.approx(3.6, abs=0.2)
    assert first.usual == pytest.approx(2.0, abs=0.1) and first.deviations > 3.5
    assert finding.signature == "vibration+" and finding.confidence > 0.9
    assert "vibration 3.6 m/s² against 2.0 m/s²" in first.words


def test_values_that_are_usual_alone_and_never_together_are_found_by_their_neighbours():
    def hot_while_idle(at, values):
        idle = END - timedelta(hours=8) <= at < END - timedelta(hours=6)  # 2:30 to 4:30: it stands
        return (70.0, *values[1:]) if idle else values

    [finding] = NearestNeighbourDetector().find(series(hot_while_idle))
    assert finding.evidence[0].metric == "temperature" and finding.evidence[0].usual < 35


@pytest.mark.parametrize("detector", [RobustBaselineDetector(), NearestNeighbourDetector()])
def test_one_odd_quarter_hour_is_chance(detector):
    def once(at, values):
        return tuple(3 * value for value in values) if at == END - timedelta(hours=2) else values

    assert list(detector.find(series(once))) == []


@pytest.mark.parametrize("detector", [RobustBaselineDetector(), NearestNeighbourDetector()])
def test_a_machine_known_for_a_week_is_not_judged(detector):
    assert list(detector.find(series(since(3, vibration=3), days=8))) == []


@pytest.mark.parametrize("detector", [RobustBaselineDetector(), NearestNeighbourDetector()])
def test_gaps_and_missing_metrics_are_no_finding(detector):
    def gappy(at, values):
        return (None,) * 4 if at.hour == 9 else (*values[:3], None)

    assert list(detector.find(series(gappy))) == []


def test_a_machine_that_stands_still_for_weeks_and_goes_on_is_no_finding():
    still = series(lambda at, values: (25.0, 0.0, 0.0, 100.0))
    assert NearestNeighbourDetector().find(still) == [] and list(RobustBaselineDetector().find(still)) == []


def test_runs_are_unbroken_and_long_enough():
    assert runs([True, True, False, True, True, True], 3) == [(3, 5)]
    assert runs([], 1) == runs([False], 1) == []
