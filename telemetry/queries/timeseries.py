"""Time series of a device, downsampled to buckets of min, max, mean and count, for pages, the API and PDF.

The finest affordable source is chosen: raw readings, readings in buckets, quarter hours, quarters summed to hours in
the factory's zone, days, or days summed to weeks and months. A bucket without valid readings is None: gaps are shown,
never filled.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from devices.models import Device, PowerKind
from telemetry.metrics import AXES, METRIC_NAMES, ROLLED_UP_METRICS, SUSPECT_MASK
from telemetry.queries import timeseries_sources
from telemetry.signal.energy import GAP_INTERVALS, segments
from telemetry.signal.profile_timeline import NORMALISED_READINGS, PROFILE_SEGMENTS, ProfileTimeline, segment_parameters
from telemetry.sql import fetch_all

RESOLUTIONS = ("raw", "15m", "1h", "1d")
RAW_LIMIT = 20_000  # raw readings of one device in one chart
RAW_STEPS_S = (10, 15, 20, 30, 60, 120, 180, 300)  # they divide a quarter hour
ZONE_STEPS_S = {"30m": 1800, "1h": 3600, "2h": 7200, "3h": 10_800, "6h": 21_600, "12h": 43_200}
DAY_STEPS_S = {"1d": 86_400, "1w": 604_800, "1mo": 2_629_746}  # of a month, the mean
QUARTERS_LIMIT = 10_000  # of one device in one chart; beyond it days are read
ALL_METRICS = [metric.name for metric in ROLLED_UP_METRICS]


class TooManyReadings(ValueError):
    """The span holds more raw readings than one chart may have."""


def buckets(
    device: Device,
    start: datetime,
    end: datetime,
    points: int = 800,
    metrics: Iterable[str] | None = None,
    now: datetime | None = None,
    resolution: str | None = None,
) -> dict[str, Any]:
    """{resolution, step_s, t: [epoch s], series: {metric: {min, mean, max, count, suspect: [...]}}, expected: [...]}.

    `t` are starts of buckets (moments of readings when `step_s` is None). Power is mean kW whatever the device sends.
    `count` are the valid values of a bucket, `suspect` those left out; `expected` is the number of readings by the
    device's interval in each bucket up to `now`.
    """
    metrics = list(metrics or ALL_METRICS)
    timeline = ProfileTimeline(device)
    resolution, step_s = choose_resolution(timeline, start, end, points, resolution)
    if start >= end:
        empty: list[list] = [[]] * (len(metrics) * len(timeseries_sources.BUCKET_AGGREGATES))
        return bucket_series(timeline, resolution, step_s, [], empty, metrics, end, now)
    if step_s is None:
        return raw_series(timeline, start, end, metrics)
    if step_s < 900:
        grid, columns = timeseries_sources.from_readings(timeline, start, end, step_s, metrics)
    elif step_s == 900:
        grid, columns = timeseries_sources.from_quarters(device, start, end, metrics)
    elif resolution in DAY_STEPS_S:
        grid, columns = timeseries_sources.from_days(device, start, end, resolution, metrics)
    else:
        grid, columns = timeseries_sources.from_quarters_in_zone(device, start, end, step_s, metrics)
    return bucket_series(timeline, resolution, step_s, grid, columns, metrics, end, now)


def choose_resolution(
    timeline: ProfileTimeline, start: datetime, end: datetime, points: int, resolution: str | None
) -> tuple[str, int | None]:
    """(name, step in seconds or None for raw readings)"""
    seconds = (end - start).total_seconds()
    if resolution == "raw":
        return "raw", None
    if resolution is not None:
        return resolution, {"15m": 900, **ZONE_STEPS_S, **DAY_STEPS_S}[resolution]
    expected_count = timeline.expected(start, end)
    if expected_count <= points * 1.5 and count_readings(timeline.device, start, end, points * 2) <= points * 2:
        return "raw", None
    min_step_s = max(2 * min(p.interval_s for *_, p in timeline.spans(start, end)), seconds / points)
    is_register = any(profile.power_kind == PowerKind.REGISTER for *_, profile in timeline.spans(start, end))
    if (
        not is_register
        and expected_count <= RAW_LIMIT
        and count_readings(timeline.device, start, end, RAW_LIMIT) <= RAW_LIMIT
    ):
        for step_s in RAW_STEPS_S:
            if step_s >= min_step_s:
                return f"{step_s}s" if step_s < 60 else f"{step_s // 60}m", step_s
    if seconds / 900 <= points:
        return "15m", 900
    coarser_steps = DAY_STEPS_S if seconds / 900 > QUARTERS_LIMIT else ZONE_STEPS_S | DAY_STEPS_S
    return next((step for step in coarser_steps.items() if seconds / step[1] <= points), ("1mo", DAY_STEPS_S["1mo"]))


def count_readings(device: Device, start: datetime, end: datetime, limit: int) -> int:
    """Readings in the span, counted no further than one beyond `limit`."""
    [(count,)] = fetch_all(
        "SELECT count(*) FROM (SELECT 1 FROM telemetry_reading WHERE device_id = %s AND at >= %s AND at < %s "
        "LIMIT %s) r",
        [device.pk, start, end, limit + 1],
    )
    return count


def raw_series(timeline: ProfileTimeline, start: datetime, end: datetime, metrics: Sequence[str]) -> dict[str, Any]:
    """Raw readings, suspect values None; one None row inside each gap so that no line is drawn across it."""
    rows = valid_rows(timeline, start, end)
    names = ["at", "suspect", *METRIC_NAMES]
    power = register_power(timeline, start, end) if "power_consumption" in metrics else {}
    t: list[float] = []
    previous: float | None = None
    values: dict[str, list[float | None]] = {name: [] for name in metrics}
    suspect: dict[str, list[int]] = {name: [] for name in metrics}
    for row in rows:
        reading = dict(zip(names, row, strict=True))
        at = reading["at"].timestamp()
        if previous is not None and at - previous > GAP_INTERVALS * timeline.at(reading["at"]).interval_s:
            t.append(previous + timeline.at(reading["at"]).interval_s)
            for name in metrics:
                values[name].append(None)
                suspect[name].append(0)
        axes = [reading[axis] for axis in AXES if reading[axis] is not None]
        reading["vibration"] = max(axes, default=None)
        reading["power_consumption"] = power.get(at, reading["power_consumption"])
        t.append(at)
        for name in metrics:
            values[name].append(reading[name])
            suspect[name].append(int(reading["suspect"] & SUSPECT_MASK[name] != 0))
        previous = at
    series = {
        name: {
            **dict.fromkeys(("min", "mean", "max"), column),
            "count": [0 if value is None else 1 for value in column],
            "suspect": suspect[name],
        }
        for name, column in values.items()
    }
    return {"resolution": "raw", "step_s": None, "t": t, "series": series, "expected": [1.0] * len(t)}


def valid_rows(timeline: ProfileTimeline, start: datetime, end: datetime) -> list[tuple[Any, ...]]:
    """(at, suspect, normalised values …) of the readings. Raises TooManyReadings."""
    rows = fetch_all(
        f"WITH {PROFILE_SEGMENTS} SELECT at, suspect, {', '.join(METRIC_NAMES)} FROM ({NORMALISED_READINGS}) v "
        "ORDER BY at LIMIT %(limit)s",
        {**segment_parameters(timeline.profile_segments(start, end)), "limit": RAW_LIMIT + 1},
    )
    if len(rows) > RAW_LIMIT:
        raise TooManyReadings(f"more than {RAW_LIMIT} readings; ask for a shorter span or a coarser resolution")
    return rows


def register_power(timeline: ProfileTimeline, start: datetime, end: datetime) -> dict[float, float]:
    """Moment → mean kW since the reading before, for the readings of a power register."""
    if not any(profile.power_kind == PowerKind.REGISTER for *_, profile in timeline.spans(start, end)):
        return {}
    rows = fetch_all(
        "SELECT at, power_consumption, NULL, suspect FROM telemetry_reading WHERE device_id = %s AND at >= %s "
        "AND at < %s ORDER BY at",
        [timeline.device.pk, start - timedelta(hours=1), end],
    )
    samples = [timeline.sample(*row) for row in rows]
    return {s.end: s.kwh * 3600 / (s.end - s.start) for s in segments(samples) if not s.bridged}


def bucket_series(
    timeline: ProfileTimeline,
    resolution: str,
    step_s: int | None,
    grid: Sequence[datetime],
    columns: Sequence[list],
    metrics: Sequence[str],
    end: datetime,
    now: datetime | None,
) -> dict[str, Any]:
    """The result of `buckets`; `columns` hold the BUCKET_AGGREGATES of each metric over `grid`."""
    next_columns = iter(columns)
    series = {name: {part: next(next_columns) for part in timeseries_sources.BUCKET_AGGREGATES} for name in metrics}
    expected = [round(count, 3) for count in timeline.expected_per_bucket(grid, end, min(end, now) if now else end)]
    t = [moment.timestamp() for moment in grid]
    return {"resolution": resolution, "step_s": step_s, "t": t, "series": series, "expected": expected}
