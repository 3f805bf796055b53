"""CSV lines → readings: comma, semicolon or tab; with semicolons a decimal comma is recognised. Pure.

Each line is parsed by itself, so that a quote left open by a power failure swallows no other line.
"""

import csv
import json
import re

from core.formula_injection import unescape_formula
from telemetry.imports.formats.header import EXPORT_ONLY_COLUMNS, parse_header
from telemetry.imports.formats.lines import ImportLine, NotADayFile
from telemetry.metrics import METRIC_NAMES

DELIMITERS = ",;\t"
DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")


class CsvLineParser:
    def __init__(self, first: bytes):
        text = first.decode("utf-8-sig", "replace")
        self.delimiter = max(DELIMITERS, key=text.count)
        if not text.count(self.delimiter) or "\0" in text:
            raise NotADayFile(f"The first line is no head of a table: {text[:60]!r}.")
        self.header_line = first.removeprefix(b"\xef\xbb\xbf").strip()
        self.header = parse_header(self.split_cells(text))

    def split_cells(self, text) -> list[str]:
        return next(csv.reader([text], delimiter=self.delimiter, strict=True))

    def parse_line(self, number, content) -> ImportLine | None:
        """None for an empty line, or the header again, which loggers write at a reboot."""
        if not content.strip() or content.strip() == self.header_line:
            return None
        if b"\0" in content:
            return ImportLine(number, None, "holds NUL bytes: this part of the card is damaged")
        try:
            cells = self.split_cells(content.decode())
        except UnicodeDecodeError as error:
            return ImportLine(number, None, f"is not UTF-8 at position {error.start}")
        except csv.Error as error:
            return ImportLine(number, None, f"cannot be cut into cells: {error}")
        if len(cells) != len(self.header.fields):
            return ImportLine(
                number, None, f"has {len(cells)} cell{'s' * (len(cells) != 1)}, the head has {len(self.header.fields)}"
            )
        return self.reading(number, dict(zip(self.header.fields, map(str.strip, cells), strict=True)))

    def reading(self, number, fields) -> ImportLine:
        fields = {field: unescape_formula(cell) for field, cell in fields.items() if field and cell}
        if self.delimiter == ";":
            decimal_comma_fields = [name for name in METRIC_NAMES if DECIMAL_COMMA.fullmatch(fields.get(name, ""))]
            fields |= {name: fields[name].replace(",", ".") for name in decimal_comma_fields}
        export_fields = {field: fields.pop(field) for field in EXPORT_ONLY_COLUMNS if field in fields}
        if self.header.power_kind:
            export_fields.setdefault("power_kind", self.header.power_kind)
        try:
            extra = json.loads(export_fields.pop("extra", "{}"))
        except (ValueError, RecursionError):
            extra = None
        if not isinstance(extra, dict):
            return ImportLine(number, None, "extra: a JSON object is expected")
        return ImportLine(number, extra | fields, export_fields=export_fields)
