"""Readings in PostgreSQL's binary COPY format: packing costs a quarter of what printing text does."""

import json
import struct
from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO
from itertools import repeat
from operator import is_

from django.db import connection

from telemetry.metrics import STORED

PG_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
START, END = b"PGCOPY\n\xff\r\n\0" + bytes(8), struct.pack("!h", -1)
HEAD = struct.Struct("!hiqiqiqihiii")  # column count; size and value of device_id … suspect; extra's size
NULL, NOTHING = -1, repeat(None)  # a NULL's size
SIZE_8 = repeat(8)
FEWEST = 8  # rows; fewer are as quick one by one
COUNT = 6 + len(STORED)
JSONB_VERSION = b"\x01"
COLUMNS = ", ".join(["device_id", "at", "received_at", "clock", "suspect", "extra", *STORED])


def copy_into(cursor, table: str, rows):
    """`rows` (`writer.Row`) into `telemetry_reading` or a table like it. Raises Django's database errors."""
    with connection.wrap_database_errors:  # Django's cursor wraps execute(), not this
        cursor.copy_expert(f"COPY {table} ({COLUMNS}) FROM STDIN WITH (FORMAT binary)", BytesIO(packed(rows)))


def packed(rows) -> bytes:
    """The whole COPY stream of these rows."""
    return b"".join([START, *(packed_alike(rows) or packed_one_by_one(rows)), END])


def packed_alike(rows):
    """Rows which all say the same metrics and nothing else, column by column; None where they differ."""
    if len(rows) < FEWEST:
        return None
    device_pks, _factories, moments, received, clocks, suspects, values, extras, _raws = zip(*rows, strict=True)
    metrics = list(zip(*values, strict=True))
    absent = tuple(metric.count(None) for metric in metrics)
    if extras.count(None) < len(rows) or not {0, len(rows)}.issuperset(absent):
        return None
    head = [repeat(COUNT), SIZE_8, device_pks, SIZE_8, map(microseconds, moments), SIZE_8, map(microseconds, received)]
    head += [repeat(2), clocks, repeat(4), suspects, repeat(NULL)]
    body = [
        field
        for metric, nulls in zip(metrics, absent, strict=True)
        for field in ([repeat(NULL)] if nulls else [SIZE_8, metric])
    ]
    return map(struct.Struct(HEAD.format + form_of(*absent)).pack, *head, *body)


def packed_one_by_one(rows) -> list[bytes]:
    parts, when, received = [], None, 0
    add, head = parts.append, HEAD.pack
    for device_pk, _factory_pk, at, received_at, clock, suspect, values, extra, _raw in rows:
        if received_at is not when:  # many rows come at the same moment
            when, received = received_at, microseconds(received_at)
        told = b"" if extra is None else JSONB_VERSION + json.dumps(extra).encode()
        add(head(COUNT, 8, device_pk, 8, microseconds(at), 8, received, 2, clock, 4, suspect, len(told) or NULL))
        if told:
            add(told)
        pack, sizes, places = layout(*map(is_, values, NOTHING))
        sizes = sizes.copy()
        for place, value in zip(places, values, strict=True):
            sizes[place] = value
        add(pack(*sizes[:-1]))
    return parts


@cache
def layout(*absent: bool):
    """How values of which these are absent are packed → (packer, what to pack, where in that each value goes).

    What is absent has a place of its own behind the end.
    """
    sizes, places = [], []
    for is_absent in absent:
        sizes += [NULL] if is_absent else [8, 0.0]
        places.append(-1 if is_absent else len(sizes) - 1)
    return struct.Struct("!" + form_of(*absent)).pack, [*sizes, None], places


def form_of(*absent) -> str:
    """Of the values: a size each, and the value where there is one."""
    return "".join("i" if is_absent else "id" for is_absent in absent)


def microseconds(moment: datetime) -> int:
    return (moment - PG_EPOCH) // MICROSECOND
