"""Several metrics together: hours unlike any of the last four weeks, by their nearest neighbours among those.

A hot furnace is usual, and so is an idle one; hot while it draws nothing is neither, though each value alone is. The
score of a quarter hour is its mean distance to the twenty most similar ones learnt from (Ramaswamy, Rastogi, Shim,
SIGMOD 2000), by scikit-learn's `NearestNeighbors`; these also say what would have been usual. Why no isolation forest:
docs/detectors.md.
"""

from statistics import mean, median, pstdev

from telemetry.analytics.baseline import MAD_TO_SIGMA
from telemetry.analytics.detectors import (
    DETECTOR_METRICS,
    QUARTER,
    DetectorEvidence,
    DetectorFinding,
    MachineSeries,
    runs,
)
from telemetry.metrics import BY_NAME

NEIGHBOURS = 20
MIN_TRAINING_ROWS = 10 * 96  # ten days: fewer know too little of what is usual
MIN_VALUE_SHARE = 0.9  # of the rows in which a metric must have a value to count
RARE_QUANTILE = 0.998  # of the scores learnt: beyond it a quarter hour is unlike them
MIN_RUN = 3  # quarter hours in a row
MAX_EVIDENCE, MIN_DEVIATIONS = 2, 2.0  # metrics named as evidence, the second only if it lies so many deviations away


class NearestNeighbourDetector:
    name = "nearest neighbours"

    def find(self, series: MachineSeries) -> list[DetectorFinding]:
        places = available_metrics(series.earlier)
        learnt, recent = complete_rows(series.earlier, places), complete_rows(series.recent, places)
        if len(places) < 2 or len(learnt) < MIN_TRAINING_ROWS or len(recent) < MIN_RUN:
            return []
        space = FeatureSpace(places, learnt)
        scores = space.scores(recent)
        limit = space.usual_scores[min(len(space.usual_scores) - 1, int(RARE_QUANTILE * len(space.usual_scores)))]
        return [
            self.finding(space, recent[first : last + 1], scores[first : last + 1])
            for first, last in runs([score > limit for score in scores], MIN_RUN)
        ]

    def finding(self, space, rows, scores):
        evidence = sorted(space.evidence(rows), key=lambda one: -abs(one.deviations))
        middle = median(scores)
        share = sum(score < middle for score in space.usual_scores) / len(space.usual_scores)
        since, until = rows[0][0], rows[-1][0] + QUARTER
        telling = [one for one in evidence[1:MAX_EVIDENCE] if abs(one.deviations) >= MIN_DEVIATIONS]
        return DetectorFinding(self.name, since, until, min(0.999, share), (evidence[0], *telling))


class FeatureSpace:
    """What was learnt: quarter hours as points, each metric in units of its own spread."""

    def __init__(self, places, learnt):
        from sklearn.neighbors import NearestNeighbors  # a second to import: only where it is used

        self.places, self.training_values = places, [values for _at, values in learnt]
        columns = list(zip(*self.training_values, strict=True))
        self.middles = [mean(column) for column in columns]
        self.spreads = [
            max(pstdev(column), min_spread(DETECTOR_METRICS[place], median(column)))
            for place, column in zip(places, columns, strict=True)
        ]
        points = [self.point(values) for values in self.training_values]
        self.tree = NearestNeighbors(n_neighbors=NEIGHBOURS + 1).fit(points)
        distances, _ = self.tree.kneighbors(points)
        self.usual_scores = sorted(float(row[1:].mean()) for row in distances)  # without itself

    def point(self, values):
        return [
            (value - middle) / spread for value, middle, spread in zip(values, self.middles, self.spreads, strict=True)
        ]

    def scores(self, rows):
        distances, _ = self.tree.kneighbors([self.point(values) for _at, values in rows], n_neighbors=NEIGHBOURS)
        return [float(row.mean()) for row in distances]

    def evidence(self, rows):
        """Each metric beside the quarter hours that are most like these."""
        _, nearest = self.tree.kneighbors([self.point(values) for _at, values in rows], n_neighbors=NEIGHBOURS)
        alike = [self.training_values[place] for row in nearest for place in row]
        for place, found, usual in zip(
            self.places, zip(*(values for _at, values in rows), strict=True), zip(*alike, strict=True), strict=True
        ):
            middle, value = median(usual), median(found)
            mad = median(abs(one - middle) for one in usual)
            spread = max(MAD_TO_SIGMA * mad, min_spread(DETECTOR_METRICS[place], middle))
            yield DetectorEvidence(DETECTOR_METRICS[place], value, middle, (value - middle) / spread)


def min_spread(metric, middle):
    definition = BY_NAME[metric]
    return max(definition.min_spread, definition.min_spread_share * abs(middle))


def available_metrics(rows):
    """Places of the metrics this machine sends."""
    return [
        index
        for index in range(len(DETECTOR_METRICS))
        if rows and sum(row.values[index] is not None for row in rows) >= MIN_VALUE_SHARE * len(rows)
    ]


def complete_rows(rows, metric_indexes):
    """(moment, values) of the rows that have all of these metrics."""
    result = [(row.at, [row.values[index] for index in metric_indexes]) for row in rows]
    return [(at, values) for at, values in result if None not in values]
