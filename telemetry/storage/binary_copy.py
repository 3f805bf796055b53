"""Readings in PostgreSQL's binary COPY format: packing costs a quarter of formatting text."""

import json
import struct
from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO
from itertools import repeat
from operator import is_

from django.db import connection

from telemetry.metrics import METRIC_NAMES

PG_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
HEADER, TRAILER = b"PGCOPY\n\xff\r\n\0" + bytes(8), struct.pack("!h", -1)
FIXED_FIELDS = struct.Struct("!hiqiqiqihiii")  # column count; size and value of device_id … suspect; extra's size
NULL, NONES = -1, repeat(None)  # a NULL's size
SIZE_8 = repeat(8)
MIN_COLUMNAR_ROWS = 8  # rows; fewer are as quick one by one
FIELD_COUNT = 6 + len(METRIC_NAMES)
JSONB_VERSION = b"\x01"
COLUMNS = ", ".join(["device_id", "at", "received_at", "clock", "suspect", "extra", *METRIC_NAMES])


def copy_into(cursor, table: str, rows) -> None:
    """COPY `rows` (`writer.ReadingRow`) into `telemetry_reading` or its like. Raises Django's database errors."""
    with connection.wrap_database_errors:  # Django's cursor wraps execute(), not this
        cursor.copy_expert(f"COPY {table} ({COLUMNS}) FROM STDIN WITH (FORMAT binary)", BytesIO(pack_rows(rows)))


def pack_rows(rows) -> bytes:
    """The whole COPY stream of these rows."""
    return b"".join([HEADER, *(pack_columnar(rows) or pack_one_by_one(rows)), TRAILER])


def pack_columnar(rows):
    """Rows with all the same metrics and no extra fields, column by column; None where they differ."""
    if len(rows) < MIN_COLUMNAR_ROWS:
        return None
    device_pks, _factories, moments, received, clocks, suspects, values, extras, _raws = zip(*rows, strict=True)
    metrics = list(zip(*values, strict=True))
    absent = tuple(metric.count(None) for metric in metrics)
    if extras.count(None) < len(rows) or not {0, len(rows)}.issuperset(absent):
        return None
    head = [
        repeat(FIELD_COUNT),
        SIZE_8,
        device_pks,
        SIZE_8,
        map(microseconds, moments),
        SIZE_8,
        map(microseconds, received),
    ]
    head += [repeat(2), clocks, repeat(4), suspects, repeat(NULL)]
    body = [
        field
        for metric, nulls in zip(metrics, absent, strict=True)
        for field in ([repeat(NULL)] if nulls else [SIZE_8, metric])
    ]
    return map(struct.Struct(FIXED_FIELDS.format + struct_format(*absent)).pack, *head, *body)


def pack_one_by_one(rows) -> list[bytes]:
    parts, previous_received_at, received_us = [], None, 0
    add, head = parts.append, FIXED_FIELDS.pack
    for device_pk, _factory_pk, at, received_at, clock, suspect, values, extra, _raw in rows:
        if received_at is not previous_received_at:  # many rows have the same received_at
            previous_received_at, received_us = received_at, microseconds(received_at)
        extra_bytes = b"" if extra is None else JSONB_VERSION + json.dumps(extra).encode()
        add(
            head(
                FIELD_COUNT,
                8,
                device_pk,
                8,
                microseconds(at),
                8,
                received_us,
                2,
                clock,
                4,
                suspect,
                len(extra_bytes) or NULL,
            )
        )
        if extra_bytes:
            add(extra_bytes)
        pack, sizes, places = layout(*map(is_, values, NONES))
        sizes = sizes.copy()
        for place, value in zip(places, values, strict=True):
            sizes[place] = value
        add(pack(*sizes[:-1]))
    return parts


@cache
def layout(*absent: bool):
    """The packing of values of which these are absent → (packer, template of its arguments, index of each value in it).

    Absent values have one index of their own behind the end.
    """
    sizes, places = [], []
    for is_absent in absent:
        sizes += [NULL] if is_absent else [8, 0.0]
        places.append(-1 if is_absent else len(sizes) - 1)
    return struct.Struct("!" + struct_format(*absent)).pack, [*sizes, None], places


def struct_format(*absent) -> str:
    """struct format of the values: a size each, and the value where there is one."""
    return "".join("i" if is_absent else "id" for is_absent in absent)


def microseconds(moment: datetime) -> int:
    return (moment - PG_EPOCH) // MICROSECOND
