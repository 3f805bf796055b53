"""Exports of any length: each cell as Python would write it, streamed in little memory, and interruptible."""

import csv
import io
import json
import re
import xml.etree.ElementTree as tree
import zipfile
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from core.xlsx import pages as xlsx_pages
from devices.models import DeviceProfile
from telemetry.export import streams
from telemetry.export.columns import HEADER
from telemetry.metrics import METRIC_NAMES, SUSPECT_BIT
from telemetry.models import Clock, Reading
from telemetry.storage.partitions import ensure_span
from telemetry.tests.model_factories import ReadingMaker
from telemetry.tests.stored_readings import store_readings

pytestmark = [pytest.mark.django_db, pytest.mark.sql]
ODD = [0.0, -0.0, 1.0, -32.5, 0.1, 1e-5, 1e-7, 123456789.0, 1e15, 9007199254740992.0, 1e16]
ODD += [1.5e300, 5e-324, 33.333333333333336]
KEPT = [
    None,
    {"note": "=1+1", "a": [1.5, None, True], "text": 'comma, "quote"\nline\tüber €'},
    {"door": "<open> & _x0041_ \x01\ufffe"},
]


@pytest.fixture
def odd(device, now):
    """Readings with every kind of value, across a month's end and a change of profile."""
    first = now.replace(day=1, hour=0, minute=0) - timedelta(minutes=10)
    device.profiles.update(valid_from=first - timedelta(days=1))
    DeviceProfile.objects.create(device=device, valid_from=first + timedelta(minutes=7), power_kind="W")
    ensure_span(first, now)
    rows = [
        ReadingMaker.build(
            device=device,
            at=first + timedelta(minutes=place, microseconds=place % 3),
            received_at=now + timedelta(microseconds=place % 2 * 120),
            clock=place % 3,
            suspect=(0, 1, SUSPECT_BIT["power_consumption"] | SUSPECT_BIT["humidity"])[place % 3],
            extra=KEPT[place % 3],
            **{METRIC_NAMES[place % len(METRIC_NAMES)]: value, "power_consumption": value},
        )
        for place, value in enumerate(ODD)
    ]
    Reading.objects.bulk_create(rows)
    return device


def expected(reading, kind):
    """A line as Python writes it."""
    values = [getattr(reading, name) for name in METRIC_NAMES]
    suspect = " ".join(name for name in METRIC_NAMES if reading.suspect & SUSPECT_BIT[name])
    moments = [reading.at.isoformat(), reading.received_at.isoformat()]
    return [*moments, Clock(reading.clock).label, *("" if v is None else repr(v) for v in values), kind, suspect]


@pytest.mark.parametrize("page", [1, 3, 14, 5_000])
def test_csv_has_each_cell_as_python_would_write_it(odd, now, monkeypatch, page):
    monkeypatch.setattr(streams, "PAGE", page)
    text = b"".join(streams.csv_pages(odd, now - timedelta(days=40), now)).decode()
    assert text.count("\r\n") == text.count("\n") == len(ODD) + 1
    head, *lines = csv.reader(io.StringIO(text, newline=""))
    readings = list(Reading.objects.filter(device=odd).order_by("at"))
    assert head == HEADER
    assert [line[:-1] for line in lines] == [
        expected(reading, "kW" if place < 7 else "W") for place, reading in enumerate(readings)
    ]
    assert [json.loads(line[-1]) if line[-1] else None for line in lines] == [reading.extra for reading in readings]


@pytest.mark.parametrize("page", [1, 3, 5_000])
def test_xlsx_has_the_same_readings_in_the_factorys_time(odd, now, monkeypatch, page):
    monkeypatch.setattr(streams, "PAGE", page)
    book = load_workbook(io.BytesIO(b"".join(streams.xlsx_pages(odd, now - timedelta(days=40), now))))
    [sheet] = book
    head, *rows = sheet.iter_rows(values_only=True)
    assert head[:4] == ("timestamp (Asia/Kolkata)", "received_at (Asia/Kolkata)", "clock", "temperature (°C)")
    readings = list(Reading.objects.filter(device=odd).order_by("at"))
    assert len(rows) == len(readings)
    for row, reading in zip(rows, readings, strict=True):
        local = reading.at.astimezone(odd.factory.zone).replace(tzinfo=None)
        assert abs(row[0] - local) < timedelta(milliseconds=1)
        assert list(row[3:-3]) == [getattr(reading, name) for name in METRIC_NAMES]
        said = json.loads(row[-1].replace("_x005F_", "_")) if row[-1] else None  # as Excel reads its own escapes
        assert said == (reading.extra if reading.extra != KEPT[2] else {"door": "<open> & _x0041_ \x01"})
    assert sheet["A2"].number_format == r"yyyy\-mm\-dd\ hh:mm:ss" and sheet["A2"].is_date
    assert [row[-3] for row in rows] == ["kW"] * 7 + ["W"] * 7


@pytest.mark.parametrize(
    ("readings", "sheets"), [(0, [1]), (1, [2]), (2, [3]), (3, [3, 2]), (4, [3, 3]), (5, [3, 3, 2])]
)
@pytest.mark.parametrize("page", [1, 5_000])
def test_a_sheet_that_is_full_is_followed_by_another_never_by_an_empty_one(
    device, now, monkeypatch, readings, sheets, page
):
    monkeypatch.setattr(xlsx_pages, "SHEET_ROWS", 3)
    monkeypatch.setattr(streams, "PAGE", page)
    if readings:
        store_readings(device, now - timedelta(hours=3), list(range(readings)))
    book = load_workbook(io.BytesIO(b"".join(streams.xlsx_pages(device, now - timedelta(days=1), now))))
    assert [sheet.max_row for sheet in book] == sheets
    assert book.sheetnames == [f"Readings {place}" for place in range(1, len(sheets) + 1)]


def test_a_sheet_too_long_for_a_plain_zip_ends_early(device, now, monkeypatch):
    monkeypatch.setattr(xlsx_pages, "SHEET_BYTES", 1)
    monkeypatch.setattr(streams, "PAGE", 2)
    store_readings(device, now - timedelta(hours=3), [1, 2, 3])
    book = load_workbook(io.BytesIO(b"".join(streams.xlsx_pages(device, now - timedelta(days=1), now))))
    assert [sheet.max_row for sheet in book] == [3, 2]


def test_the_workbook_is_well_formed_and_names_its_parts(odd, now):
    content = b"".join(streams.xlsx_pages(odd, now - timedelta(days=40), now))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        types = archive.read("[Content_Types].xml").decode()
        for name in archive.namelist():
            tree.fromstring(archive.read(name))
            assert name == "[Content_Types].xml" or f"/{name}" in types or name.endswith(".rels")
        assert not re.search(rb"<f>|hyperlink", archive.read("xl/worksheets/sheet1.xml"))


@pytest.mark.parametrize("pages", [streams.csv_pages, streams.xlsx_pages])
def test_the_stream_starts_before_any_reading_is_looked_for(device, now, pages):
    with CaptureQueriesContext(connection) as queries:
        assert next(pages(device, now - timedelta(days=1), now))
    assert not [query for query in queries.captured_queries if "telemetry_reading" in query["sql"]]


@pytest.mark.parametrize("pages", [streams.csv_pages, streams.xlsx_pages])
def test_a_client_that_goes_away_stops_the_work(device, now, monkeypatch, pages):
    monkeypatch.setattr(streams, "PAGE", 2)
    store_readings(device, now - timedelta(hours=3), [1, 2, 3, 4, 5, 6])
    stream = pages(device, now - timedelta(days=1), now)
    next(stream), next(stream)
    with CaptureQueriesContext(connection) as queries:
        stream.close()
    assert len(queries) == 0


def kill_my_connection():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone()
    with connection.copy().cursor() as other:
        other.execute("SELECT pg_terminate_backend(%s)", [pid])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("pages", [streams.csv_pages, streams.xlsx_pages])
def test_a_database_that_restarts_costs_no_reading(device, now, monkeypatch, pages):
    monkeypatch.setattr(streams, "PAGE", 2)
    store_readings(device, now - timedelta(hours=3), [1, 2, 3, 4, 5, 6])
    stream = pages(device, now - timedelta(days=1), now)
    parts = [next(stream), next(stream), next(stream)]
    kill_my_connection()
    content = b"".join([*parts, *stream])
    if pages is streams.csv_pages:
        assert content == b"".join(pages(device, now - timedelta(days=1), now)) and content.count(b"\r\n") == 7
    else:
        [sheet] = load_workbook(io.BytesIO(content))
        assert [row[10].value for row in sheet.iter_rows(min_row=2)] == [1, 2, 3, 4, 5, 6]


def test_a_file_that_ends_early_says_so(device, now, monkeypatch):
    monkeypatch.setattr(streams, "PAGE", 2)
    store_readings(device, now - timedelta(hours=3), [1, 2, 3, 4, 5, 6])
    real, asked = streams.copy_csv, []

    def away(sql, parameters):
        asked.append(sql)
        if len(asked) > 2:
            raise OperationalError("the database system is shutting down")
        return real(sql, parameters)

    monkeypatch.setattr(streams, "copy_csv", away)
    lines = b"".join(streams.csv_pages(device, now - timedelta(days=1), now)).splitlines()
    assert len(lines) == 1 + 4 + 1 and lines[-1].startswith(b'"This export is incomplete')


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("pages", [streams.csv_pages, streams.xlsx_pages])
def test_no_transaction_is_held_between_pages(device, now, monkeypatch, pages):
    monkeypatch.setattr(streams, "PAGE", 2)
    store_readings(device, now - timedelta(hours=3), [1, 2, 3, 4, 5, 6])
    for _ in pages(device, now - timedelta(days=1), now):
        assert connection.connection.info.transaction_status == 0  # idle
        assert not connection.in_atomic_block


def test_a_page_opens_one_partition_of_many(device, now, monkeypatch):
    ensure_span(now - timedelta(days=400), now)
    store_readings(device, now - timedelta(days=380), [1, 2])
    store_readings(device, now - timedelta(hours=3), [3])
    text = b"".join(streams.csv_pages(device, now - timedelta(days=8000), now + timedelta(days=8000)))
    assert text.count(b"\r\n") == 4
    assert len(list(streams.split_by_month(now - timedelta(days=8000), now + timedelta(days=8000)))) >= 14
