"""The latest values of many devices in three queries: index look-ups for each, never a scan, however old they are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import prefetch_related_objects

from devices.models import Device, DeviceProfile, VibrationKind
from telemetry.metrics import AXES, METRIC_NAMES, SUSPECT_BIT
from telemetry.models import UnitDoubt
from telemetry.signal.energy import GAP_INTERVALS, MAX_MAGNITUDE, MIN_GAP_S, mean_kw, segments
from telemetry.signal.profile_timeline import ProfileTimeline
from telemetry.sql import fetch_all

LAST_ROWS = 8  # a device may send one metric a request: its last few rows together are its state
MODERATE_VIBRATION, CRITICAL_VIBRATION = 5.0, 8.0  # m/s²
LOOK_BACK = timedelta(days=31)  # older rows say nothing of the state of now
OFFLINE_INTERVALS = 3
MIN_OFFLINE = timedelta(minutes=15)

Row = Sequence[Any]  # at, received_at, suspect, values…


@dataclass
class Latest:
    """Latest valid values of a device: `power_consumption` in kW, `vibration` of the worst axis (m/s²)."""

    at: datetime
    received_at: datetime
    values: dict[str, float] = field(default_factory=dict)
    suspect: dict[str, float] = field(default_factory=dict)  # name → the suspect value
    vibration_health: str = "unknown"
    is_offline: bool = False


def latest(devices: Iterable[Device], now: datetime | None = None) -> dict[int, Latest]:
    """{device pk: Latest} of those that have ever sent a reading; with `now`, also whether each is offline.

    A metric that is missing from the newest reading is taken from one at most three intervals (or 30 minutes) older.
    """
    devices = list(devices)
    prefetch_related_objects(devices, "profiles", "hardware")
    rows_by_device: dict[int, list[Row]] = {}
    for pk, *row in last_rows([device.pk for device in devices]):
        rows_by_device.setdefault(pk, []).append(row)
    result = {
        device.pk: build_latest(device, rows_by_device[device.pk], now)
        for device in devices
        if device.pk in rows_by_device
    }
    for pk in UnitDoubt.objects.devices_asked(UnitDoubt.Kind.GRAVITY, result):
        result[pk].vibration_health = vibration_health(None)  # gravity may be in it
    return result


def last_rows(pks: list[int]) -> list[tuple[Any, ...]]:
    """(device, at, received_at, suspect, values…), newest first for each device."""
    bounds = newest_bounds(pks)
    return fetch_all(*last_rows_query(bounds)) if bounds else []


def last_rows_query(bounds: dict[int, datetime]) -> tuple[str, list[Any]]:
    """Each device's rows are looked up only in the month before its newest reading.

    The bounds of all of them are constants of the statement too: so the planner prunes the other partitions (72 months
    of them by default) before it opens and locks each.
    """
    earliest, latest_of_all = min(bounds.values()) - LOOK_BACK, max(bounds.values())
    return (
        "SELECT d.pk, r.* FROM unnest(%s::bigint[], %s::timestamptz[]) AS d(pk, newest_bound) CROSS JOIN LATERAL "
        f"(SELECT at, received_at, suspect, {', '.join(METRIC_NAMES)} FROM telemetry_reading "
        "WHERE device_id = d.pk AND at <= d.newest_bound AND at > d.newest_bound - %s AND at > %s AND at <= %s "
        f"ORDER BY at DESC LIMIT {LAST_ROWS}) r",
        [list(bounds), list(bounds.values()), LOOK_BACK, earliest, latest_of_all],
    )


def newest_bounds(pks: list[int]) -> dict[int, datetime]:
    """{device: an upper bound of its newest reading}, by its last quarter hour or its last dirty span."""
    rows = fetch_all(
        "SELECT d.pk, GREATEST((SELECT starts_at + interval '15 minutes' FROM telemetry_quarterhour "
        "WHERE device_id = d.pk AND received > 0 ORDER BY starts_at DESC LIMIT 1), "
        "(SELECT last_at FROM telemetry_dirtyspan WHERE device_id = d.pk ORDER BY last_at DESC LIMIT 1)) "
        "FROM unnest(%s::bigint[]) AS d(pk)",
        [pks],
    )
    return {pk: moment for pk, moment in rows if moment is not None}


def build_latest(device: Device, rows: list[Row], now: datetime | None) -> Latest:
    """`rows` newest first."""
    newest_at = rows[0][0]
    timeline = ProfileTimeline(device)
    profile = timeline.at(newest_at)
    result = Latest(newest_at, max(row[1] for row in rows))
    max_age = timedelta(seconds=max(GAP_INTERVALS * profile.interval_s, MIN_GAP_S))
    for at, _, suspect, *values in rows:
        if newest_at - at > max_age:
            break
        merge_row(result, suspect, dict(zip(METRIC_NAMES, values, strict=True)))
    if "power_consumption" in result.values:
        kw = newest_power_kw(timeline, rows)
        del result.values["power_consumption"]
        if kw is not None:
            result.values["power_consumption"] = kw
    axes = [result.values[name] for name in AXES if name in result.values]
    if axes:
        result.values["vibration"] = max(axes)
    if now is not None:
        result.is_offline = is_offline(profile, newest_at, now)
    is_fresh = not result.is_offline and profile.vibration_kind == VibrationKind.RMS
    result.vibration_health = vibration_health(result.values.get("vibration") if is_fresh else None)
    return result


def merge_row(result: Latest, suspect: int, values: dict[str, float | None]) -> None:
    """Add the values of metrics that no newer row has."""
    for name, value in values.items():
        if value is None or name in result.values or name in result.suspect:
            continue
        is_suspect = suspect & SUSPECT_BIT[name] or not abs(value) < MAX_MAGNITUDE
        (result.suspect if is_suspect else result.values)[name] = value


def newest_power_kw(timeline: ProfileTimeline, rows: list[Row]) -> float | None:
    """The newest power in kW; of a register, and of kWh since the last reading, the mean over the time it covers."""
    samples = [
        timeline.sample(row[0], row[3 + METRIC_NAMES.index("power_consumption")], None, row[2])
        for row in reversed(rows)
    ]
    newest = [s for s in samples if s.power is not None][-1]
    if newest.kind in ("kW", "W"):
        return mean_kw(newest.kind, newest.power, newest.interval_s)
    spans = [s for s in segments(samples) if s.end == newest.at and not s.bridged]
    return spans[-1].kwh * 3600 / (spans[-1].end - spans[-1].start) if spans else None


def is_offline(profile: DeviceProfile, last_seen_at: datetime, now: datetime) -> bool:
    """No reading for more than three intervals of its profile and at least 15 minutes (one lost post is no outage)."""
    silence = now - last_seen_at
    return silence > timedelta(seconds=OFFLINE_INTERVALS * profile.interval_s) and silence >= MIN_OFFLINE


def vibration_health(value: float | None) -> str:
    """Worst axis in m/s² RMS: good below 5, moderate below 8, critical from 8; unknown without a value."""
    if value is None:
        return "unknown"
    return "good" if value < MODERATE_VIBRATION else "moderate" if value < CRITICAL_VIBRATION else "critical"
