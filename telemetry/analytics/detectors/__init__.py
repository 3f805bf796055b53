"""Detectors: quarter hours of a machine in, findings with their evidence and a confidence out.

A detector is anything with a `name` and `find(series) -> list[Finding]`. Two are built in, `robust` and `nearest`;
`hosted` asks a model elsewhere, where an installation has set one up. None of them reads the database or the clock.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

QUARTER = timedelta(minutes=15)
DETECTOR_METRICS = ("temperature", "power_consumption", "vibration", "gas_index")
METRIC_UNITS = {"temperature": "°C", "power_consumption": "kW", "vibration": "m/s²", "gas_index": ""}
METRIC_LABELS = {
    "temperature": "temperature", "power_consumption": "power", "vibration": "vibration", "gas_index": "gas index",
}  # fmt: skip
DETECTION_WINDOW = timedelta(hours=24)  # what findings are about: the end of the series
TRAINING_WINDOW = timedelta(days=28)  # what is usual: the four weeks before that


class QuarterMeans(NamedTuple):
    """A quarter hour: means of its valid readings, in the order of METRICS; None where too few were valid."""

    at: datetime
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class MachineSeries:
    """Quarter hours of one machine up to `end`, oldest first."""

    machine: str
    end: datetime
    rows: list[QuarterMeans]

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
    """`confidence`: 0 to 1, what share of the time learnt from was less unusual."""

    detector: str
    since: datetime
    until: datetime  # of the last quarter hour, its end
    confidence: float
    evidence: tuple[DetectorEvidence, ...]  # what weighs most first
    words: str = ""  # of a model that says so itself

    @property
    def signature(self) -> str:
        """Two findings of a detector with the same one, one after the other, are one that goes on."""
        first = self.evidence[0]
        return f"{first.metric}{'+' if first.deviations > 0 else '-'}"


class Detector(Protocol):
    name: str

    def find(self, series: MachineSeries) -> list[DetectorFinding]: ...


def runs(flags: list[bool], min_length: int) -> list[tuple[int, int]]:
    """(first, last) of each unbroken run of at least `least` true places."""
    result, start = [], None
    for index, flag in enumerate([*flags, False]):
        if flag and start is None:
            start = index
        elif not flag and start is not None:
            if index - start >= min_length:
                result.append((start, index - 1))
            start = None
    return result
