"""Reading a table that a person uploads or pastes: CSV in any dialect, a workbook's first sheet, or copied cells."""

import csv
import io
import json
from dataclasses import dataclass, field

from core.table_files.cells import cell_as_json, cell_from_json
from core.table_files.delimiters import detect_delimiter
from core.table_files.encodings import decode_text
from core.xlsx import reader

MAX_BYTES = 2 * 1024 * 1024
MAX_LINES, MAX_COLUMNS = 1_000, 80
WORKBOOK = "workbook"


class BadTable(ValueError):
    """The file cannot be read as a table; the message gives the reason."""


@dataclass(frozen=True)
class SourceRow:
    """`number`: the line or row of the file, as its own program counts it."""

    number: int
    cells: list[str]


@dataclass(frozen=True)
class SourceTable:
    """Rows without blank ones. `delimiter`: what cut the lines, or WORKBOOK."""

    rows: list[SourceRow]
    delimiter: str
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> str:
        """For the form that carries it from the dry run to the import."""
        rows = [[row.number, *map(cell_as_json, row.cells)] for row in self.rows]
        return json.dumps({"rows": rows, "delimiter": self.delimiter, "notes": self.notes}, ensure_ascii=False)


def table_from_json(text: str) -> SourceTable:
    """Raises BadTable."""
    if len(text) > 4 * MAX_BYTES:
        raise BadTable("The table is too large.")
    try:
        data = json.loads(text)
        numbered = [(int(number), list(map(cell_from_json, cells))) for number, *cells in data["rows"]]
        notes = [str(note)[:200] for note in data["notes"]][:10]
        return validate_table(numbered, str(data["delimiter"])[:10], notes)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        if isinstance(error, BadTable):
            raise
        raise BadTable("The table did not come back whole; choose the file again.") from error


def table_of_file(upload) -> SourceTable:
    """The cells of a CSV file or a workbook's first sheet. Raises BadTable."""
    if upload.size > MAX_BYTES:
        raise BadTable("The file is larger than 2 MB.")
    content = upload.read()
    if content.startswith(reader.SIGNATURE):
        return workbook_table(content)
    return table_of_text(decode_text(content))


def table_of_text(text: str) -> SourceTable:
    """Cells of pasted or CSV text. Raises BadTable."""
    if len(text) > MAX_BYTES:
        raise BadTable("The text is longer than 2 MB.")
    if "\0" in text:
        raise BadTable("This is not a CSV or XLSX file.")
    delimiter = detect_delimiter(text.splitlines()) or "\t"
    quoting = csv.QUOTE_NONE if text.count('"') % 2 else csv.QUOTE_MINIMAL  # 5" pipe: an inch, no quotation
    lines = csv.reader(io.StringIO(text), delimiter=delimiter, quoting=quoting)
    rows, first = [], 1
    try:
        for cells in lines:
            rows.append((first, cells))
            first = lines.line_num + 1
    except csv.Error as error:
        raise BadTable(f"Line {first} cannot be cut into cells.") from error
    return validate_table(rows, delimiter, [])


def workbook_table(content: bytes) -> SourceTable:
    try:
        sheet = reader.first_sheet(content, max_rows=MAX_LINES + 2, max_columns=MAX_COLUMNS + 1)
    except reader.WorkbookError as error:
        raise BadTable(str(error)) from error
    return validate_table(enumerate(sheet.rows, start=1), WORKBOOK, sheet.notes)


def validate_table(rows, delimiter, notes) -> SourceTable:
    kept = []
    for number, cells in rows:
        cells = strip_trailing_blanks([stripped(cell) for cell in cells])
        if cells:
            kept.append(SourceRow(number, cells))
    if not kept:
        raise BadTable("There is no line in it.")
    if len(kept) > MAX_LINES + 1:
        raise BadTable(f"More than {MAX_LINES} lines; import them in parts.")
    if max(len(row.cells) for row in kept) > MAX_COLUMNS:
        raise BadTable(f"More than {MAX_COLUMNS} columns.")
    return SourceTable(kept, delimiter, notes)


def stripped(cell: str) -> str:
    bare = cell.strip()
    return cell if bare == cell else bare


def strip_trailing_blanks(cells: list[str]) -> list[str]:
    """Without trailing blank cells, which a workbook counts as columns; a cell that lacks its value is none."""
    while cells and not cells[-1] and not getattr(cells[-1], "problem", ""):
        cells.pop()
    return cells
