"""The reader of a day file's lines, once it is known how they are read. Pure."""

from collections.abc import Iterator

from telemetry.imports.formats import json_files
from telemetry.imports.formats.csv_files import CsvLineParser, logical_lines
from telemetry.imports.formats.layout import Layout
from telemetry.imports.formats.lines import ImportLine, NotADayFile, Truncated, numbered_lines
from telemetry.imports.formats.source import CSV, JSON_ARRAY, open_source


class DayFileReader:
    """Iterator of ImportLines over a buffered binary `stream`; afterwards `cut` says where the data end early.

    `layout`: how a CSV is read, from `survey`; JSON needs none.
    """

    def __init__(self, stream, max_bytes: int, layout: Layout | None = None):
        self.stream, self.kind, *_ = open_source(stream)
        self.max_bytes, self.layout, self.cut = max_bytes, layout, ""
        self.zone = layout.zone if layout else ""
        if self.kind == CSV and layout is None:
            raise NotADayFile("It is not known how the columns of this file are read; check it again.")

    def __iter__(self) -> Iterator[ImportLine]:
        lines = self.csv_lines() if self.kind == CSV else self.json_lines()
        try:
            yield from lines
        except Truncated as end:
            self.cut = str(end)

    def csv_lines(self) -> Iterator[ImportLine]:
        parser = CsvLineParser(self.layout)
        lines = logical_lines(numbered_lines(self.stream, self.max_bytes), self.layout.delimiter, parser.width)
        for number, content in lines:
            if number < self.layout.head_line:
                continue
            if number == self.layout.head_line:
                parser.header_line = content.strip() if content else b""
                continue
            line = too_long(number) if content is None else parser.parse_line(number, content)
            if line is not None:
                yield line

    def json_lines(self) -> Iterator[ImportLine]:
        if self.kind == JSON_ARRAY:
            yield from json_files.parse_array(self.stream, self.max_bytes)
            return
        for number, content in numbered_lines(self.stream, self.max_bytes):
            line = too_long(number) if content is None else json_files.parse_line(number, without_mark(number, content))
            if line is not None:
                yield line


def too_long(number: int) -> ImportLine:
    return ImportLine(number, None, "is longer than 64 KiB")


def without_mark(number: int, content: bytes) -> bytes:
    """Without the byte order mark with which the first line may begin."""
    return content.removeprefix(b"\xef\xbb\xbf") if number == 1 else content
