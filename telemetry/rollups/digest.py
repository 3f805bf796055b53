"""The digest: incremental rollup of new readings into quarter hours and days, idempotent.

`DirtySpan` is a log written in the transaction of the readings. A pass deletes the rows visible to it and rebuilds
their quarters from raw readings in the same transaction; a writer that commits later leaves its own row for the next
pass, so none is lost. All rebuilding holds one lock: of two rebuilds of one quarter from different snapshots the older
one could win.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction

from devices.models import Device
from telemetry.models import LastSeen
from telemetry.rollups import adjacent_readings, days, quarter_hours, stuck_sensors
from telemetry.rollups.quarter_hours import QuarterSpan
from telemetry.rollups.reprocessing import revalidate
from telemetry.rollups.span_batches import CHUNK, MAX_READINGS_PER_PASS, batches, merge_overlapping, merge_spans
from telemetry.signal.profile_timeline import ProfileTimeline, TimelineSpan
from telemetry.sql import unnest_columns
from telemetry.storage.partitions import existing_months

DIGEST_LOCK = 7_261_002  # advisory lock
MAX_ROWS_PER_PASS = 5_000  # one transaction's worth: at most so many requests
MAX_PASSES = 20  # then rules are evaluated, before the next digest continues
MAX_RECOUNTS = 20  # devices whose days one digest sums again

log = logging.getLogger(__name__)

# A row of DirtySpan: (device, first_at, last_at, received_at, key_prefix, readings)
DirtyRow = tuple[int, datetime, datetime, datetime, str, int]


def digest(now: datetime, rows: int = MAX_ROWS_PER_PASS, passes: int = MAX_PASSES) -> int:
    """Roll up new readings → number of spans processed. While another digest runs: 0, at once.

    Each pass is its own transaction, so a long backlog makes progress and a failure loses one pass at most.
    """
    total = 0
    for _ in range(passes):
        count = digest_pass(now, rows)
        total += count
        if not count:
            break
    recount_days()
    return total


def recount_days() -> None:
    """Sum the days of some devices again: their factory changed its time zone, or they have no days yet."""
    for pk in days.devices_to_recount(MAX_RECOUNTS):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                if not acquire_digest_lock(cursor, "pg_try_advisory_xact_lock"):
                    return
                days.recount(timeline_of(pk))
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            log.exception("days of device %s cannot be counted; its quarter hours are read meanwhile", pk)


def rebuild_days(device: Device) -> None:
    """Sum all days of a device again: for callers that wrote quarter hours themselves."""
    with transaction.atomic(), connection.cursor() as cursor:
        acquire_digest_lock(cursor, "pg_advisory_xact_lock")
        days.recount(timeline_of(device.pk))


def timeline_of(pk: int) -> ProfileTimeline:
    devices = Device.objects.select_related("factory").prefetch_related("profiles", "hardware")
    return ProfileTimeline(devices.get(pk=pk))


@transaction.atomic
def digest_pass(now: datetime, rows: int) -> int:
    """One transaction of the digest → number of spans processed."""
    with connection.cursor() as cursor:
        if not acquire_digest_lock(cursor, "pg_try_advisory_xact_lock"):
            return 0
        dirty_spans = drain(cursor, rows)
    if not dirty_spans:
        return 0
    dirty_by_device = defaultdict(list)
    for dirty_span in dirty_spans:
        dirty_by_device[dirty_span[0]].append(dirty_span)
    devices = (
        Device.objects.filter(pk__in=dirty_by_device).select_related("factory").prefetch_related("profiles", "hardware")
    )
    timelines = [ProfileTimeline(device) for device in devices.order_by("pk")]
    count = digest_devices(timelines, dirty_by_device, existing_months(), now)
    record_key_use(dirty_spans)
    return count


def drain(cursor: Any, rows: int) -> list[DirtyRow]:
    """Delete and return at most `rows` visible rows of the log.

    Selected first, as an array, and then deleted by key: after the log was analysed while empty, the planner expects no
    rows and would repeat the selection for every row of a join.
    """
    cursor.execute(
        "DELETE FROM telemetry_dirtyspan WHERE id = ANY(ARRAY(SELECT id FROM ("
        "SELECT id, sum(readings) OVER (ORDER BY id) - readings AS before FROM ("
        "SELECT id, readings FROM telemetry_dirtyspan ORDER BY id LIMIT %s) oldest) cumulative WHERE before < %s)) "
        "RETURNING device_id, first_at, last_at, received_at, key_prefix, readings",
        [rows, MAX_READINGS_PER_PASS],
    )
    return cursor.fetchall()


def digest_devices(
    timelines: list[ProfileTimeline],
    dirty_by_device: dict[int, list[DirtyRow]],
    months: Collection[date],
    now: datetime,
) -> int:
    """Process the dirty spans of some devices → number of spans; on an error, bisect.

    So a device whose readings cannot be summed blocks no other.
    """
    if not timelines:
        return 0
    reading_spans = [
        (timeline, *span)
        for timeline in timelines
        for span in merge_spans([(first, last) for _, first, last, *_ in dirty_by_device[timeline.device.pk]])
    ]
    try:
        with transaction.atomic():
            for timeline in timelines:
                revalidate(timeline.device, dirty_by_device[timeline.device.pk])
            rebuild_and_mark(reading_spans, months)
            record_processed_spans(
                reading_spans,
                [dirty_span for timeline in timelines for dirty_span in dirty_by_device[timeline.device.pk]],
                now,
            )
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        if len(timelines) == 1:
            pk = timelines[0].device.pk
            log.exception("readings of device %s cannot be summed; its spans wait for the next digest", pk)
            requeue(dirty_by_device[pk])
            return 0
        half = len(timelines) // 2
        return digest_devices(timelines[:half], dirty_by_device, months, now) + digest_devices(
            timelines[half:], dirty_by_device, months, now
        )
    return len(reading_spans)


def requeue(dirty_spans: list[DirtyRow]) -> None:
    """Put dirty spans back into the log, for the next digest."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO telemetry_dirtyspan (device_id, first_at, last_at, received_at, key_prefix, readings) "
            "VALUES (%s, %s, %s, %s, %s, %s)",
            dirty_spans,
        )


def record_processed_spans(reading_spans: list[TimelineSpan], dirty_spans: list[DirtyRow], now: datetime) -> None:
    """Insert the spans whose rules are to be evaluated, and update when each device was last seen.

    A dirty span without readings (`telemetry.rollups.reprocessing`) is a corrected profile: the device sent nothing,
    and no rule is evaluated again.
    """
    dirty_spans = [dirty_span for dirty_span in dirty_spans if dirty_span[5]]
    reporting = {dirty_span[0] for dirty_span in dirty_spans}
    spans = [
        (timeline.device.pk, first, last) for timeline, first, last in reading_spans if timeline.device.pk in reporting
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO telemetry_processedspan (device_id, first_at, last_at, digested_at) SELECT s.*, %s "
            "FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS s",
            [now, *unnest_columns(spans, 3)],
        )
        cursor.execute(
            f"INSERT INTO {LastSeen._meta.db_table} AS old (device_id, heard_at, reading_at) "
            "SELECT device_id, max(heard_at), max(reading_at) FROM unnest(%s::bigint[], %s::timestamptz[], "
            "%s::timestamptz[]) AS a(device_id, heard_at, reading_at) GROUP BY device_id ORDER BY device_id "
            "ON CONFLICT (device_id) DO UPDATE SET heard_at = GREATEST(old.heard_at, EXCLUDED.heard_at), "
            "reading_at = GREATEST(old.reading_at, EXCLUDED.reading_at)",
            unnest_columns([(a[0], a[3], a[2]) for a in dirty_spans], 3),
        )


def record_key_use(dirty_spans: list[DirtyRow]) -> None:
    """Update when each device key was last used."""
    key_uses = [(prefix, received_at) for *_, received_at, prefix, _ in dirty_spans if prefix]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO telemetry_keyuse AS old (key_id, used_at) SELECT k.id, max(u.at) "
            "FROM unnest(%s::text[], %s::timestamptz[]) AS u(prefix, at) JOIN devices_devicekey k USING (prefix) "
            "GROUP BY k.id ORDER BY k.id "
            "ON CONFLICT (key_id) DO UPDATE SET used_at = GREATEST(old.used_at, EXCLUDED.used_at)",
            unnest_columns(key_uses, 2),
        )


def rebuild_quarters(
    device: Device,
    first: datetime,
    last: datetime,
    now: datetime | None = None,
    progress: Callable[[float], None] | None = None,
) -> int:
    """Rebuild every quarter and day that readings between `first` and `last` can affect → quarters written.

    Quarters whose raw readings have been dropped stay as they are. `progress(share)` is called after each chunk.
    """
    timeline = timeline_of(device.pk)
    count, start = 0, first
    while start <= last:
        end = min(start + CHUNK, last)
        with transaction.atomic(), connection.cursor() as cursor:
            acquire_digest_lock(cursor, "pg_advisory_xact_lock")
            count += rebuild_and_mark([(timeline, start, end)], existing_months())
        if progress:
            progress((end - first) / (last - first) if last > first else 1.0)
        start = end + timedelta(microseconds=1)
    return count


def acquire_digest_lock(cursor: Any, lock_function: str) -> Any:
    """Take the digest's lock for this transaction → the result of `lock_function`.

    Also sets the planner up: memory for the sums of a whole pass; no JIT, which takes half a second for a statement
    that takes less; and every table read by its device-first key, whatever its statistics say so far.
    """
    cursor.execute(
        f"SET LOCAL work_mem = '64MB'; SET LOCAL jit = off; SET LOCAL enable_seqscan = off; SELECT {lock_function}(%s)",
        [DIGEST_LOCK],
    )
    return cursor.fetchone()[0]


def rebuild_and_mark(reading_spans: list[TimelineSpan], months: Collection[date]) -> int:
    """`rebuild_spans`, and again where the flat-line test changed which readings are suspect → quarters written."""
    timelines = {timeline.device.pk: timeline for timeline, *_ in reading_spans}
    count = rebuild_spans(reading_spans, months)
    devices = {pk: timeline.device for pk, timeline in timelines.items()}
    changed_spans = stuck_sensors.mark(
        devices, [(timeline.device.pk, first, last) for timeline, first, last in reading_spans]
    )
    rebuild_spans([(timelines[pk], first, last) for pk, first, last in changed_spans], months)
    return count


def rebuild_spans(reading_spans: list[TimelineSpan], months: Collection[date]) -> int:
    """Rebuild the quarters that the readings of each (timeline, first, last) lie in or change the energy of."""
    if not reading_spans:
        return 0
    ranges = adjacent_readings.changed_spans(reading_spans)
    spans = [
        part
        for (timeline, *_), (start, end) in zip(reading_spans, ranges, strict=True)
        for part in quarter_hours.parts_with_raw_readings(
            QuarterSpan(timeline, quarter_hours.floor(start), quarter_hours.next_quarter(end)), months
        )
    ]
    days.insert_time_zones(span.timeline for span in spans)
    count = 0
    for batch in batches(merge_overlapping(spans)):
        count += quarter_hours.rebuild(batch)
        days.rebuild(batch)
    return count
