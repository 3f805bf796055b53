"""The first sheet of an Excel workbook as lines of tab-separated text, a line for each row. Pure.

A number that the workbook holds as one has a decimal point for certain, whatever its column's texts say.
"""

import csv
import io
import re
import tempfile
from typing import BinaryIO

from core.table_files.cells import is_exact, problem_of
from core.xlsx.reader import WorkbookError, sheet_rows
from telemetry.imports.formats.lines import NotADayFile

MAX_COLUMNS = 100
BLOCK_BYTES = 1024 * 1024
UNREADABLE = "\u26a0 "  # before the reason why a cell has no value
MAY_GROUP = re.compile(r"-?\d{1,3}\.\d{3}")


def as_lines(stream: BinaryIO) -> tuple[BinaryIO, list[str]]:
    """(the lines, notes on the sheet), in a temporary file. Raises NotADayFile."""
    packed, lines = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115 closed when let go of
    while block := stream.read(BLOCK_BYTES):
        packed.write(block)
    packed.seek(0)
    try:
        notes, rows = sheet_rows(packed, MAX_COLUMNS)
        text = io.TextIOWrapper(lines, encoding="utf-8", newline="")
        writer = csv.writer(text, delimiter="\t", lineterminator="\n")
        for row in rows:
            writer.writerow(map(written, row))
        text.flush()
        text.detach()
    except WorkbookError as error:
        raise NotADayFile(f"{error} Excel workbooks (XLSX) are read; of other archives unpack the file.") from None
    lines.seek(0)
    return lines, notes


def written(cell: str) -> str:
    if problem := problem_of(cell):
        return UNREADABLE + problem
    text = " ".join(cell.splitlines()) if "\n" in cell or "\r" in cell else str(cell)
    return f"{text}0" if is_exact(cell) and MAY_GROUP.fullmatch(text) else text
