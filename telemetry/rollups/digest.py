"""The digest: what arrived becomes quarter hours and days, rebuilt from raw readings, safe to run any number of times.

`Arrival` is a log of dirty spans written with the readings. The digest deletes the rows it can see and rebuilds their
quarters in the same transaction; one that commits later leaves its own row for the next pass, so none slips by.
Rebuilding takes one lock, since two rebuilds of one quarter from different snapshots could let the older one win.
"""

import logging
from collections import defaultdict
from datetime import timedelta

from django.db import InterfaceError, OperationalError, connection, transaction

from devices.models import Device
from telemetry.models import LastWord
from telemetry.rollups import adjacent_readings, days, quarter_hours, stuck_sensors
from telemetry.rollups.reprocessing import judge_anew
from telemetry.signal.profile_timeline import Meaning, columns
from telemetry.storage.partitions import existing_months

DIGESTING = 7_261_002  # advisory lock
ROWS_A_PASS = 5_000  # one transaction's worth: at most so many requests,
READINGS_A_PASS = 100_000  # and so many readings, but always one request
PASSES = 20  # then the floor above gets to judge, before the next digest goes on
RECOUNTS = 20  # devices a digest counts all days of anew
SPAN_JOINS = timedelta(hours=1)  # arrivals of one device closer than this are rebuilt together
CHUNK = timedelta(days=7)  # of readings held in memory at once

log = logging.getLogger(__name__)


def digest(now, rows=ROWS_A_PASS, passes=PASSES) -> int:
    """Roll up what has arrived → number of spans digested. While another digest runs: 0, at once.

    Each pass is its own transaction, so a long backlog shows progress and a failure loses one pass at most.
    """
    done = 0
    for _ in range(passes):
        digested = digest_pass(now, rows)
        done += digested
        if not digested:
            break
    recount_days()
    return done


def recount_days():
    """Days whose factory has moved to another time zone, or that nobody has counted yet; some devices a time."""
    for pk in days.counted_elsewhere(RECOUNTS):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                if not begun(cursor, "pg_try_advisory_xact_lock"):
                    return
                days.recount(meaning_of(pk))
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            log.exception("days of device %s cannot be counted; its quarter hours are read meanwhile", pk)


def rebuild_days(device):
    """Count all days of a device anew from its quarter hours: for those who wrote quarters themselves."""
    with transaction.atomic(), connection.cursor() as cursor:
        begun(cursor, "pg_advisory_xact_lock")
        days.recount(meaning_of(device.pk))


def meaning_of(pk) -> Meaning:
    devices = Device.objects.select_related("factory").prefetch_related("profiles", "hardware")
    return Meaning(devices.get(pk=pk))


@transaction.atomic
def digest_pass(now, rows) -> int:
    """→ spans rolled up."""
    with connection.cursor() as cursor:
        if not begun(cursor, "pg_try_advisory_xact_lock"):
            return 0
        arrivals = drain(cursor, rows)
    if not arrivals:
        return 0
    its = defaultdict(list)
    for arrival in arrivals:
        its[arrival[0]].append(arrival)
    devices = Device.objects.filter(pk__in=its).select_related("factory").prefetch_related("profiles", "hardware")
    meanings = [Meaning(device) for device in devices.order_by("pk")]
    digested = digest_devices(meanings, its, existing_months(), now)
    remember_keys(arrivals)
    return digested


def drain(cursor, rows):
    """Take at most `rows` visible arrivals off the log → (device, first_at, last_at, received_at, key_prefix) each.

    Chosen first, as an array, and then deleted by key: the planner believes that a log analysed while empty still is,
    and would choose anew for every row of a join.
    """
    cursor.execute(
        "DELETE FROM telemetry_arrival WHERE id = ANY(ARRAY(SELECT id FROM ("
        "SELECT id, sum(readings) OVER (ORDER BY id) - readings AS before FROM ("
        "SELECT id, readings FROM telemetry_arrival ORDER BY id LIMIT %s) oldest) counted WHERE before < %s)) "
        "RETURNING device_id, first_at, last_at, received_at, key_prefix, readings",
        [rows, READINGS_A_PASS],
    )
    return cursor.fetchall()


def digest_devices(meanings, its, months, now) -> int:
    """The arrivals of some devices → spans rolled up; where that fails, by halves.

    So a device whose figures cannot be summed stops no other.
    """
    if not meanings:
        return 0
    arrived = [
        (meaning, *span)
        for meaning in meanings
        for span in joined([(first, last) for _, first, last, *_ in its[meaning.device.pk]])
    ]
    try:
        with transaction.atomic():
            for meaning in meanings:
                judge_anew(meaning.device, its[meaning.device.pk])
            rebuild_and_mark(arrived, months)
            remember(arrived, [arrival for meaning in meanings for arrival in its[meaning.device.pk]], now)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        if len(meanings) == 1:
            pk = meanings[0].device.pk
            log.exception("readings of device %s cannot be summed; its spans wait for the next digest", pk)
            keep_waiting(its[pk])
            return 0
        half = len(meanings) // 2
        return digest_devices(meanings[:half], its, months, now) + digest_devices(meanings[half:], its, months, now)
    return len(arrived)


def joined(spans):
    """Spans in time order, those that overlap or nearly touch made one."""
    result = []
    for first, last in sorted(spans):
        if result and first <= result[-1][1] + SPAN_JOINS:
            result[-1] = (result[-1][0], max(last, result[-1][1]))
        else:
            result.append((first, last))
    return result


def keep_waiting(arrivals):
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO telemetry_arrival (device_id, first_at, last_at, received_at, key_prefix, readings) "
            "VALUES (%s, %s, %s, %s, %s, %s)",
            arrivals,
        )


def remember(arrived, arrivals, now):
    """Tell the floor above which spans are new, and store when each device was last heard.

    An arrival without readings (`telemetry.rollups.reprocessing`) is a corrected profile: no device was heard, and no
    rule is evaluated again.
    """
    arrivals = [arrival for arrival in arrivals if arrival[5]]
    speaking = {arrival[0] for arrival in arrivals}
    spans = [(meaning.device.pk, first, last) for meaning, first, last in arrived if meaning.device.pk in speaking]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO telemetry_digested (device_id, first_at, last_at, digested_at) SELECT s.*, %s "
            "FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS s",
            [now, *columns(spans, 3)],
        )
        cursor.execute(
            f"INSERT INTO {LastWord._meta.db_table} AS old (device_id, heard_at, reading_at) "
            "SELECT device_id, max(heard_at), max(reading_at) FROM unnest(%s::bigint[], %s::timestamptz[], "
            "%s::timestamptz[]) AS a(device_id, heard_at, reading_at) GROUP BY device_id ORDER BY device_id "
            "ON CONFLICT (device_id) DO UPDATE SET heard_at = GREATEST(old.heard_at, EXCLUDED.heard_at), "
            "reading_at = GREATEST(old.reading_at, EXCLUDED.reading_at)",
            columns([(a[0], a[3], a[2]) for a in arrivals], 3),
        )


def remember_keys(arrivals):
    used = [(prefix, received_at) for *_, received_at, prefix, _ in arrivals if prefix]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO telemetry_keyuse AS old (key_id, used_at) SELECT k.id, max(u.at) "
            "FROM unnest(%s::text[], %s::timestamptz[]) AS u(prefix, at) JOIN devices_devicekey k USING (prefix) "
            "GROUP BY k.id ORDER BY k.id "
            "ON CONFLICT (key_id) DO UPDATE SET used_at = GREATEST(old.used_at, EXCLUDED.used_at)",
            columns(used, 2),
        )


def rebuild_quarters(device, first, last, now=None, progress=None) -> int:
    """Rebuild every quarter and day that readings between `first` and `last` can touch → quarters written.

    Quarters whose raw readings have been dropped stay as they are. `progress(share)` is called after each week's worth.
    """
    meaning = meaning_of(device.pk)
    written, start = 0, first
    while start <= last:
        end = min(start + CHUNK, last)
        with transaction.atomic(), connection.cursor() as cursor:
            begun(cursor, "pg_advisory_xact_lock")
            written += rebuild_and_mark([(meaning, start, end)], existing_months())
        if progress:
            progress((end - first) / (last - first) if last > first else 1.0)
        start = end + timedelta(microseconds=1)
    return written


def begun(cursor, lock):
    """Take the digest's lock for this transaction → what `lock` answers.

    With it room for the sums of a whole pass; no half-second compilation of a statement that takes less; and every
    table entered by its device-first key, whatever the planner knows of it so far.
    """
    cursor.execute(
        f"SET LOCAL work_mem = '64MB'; SET LOCAL jit = off; SET LOCAL enable_seqscan = off; SELECT {lock}(%s)",
        [DIGESTING],
    )
    return cursor.fetchone()[0]


def rebuild_and_mark(arrived, months) -> int:
    """`rebuild_spans`, and again where a sensor turns out to have stood still, or not to have."""
    meanings = {meaning.device.pk: meaning for meaning, *_ in arrived}
    written = rebuild_spans(arrived, months)
    devices = {pk: meaning.device for pk, meaning in meanings.items()}
    marked = stuck_sensors.mark(devices, [(meaning.device.pk, first, last) for meaning, first, last in arrived])
    rebuild_spans([(meanings[pk], first, last) for pk, first, last in marked], months)
    return written


def rebuild_spans(arrived, months) -> int:
    """Rebuild the quarters that the readings of each (meaning, first, last) lie in or change the energy of."""
    if not arrived:
        return 0
    changed = adjacent_readings.changed_spans(arrived)
    spans = [
        part
        for (meaning, *_), (start, end) in zip(arrived, changed, strict=True)
        for part in quarter_hours.kept(
            quarter_hours.Span(meaning, quarter_hours.floor(start), quarter_hours.ceil(end)), months
        )
    ]
    days.begin(span.meaning for span in spans)
    written = 0
    for some in rounds(apart(spans)):
        written += quarter_hours.rebuild(some)
        days.rebuild(some)
    return written


def apart(spans):
    """In the order of device and time, those that overlap or touch made one: a statement writes no row twice."""
    found = []
    for span in sorted(spans, key=lambda span: (span.meaning.device.pk, span.start)):
        if found and found[-1].meaning is span.meaning and span.start <= found[-1].end:
            found[-1] = found[-1]._replace(end=max(found[-1].end, span.end))
        else:
            found.append(span)
    return found


def rounds(spans):
    """The spans, long ones cut, in lists that one statement can sum in memory."""
    some, readings = [], 0
    for span in spans:
        start = span.start
        while start < span.end:
            end = min(start + CHUNK, span.end)
            some.append(quarter_hours.Span(span.meaning, start, end))
            readings += span.meaning.expected(start, end)
            if readings >= READINGS_A_PASS:
                yield some
                some, readings = [], 0
            start = end
    if some:
        yield some
