"""Keeping what could not be stored: rows of quarantine, written in the same transaction as what could."""

from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple

from telemetry.models import QuarantineItem
from telemetry.payloads import payload_bytes
from telemetry.payloads.samples import UNSTORABLE, has_own_time

MAX_UNREADABLE_BYTES = 2048  # of what could not be parsed; a reading is kept whole
ROWS_PER_STATEMENT = 500  # a buffer of nothing but conflicts stays within the statement's time on a busy server
Reason = QuarantineItem.Reason
UPSERT_ITEMS = """
INSERT INTO telemetry_quarantineitem
    (factory_id, device_id, received_at, reason, detail, payload, state, fingerprint, times, last_at) VALUES {}
ON CONFLICT (factory_id, fingerprint) WHERE state = 'held'
DO UPDATE SET times = telemetry_quarantineitem.times + EXCLUDED.times, last_at = EXCLUDED.last_at
"""
ROW_PLACEHOLDERS = "(%s, %s, %s, %s, %s, %s, 'held', %s, %s, %s)"


class NewQuarantineItem(NamedTuple):
    """Something a known sender said, and why it is no reading (yet)."""

    factory_pk: int
    device_pk: int | None
    reason: str
    detail: str
    raw: object  # the reading as decoded, or bytes of what could not be

    @property
    def payload(self) -> bytes:
        return self.raw[:MAX_UNREADABLE_BYTES] if isinstance(self.raw, bytes) else payload_bytes(self.raw)

    def fingerprint(self, now: datetime) -> str:
        """The same thing sent again has the same one; without a time of its own, it is another reading each time."""
        again = self.reason in (Reason.UNREADABLE, Reason.INVALID) or has_own_time(self.raw)
        parts = (self.device_pk, str(self.reason), "" if again else now.isoformat())
        return blake2b(repr(parts).encode() + self.payload, digest_size=16).hexdigest()


def quarantine(cursor, items: list[NewQuarantineItem], now: datetime):
    """A device that sends the same wrong thing every minute makes one row that counts, not 1,440 a day."""
    occurrences = {}
    for item in items:
        fingerprint = item.fingerprint(now)
        occurrences[item.factory_pk, fingerprint] = (
            item,
            occurrences.get((item.factory_pk, fingerprint), (item, 0))[1] + 1,
        )
    rows = [
        (
            item.factory_pk,
            item.device_pk,
            now,
            str(item.reason),
            printable(item.detail),
            item.payload,
            fingerprint,
            times,
            now,
        )
        for (_factory, fingerprint), (item, times) in sorted(
            occurrences.items()
        )  # in one order, so that two never deadlock
    ]
    for batch in (rows[offset : offset + ROWS_PER_STATEMENT] for offset in range(0, len(rows), ROWS_PER_STATEMENT)):
        cursor.execute(
            UPSERT_ITEMS.format(", ".join([ROW_PLACEHOLDERS] * len(batch))), [value for row in batch for value in row]
        )


def printable(text: str) -> str:
    return UNSTORABLE.sub("\ufffd", text)[:500]
