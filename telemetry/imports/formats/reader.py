"""Format detection by the first bytes, and the reader of a day file's lines. Pure."""

import gzip
from collections.abc import Iterator

from telemetry.imports.formats import json_files
from telemetry.imports.formats.csv_files import CsvLineParser
from telemetry.imports.formats.lines import GZIP_ERRORS, ImportLine, NotADayFile, Truncated, numbered_lines

GZIP, ZIP, UTF_16 = b"\x1f\x8b", b"PK\x03\x04", (b"\xff\xfe", b"\xfe\xff")
SPACE = b" \t\r\n\xef\xbb\xbf"


class DayFileReader:
    """Iterator of ImportLines over a buffered binary `stream`; afterwards `cut` says where the data end early."""

    def __init__(self, stream, max_bytes: int):
        self.stream = gzip.GzipFile(fileobj=stream) if stream.peek(2)[:2] == GZIP else stream
        self.max_bytes, self.cut, self.zone, self.notes = max_bytes, "", "", []
        try:
            self.first_bytes = self.stream.peek(512)[:512]
        except GZIP_ERRORS:
            raise NotADayFile("The gzip data are damaged from the beginning.") from None
        self.kind = detect_format(self.first_bytes)
        self.lines = self.csv_lines() if self.kind == "CSV" else self.json_lines()

    def __iter__(self):
        try:
            yield from self.lines
        except Truncated as end:
            self.cut = str(end)

    def csv_lines(self) -> Iterator[ImportLine]:
        lines = numbered_lines(self.stream, self.max_bytes)
        try:
            first = next((line for _, line in lines if line is None or line.strip()), None)
        except Truncated as end:
            raise NotADayFile(str(end)) from None
        if first is None:
            raise NotADayFile("The first line is too long for a head.")
        parser = CsvLineParser(first)
        self.zone, self.notes = parser.header.zone, parser.header.notes
        return parse_lines(lines, parser.parse_line)

    def json_lines(self) -> Iterator[ImportLine]:
        if self.kind == "JSON array":
            return json_files.parse_array(self.stream, self.max_bytes)
        return parse_lines(numbered_lines(self.stream, self.max_bytes), skip_byte_order_mark(json_files.parse_line))


def detect_format(start: bytes) -> str:
    if not start.strip(SPACE):
        raise NotADayFile("The file is empty.")
    if start.startswith(ZIP):
        raise NotADayFile("An Excel workbook or a zip archive is not read here; save the sheet as CSV, or unpack it.")
    if start.startswith(UTF_16):
        raise NotADayFile("The file is UTF-16; save it as UTF-8.")
    if start.startswith(b"%PDF") or b"\0" in start.split(b"\n")[0]:
        raise NotADayFile("This is no text; CSV with a head row, NDJSON and a JSON array are read, gzipped or not.")
    first = start.lstrip(SPACE)[:1]
    return {b"[": "JSON array", b"{": "NDJSON"}.get(first, "CSV")


def parse_lines(lines, parse_line) -> Iterator[ImportLine]:
    for number, content in lines:
        line = ImportLine(number, None, "is longer than 64 KiB") if content is None else parse_line(number, content)
        if line is not None:
            yield line


def skip_byte_order_mark(parse_line):
    """`parse_line` without the byte order mark with which the first line may begin."""
    return lambda number, content: parse_line(number, content.removeprefix(b"\xef\xbb\xbf") if number == 1 else content)
