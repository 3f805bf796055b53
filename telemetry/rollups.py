"""The digest: what arrived becomes quarter hours, rebuilt from raw readings, safe to run any number of times.

`Arrival` is a log of dirty spans written with the readings. The digest deletes the rows it can see and rebuilds their
quarters in the same transaction; one that commits later leaves its own row for the next pass, so none slips by.
Rebuilding takes one lock, since two rebuilds of one quarter from different snapshots could let the older one win.
"""

import logging
from collections import defaultdict
from datetime import timedelta
from itertools import groupby

from django.db import InterfaceError, OperationalError, connection, transaction

from devices.models import Device
from telemetry import quarters
from telemetry.meaning import Meaning
from telemetry.models import LastWord
from telemetry.neighbours import changed_span
from telemetry.partitions import existing_months

DIGESTING = 7_261_002  # advisory lock
ROWS_A_PASS = 500  # one transaction's worth: at most so many requests,
READINGS_A_PASS = 50_000  # and so many readings, but always one request
PASSES = 20  # then the floor above gets to judge, before the next digest goes on
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
    return done


@transaction.atomic
def digest_pass(now, rows) -> int:
    """→ spans rolled up."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [DIGESTING])
        if not cursor.fetchone()[0]:
            return 0
        arrivals = drain(cursor, rows)
    if not arrivals:
        return 0
    by_device = defaultdict(list)
    for arrival in arrivals:
        by_device[arrival[0]].append(arrival)
    devices = Device.objects.prefetch_related("profiles", "hardware").in_bulk(by_device)
    months, digested = existing_months(), 0
    for pk, its in sorted(by_device.items()):
        if pk in devices:
            digested += digest_device(devices[pk], its, months, now)
    remember_keys(arrivals)
    return digested


def drain(cursor, rows):
    """Take at most `rows` visible arrivals off the log → (device, first_at, last_at, received_at, key_prefix) each."""
    cursor.execute(
        "DELETE FROM telemetry_arrival WHERE id IN (SELECT id FROM ("
        "SELECT id, sum(readings) OVER (ORDER BY id) - readings AS before FROM ("
        "SELECT id, readings FROM telemetry_arrival ORDER BY id LIMIT %s) oldest) counted WHERE before < %s) "
        "RETURNING device_id, first_at, last_at, received_at, key_prefix, readings",
        [rows, READINGS_A_PASS],
    )
    return cursor.fetchall()


def digest_device(device, arrivals, months, now) -> int:
    """One device's arrivals → spans rolled up. A device whose figures cannot be summed does not stop the others."""
    spans = joined([(first, last) for _, first, last, *_ in arrivals])
    try:
        with transaction.atomic():
            for first, last in spans:
                rebuild_span(device, first, last, months)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("readings of device %s cannot be summed; its spans wait for the next digest", device.pk)
        keep_waiting(arrivals)
        return 0
    remember(device, arrivals, spans, now)
    return len(spans)


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


def remember(device, arrivals, spans, now):
    """Tell the floor above which spans are new, and keep when the device was last heard.

    An arrival without readings (`telemetry.restated`) is a corrected meaning: nobody was heard, nothing is judged anew.
    """
    arrivals = [arrival for arrival in arrivals if arrival[5]]
    if not arrivals:
        return
    heard_at, reading_at = max(a[3] for a in arrivals), max(a[2] for a in arrivals)
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO telemetry_digested (device_id, first_at, last_at, digested_at) VALUES (%s, %s, %s, %s)",
            [(device.pk, first, last, now) for first, last in spans],
        )
        cursor.execute(
            f"INSERT INTO {LastWord._meta.db_table} AS old (device_id, heard_at, reading_at) VALUES (%s, %s, %s) "
            "ON CONFLICT (device_id) DO UPDATE SET heard_at = GREATEST(old.heard_at, EXCLUDED.heard_at), "
            "reading_at = GREATEST(old.reading_at, EXCLUDED.reading_at)",
            [device.pk, heard_at, reading_at],
        )


def remember_keys(arrivals):
    used = sorted((prefix, received_at) for *_, received_at, prefix, _ in arrivals if prefix)
    latest = [list(its)[-1] for _, its in groupby(used, key=lambda use: use[0])]
    with connection.cursor() as cursor:
        for prefix, received_at in latest:
            cursor.execute(
                "INSERT INTO telemetry_keyuse AS old (key_id, used_at) "
                "SELECT id, %s FROM devices_devicekey WHERE prefix = %s "
                "ON CONFLICT (key_id) DO UPDATE SET used_at = GREATEST(old.used_at, EXCLUDED.used_at)",
                [received_at, prefix],
            )


def rebuild_quarters(device, first, last, now=None, progress=None) -> int:
    """Rebuild every quarter that readings between `first` and `last` can touch, from raw → quarters written.

    Quarters whose raw readings have been dropped stay as they are. `progress(share)` is called after each week's worth.
    """
    device = Device.objects.prefetch_related("profiles", "hardware").get(pk=device.pk)
    written, start = 0, first
    while start <= last:
        end = min(start + CHUNK, last)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [DIGESTING])
            written += rebuild_span(device, start, end, existing_months())
        if progress:
            progress((end - first) / (last - first) if last > first else 1.0)
        start = end + timedelta(microseconds=1)
    return written


def rebuild_span(device, first, last, months) -> int:
    """Rebuild the quarters that the readings of `first`–`last` lie in or change the energy of; the lock is held."""
    meaning = Meaning(device)
    start, end = changed_span(meaning, first, last)
    start, end = quarters.floor(start), quarters.ceil(end)
    written = 0
    while start < end:
        until = min(start + CHUNK, end)
        written += quarters.rebuild(meaning, start, until, months)
        start = until
    return written
