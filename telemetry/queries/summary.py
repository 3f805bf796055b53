"""Summary of a device over a span: the one source of figures for insights, overview and reports.

Two measures of data quality:

* **data capture %** = valid readings ÷ readings expected by the interval (a reading with a suspect value is not valid);
* **device uptime %** = share of the span's slots in which the device reported at all. A slot is a quarter hour; for
  devices with a longer interval, as many as one interval takes.

Spans are widened to quarter-hour boundaries and end at `now`. Readings are expected from when the device was first
fitted, or from its first reading where that is older, except during planned stops by the factory's calendar.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import prefetch_related_objects

from devices.models import Device
from factories.models.working_time import seconds_within, working_spans
from telemetry.metrics import ROLLED_UP_METRICS
from telemetry.queries import gaps, totals
from telemetry.queries.gaps import Silence
from telemetry.rollups import quarter_hours
from telemetry.signal.profile_timeline import ProfileTimeline

Span = tuple[datetime, datetime]
Working = Sequence[Span] | None  # working time of a factory; None where it has entered no shifts


@dataclass
class Gap:
    """More than 30 minutes (and three intervals) without a reading, clipped to the span."""

    start: datetime
    end: datetime
    is_planned: bool  # outside shifts, or on a holiday, but for less than half an hour
    unplanned_s: float  # seconds of it in which the factory works
    silent_from: datetime  # the reading it begins with stands for an interval, also of overtime

    @property
    def seconds(self) -> float:
        return (self.end - self.start).total_seconds()

    @property
    def unplanned_hours(self) -> float:
        return self.unplanned_s / 3600


@dataclass
class MetricSummary:
    count: int  # valid values
    suspect: int  # values left out
    min: float | None
    max: float | None
    mean: float | None
    capture_percent: float | None


@dataclass
class EnergyTotals:
    """kWh of a span; None where nothing was measured or bridged, which is not zero."""

    measured_kwh: float | None = None
    bridged_kwh: float | None = None  # known from a register across a gap
    covered_hours: float = 0.0  # measured
    bridged_hours: float = 0.0
    missing_hours: float = 0.0
    coverage_percent: float | None = None  # measured share of the expected hours
    exported_kwh: float | None = None  # fed back; in no total, and never subtracted

    @property
    def total_kwh(self) -> float | None:
        if self.measured_kwh is None and self.bridged_kwh is None:
            return None
        return (self.measured_kwh or 0.0) + (self.bridged_kwh or 0.0)


@dataclass
class DeviceSummary:
    start: datetime
    end: datetime
    received: int = 0
    suspect: int = 0  # readings with at least one suspect value
    valid: int = 0
    expected: float = 0.0
    capture_percent: float | None = None
    uptime_percent: float | None = None
    expected_from: datetime | None = None  # None: nothing was expected in this span
    gaps: list[Gap] = field(default_factory=list)
    planned_hours: float = 0.0  # of gaps outside shifts
    metrics: dict[str, MetricSummary] = field(default_factory=dict)
    energy: EnergyTotals = field(default_factory=EnergyTotals)
    measures_energy: bool = False
    planned_stops: list = field(default_factory=list, repr=False)  # the planned parts of gaps: (start, end)


def summarise(device: Device, start: datetime, end: datetime, now: datetime) -> DeviceSummary:
    """The summary of one device."""
    return summarise_many([device], start, end, now)[device.pk]


def summarise_many(
    devices: Iterable[Device], start: datetime, end: datetime, now: datetime
) -> dict[int, DeviceSummary]:
    """{device pk: DeviceSummary}, in a constant number of queries."""
    devices = list(devices)
    prefetch_related_objects(devices, "profiles", "hardware", "factory__shifts")
    start, end = quarter_hours.floor(start), max(quarter_hours.floor(start), min(ceil_to_quarter(end), now))
    pks = [device.pk for device in devices]
    sums, first = totals.sums(pks, start, end), totals.first_quarters(pks)
    pks_with_energy = totals.devices_with_energy(pks, start, end)
    timelines = {device.pk: ProfileTimeline(device) for device in devices}
    windows = {pk: expected_window(timelines[pk], first.get(pk), start, end) for pk in pks}
    silences = gaps.silences({pk: timelines[pk] for pk in pks if windows[pk]}, windows)
    slots = totals.reporting_slots({pk: slot_s(timelines[pk], end) for pk in pks}, start, end)
    working = working_by_factory(devices, start, end)
    result = {}
    for device in devices:
        summary = DeviceSummary(start, end, measures_energy=device.pk in pks_with_energy)
        fill_counts(summary, sums.get(device.pk))
        if window := windows[device.pk]:
            summary.gaps = [
                build_gap(silence, timelines[device.pk], working[device.factory_id]) for silence in silences[device.pk]
            ]
            fill_expectations(summary, timelines[device.pk], window, working[device.factory_id], slots[device.pk])
        result[device.pk] = summary
    return result


def ceil_to_quarter(moment: datetime) -> datetime:
    boundary = quarter_hours.floor(moment)
    return boundary if boundary == moment else boundary + quarter_hours.QUARTER


def expected_window(
    timeline: ProfileTimeline, first_quarter: datetime | None, start: datetime, end: datetime
) -> Span | None:
    """The part of the span in which readings are expected → (from, until), or None."""
    known_starts = [moment for moment in (first_quarter, *timeline.fitting_times[:1]) if moment]
    begins = max(start, min(known_starts)) if known_starts else end
    ends = min(end, timeline.device.archived_at or end)
    return (begins, ends) if begins < ends else None


def slot_s(timeline: ProfileTimeline, moment: datetime) -> int:
    """The length of an uptime slot in seconds."""
    return -(-timeline.at(moment).interval_s // 900) * 900


def working_by_factory(devices: Iterable[Device], start: datetime, end: datetime) -> dict[int, Working]:
    factories = {device.factory_id: device.factory for device in devices}
    return {pk: working_spans(factory, start, end) for pk, factory in factories.items()}


def build_gap(silence: Silence, timeline: ProfileTimeline, working: Working) -> Gap:
    start, end, heard_at = silence
    silent_from = start
    if heard_at is not None:
        silent_from = min(end, max(start, heard_at + timedelta(seconds=timeline.at(heard_at).interval_s)))
    if working is None:
        return Gap(start, end, False, (end - start).total_seconds(), silent_from)
    unplanned_s = seconds_within(working, start, end)
    return Gap(start, end, unplanned_s < gaps.MIN_GAP.total_seconds(), unplanned_s, silent_from)


def fill_counts(summary: DeviceSummary, sums: dict[str, Any] | None) -> None:
    """Fill in the counts, metrics and energy of the quarter hours."""
    if sums is None:
        sums = defaultdict(lambda: None)
    summary.received, summary.suspect = sums["received"] or 0, sums["suspect"] or 0
    summary.valid = summary.received - summary.suspect
    for metric in ROLLED_UP_METRICS:
        value_count, total = sums[f"{metric.name}_count"] or 0, sums[f"{metric.name}_sum"]
        summary.metrics[metric.name] = MetricSummary(
            value_count,
            sums[f"{metric.name}_suspect"] or 0,
            sums[f"{metric.name}_min"],
            sums[f"{metric.name}_max"],
            total / value_count if value_count and total is not None else None,
            None,
        )
    summary.energy = EnergyTotals(
        sums["energy_kwh"],
        sums["bridged_kwh"],
        (sums["covered_s"] or 0.0) / 3600,
        (sums["bridged_s"] or 0.0) / 3600,
        exported_kwh=sums["exported_kwh"],
    )


def fill_expectations(
    summary: DeviceSummary, timeline: ProfileTimeline, window: Span, working: Working, reporting_slots: int
) -> None:
    """Fill in the readings expected in the window, less planned stops, and the percentages they give."""
    begins, ends = window
    summary.expected_from = begins
    summary.planned_stops = [span for gap in summary.gaps for span in idle_parts(gap, working)]
    idle_s = sum((b - a).total_seconds() for a, b in summary.planned_stops)
    summary.planned_hours = idle_s / 3600
    summary.expected = timeline.expected(begins, ends) - sum(timeline.expected(a, b) for a, b in summary.planned_stops)
    seconds = (ends - begins).total_seconds() - idle_s
    summary.capture_percent = percent(summary.valid, summary.expected)
    summary.uptime_percent = percent(reporting_slots * slot_s(timeline, summary.end), seconds)
    for metric in summary.metrics.values():
        metric.capture_percent = percent(metric.count, summary.expected)
    if summary.measures_energy:
        energy = summary.energy
        energy.missing_hours = max(0.0, seconds / 3600 - energy.covered_hours - energy.bridged_hours)
        energy.coverage_percent = percent(energy.covered_hours * 3600, seconds)


def idle_parts(gap: Gap, working: Working) -> list[Span]:
    """The parts of a gap outside working time; none where the factory has entered no shifts."""
    if working is None:
        return []
    parts, moment = [], gap.silent_from
    for begins, ends in working:
        if begins >= gap.end:
            break
        if begins > moment:
            parts.append((moment, begins))
        moment = max(moment, ends)
    return [*parts, (moment, gap.end)] if moment < gap.end else parts


def percent(part: float, whole: float) -> float | None:
    """0–100; more than expected is still 100. None when nothing was expected."""
    return min(100.0, 100 * part / whole) if whole > 1e-9 else None
