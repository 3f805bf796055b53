"""Detectors: quarter hours of a machine in, findings with their evidence and a confidence out.

A detector is anything with a `name` and `find(series) -> list[Finding]`. Two are built in, `robust` and `nearest`;
`hosted` asks a model elsewhere, where an installation has set one up. None of them reads the database or the clock.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

QUARTER = timedelta(minutes=15)
METRICS = ("temperature", "power_consumption", "vibration", "gas_index")
UNITS = {"temperature": "°C", "power_consumption": "kW", "vibration": "m/s²", "gas_index": ""}
NAMES = {
    "temperature": "temperature", "power_consumption": "power", "vibration": "vibration", "gas_index": "gas index",
}  # fmt: skip
LOOKED_AT = timedelta(hours=24)  # what findings are about: the end of the series
LEARNT_FROM = timedelta(days=28)  # what is usual: the four weeks before that


class Row(NamedTuple):
    """A quarter hour: means of its valid readings, in the order of METRICS; None where too few were valid."""

    at: datetime
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class Series:
    """Quarter hours of one machine up to `end`, oldest first."""

    machine: str
    end: datetime
    rows: list[Row]

    @property
    def recent(self) -> list[Row]:
        return [row for row in self.rows if row.at >= self.end - LOOKED_AT]

    @property
    def earlier(self) -> list[Row]:
        return [row for row in self.rows if row.at < self.end - LOOKED_AT]


class Evidence(NamedTuple):
    metric: str
    value: float  # median of the quarter hours found
    usual: float
    deviations: float  # robust, signed

    @property
    def words(self) -> str:
        unit = f" {UNITS[self.metric]}" if UNITS[self.metric] else ""
        side = "above" if self.deviations > 0 else "below"
        return (
            f"{NAMES[self.metric]} {self.value:.1f}{unit} against {self.usual:.1f}{unit}, "
            f"{abs(self.deviations):.1f} robust deviations {side}"
        )


class Finding(NamedTuple):
    """`confidence`: 0 to 1, what share of the time learnt from was less unusual."""

    detector: str
    since: datetime
    until: datetime  # of the last quarter hour, its end
    confidence: float
    evidence: tuple[Evidence, ...]  # what weighs most first
    words: str = ""  # of a model that says so itself

    @property
    def signature(self) -> str:
        """Two findings of a detector with the same one, one after the other, are one that goes on."""
        first = self.evidence[0]
        return f"{first.metric}{'+' if first.deviations > 0 else '-'}"


class Detector(Protocol):
    name: str

    def find(self, series: Series) -> list[Finding]: ...


def runs(flags: list[bool], least: int) -> list[tuple[int, int]]:
    """(first, last) of each unbroken run of at least `least` true places."""
    found, begun = [], None
    for place, flag in enumerate([*flags, False]):
        if flag and begun is None:
            begun = place
        elif not flag and begun is not None:
            if place - begun >= least:
                found.append((begun, place - 1))
            begun = None
    return found
