"""Bytes → numbered lines, whatever a power failure or a worn card left between them. Pure."""

import zlib
from typing import NamedTuple

MAX_LINE_BYTES = 64 * 1024  # bytes; a reading has a few hundred
GZIP_ERRORS = (EOFError, OSError, zlib.error)  # gzip.BadGzipFile is an OSError


class NotADayFile(ValueError):
    """The file as a whole cannot be taken; the text says why and what would help."""


class ImportLine(NamedTuple):
    """`raw`: the reading as a device would have sent it, or None. `aside`: what an export says beside it."""

    number: int  # in the file, from 1; of a JSON array the reading's place
    raw: dict | None
    problem: str = ""
    export_fields: dict = {}  # never written to


class Truncated(Exception):
    """The data end before the file does."""


def numbered_lines(stream, max_bytes):
    """(number, line without its end) each; None in place of one that is too long. Raises Cut, NotADayFile."""
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


def next_line(stream, number):
    try:
        return stream.readline(MAX_LINE_BYTES + 1)
    except GZIP_ERRORS:
        raise Truncated(
            f"The gzip data are damaged or cut off after line {number}; nothing after it can be read."
        ) from None


def enforce_max_bytes(read_bytes, max_bytes):
    if read_bytes > max_bytes:
        raise NotADayFile(f"More than {max_bytes} bytes once inflated; cut the file in parts.")
