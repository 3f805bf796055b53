"""Reads uploaded workbooks within limits. Raises WorkbookError with a message for the person who sent the file."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from core.table_files.cells import Cell
from core.xlsx.sheet_cells import UNCALCULATED, cell_of
from core.xlsx.sheet_marks import SheetMarks, SheetPlace, read_marks, sheet_places

SIGNATURE = b"PK\x03\x04"
MAX_UNPACKED_BYTES = 40 * 1024 * 1024  # against zip bombs
LAST_ROW = 1_048_576  # of Excel
MAX_NAMED = 5  # rows and cells named in a note


class WorkbookError(ValueError):
    """The file cannot be read as a workbook."""


@dataclass
class SheetTable:
    """The first visible sheet: `rows` from row 1 on, and `notes` on what a person may not expect of them."""

    rows: list[list[Cell]]
    notes: list[str] = field(default_factory=list)


def first_sheet(content: bytes, max_rows: int, max_columns: int) -> SheetTable:
    """At most `max_rows` × `max_columns` cells; of formulas the values last calculated."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked_bytes = sum(part.file_size for part in archive.infolist())  # zipfile reads no more than that
            if unpacked_bytes > MAX_UNPACKED_BYTES:
                raise WorkbookError("The workbook is too large when unpacked.")
            return read_sheet(content, archive, max_rows, max_columns)
    except WorkbookError:
        raise
    except Exception as error:  # openpyxl raises whatever its XML parser, zipfile or its own reader think of
        raise WorkbookError("This is not a workbook that can be read.") from error


def read_sheet(content: bytes, archive: zipfile.ZipFile, max_rows: int, max_columns: int) -> SheetTable:
    from openpyxl import load_workbook  # a tenth of what a process needs to start, and few ever read a workbook

    places = sheet_places(archive)
    place = next((place for place in places if not place.is_hidden), places[0])
    marks = read_marks(archive, place.path, max_rows)
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    rows = [list(map(read_cell, row)) for row in book[place.title].iter_rows(max_row=max_rows, max_col=max_columns)]
    for row, column in marks.uncalculated:
        if row <= len(rows) and column <= len(rows[row - 1]):
            rows[row - 1][column - 1] = Cell(problem=UNCALCULATED)
    fill_merged(rows, marks)
    rows = [without_trailing_blanks(row) for row in rows]
    others = [other.title for other in places if other != place]
    return SheetTable(rows, sheet_notes(place.title, others, marks, len(rows)))


def without_trailing_blanks(row: list[Cell]) -> list[Cell]:
    width = max((place for place, cell in enumerate(row, start=1) if cell or cell.problem), default=0)
    return row[:width]


def sheet_rows(file: BinaryIO, max_columns: int) -> tuple[list[str], Iterator[list[Cell]]]:
    """(notes, rows of the first visible sheet), row by row, for sheets that are long. Raises WorkbookError."""
    try:
        with zipfile.ZipFile(file) as archive:
            if sum(part.file_size for part in archive.infolist()) > MAX_UNPACKED_BYTES:
                raise WorkbookError("The workbook is too large when unpacked; save the sheet as CSV.")
            places = sheet_places(archive)
            place = next((place for place in places if not place.is_hidden), places[0])
            marks = read_marks(archive, place.path, LAST_ROW)
        others = [other.title for other in places if other != place]
        return sheet_notes(place.title, others, marks._replace(merged=[]), LAST_ROW), rows_of(
            file, place, marks, max_columns
        )
    except WorkbookError:
        raise
    except Exception as error:  # as in `first_sheet`
        raise WorkbookError("This is not a workbook that can be read.") from error


def rows_of(file: BinaryIO, place: SheetPlace, marks: SheetMarks, max_columns: int) -> Iterator[list[Cell]]:
    from openpyxl import load_workbook  # as in `read_sheet`

    try:
        rows = load_workbook(file, read_only=True, data_only=True)[place.title].iter_rows(max_col=max_columns)
        for number, row in enumerate(rows, start=1):
            cells = [
                cell_of(cell.value, getattr(cell, "number_format", ""), getattr(cell, "data_type", "")) for cell in row
            ]
            for column in range(1, len(cells) + 1) if marks.uncalculated else ():
                if (number, column) in marks.uncalculated:
                    cells[column - 1] = Cell(problem=UNCALCULATED)
            yield without_trailing_blanks(cells)
    except Exception as error:  # as in `first_sheet`
        raise WorkbookError("This workbook cannot be read to its end.") from error


def read_cell(cell: Any) -> Cell:
    """Of openpyxl; an empty one knows neither format nor type."""
    return cell_of(cell.value, getattr(cell, "number_format", ""), getattr(cell, "data_type", ""))


def fill_merged(rows: list[list[Cell]], marks: SheetMarks) -> None:
    """Cells merged downwards each mean what the first of them says; a heading over columns stays one."""
    for first_row, first_column, last_row, last_column in marks.merged:
        if last_row == first_row or first_column != last_column or first_row > len(rows):
            continue
        for row in rows[first_row : min(last_row, len(rows))]:
            if first_column <= len(row) and first_column <= len(rows[first_row - 1]):
                row[first_column - 1] = rows[first_row - 1][first_column - 1]


def sheet_notes(title: str, others: list[str], marks: SheetMarks, row_count: int) -> list[str]:
    notes = []
    if others:
        notes.append(f"The sheet “{title}” is read; not read: {', '.join(others[:MAX_NAMED])}.")
    hidden = [row for row in marks.hidden_rows if row <= row_count]
    if hidden:
        named = ", ".join(map(str, hidden[:MAX_NAMED])) + (" …" if len(hidden) > MAX_NAMED else "")
        notes.append(f"Rows that are hidden in the workbook are read like all others: {named}.")
    if any(last_row > first_row for first_row, _, last_row, _ in marks.merged):
        notes.append("Cells merged downwards are read as if each held the value.")
    return notes


def is_workbook(content: bytes) -> bool:
    """Whether it is an XLSX workbook without macros."""
    try:
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    except zipfile.BadZipFile:
        return False
    return "xl/workbook.xml" in names and not any(name.endswith("vbaProject.bin") for name in names)
