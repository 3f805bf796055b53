"""Bytes → numbered lines, whatever a power failure or a worn card left between them. Pure."""

import zlib
from typing import NamedTuple

LONGEST_LINE = 64 * 1024  # bytes; a reading has a few hundred
DAMAGED = (EOFError, OSError, zlib.error)  # gzip.BadGzipFile is an OSError


class NotADayFile(ValueError):
    """The file as a whole cannot be taken; the text says why and what would help."""


class Line(NamedTuple):
    """`raw`: the reading as a device would have sent it, or None. `aside`: what an export says beside it."""

    number: int  # in the file, from 1; of a JSON array the reading's place
    raw: dict | None
    problem: str = ""
    aside: dict = {}  # never written to


class Cut(Exception):
    """The data end before the file does."""


def numbered(stream, most_bytes):
    """(number, line without its end) each; None in place of one that is too long. Raises Cut, NotADayFile."""
    number, taken = 0, 0
    while line := next_line(stream, number):
        number, taken = number + 1, taken + len(line)
        is_whole = len(line) <= LONGEST_LINE
        while len(line) > LONGEST_LINE and not line.endswith(b"\n"):
            line = next_line(stream, number)
            taken += len(line)
            refuse_more(taken, most_bytes)
        refuse_more(taken, most_bytes)
        yield number, line.rstrip(b"\r\n") if is_whole else None


def next_line(stream, number):
    try:
        return stream.readline(LONGEST_LINE + 1)
    except DAMAGED:
        raise Cut(f"The gzip data are damaged or cut off after line {number}; nothing after it can be read.") from None


def refuse_more(taken, most_bytes):
    if taken > most_bytes:
        raise NotADayFile(f"More than {most_bytes} bytes once inflated; cut the file in parts.")
