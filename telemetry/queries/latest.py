"""The last word of many devices in two queries: index look-ups for each, never a scan, however long it is silent."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import prefetch_related_objects

from devices.models import VibrationKind
from telemetry.metrics import STORED, SUSPECT_BIT
from telemetry.signal.energy import BRIDGE_LONGEST_S, GAP_INTERVALS, GAP_SHORTEST_S, HUGE, mean_kw, segments
from telemetry.signal.profile_timeline import Meaning

LAST_ROWS = 8  # a device may send one metric a request: its last few rows together are its state
MODERATE, CRITICAL = 5.0, 8.0  # m/s²
LOOK_BACK = timedelta(seconds=BRIDGE_LONGEST_S)  # no figure of the last word rests on anything older
OFFLINE_INTERVALS = 3
OFFLINE_SHORTEST = timedelta(minutes=15)


@dataclass
class Latest:
    """What a device said last. Values are valid ones, `power_consumption` in kW, `vibration` the worst axis (m/s²)."""

    at: datetime
    received_at: datetime
    values: dict[str, float] = field(default_factory=dict)
    suspect: dict[str, float] = field(default_factory=dict)  # name → the value that is not believed
    vibration_health: str = "unknown"
    is_offline: bool = False


def latest(devices, now=None) -> dict[int, Latest]:
    """{device pk: Latest} of those that ever spoke; with `now`, also whether each is offline.

    A metric that is missing from the newest reading is taken from one at most three intervals (or 30 minutes) older.
    """
    devices = list(devices)
    prefetch_related_objects(devices, "profiles", "hardware")
    rows_of = {}
    for pk, *row in last_rows([device.pk for device in devices]):
        rows_of.setdefault(pk, []).append(row)
    return {device.pk: state(device, rows_of[device.pk], now) for device in devices if device.pk in rows_of}


def last_rows(pks):
    """(device, at, received_at, suspect, values…), newest first for each device."""
    until = heard_until(pks)
    if not until:
        return []
    with connection.cursor() as cursor:
        cursor.execute(*last_rows_query(until))
        return cursor.fetchall()


def last_rows_query(until):
    """Each device's rows are looked for only in the month before its last word.

    The bounds of all of them stand in the statement as well: with them the planner leaves out the other partitions
    (72 months of them by default) before it opens and locks each.
    """
    earliest, latest_of_all = min(until.values()) - LOOK_BACK, max(until.values())
    return (
        "SELECT d.pk, r.* FROM unnest(%s::bigint[], %s::timestamptz[]) AS d(pk, heard_until) CROSS JOIN LATERAL "
        f"(SELECT at, received_at, suspect, {', '.join(STORED)} FROM telemetry_reading "
        "WHERE device_id = d.pk AND at <= d.heard_until AND at > d.heard_until - %s AND at > %s AND at <= %s "
        f"ORDER BY at DESC LIMIT {LAST_ROWS}) r",
        [list(until), list(until.values()), LOOK_BACK, earliest, latest_of_all],
    )


def heard_until(pks) -> dict[int, datetime]:
    """{device: a moment its newest reading is not later than}: summed ones lie in a quarter, others in the log."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.pk, GREATEST((SELECT starts_at + interval '15 minutes' FROM telemetry_quarterhour "
            "WHERE device_id = d.pk AND received > 0 ORDER BY starts_at DESC LIMIT 1), "
            "(SELECT last_at FROM telemetry_arrival WHERE device_id = d.pk ORDER BY last_at DESC LIMIT 1)) "
            "FROM unnest(%s::bigint[]) AS d(pk)",
            [pks],
        )
        return {pk: moment for pk, moment in cursor if moment is not None}


def state(device, rows, now) -> Latest:
    newest_at = rows[0][0]
    meaning = Meaning(device)
    profile = meaning.at(newest_at)
    found = Latest(newest_at, max(row[1] for row in rows))
    reach = timedelta(seconds=max(GAP_INTERVALS * profile.interval_s, GAP_SHORTEST_S))
    for at, _, suspect, *values in rows:
        if newest_at - at > reach:
            break
        take(found, suspect, dict(zip(STORED, values, strict=True)))
    if "power_consumption" in found.values:
        found.values["power_consumption"] = kilowatts(meaning, rows)
        if found.values["power_consumption"] is None:
            del found.values["power_consumption"]
    axes = [found.values[name] for name in STORED if name.startswith("vibration_") and name in found.values]
    if axes:
        found.values["vibration"] = max(axes)
    if now is not None:
        found.is_offline = is_offline(profile, newest_at, now)
    is_fresh = not found.is_offline and profile.vibration_kind == VibrationKind.RMS
    found.vibration_health = vibration_health(found.values.get("vibration") if is_fresh else None)
    return found


def take(found, suspect, values):
    """Add what a row says of metrics no newer row has spoken of."""
    for name, value in values.items():
        if value is None or name in found.values or name in found.suspect:
            continue
        is_suspect = suspect & SUSPECT_BIT[name] or not abs(value) < HUGE
        (found.suspect if is_suspect else found.values)[name] = value


def kilowatts(meaning, rows):
    """The newest power in kW; of a register, and of kWh since the last reading, the mean of the time it speaks for."""
    samples = [
        meaning.sample(row[0], row[3 + STORED.index("power_consumption")], None, row[2]) for row in reversed(rows)
    ]
    newest = [s for s in samples if s.power is not None][-1]
    if newest.kind in ("kW", "W"):
        return mean_kw(newest.kind, newest.power, newest.interval_s)
    spans = [s for s in segments(samples) if s.end == newest.at and not s.bridged]
    return spans[-1].kwh * 3600 / (spans[-1].end - spans[-1].start) if spans else None


def is_offline(profile, heard_at, now) -> bool:
    """Silent for more than three intervals of its profile, and for at least 15 minutes (one lost post is no outage)."""
    silence = now - heard_at
    return silence > timedelta(seconds=OFFLINE_INTERVALS * profile.interval_s) and silence >= OFFLINE_SHORTEST


def vibration_health(value: float | None) -> str:
    """Worst axis in m/s² RMS: good below 5, moderate below 8, critical from 8; unknown without a value."""
    if value is None:
        return "unknown"
    return "good" if value < MODERATE else "moderate" if value < CRITICAL else "critical"
