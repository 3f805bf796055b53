"""Readings in PostgreSQL's binary COPY format: packing costs a quarter of what printing text does. Pure."""

import json
import struct
from datetime import UTC, datetime, timedelta

PG_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
START, END = b"PGCOPY\n\xff\r\n\0" + bytes(8), struct.pack("!h", -1)
FIXED = struct.Struct("!hiqiqiqihii")  # the field count; length and value of device_id, at, received_at, clock, suspect
A_FLOAT, LENGTH, ABSENT = struct.Struct("!id"), struct.Struct("!i"), struct.pack("!i", -1)
FIXED_COLUMNS = 6  # with extra
JSONB_VERSION = b"\x01"


def packed(readings, received_at: datetime) -> bytes:
    """`readings`: (device_pk, at, clock, suspect, extra, values) → the whole COPY stream."""
    received = microseconds(received_at)
    parts = [START]
    for device_pk, at, clock, suspect, extra, values in readings:
        columns = FIXED_COLUMNS + len(values)
        parts.append(FIXED.pack(columns, 8, device_pk, 8, microseconds(at), 8, received, 2, clock, 4, suspect))
        parts.append(packed_json(extra))
        parts += [ABSENT if value is None else A_FLOAT.pack(8, value) for value in values]
    parts.append(END)
    return b"".join(parts)


def microseconds(moment: datetime) -> int:
    return (moment - PG_EPOCH) // MICROSECOND


def packed_json(extra: dict | None) -> bytes:
    if extra is None:
        return ABSENT
    text = JSONB_VERSION + json.dumps(extra).encode()
    return LENGTH.pack(len(text)) + text
