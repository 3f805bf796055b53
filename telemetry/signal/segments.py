"""Segments of energy: kinds of evidence merged into one timeline, shared out by quarter hour. Pure.

Times are epoch seconds (UTC).
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

QUARTER_S = 900


class EnergySegment(NamedTuple):
    """kWh spread evenly from `start` until `end`."""

    start: float
    end: float
    kwh: float
    bridged: bool = False


class QuarterEnergy(NamedTuple):
    measured_kwh: float | None  # None where nothing was measured: zero is a measurement
    bridged_kwh: float | None
    covered_s: float
    exported_kwh: float | None = None  # None where nothing was fed back


def by_quarter(
    energy_segments: list[EnergySegment],
    since: float = float("-inf"),
    until: float = float("inf"),
    exports: Iterable[EnergySegment] = (),
) -> dict[int, QuarterEnergy]:
    """Quarter's start (epoch s) → its energy; a segment across a boundary is split by time.

    Only quarters from `since` until `until` (quarter boundaries).
    """
    quarters: dict[int, list[Any]] = {}  # [measured kWh, bridged kWh, covered s, exported kWh]
    for segment in energy_segments:
        for quarter, kwh, seconds in parts_by_quarter(segment, since, until):
            totals = quarters.setdefault(quarter, [None, None, 0.0, None])
            index = 1 if segment.bridged else 0
            totals[index] = (totals[index] or 0.0) + kwh
            if not segment.bridged:
                totals[2] += seconds
    for segment in exports:
        for quarter, kwh, _ in parts_by_quarter(segment, since, until):
            totals = quarters.setdefault(quarter, [None, None, 0.0, None])
            totals[3] = (totals[3] or 0.0) + kwh
    return {quarter: QuarterEnergy(*totals) for quarter, totals in quarters.items()}


def parts_by_quarter(segment: EnergySegment, since: float, until: float) -> Iterator[tuple[int, float, float]]:
    """(quarter's start, kWh, seconds) of each quarter from `since` until `until` that a segment reaches into."""
    length = segment.end - segment.start
    if length <= 0:
        return
    start = int(max(segment.start, since) // QUARTER_S) * QUARTER_S
    for quarter in range(start, int(-(-min(segment.end, until) // QUARTER_S)) * QUARTER_S, QUARTER_S):
        seconds = min(segment.end, quarter + QUARTER_S) - max(segment.start, quarter)
        yield quarter, segment.kwh * seconds / length, seconds


def merge_evidence(by_register: list[EnergySegment], by_power: list[EnergySegment]) -> list[EnergySegment]:
    """Both kinds of evidence as one timeline: register first, then power, then the remainder of bridges."""
    measured = [s for s in by_register if not s.bridged]
    bridges = [s for s in by_register if s.bridged]
    power = parts_outside([s for s in by_power if not s.bridged], measured)
    timeline = measured + power + [part for bridge in bridges for part in remainder(bridge, power)]
    return sorted(timeline + parts_outside([s for s in by_power if s.bridged], sorted(measured + bridges)))


def remainder(bridge: EnergySegment, power: list[EnergySegment]) -> list[EnergySegment]:
    """A bridge less the energy measured inside it, spread over the remaining time; never below zero."""
    inside_kwh = sum(
        s.kwh * (min(s.end, bridge.end) - max(s.start, bridge.start)) / (s.end - s.start)
        for s in power
        if s.start < bridge.end and s.end > bridge.start
    )
    return parts_outside([bridge._replace(kwh=max(0.0, bridge.kwh - inside_kwh))], power, keep_total=True)


def parts_outside(
    parts: list[EnergySegment], exclusions: list[EnergySegment], keep_total: bool = False
) -> list[EnergySegment]:
    """`parts` without the time of `exclusions` (in time order), their energy by time or (`keep_total`) in full."""
    starts, ends = [s.start for s in exclusions], [s.end for s in exclusions]
    result: list[EnergySegment] = []
    for segment in parts:
        free, moment = [], segment.start
        for index in range(bisect_right(ends, segment.start), len(exclusions)):
            if starts[index] >= segment.end:
                break
            if starts[index] > moment:
                free.append((moment, starts[index]))
            moment = max(moment, ends[index])
        if moment < segment.end:
            free.append((moment, segment.end))
        whole = sum(end - start for start, end in free) if keep_total else segment.end - segment.start
        result += [segment._replace(start=a, end=b, kwh=segment.kwh * (b - a) / whole) for a, b in free]
    return result
