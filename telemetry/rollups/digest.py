"""The digest: incremental rollup of new readings into quarter hours and days, idempotent.

`DirtySpan` is a log written in the transaction of the readings. A pass deletes some of the rows visible to it
(`telemetry.rollups.lanes`) and rebuilds their quarters from raw readings in the same transaction; a writer that commits
later leaves its own row for the next pass, so none is lost. All rebuilding holds one lock: of two rebuilds of one
quarter from different snapshots the older one could win.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta
from itertools import repeat
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Prefetch, QuerySet

from devices.models import Device
from telemetry.models import DoubtfulStep, LastSeen
from telemetry.rollups import adjacent_readings, days, doubt_records, lanes, quarter_hours, stuck_sensors
from telemetry.rollups.quarter_hours import QuarterSpan
from telemetry.rollups.reprocessing import revalidate
from telemetry.rollups.span_batches import CHUNK, batches, merge_overlapping, merge_spans
from telemetry.signal.profile_timeline import ProfileTimeline, TimelineSpan
from telemetry.sql import unnest_columns
from telemetry.storage.dirty_spans import LoggedSpan
from telemetry.storage.partitions import existing_months

DIGEST_LOCK = 7_261_002  # advisory lock
PASS_BUDGET = 100_000  # of a pass when nobody waits for another: readings, and what spans cost (`lanes`)
MAX_RECOUNTS = 20  # devices whose days one digest sums again

log = logging.getLogger(__name__)


def digest(now: datetime, budget: int = PASS_BUDGET, passes: int | None = None) -> int:
    """Roll up new readings, present ones first → number of spans processed. While another digest runs: 0, at once.

    Each pass is its own transaction, so a long backlog makes progress and a failure loses one pass at most.
    """
    total = 0
    for _ in repeat(None) if passes is None else repeat(None, passes):
        has_present, has_backlog = lanes.waiting()
        if not (has_present or has_backlog):
            break
        processed = digest_pass(now, is_present=has_present, budget=budget)
        total += processed
        if not processed:
            break
    recount_days()
    return total


def recount_days(limit: int = MAX_RECOUNTS) -> int:
    """Sum the days of some devices again: their factory changed its time zone, or they have no days yet → how many."""
    recounted = 0
    for pk in days.devices_to_recount(MAX_RECOUNTS):
        if recounted == limit:
            break
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                if not acquire_digest_lock(cursor, "pg_try_advisory_xact_lock"):
                    break
                days.recount(timeline_of(pk))
                recounted += 1
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            log.exception("days of device %s cannot be counted; its quarter hours are read meanwhile", pk)
    return recounted


def rebuild_days(device: Device) -> None:
    """Sum all days of a device again: for callers that wrote quarter hours themselves."""
    with transaction.atomic(), connection.cursor() as cursor:
        acquire_digest_lock(cursor, "pg_advisory_xact_lock")
        days.recount(timeline_of(device.pk))


def timeline_of(pk: int) -> ProfileTimeline:
    return ProfileTimeline(devices_to_sum().get(pk=pk))


def devices_to_sum() -> QuerySet[Device]:
    """With all that the meaning of their readings depends on, the decisions about their counters included."""
    decided = Prefetch("doubtful_steps", DoubtfulStep.objects.decided(), to_attr="decided_steps")
    return Device.objects.select_related("factory").prefetch_related("profiles", "hardware", decided)


@transaction.atomic
def digest_pass(now: datetime, *, is_present: bool, budget: int) -> int:
    """One transaction of the digest, over one lane → number of spans processed."""
    with connection.cursor() as cursor:
        if not acquire_digest_lock(cursor, "pg_try_advisory_xact_lock"):
            return 0
        dirty_spans = lanes.drain(cursor, is_present=is_present, budget=budget)
    if not dirty_spans:
        return 0
    dirty_by_device = defaultdict(list)
    for dirty_span in dirty_spans:
        dirty_by_device[dirty_span.device_pk].append(dirty_span)
    devices = devices_to_sum().filter(pk__in=dirty_by_device)
    timelines = [ProfileTimeline(device) for device in devices.order_by("pk")]
    processed = digest_devices(timelines, dirty_by_device, existing_months(), now)
    record_key_use(dirty_spans)
    return processed


def digest_devices(
    timelines: list[ProfileTimeline],
    dirty_by_device: dict[int, list[LoggedSpan]],
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
        for span in merge_spans([(s.first_at, s.last_at) for s in dirty_by_device[timeline.device.pk]])
    ]
    try:
        with transaction.atomic():
            for timeline in timelines:
                revalidate(timeline.device, dirty_by_device[timeline.device.pk])
            _count, marked_spans = rebuild_and_mark(reading_spans, months)
            record_processed_spans(
                [*reading_spans, *marked_spans],
                [dirty_span for timeline in timelines for dirty_span in dirty_by_device[timeline.device.pk]],
                now,
            )
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        if len(timelines) == 1:
            pk = timelines[0].device.pk
            log.exception("readings of device %s cannot be summed; its spans wait for the next digest", pk)
            with connection.cursor() as cursor:
                lanes.requeue(cursor, dirty_by_device[pk])
            return 0
        half = len(timelines) // 2
        return digest_devices(timelines[:half], dirty_by_device, months, now) + digest_devices(
            timelines[half:], dirty_by_device, months, now
        )
    return len(reading_spans)


def record_processed_spans(reading_spans: list[TimelineSpan], dirty_spans: list[LoggedSpan], now: datetime) -> None:
    """Insert the spans whose rules are to be evaluated, and update when each device was last seen.

    A dirty span without readings (`telemetry.rollups.reprocessing`) is a corrected profile: the device sent nothing,
    and no rule is evaluated again.
    """
    dirty_spans = [dirty_span for dirty_span in dirty_spans if dirty_span.readings]
    came_first: dict[int, LoggedSpan] = {}
    for span in dirty_spans:
        if span.device_pk not in came_first or span.received_at < came_first[span.device_pk].received_at:
            came_first[span.device_pk] = span
    spans = [
        (pk, first, last, came_first[pk].received_at, came_first[pk].is_present)
        for pk, first, last in ((timeline.device.pk, first, last) for timeline, first, last in reading_spans)
        if pk in came_first
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO telemetry_processedspan "
            "(device_id, first_at, last_at, received_at, is_present, digested_at) SELECT s.*, %s "
            "FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::bool[]) AS s",
            [now, *unnest_columns(spans, 5)],
        )
        cursor.execute(
            f"INSERT INTO {LastSeen._meta.db_table} AS old (device_id, heard_at, reading_at) "
            "SELECT device_id, max(heard_at), max(reading_at) FROM unnest(%s::bigint[], %s::timestamptz[], "
            "%s::timestamptz[]) AS a(device_id, heard_at, reading_at) GROUP BY device_id ORDER BY device_id "
            "ON CONFLICT (device_id) DO UPDATE SET heard_at = GREATEST(old.heard_at, EXCLUDED.heard_at), "
            "reading_at = GREATEST(old.reading_at, EXCLUDED.reading_at)",
            unnest_columns([(s.device_pk, s.received_at, s.last_at) for s in dirty_spans], 3),
        )


def record_key_use(dirty_spans: list[LoggedSpan]) -> None:
    """Update when each device key was last used."""
    key_uses = [(span.key_prefix, span.received_at) for span in dirty_spans if span.key_prefix]
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
            count += rebuild_and_mark([(timeline, start, end)], existing_months())[0]
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


def rebuild_and_mark(reading_spans: list[TimelineSpan], months: Collection[date]) -> tuple[int, list[TimelineSpan]]:
    """`rebuild_spans`, and again where the flat-line test changed which readings are suspect.

    → quarters written, and the spans around those changes that lie outside of `reading_spans`: rules are evaluated
    again there.
    """
    timelines = {timeline.device.pk: timeline for timeline, *_ in reading_spans}
    count = rebuild_spans(reading_spans, months)
    devices = {pk: timeline.device for pk, timeline in timelines.items()}
    changed_spans = stuck_sensors.mark(
        devices, [(timeline.device.pk, first, last) for timeline, first, last in reading_spans]
    )
    marked_spans = [(timelines[pk], first, last) for pk, first, last in changed_spans]
    rebuild_spans(marked_spans, months)
    return count, [span for span in marked_spans if not any(is_inside(span, other) for other in reading_spans)]


def is_inside(span: TimelineSpan, other: TimelineSpan) -> bool:
    return span[0] is other[0] and other[1] <= span[1] and span[2] <= other[2]


def rebuild_spans(reading_spans: list[TimelineSpan], months: Collection[date]) -> int:
    """Rebuild the quarters that the readings of each (timeline, first, last) lie in or change the energy of."""
    if not reading_spans:
        return 0
    reading_spans = [*reading_spans, *doubt_records.spans_to_review(reading_spans)]
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
