"""Counters of refused requests per known device, and since when nothing that a key sends can be stored.

Both are counted in memory and flushed periodically. The first refusal is written at once, those of the next
FLUSH_SECONDS together: a flood is one UPDATE per device and status every few seconds and process, not one per request.
A timer flushes the rest once the flood has ended.
"""

import logging
import os
from collections import Counter
from datetime import datetime, timedelta
from threading import Lock, Timer
from typing import NamedTuple

from django.db import DatabaseError, InterfaceError, connection, transaction
from django.utils import timezone

from devices.log_redaction import redact_keys
from telemetry.payloads.samples import UNSTORABLE

MEANINGS = {
    400: "could not be parsed",
    401: "key unknown, revoked or expired",
    403: "the key is another device's",
    404: "unknown device or address",
    405: "method not taken",
    413: "too large",
    415: "format not read",
    422: "nothing in it could be stored",
    429: "too fast",
    503: "paused, or the service was away",
}
COUNTED_STATUSES = frozenset(MEANINGS)
UNREAD_STATUSES = frozenset({400, 403, 404, 405, 413, 415, 422})  # the same again would be refused again
FLUSH_SECONDS = 5
MAX_PENDING = 10_000  # counts kept for later while the database is away
MAX_DETAIL_CHARACTERS, MAX_PAYLOAD_BYTES = 500, 2048
UPSERT_COUNTS = """
INSERT INTO telemetry_refusalcount (device_id, "on", status, count, last_at)
SELECT pending.* FROM (VALUES {}) AS pending(device_id, day, status, count, last_at)
JOIN devices_device ON devices_device.id = pending.device_id  -- a device may be deleted meanwhile
ON CONFLICT (device_id, "on", status) DO UPDATE
SET count = telemetry_refusalcount.count + EXCLUDED.count,
    last_at = GREATEST(telemetry_refusalcount.last_at, EXCLUDED.last_at)
"""
UPSERT_STREAKS = """
INSERT INTO telemetry_unreadstreak AS streak (key_id, since, requests, last_at, status, detail, payload)
SELECT pending.* FROM (VALUES {}) AS pending(key_id, since, requests, last_at, status, detail, payload)
JOIN devices_devicekey ON devices_devicekey.id = pending.key_id
ON CONFLICT (key_id) DO UPDATE
SET (since, requests) = (
        SELECT CASE WHEN is_over THEN EXCLUDED.since ELSE LEAST(streak.since, EXCLUDED.since) END,
               CASE WHEN is_over THEN 0 ELSE streak.requests END + EXCLUDED.requests
        FROM (SELECT EXISTS (
            SELECT 1 FROM telemetry_keyuse WHERE key_id = streak.key_id AND used_at >= streak.since
        ) AS is_over) AS previous
    ),
    last_at = EXCLUDED.last_at, status = EXCLUDED.status, detail = EXCLUDED.detail, payload = EXCLUDED.payload
"""
log = logging.getLogger(__name__)


class Unread(NamedTuple):
    """Requests of a key since its last stored reading, as far as they are not flushed yet, and the last of them."""

    since: datetime
    requests: int
    last_at: datetime
    status: int
    detail: str
    payload: str


class RefusalCounter:
    """Refusals of this process that are not flushed yet."""

    def __init__(self, uses_timer=True):
        self.uses_timer = uses_timer
        self.reset()

    def reset(self) -> None:
        self.counts, self.last_at, self.streaks = Counter(), {}, {}
        self.flushed_at = None
        self.timer = None
        self.lock = Lock()

    def record(self, device_pk: int, status: int, now: datetime) -> None:
        """Count a refusal for its device; one of an unavailable database is written later, by the timer."""
        if status not in COUNTED_STATUSES:
            return
        key = (device_pk, now.date(), status)
        with self.lock:
            self.counts[key] += 1
            self.last_at[key] = now
        self.flush_when_due(now, may_flush_at_once=status != 503)

    def record_unread(self, key_pk: int, status: int, detail: str, payload: bytes, now: datetime) -> None:
        """Count a request of which nothing was stored, and remember how it began."""
        with self.lock:
            earlier = self.streaks.get(key_pk)
            since, requests = (earlier.since, earlier.requests) if earlier else (now, 0)
            self.streaks[key_pk] = Unread(
                since,
                requests + 1,
                now,
                status,
                UNSTORABLE.sub("\ufffd", detail)[:MAX_DETAIL_CHARACTERS],
                preview(payload),
            )
        self.flush_when_due(now)

    def record_read(self, key_pk: int) -> None:
        """Something of this key was stored: what is not flushed yet is no streak any more."""
        if self.streaks:
            with self.lock:
                self.streaks.pop(key_pk, None)

    def flush_when_due(self, now: datetime, may_flush_at_once: bool = True) -> None:
        with self.lock:
            is_due = self.flushed_at is None or now - self.flushed_at >= timedelta(seconds=FLUSH_SECONDS)
            is_due = is_due and may_flush_at_once
            if not is_due and self.timer is None and self.uses_timer:
                self.timer = Timer(FLUSH_SECONDS, self.flush_from_timer)
                self.timer.daemon = True
                self.timer.start()
        if is_due:
            self.flush(now)

    def flush(self, now: datetime) -> None:
        """Write the counts. They must never fail a request: after a database error they wait for the next time."""
        with self.lock:
            counts, last_at, streaks = self.counts, self.last_at, self.streaks
            self.counts, self.last_at, self.streaks, self.flushed_at = Counter(), {}, {}, now
        if not counts and not streaks:
            return
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                write_counts(cursor, counts, last_at)
                write_streaks(cursor, streaks)
        except (DatabaseError, InterfaceError):
            log.warning("refusals of %d devices could not be counted yet", len({device for device, *_ in counts}))
            self.keep_for_later(counts, last_at)

    def keep_for_later(self, counts: Counter, last_at: dict) -> None:
        with self.lock:
            if len(self.counts) < MAX_PENDING:
                self.counts += counts
                self.last_at = last_at | self.last_at

    def flush_from_timer(self) -> None:
        with self.lock:
            self.timer = None
        try:
            self.flush(timezone.now())
        finally:
            connection.close()  # this thread's own


def write_counts(cursor, counts: Counter, last_at: dict) -> None:
    rows = [(device, on, status, count, last_at[device, on, status]) for (device, on, status), count in counts.items()]
    upsert_rows(cursor, UPSERT_COUNTS, sorted(rows))


def write_streaks(cursor, streaks: dict[int, Unread]) -> None:
    upsert_rows(cursor, UPSERT_STREAKS, [(key_pk, *streak) for key_pk, streak in sorted(streaks.items())])


def upsert_rows(cursor, statement: str, rows: list[tuple]) -> None:
    if rows:
        placeholders = f"({', '.join(['%s'] * len(rows[0]))})"
        cursor.execute(
            statement.format(", ".join([placeholders] * len(rows))), [value for row in rows for value in row]
        )


def preview(payload: bytes) -> str:
    """The beginning of a body as text that can be stored and shown; a key in it is not."""
    return UNSTORABLE.sub("\ufffd", redact_keys(payload[:MAX_PAYLOAD_BYTES].decode(errors="replace")))


refusal_counter = RefusalCounter()
os.register_at_fork(after_in_child=refusal_counter.reset)  # its counts are the parent's, its timer is gone
