"""Writes quarantine items, in the same transaction as the readings that could be stored."""

from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple

from telemetry.models import QuarantineItem
from telemetry.payloads import payload_bytes
from telemetry.payloads.samples import UNSTORABLE, has_own_time

MAX_UNREADABLE_BYTES = 2048  # of an unparsable body; a reading is stored whole
ROWS_PER_STATEMENT = 500  # a buffer of conflicts only stays within the statement timeout on a busy server
Reason = QuarantineItem.Reason
UPSERT_ITEMS = """
INSERT INTO telemetry_quarantineitem
    (factory_id, device_id, received_at, reason, detail, payload, state, fingerprint, times, last_at) VALUES {}
ON CONFLICT (factory_id, fingerprint) WHERE state = 'held'
DO UPDATE SET times = telemetry_quarantineitem.times + EXCLUDED.times, last_at = EXCLUDED.last_at
"""
ROW_PLACEHOLDERS = "(%s, %s, %s, %s, %s, %s, 'held', %s, %s, %s)"


class NewQuarantineItem(NamedTuple):
    """A payload of a known sender that could not be stored as a reading, and the reason."""

    factory_pk: int
    device_pk: int | None
    reason: str
    detail: str
    raw: object  # the decoded reading, or the bytes that could not be decoded

    @property
    def payload(self) -> bytes:
        return self.raw[:MAX_UNREADABLE_BYTES] if isinstance(self.raw, bytes) else payload_bytes(self.raw)

    def fingerprint(self, now: datetime) -> str:
        """Equal for a resend of the same payload; a reading without a time of its own is a new one each time."""
        is_repeatable = self.reason in (Reason.UNREADABLE, Reason.INVALID) or has_own_time(self.raw)
        parts = (self.device_pk, str(self.reason), "" if is_repeatable else now.isoformat())
        return blake2b(repr(parts).encode() + self.payload, digest_size=16).hexdigest()


def quarantine(cursor, items: list[NewQuarantineItem], now: datetime) -> None:
    """Upsert by fingerprint: a device that sends the same wrong reading every minute makes one row with a count, not
    1,440 a day."""
    occurrences = {}
    for item in items:
        fingerprint = item.fingerprint(now)
        _item, times = occurrences.get((item.factory_pk, fingerprint), (item, 0))
        occurrences[item.factory_pk, fingerprint] = item, times + 1
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
        # in one order, so that two transactions never deadlock
        for (_factory, fingerprint), (item, times) in sorted(occurrences.items())
    ]
    for batch in (rows[offset : offset + ROWS_PER_STATEMENT] for offset in range(0, len(rows), ROWS_PER_STATEMENT)):
        cursor.execute(
            UPSERT_ITEMS.format(", ".join([ROW_PLACEHOLDERS] * len(batch))), [value for row in batch for value in row]
        )


def printable(text: str) -> str:
    return UNSTORABLE.sub("\ufffd", text)[:500]
