"""Reads uploaded workbooks within limits. Raises WorkbookError with a message for the person who sent the file."""

import io
import zipfile

SIGNATURE = b"PK\x03\x04"
MAX_UNPACKED_BYTES = 40 * 1024 * 1024  # against zip bombs


class WorkbookError(ValueError):
    """The file cannot be read as a workbook."""


def first_sheet(content: bytes, max_rows: int, max_columns: int) -> list[list[object]]:
    """Values of the first sheet, at most `max_rows` × `max_columns`; of formulas the values last calculated."""
    from openpyxl import load_workbook  # a tenth of what a process needs to start, and few ever read a workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked_bytes = sum(part.file_size for part in archive.infolist())  # zipfile reads no more than that
        if unpacked_bytes > MAX_UNPACKED_BYTES:
            raise WorkbookError("The workbook is too large when unpacked.")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        rows = book.worksheets[0].iter_rows(max_row=max_rows, max_col=max_columns, values_only=True)
        return [list(row) for row in rows]
    except WorkbookError:
        raise
    except Exception as error:  # openpyxl raises whatever its XML parser, zipfile or its own reader think of
        raise WorkbookError("This is not a workbook that can be read.") from error


def is_workbook(content: bytes) -> bool:
    """Whether it is an XLSX workbook without macros."""
    try:
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    except zipfile.BadZipFile:
        return False
    return "xl/workbook.xml" in names and not any(name.endswith("vbaProject.bin") for name in names)
