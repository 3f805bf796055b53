"""Streams rows of any number as a workbook, page by page; a new sheet begins where one is full. Pure."""

from collections.abc import Generator, Iterator, Sequence

from core.xlsx.cells import text_cell
from core.xlsx.writer import Workbook

SHEET_ROWS = 1_048_576  # Excel's own limit, header included
SHEET_BYTES = 1 << 30  # beyond twice that a zip needs an extension that not every reader knows
Page = tuple[bytes, int]  # rows as XML, and their number


def stream_pages(
    title: str, header: Sequence[str], widths: Sequence[float], pages: Generator[Page, int, None]
) -> Iterator[bytes]:
    """The bytes of a workbook with sheets `title` 1, 2, …, each with `header`; the first come before the first page.

    `pages` is sent the highest number of rows that the next page may have.
    """
    number = 0
    page: Page | None = (b"", 0)
    next(pages)
    with Workbook() as book:
        while page is not None:
            number += 1
            with book.sheet(f"{title} {number}", widths) as sheet:
                sheet.append(map(text_cell, header))
                yield book.take()
                rows_left, size = SHEET_ROWS - 1, 0
                while page is not None and rows_left and size < SHEET_BYTES:
                    rows, count = page
                    sheet.append_xml(rows)
                    rows_left, size = rows_left - count, size + len(rows)
                    yield book.take()
                    page = next_page(pages, rows_left or SHEET_ROWS - 1)
    yield book.take()


def next_page(pages: Generator[Page, int, None], max_rows: int) -> Page | None:
    try:
        return pages.send(max_rows)
    except StopIteration:
        return None
