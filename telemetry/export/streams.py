"""Streamed export of a device's readings as CSV or XLSX of any length: memory and transactions span one page each.

PostgreSQL formats the cells (`telemetry.export.columns`), with keyset pagination within each month, so that a page
opens one partition. The first bytes are sent at once, and a disconnected client stops the next page. A page is retried
while the database is unavailable; an export that ends early all the same says so in the file.
"""

import logging
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO

from django.db import InterfaceError, OperationalError, connection
from django.utils.text import slugify

from core.xlsx.pages import stream_pages
from telemetry.export.columns import HEADER, csv_cells, xlsx_header, xlsx_row
from telemetry.signal.profile_timeline import ProfileTimeline
from telemetry.storage.partitions import existing_months, month_start, months_between, next_month

PAGE = 5_000  # readings held in memory
LINE_END = b"\r\n"  # RFC 4180; no cell holds a bare line feed, JSON writes it as \n
CONNECTION_ERRORS = (OperationalError, InterfaceError)
BACKOFF_S = (0, 1, 2, 4, 8)  # for a database that restarts
# The server ends a failed response as if it were complete: only the file itself can say that it is not.
INCOMPLETE_NOTICE = b'"This export is incomplete: the database went away. Export again."\r\n'
MICROSECOND = timedelta(microseconds=1)  # the resolution of timestamps
log = logging.getLogger(__name__)
FROM_SPAN = "FROM telemetry_reading r WHERE device_id = %s AND at >= %s AND at < %s ORDER BY at LIMIT %s"


def filename(device, start, end, kind) -> str:
    name = slugify(device.device_id) or f"device-{device.pk}"
    return f"{name}_{start:%Y%m%d}-{end:%Y%m%d}.{kind}"


def csv_pages(device, start, end) -> Iterator[bytes]:
    """Yields the file's bytes, oldest reading first. Times are in UTC."""
    yield ",".join(HEADER).encode() + LINE_END
    try:
        yield from csv_lines(device, start, end)
    except CONNECTION_ERRORS:
        log.exception("an export of device %s broke off", device.pk)
        yield INCOMPLETE_NOTICE


def csv_lines(device, start, end) -> Iterator[bytes]:
    cells, parameters = csv_cells(ProfileTimeline(device))
    sql = f"SELECT {', '.join(cells)} {FROM_SPAN}"
    for first, until in split_by_month(start, end):
        while first < until:
            page = with_retries(copy_csv, sql, [*parameters, device.pk, first, until, PAGE])
            if page:
                yield page.replace(b"\n", LINE_END)
            first = until if page.count(b"\n") < PAGE else last_moment(page) + MICROSECOND


def xlsx_pages(device, start, end):
    """The file's bytes; a new sheet begins where one is full. Times are the factory's own.

    Where it breaks off the zip has no directory, and no program opens it.
    """
    zone = device.factory.zone
    return stream_pages("Readings", xlsx_header(zone), [20, 20], xlsx_rows(device, start, end))


def xlsx_rows(device, start, end):
    """(rows as XML, their number) of a page; `send(n)` says how many the next one may have at most."""
    row, parameters = xlsx_row(ProfileTimeline(device), device.factory.zone)
    sql = f"SELECT string_agg(x, '' ORDER BY at), max(at), count(*) FROM (SELECT at, {row} AS x {FROM_SPAN}) page"
    limit = (yield) or PAGE
    for first, until in split_by_month(start, end):
        while first < until:
            limit = min(limit, PAGE)
            rows, last_at, count = with_retries(fetch_row, sql, [*parameters, device.pk, first, until, limit])
            first = until if count < limit else last_at + MICROSECOND
            if count:
                limit = yield rows.encode(), count


def with_retries(fetch, sql, parameters):
    for wait_s in BACKOFF_S:
        try:
            return fetch(sql, parameters)
        except CONNECTION_ERRORS:
            if connection.in_atomic_block:
                raise
            connection.close()
            time.sleep(wait_s)
    return fetch(sql, parameters)


def fetch_row(sql, parameters) -> tuple:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchone()


def copy_csv(sql, parameters) -> bytes:
    target = BytesIO()
    with connection.cursor() as cursor, connection.wrap_database_errors:  # Django's cursor wraps execute(), not this
        query = cursor.mogrify(sql, parameters).decode()
        cursor.copy_expert(f"COPY ({query}) TO STDOUT WITH (FORMAT csv)", target)
    return target.getvalue()


def last_moment(page: bytes) -> datetime:
    line = page[page.rfind(b"\n", 0, -1) + 1 :]
    return datetime.fromisoformat(line.partition(b",")[0].decode())


def split_by_month(start, end) -> Iterator[tuple[datetime, datetime]]:
    """The span split at month boundaries, without months that have no partition."""
    stored_months = existing_months()
    for month in months_between(start, end):
        if month in stored_months:
            yield max(start, month_start(month)), min(end, month_start(next_month(month)))
