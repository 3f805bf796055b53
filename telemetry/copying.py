"""Readings in PostgreSQL's binary COPY format: packing costs a quarter of what printing text does."""

import json
import struct
from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO

from django.db import connection

from telemetry.metrics import STORED

PG_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
START, END = b"PGCOPY\n\xff\r\n\0" + bytes(8), struct.pack("!h", -1)
FIXED = struct.Struct("!hiqiqiqihii")  # the column count; size and value of device_id, at, received_at, clock, suspect
LENGTH, ABSENT = struct.Struct("!i"), struct.pack("!i", -1)
FIXED_COLUMNS = 6  # with extra
JSONB_VERSION = b"\x01"
COLUMNS = ", ".join(["device_id", "at", "received_at", "clock", "suspect", "extra", *STORED])


def copy_into(cursor, table: str, rows):
    """`rows` (`telemetry.store.Row`) into `telemetry_reading` or a table like it. Raises Django's database errors."""
    with connection.wrap_database_errors:  # Django's cursor wraps execute(), not this
        cursor.copy_expert(f"COPY {table} ({COLUMNS}) FROM STDIN WITH (FORMAT binary)", BytesIO(packed(rows)))


def packed(rows) -> bytes:
    """The whole COPY stream of these rows."""
    parts = [START]
    add = parts.append
    for device_pk, _factory_pk, at, received_at, clock, suspect, values, extra, _raw in rows:
        columns, received = FIXED_COLUMNS + len(values), microseconds(received_at)
        add(FIXED.pack(columns, 8, device_pk, 8, microseconds(at), 8, received, 2, clock, 4, suspect))
        add(ABSENT if extra is None else packed_json(extra))
        sizes = []
        for value in values:
            sizes += (-1,) if value is None else (8, value)
        add(packer(*[value is None for value in values])(*sizes))
    add(END)
    return b"".join(parts)


@cache
def packer(*absent: bool):
    """What packs a row's values, of which these are missing: one call a row instead of one a value."""
    return struct.Struct("!" + "".join("i" if is_absent else "id" for is_absent in absent)).pack


def microseconds(moment: datetime) -> int:
    return (moment - PG_EPOCH) // MICROSECOND


def packed_json(extra: dict) -> bytes:
    text = JSONB_VERSION + json.dumps(extra).encode()
    return LENGTH.pack(len(text)) + text
