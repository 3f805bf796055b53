"""Multivariate outliers: combinations of metrics unlike any of the last four weeks, by nearest neighbours.

A hot furnace is usual, and so is an idle one; hot while it draws nothing is neither, though each value alone is. The
score of a quarter hour is its mean distance to its twenty nearest neighbours in the training window, by scikit-learn's
`NearestNeighbors` (Ramaswamy, Rastogi, Shim, SIGMOD 2000); these also give the usual values. Why no isolation forest:
docs/detectors.md.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from statistics import mean, median, pstdev

from telemetry.analytics.baseline import MAD_TO_SIGMA
from telemetry.analytics.detectors import (
    DETECTOR_METRICS,
    QUARTER,
    DetectorEvidence,
    DetectorFinding,
    MachineSeries,
    QuarterMeans,
    runs,
)
from telemetry.metrics import BY_NAME

CompleteRow = tuple[datetime, list[float]]

NEIGHBOURS = 20
MIN_TRAINING_ROWS = 10 * 96  # ten days
MIN_VALUE_SHARE = 0.9  # of the rows in which a metric must have a value to count
RARE_QUANTILE = 0.998  # of the scores in the training window: beyond it a quarter hour is an outlier
MIN_RUN = 3  # quarter hours in a row
MAX_EVIDENCE, MIN_DEVIATIONS = 2, 2.0  # metrics in the evidence; the second needs so many deviations


class NearestNeighbourDetector:
    name = "nearest neighbours"

    def find(self, series: MachineSeries) -> list[DetectorFinding]:
        metric_indexes = available_metrics(series.earlier)
        training_rows = complete_rows(series.earlier, metric_indexes)
        recent = complete_rows(series.recent, metric_indexes)
        if len(metric_indexes) < 2 or len(training_rows) < MIN_TRAINING_ROWS or len(recent) < MIN_RUN:
            return []
        space = FeatureSpace(metric_indexes, training_rows)
        scores = space.scores(recent)
        limit = space.usual_scores[min(len(space.usual_scores) - 1, int(RARE_QUANTILE * len(space.usual_scores)))]
        return [
            self.finding(space, recent[first : last + 1], scores[first : last + 1])
            for first, last in runs([score > limit for score in scores], MIN_RUN)
        ]

    def finding(self, space: "FeatureSpace", rows: Sequence[CompleteRow], scores: Sequence[float]) -> DetectorFinding:
        evidence = sorted(space.evidence(rows), key=lambda one: -abs(one.deviations))
        middle = median(scores)
        share = sum(score < middle for score in space.usual_scores) / len(space.usual_scores)
        since, until = rows[0][0], rows[-1][0] + QUARTER
        further = [one for one in evidence[1:MAX_EVIDENCE] if abs(one.deviations) >= MIN_DEVIATIONS]
        return DetectorFinding(self.name, since, until, min(0.999, share), (evidence[0], *further))


class FeatureSpace:
    """The training window as points, each metric in units of its own spread."""

    def __init__(self, metric_indexes: list[int], training_rows: list[CompleteRow]) -> None:
        from sklearn.neighbors import NearestNeighbors  # a second to import: only where it is used

        self.metric_indexes, self.training_values = metric_indexes, [values for _at, values in training_rows]
        columns = list(zip(*self.training_values, strict=True))
        self.middles = [mean(column) for column in columns]
        self.spreads = [
            max(pstdev(column), min_spread(DETECTOR_METRICS[index], median(column)))
            for index, column in zip(metric_indexes, columns, strict=True)
        ]
        points = [self.point(values) for values in self.training_values]
        self.tree = NearestNeighbors(n_neighbors=NEIGHBOURS + 1).fit(points)
        distances, _ = self.tree.kneighbors(points)
        self.usual_scores = sorted(float(row[1:].mean()) for row in distances)  # without itself

    def point(self, values: Sequence[float]) -> list[float]:
        return [
            (value - middle) / spread for value, middle, spread in zip(values, self.middles, self.spreads, strict=True)
        ]

    def scores(self, rows: Sequence[CompleteRow]) -> list[float]:
        distances, _ = self.tree.kneighbors([self.point(values) for _at, values in rows], n_neighbors=NEIGHBOURS)
        return [float(row.mean()) for row in distances]

    def evidence(self, rows: Sequence[CompleteRow]) -> Iterator[DetectorEvidence]:
        """Each metric compared with the nearest neighbours of these rows."""
        _, nearest = self.tree.kneighbors([self.point(values) for _at, values in rows], n_neighbors=NEIGHBOURS)
        alike = [self.training_values[neighbour] for row in nearest for neighbour in row]
        for index, observed, usual in zip(
            self.metric_indexes,
            zip(*(values for _at, values in rows), strict=True),
            zip(*alike, strict=True),
            strict=True,
        ):
            middle, value = median(usual), median(observed)
            mad = median(abs(one - middle) for one in usual)
            spread = max(MAD_TO_SIGMA * mad, min_spread(DETECTOR_METRICS[index], middle))
            yield DetectorEvidence(DETECTOR_METRICS[index], value, middle, (value - middle) / spread)


def min_spread(metric: str, middle: float) -> float:
    definition = BY_NAME[metric]
    return max(definition.min_spread, definition.min_spread_share * abs(middle))


def available_metrics(rows: Sequence[QuarterMeans]) -> list[int]:
    """Indexes of the metrics this machine sends."""
    return [
        index
        for index in range(len(DETECTOR_METRICS))
        if rows and sum(row.values[index] is not None for row in rows) >= MIN_VALUE_SHARE * len(rows)
    ]


def complete_rows(rows: Sequence[QuarterMeans], metric_indexes: Sequence[int]) -> list[CompleteRow]:
    """(moment, values) of the rows that have all of these metrics."""
    known = ((row.at, [v for index in metric_indexes if (v := row.values[index]) is not None]) for row in rows)
    return [(at, values) for at, values in known if len(values) == len(metric_indexes)]
