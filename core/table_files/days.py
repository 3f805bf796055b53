"""Days in the cells of a table: whether a column writes the day or the month first, and the day of a cell. Pure."""

import re
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

EXCEL_EPOCH = date(1899, 12, 30)  # day 0 of Excel's count, its imaginary 29 February 1900 included
FIRST_SERIAL, LAST_SERIAL = 29_221, 73_050  # 1980 to 2099: no epoch number in seconds is so small
EARLIEST, LATEST = 1990, 2199
MONTHS = {
    name: number
    for number, names in enumerate(
        ["jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"], start=1)
    for name in names.split()
}  # fmt: skip
YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
NUMERIC = re.compile(r"(\d{1,2})([-/. ])(\d{1,2})\2(\d{4}|\d{2})")
NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[-/. ]*([a-z]{3,9})\.?,?[-/. ']*(\d{4}|\d{2})", re.IGNORECASE)
NAME_FIRST = re.compile(r"([a-z]{3,9})\.?[-/. ]*(\d{1,2})(?:st|nd|rd|th)?(?:,\s*|[-/. ]+)(\d{4})", re.IGNORECASE)
EXPECTED = "A date such as 30-04-2025 is expected."


class DayOrder(StrEnum):
    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


class DayError(ValueError):
    """The cell is no date in the column's order."""


@lru_cache(maxsize=4096)  # the days of a load survey repeat
def parse_day(text: str, order: DayOrder) -> date:
    """30-04-2025, 30/4/25, 2025-04-30, 30 Apr 2025, Apr 30, 2025 or an Excel serial → the day. Raises DayError."""
    cleaned = " ".join(text.split())
    parts = day_parts(cleaned, order)
    try:
        day = date(*parts) if parts else day_of_serial(cleaned)
    except (ValueError, OverflowError):
        day = None
    if day is None or not EARLIEST <= day.year <= LATEST:
        raise DayError(EXPECTED)
    return day


def day_parts(text: str, order: DayOrder) -> tuple[int, int, int] | None:
    """(year, month, day), unchecked."""
    if match := YEAR_FIRST.fullmatch(text):
        return int(match[1]), int(match[3]), int(match[4])
    if match := NUMERIC.fullmatch(text):
        first, second, year = int(match[1]), int(match[3]), full_year(match[4])
        return (year, second, first) if order == DayOrder.DAY_FIRST else (year, first, second)
    if (match := NAMED.fullmatch(text)) and match[2].lower() in MONTHS:
        return full_year(match[3]), MONTHS[match[2].lower()], int(match[1])
    if (match := NAME_FIRST.fullmatch(text)) and match[1].lower() in MONTHS:
        return int(match[3]), MONTHS[match[1].lower()], int(match[2])
    if match := COMPACT.fullmatch(text):
        return int(match[1]), int(match[2]), int(match[3])
    return None


def full_year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def serial_number(text: str) -> float | None:
    """Excel's day count, such as 46346.416667; None for other texts."""
    if not re.fullmatch(r"\d{5}(\.\d+)?", text):
        return None
    number = float(text)
    return number if FIRST_SERIAL <= number <= LAST_SERIAL else None


def day_of_serial(text: str) -> date | None:
    number = serial_number(text)
    return None if number is None else EXCEL_EPOCH + timedelta(days=int(number))


class DaySighting(NamedTuple):
    line: int
    text: str


class DayColumn:
    """What the cells of one column say about its order of day and month; its memory does not grow."""

    def __init__(self) -> None:
        self.only: dict[DayOrder, DaySighting] = {}
        self.either: DaySighting | None = None  # 05/04/2025
        self.has_slashes = False

    @property
    def is_settled(self) -> bool:
        return len(self.only) == 2

    def add(self, line: int, text: str) -> None:
        match = NUMERIC.match(text)
        if match is None:
            return
        first, second = int(match[1]), int(match[3])
        if first == second or not (min(first, second) >= 1 and max(first, second) <= 31):
            return
        if first > 12 >= second:
            self.only.setdefault(DayOrder.DAY_FIRST, DaySighting(line, match[0]))
        elif second > 12 >= first:
            self.only.setdefault(DayOrder.MONTH_FIRST, DaySighting(line, match[0]))
        elif first <= 12 and second <= 12:
            self.either = self.either or DaySighting(line, match[0])
            self.has_slashes |= match[2] == "/"

    def decided(self, *, dashes_are_indian: bool = False) -> DayOrder | None:
        """The order, or None where a person has to say it.

        `dashes_are_indian`: 05-04-2025 and 05.04.2025 have the day first, as the registers' own exports do.
        """
        if len(self.only) == 1:
            return next(iter(self.only))
        if not self.only and (self.either is None or (dashes_are_indian and not self.has_slashes)):
            return DayOrder.DAY_FIRST
        return None

    def readings(self) -> list[tuple[DayOrder, str]]:
        """Both readings of an example, for a question."""
        example = self.either or next(iter(self.only.values()))
        found = []
        for order in DayOrder:
            try:
                found.append((order, f"{example.text} is {parse_day(example.text, order):%-d %B %Y}"))
            except DayError:
                found.append((order, f"{example.text} is no day"))
        return found
