"""Counters of refused requests (401, 403, 413, 429) per known device: counted in memory, flushed periodically.

The first refusal is written at once, those of the next FLUSH_SECONDS together: a flood is one UPDATE per device and
status every few seconds and process, not one per request. A timer flushes the rest once the flood has ended.
"""

import logging
import os
from collections import Counter
from datetime import timedelta
from threading import Lock, Timer

from django.db import DatabaseError, InterfaceError, connection, transaction
from django.utils import timezone

COUNTED_STATUSES = frozenset({401, 403, 413, 429})
FLUSH_SECONDS = 5
UPSERT_COUNTS = """
INSERT INTO telemetry_refusalcount (device_id, "on", status, count, last_at)
SELECT pending.* FROM (VALUES {}) AS pending(device_id, day, status, count, last_at)
JOIN devices_device ON devices_device.id = pending.device_id  -- a device may be deleted meanwhile
ON CONFLICT (device_id, "on", status) DO UPDATE
SET count = telemetry_refusalcount.count + EXCLUDED.count,
    last_at = GREATEST(telemetry_refusalcount.last_at, EXCLUDED.last_at)
"""
log = logging.getLogger(__name__)


class RefusalCounter:
    """Refusals of this process that are not flushed yet."""

    def __init__(self, uses_timer=True):
        self.uses_timer = uses_timer
        self.reset()

    def reset(self) -> None:
        self.counts, self.last_at = Counter(), {}
        self.flushed_at = None
        self.timer = None
        self.lock = Lock()

    def record(self, device_pk: int, status: int, now) -> None:
        if status not in COUNTED_STATUSES:
            return
        with self.lock:
            key = (device_pk, now.date(), status)
            self.counts[key] += 1
            self.last_at[key] = now
            is_due = self.flushed_at is None or now - self.flushed_at >= timedelta(seconds=FLUSH_SECONDS)
            if not is_due and self.timer is None and self.uses_timer:
                self.timer = Timer(FLUSH_SECONDS, self.flush_from_timer)
                self.timer.daemon = True
                self.timer.start()
        if is_due:
            self.flush(now)

    def flush(self, now) -> None:
        """Write the counts. They must never fail a request: after a database error they are dropped, and logged."""
        with self.lock:
            counts, last_at = self.counts, self.last_at
            self.counts, self.last_at, self.flushed_at = Counter(), {}, now
        rows = [
            (device, on, status, count, last_at[device, on, status])
            for (device, on, status), count in sorted(counts.items())
        ]
        if not rows:
            return
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    UPSERT_COUNTS.format(", ".join(["(%s, %s, %s, %s, %s)"] * len(rows))),
                    [value for row in rows for value in row],
                )
        except (DatabaseError, InterfaceError):
            log.warning("refusals of %d devices could not be counted", len({row[0] for row in rows}))

    def flush_from_timer(self) -> None:
        with self.lock:
            self.timer = None
        try:
            self.flush(timezone.now())
        finally:
            connection.close()  # this thread's own


refusal_counter = RefusalCounter()
os.register_at_fork(after_in_child=refusal_counter.reset)  # its counts are the parent's, its timer is gone
