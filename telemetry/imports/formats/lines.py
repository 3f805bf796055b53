"""Bytes → numbered lines, robust to what a power failure or a worn card leaves between them. Pure."""

import zlib
from collections.abc import Iterator
from typing import NamedTuple

MAX_LINE_BYTES = 64 * 1024  # bytes; a reading has a few hundred
GZIP_ERRORS = (EOFError, OSError, zlib.error)  # gzip.BadGzipFile is an OSError


class NotADayFile(ValueError):
    """The file as a whole is refused; the message gives the reason and a remedy."""


class ImportLine(NamedTuple):
    """`raw`: the reading as a device would send it, or None. `export_fields`: further columns of an export.

    `field`: what the problem is of. `is_left_out`: no reading and no fault, such as the sum below a table.
    """

    number: int  # from 1; in a JSON array the index of the reading
    raw: dict | None
    problem: str = ""
    export_fields: dict = {}  # never mutated
    field: str = "line"
    is_left_out: bool = False


class Truncated(Exception):
    """The data end before the end of the file."""


def numbered_lines(stream, max_bytes) -> Iterator[tuple[int, bytes | None]]:
    """Yields (number, line without its end); None for a line that is too long. Raises Truncated, NotADayFile."""
    number, read_bytes = 0, 0
    while line := next_line(stream, number):
        number, read_bytes = number + 1, read_bytes + len(line)
        is_whole = len(line) <= MAX_LINE_BYTES
        while len(line) > MAX_LINE_BYTES and not line.endswith(b"\n"):
            line = next_line(stream, number)
            read_bytes += len(line)
            enforce_max_bytes(read_bytes, max_bytes)
        enforce_max_bytes(read_bytes, max_bytes)
        yield number, line.rstrip(b"\r\n") if is_whole else None


def next_line(stream, number) -> bytes:
    try:
        return stream.readline(MAX_LINE_BYTES + 1)
    except GZIP_ERRORS:
        raise Truncated(
            f"The gzip data are damaged or cut off after line {number}; nothing after it can be read."
        ) from None


def enforce_max_bytes(read_bytes, max_bytes) -> None:
    if read_bytes > max_bytes:
        raise NotADayFile(f"More than {max_bytes} bytes once inflated; cut the file in parts.")
