"""The robust baseline: a metric that stays far from its median of the same quarter of the week."""

from datetime import timedelta
from statistics import median

from telemetry.analytics.baseline import UNUSUAL_Z, usual_level
from telemetry.analytics.detectors import (
    DETECTOR_METRICS,
    QUARTER,
    DetectorEvidence,
    DetectorFinding,
    MachineSeries,
    runs,
)

RARE_SHARE = 0.95  # of the week before must have been less unusual: some values leave their usual level every week
MIN_RUN = 3  # quarter hours in a row, on the same side: one alone is chance
WEEK = timedelta(days=7)


class RobustBaselineDetector:
    name = "robust baseline"

    def find(self, series: MachineSeries) -> list[DetectorFinding]:
        return [finding for place in range(len(DETECTOR_METRICS)) for finding in self.find_in_metric(series, place)]

    def find_in_metric(self, series, place):
        by_moment = {row.at: row.values[place] for row in series.rows}
        recent = [row for row in series.recent if row.values[place] is not None]
        levels = [
            usual_level(DETECTOR_METRICS[place], [by_moment.get(row.at - n * WEEK) for n in (1, 2, 3, 4)])
            for row in recent
        ]
        scores = [level.z(row.values[place]) if level else 0.0 for row, level in zip(recent, levels, strict=True)]
        earlier = sorted(abs(score) for score in self.usual_scores(series, place))
        for side in (1, -1):
            for first, last in runs([side * score > UNUSUAL_Z for score in scores], MIN_RUN):
                evidence = DetectorEvidence(
                    DETECTOR_METRICS[place],
                    median(row.values[place] for row in recent[first : last + 1]),
                    median(level.median for level in levels[first : last + 1]),
                    median(scores[first : last + 1]),
                )
                share = share_below(earlier, abs(evidence.deviations))
                if share >= RARE_SHARE:
                    yield DetectorFinding(self.name, recent[first].at, recent[last].at + QUARTER, share, (evidence,))

    def usual_scores(self, series, place):
        """How far the week before the last day lay from its own usual: what is nothing special."""
        by_moment = {row.at: row.values[place] for row in series.rows}
        for row in series.earlier[-7 * 96 :]:
            level = usual_level(DETECTOR_METRICS[place], [by_moment.get(row.at - n * WEEK) for n in (1, 2, 3)])
            if level and row.values[place] is not None:
                yield level.z(row.values[place])


def share_below(ordered, value) -> float:
    """The share of `ordered` below `value`, never quite 1; 0 where there is nothing to compare with."""
    if not ordered:
        return 0.0
    return min(0.999, sum(one < value for one in ordered) / len(ordered))
