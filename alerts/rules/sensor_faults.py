"""When a sensor is at fault: from its first suspect value until it has sent plausible ones for a while. Pure.

A loose contact sends a wrong value now and then. So a fault ends only with the plausible value that is at least
`CLEAN_TIME` after the last suspect one and the `CLEAN_VALUES`th since: a sensor of which every tenth value is suspect
has one fault, however often it reports. A reading without the metric says nothing.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

CLEAN_TIME = timedelta(hours=1)
CLEAN_VALUES = 100


@dataclass
class Trace:
    """One metric of a fault: why its values are suspect, the last one that was, and the plausible ones since."""

    kind: str
    last_at: datetime
    plausible: int = 0

    def is_clean(self, at: datetime) -> bool:
        return self.plausible >= CLEAN_VALUES and at - self.last_at >= CLEAN_TIME


@dataclass
class SensorFault:
    since: datetime
    traces: dict[str, Trace] = field(default_factory=dict)
    ended_at: datetime | None = None
    value: float | None = None  # the first suspect one

    @property
    def kinds(self) -> dict[str, str]:
        """{metric: "flat" or "range"}, by name."""
        return {name: self.traces[name].kind for name in sorted(self.traces)}

    def observe(self, at: datetime, suspects: Mapping[str, str], plausible: Collection[str]) -> None:
        for name, kind in suspects.items():
            if name in self.traces:
                self.traces[name].last_at, self.traces[name].plausible = at, 0
            else:
                self.traces[name] = Trace(kind, at)
        for name in plausible:
            if name in self.traces:
                self.traces[name].plausible += 1

    def is_over(self, at: datetime) -> bool:
        return all(trace.is_clean(at) for trace in self.traces.values())


@dataclass
class SensorJudgement:
    """The readings of one device, oldest first: the fault that runs, and those that are over."""

    fault: SensorFault | None = None
    faults: list[SensorFault] = field(default_factory=list)

    def feed(
        self, at: datetime, suspects: Mapping[str, str], plausible: Collection[str], value: float | None = None
    ) -> None:
        """`suspects`: {metric: why} of the suspect values, `value` the first of them; `plausible`: other metrics."""
        if self.fault is None:
            if suspects:
                self.fault = SensorFault(at, value=value)
                self.fault.observe(at, suspects, ())
            return
        self.fault.observe(at, suspects, plausible)
        if not suspects and self.fault.is_over(at):
            self.end(at)

    def end(self, at: datetime) -> None:
        if self.fault is not None:
            self.fault.ended_at = at
            self.faults.append(self.fault)
            self.fault = None


def fault_as_json(fault: SensorFault | None) -> dict[str, Any]:
    """A running fault between two batches of readings; {} without one."""
    if fault is None:
        return {}
    traces = {
        name: [trace.kind, trace.last_at.isoformat(), trace.plausible] for name, trace in sorted(fault.traces.items())
    }
    return {"since": fault.since.isoformat(), "traces": traces}


def fault_from_json(data: Mapping[str, Any]) -> SensorFault | None:
    if not data:
        return None
    traces = {
        name: Trace(kind, datetime.fromisoformat(last_at), plausible)
        for name, (kind, last_at, plausible) in data["traces"].items()
    }
    return SensorFault(datetime.fromisoformat(data["since"]), traces)
