"""Anomaly detectors: from quarter hours of a machine to findings with evidence and confidence.

A detector has a `name` and `find(series) -> list[DetectorFinding]`. Two are built in, `robust` and `nearest`; `hosted`
calls an external model where an installation has configured one. None of them reads the database or the clock.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from telemetry.metrics import BY_NAME

QUARTER = timedelta(minutes=15)
DETECTOR_METRICS = ("temperature", "power_consumption", "vibration", "gas_index")
METRIC_UNITS = {name: BY_NAME[name].shown_unit for name in DETECTOR_METRICS}
METRIC_LABELS = {name: BY_NAME[name].label_in_sentence for name in DETECTOR_METRICS} | {"vibration": "vibration"}
DETECTION_WINDOW = timedelta(hours=24)  # in which findings are searched: the end of the series
TRAINING_WINDOW = timedelta(days=28)  # the four weeks before that


class QuarterMeans(NamedTuple):
    """A quarter hour: means of its valid readings, in the order of DETECTOR_METRICS; None where too few were valid."""

    at: datetime
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class MachineSeries:
    """Quarter hours of one machine up to `end`, oldest first."""

    machine: str
    end: datetime
    rows: list[QuarterMeans]

    def values_of(self, metric: str) -> list[tuple[datetime, float]]:
        """(moment, value) of the quarter hours that have one."""
        index = DETECTOR_METRICS.index(metric)
        return [(row.at, value) for row in self.rows if (value := row.values[index]) is not None]

    @property
    def recent(self) -> list[QuarterMeans]:
        return [row for row in self.rows if row.at >= self.end - DETECTION_WINDOW]

    @property
    def earlier(self) -> list[QuarterMeans]:
        return [row for row in self.rows if row.at < self.end - DETECTION_WINDOW]


class DetectorEvidence(NamedTuple):
    metric: str
    value: float  # median of the quarter hours found
    usual: float
    deviations: float  # robust, signed

    @property
    def words(self) -> str:
        unit = f" {METRIC_UNITS[self.metric]}" if METRIC_UNITS[self.metric] else ""
        side = "above" if self.deviations > 0 else "below"
        return (
            f"{METRIC_LABELS[self.metric]} {self.value:.1f}{unit} against {self.usual:.1f}{unit}, "
            f"{abs(self.deviations):.1f} robust deviations {side}"
        )


class DetectorFinding(NamedTuple):
    """`confidence`: 0 to 1, the share of the training window that was less unusual."""

    detector: str
    since: datetime
    until: datetime  # end of the last quarter hour
    confidence: float
    evidence: tuple[DetectorEvidence, ...]  # strongest first
    words: str = ""  # of an external model

    @property
    def signature(self) -> str:
        """Consecutive findings of a detector with the same signature are one finding that continues."""
        first = self.evidence[0]
        return f"{first.metric}{'+' if first.deviations > 0 else '-'}"


class Detector(Protocol):
    name: str

    def find(self, series: MachineSeries) -> list[DetectorFinding]: ...


def runs(flags: list[bool], min_length: int) -> list[tuple[int, int]]:
    """(first, last) of each unbroken run of at least `min_length` true flags."""
    result: list[tuple[int, int]] = []
    start: int | None = None
    for index, flag in enumerate([*flags, False]):
        if flag and start is None:
            start = index
        elif not flag and start is not None:
            if index - start >= min_length:
                result.append((start, index - 1))
            start = None
    return result
