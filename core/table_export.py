"""Lists as CSV and XLSX files. Values are unrounded, times in the active time zone, and no text is a formula."""

import csv
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import TextIOWrapper
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.http import FileResponse
from django.utils.text import slugify
from django.utils.timezone import localdate, localtime, now

from core.formula_injection import escape_formula
from core.xlsx import MEDIA_TYPE
from core.xlsx.cells import EMPTY, date_cell, exact_cell, number_cell, text_cell
from core.xlsx.styles import MOMENT_INDEX, Style
from core.xlsx.writer import Workbook

CHUNK = 2_000  # rows held in memory
MAX_IN_MEMORY = 4 << 20  # bytes of a file before it goes to the disk
WIDTH = 22  # characters
EPOCH = datetime(1899, 12, 30, tzinfo=UTC)  # day 0 of Excel's date numbers


def csv_response(title: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> FileResponse:
    file = new_file()
    text = TextIOWrapper(file, encoding="utf-8-sig", newline="")  # with a mark, or Excel takes it for Windows-1252
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([csv_cell(value) for value in row] for row in rows)
    text.detach()
    return file_response(file, title, "csv", "text/csv; charset=utf-8")


def csv_cell(value: Any) -> Any:
    """Numbers as they are, moments in ISO 8601 with offset, everything else as text that is no formula."""
    if isinstance(value, bool):
        return yes_or_no(value)
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return localtime(value).isoformat()
    return value.isoformat() if isinstance(value, date) else escape_formula(str(value))


def xlsx_response(title: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> FileResponse:
    file = new_file()
    with Workbook(title) as book:
        heading, day = (
            book.style(Style(is_bold=True, is_heading=True)),
            book.style(Style(number_format="yyyy\\-mm\\-dd")),
        )
        with book.sheet(title, [WIDTH] * len(header), freeze=(1, 0)) as sheet:
            sheet.append(text_cell(name, heading) for name in header)
            for row in rows:
                sheet.append(xlsx_cell(value, day) for value in row)
                file.write(book.take())
    file.write(book.take())
    return file_response(file, title, "xlsx", MEDIA_TYPE)


def xlsx_cell(value: Any, day_style: int) -> str:
    if value is None:
        return EMPTY
    if isinstance(value, bool):
        return text_cell(yes_or_no(value))
    if isinstance(value, Decimal):
        return exact_cell(value)
    if isinstance(value, int | float):
        return number_cell(value)
    if isinstance(value, datetime):
        return number_cell((localtime(value).replace(tzinfo=UTC) - EPOCH) / timedelta(days=1), MOMENT_INDEX)
    return date_cell(value, day_style) if isinstance(value, date) else text_cell(str(value))


def yes_or_no(value: bool) -> str:
    return "yes" if value else "no"


def new_file() -> IO[bytes]:
    return SpooledTemporaryFile(max_size=MAX_IN_MEMORY)


def file_response(file: IO[bytes], title: str, kind: str, media_type: str) -> FileResponse:
    """A download named for the list and today's date."""
    file.seek(0)
    name = f"{slugify(title) or 'list'}-{localdate(now()):%Y-%m-%d}.{kind}"
    response = FileResponse(file, as_attachment=True, filename=name, content_type=media_type)
    response["Cache-Control"] = "private, no-store"
    return response


WRITERS: dict[str, Callable[..., FileResponse]] = {"csv": csv_response, "xlsx": xlsx_response}
