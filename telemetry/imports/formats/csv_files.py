"""CSV lines → readings: comma, semicolon or tab; with semicolons a decimal comma is one. Pure.

Each line is read by itself, so that a quote left open by a power failure swallows no other line.
"""

import csv
import json
import re

from telemetry.imports.formats.header import EXPORT_ONLY_COLUMNS, parse_header
from telemetry.imports.formats.lines import ImportLine, NotADayFile
from telemetry.metrics import METRIC_NAMES

DELIMITERS = ",;\t"
DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
QUOTED_FORMULA = re.compile(r"'[=+\-@\t\r]")  # telemetry.export.columns.harmless


class CsvLineParser:
    def __init__(self, first: bytes):
        text = first.decode("utf-8-sig", "replace")
        self.delimiter = max(DELIMITERS, key=text.count)
        if not text.count(self.delimiter) or "\0" in text:
            raise NotADayFile(f"The first line is no head of a table: {text[:60]!r}.")
        self.first = first.removeprefix(b"\xef\xbb\xbf").strip()
        self.head = parse_header(self.cells(text))

    def cells(self, text):
        return next(csv.reader([text], delimiter=self.delimiter, strict=True))

    def line(self, number, content) -> ImportLine | None:
        """None for a line that says nothing: an empty one, or the head again, written at a reboot."""
        if not content.strip() or content.strip() == self.first:
            return None
        if b"\0" in content:
            return ImportLine(number, None, "holds NUL bytes: this part of the card is damaged")
        try:
            cells = self.cells(content.decode())
        except UnicodeDecodeError as error:
            return ImportLine(number, None, f"is not UTF-8 at position {error.start}")
        except csv.Error as error:
            return ImportLine(number, None, f"cannot be cut into cells: {error}")
        if len(cells) != len(self.head.fields):
            return ImportLine(
                number, None, f"has {len(cells)} cell{'s' * (len(cells) != 1)}, the head has {len(self.head.fields)}"
            )
        return self.reading(number, dict(zip(self.head.fields, map(str.strip, cells), strict=True)))

    def reading(self, number, said) -> ImportLine:
        said = {field: unquote_formula(cell) for field, cell in said.items() if field and cell}
        if self.delimiter == ";":
            commas = [name for name in METRIC_NAMES if DECIMAL_COMMA.fullmatch(said.get(name, ""))]
            said |= {name: said[name].replace(",", ".") for name in commas}
        aside = {field: said.pop(field) for field in EXPORT_ONLY_COLUMNS if field in said}
        if self.head.power_kind:
            aside.setdefault("power_kind", self.head.power_kind)
        try:
            kept = json.loads(aside.pop("extra", "{}"))
        except (ValueError, RecursionError):
            kept = None
        if not isinstance(kept, dict):
            return ImportLine(number, None, "extra: a JSON object is expected")
        return ImportLine(number, kept | said, export_fields=aside)


def unquote_formula(cell):
    """What an export quoted so that no spreadsheet takes it for a formula."""
    return cell[1:] if QUOTED_FORMULA.match(cell) else cell
