"""The bytes of a day file as one stream of a known kind: gzip undone, UTF-16 as UTF-8, a sheet as lines. Pure."""

import gzip
from typing import BinaryIO, NamedTuple

from core.table_files.encodings import as_utf_8, detect_utf_16
from telemetry.imports.formats import workbooks
from telemetry.imports.formats.lines import GZIP_ERRORS, NotADayFile

GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
SPACE = b" \t\r\n\xef\xbb\xbf"
CSV, NDJSON, JSON_ARRAY = "CSV", "NDJSON", "JSON array"


class Source(NamedTuple):
    stream: BinaryIO
    kind: str
    notes: tuple[str, ...] = ()
    is_workbook: bool = False


def open_source(stream) -> Source:
    """Of a buffered binary stream. Raises NotADayFile."""
    stream = gzip.GzipFile(fileobj=stream) if stream.peek(2)[:2] == GZIP else stream
    start = peek(stream)
    if encoding := detect_utf_16(start):
        stream = as_utf_8(stream, encoding)
        start = peek(stream)
    if start.startswith(ZIP):
        sheet, notes = workbooks.as_lines(stream)
        return Source(sheet, CSV, tuple(notes), is_workbook=True)
    return Source(stream, detect_format(start))


def peek(stream) -> bytes:
    try:
        return stream.peek(512)[:512]
    except GZIP_ERRORS:
        raise NotADayFile("The gzip data are damaged from the beginning.") from None


def detect_format(start: bytes) -> str:
    if not start.strip(SPACE):
        raise NotADayFile("The file is empty.")
    if start.startswith(b"%PDF") or b"\0" in start.split(b"\n")[0]:
        raise NotADayFile("This is no text; CSV with a head row, NDJSON and a JSON array are read, gzipped or not.")
    first = start.lstrip(SPACE)[:1]
    return {b"[": JSON_ARRAY, b"{": NDJSON}.get(first, CSV)
