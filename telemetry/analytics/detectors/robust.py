"""Robust baseline: a metric that stays far from its median of the same quarter of the week."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from statistics import median

from telemetry.analytics.baseline import UNUSUAL_Z, usual_level
from telemetry.analytics.detectors import (
    DETECTION_WINDOW,
    DETECTOR_METRICS,
    QUARTER,
    DetectorEvidence,
    DetectorFinding,
    MachineSeries,
    runs,
)

RARE_SHARE = 0.95  # of the week before must have been less unusual: some metrics leave their usual level every week
MIN_RUN = 3  # quarter hours in a row, on the same side
WEEK = timedelta(days=7)


class RobustBaselineDetector:
    name = "robust baseline"

    def find(self, series: MachineSeries) -> list[DetectorFinding]:
        return [finding for metric in DETECTOR_METRICS for finding in self.find_in_metric(series, metric)]

    def find_in_metric(self, series: MachineSeries, metric: str) -> Iterator[DetectorFinding]:
        values = series.values_of(metric)
        by_moment = dict(values)
        recent = [
            (at, value, usual_level(metric, [by_moment.get(at - n * WEEK) for n in (1, 2, 3, 4)]))
            for at, value in values
            if at >= series.end - DETECTION_WINDOW
        ]
        scores = [level.z(value) if level else 0.0 for _, value, level in recent]
        earlier = sorted(abs(score) for score in self.usual_scores(series, metric))
        for side in (1, -1):
            for first, last in runs([side * score > UNUSUAL_Z for score in scores], MIN_RUN):
                found = recent[first : last + 1]
                evidence = DetectorEvidence(
                    metric,
                    median(value for _, value, _ in found),
                    median(level.median for _, _, level in found if level),
                    median(scores[first : last + 1]),
                )
                share = share_below(earlier, abs(evidence.deviations))
                if share >= RARE_SHARE:
                    yield DetectorFinding(self.name, found[0][0], found[-1][0] + QUARTER, share, (evidence,))

    def usual_scores(self, series: MachineSeries, metric: str) -> Iterator[float]:
        """Deviations of the week before the last day from its own usual level."""
        by_moment = dict(series.values_of(metric))
        for row in series.earlier[-7 * 96 :]:
            level = usual_level(metric, [by_moment.get(row.at - n * WEEK) for n in (1, 2, 3)])
            if level and row.at in by_moment:
                yield level.z(by_moment[row.at])


def share_below(ordered: Sequence[float], value: float) -> float:
    """The share of `ordered` below `value`, at most 0.999; 0 without any."""
    if not ordered:
        return 0.0
    return min(0.999, sum(one < value for one in ordered) / len(ordered))
