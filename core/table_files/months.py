"""Month cells: “Apr 2025”, 2025-04, or a whole date, of which only the first of a month names a month surely. Pure.

Excel turns a typed “Apr-25” into 25 April of the running year. A date whose day is not the first may therefore be the
April of 2025, and is never taken for the April of its own year without a word.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core.table_files.days import EARLIEST, LATEST, MONTHS, DayError, DayOrder, full_year, parse_day

NAMED_MONTH = re.compile(r"([a-z]{3,9})\.?[-/. ,']*(\d{4}|\d{2})", re.IGNORECASE)
YEAR_AND_NAME = re.compile(r"(\d{4})[-/. ]*([a-z]{3,9})", re.IGNORECASE)
YEAR_MONTH = re.compile(r"(\d{4})[-/.](\d{1,2})")
MONTH_YEAR = re.compile(r"(\d{1,2})[-/.](\d{4})")
DAY_AND_NAME = re.compile(
    r"(\d{1,2})[-/. ]*([a-z]{3,9})", re.IGNORECASE
)  # 25-Apr, as Excel shows what it made of Apr-25
EXPECTED = "A month such as Apr 2025 or 2025-04 is expected."


class MonthMeaning(StrEnum):
    """What a date in a month column means."""

    DATE = "date"  # 25 April 2026 is of April 2026
    MONTH_YEAR = "month_year"  # … is Excel's reading of a typed Apr-25: April 2025


class MonthError(ValueError):
    """The cell is no month."""


@dataclass(frozen=True)
class MonthCell:
    """`month`: its first day; `by_day`: of a date that is not the first, the month if its day was meant as a year."""

    month: date | None  # None: a day and a month without a year
    by_day: date | None = None
    text: str = ""

    @property
    def is_doubtful(self) -> bool:
        return self.by_day is not None and self.by_day != self.month

    def meant(self, meaning: MonthMeaning | None) -> date:
        """Raises MonthError for a day without a year."""
        if self.by_day is not None and meaning == MonthMeaning.MONTH_YEAR:
            return self.by_day
        if self.month is None:
            raise MonthError(f"{self.text} is a day without a year: write Apr 2025 or 2025-04.")
        return self.month


def parse_month(text: str, order: DayOrder = DayOrder.DAY_FIRST) -> MonthCell:
    """Raises MonthError."""
    cleaned = " ".join(text.split())
    if match := NAMED_MONTH.fullmatch(cleaned):
        return plain_month(full_year(match[2]), MONTHS.get(match[1].lower(), 0))
    if match := YEAR_AND_NAME.fullmatch(cleaned):
        return plain_month(int(match[1]), MONTHS.get(match[2].lower(), 0))
    if match := YEAR_MONTH.fullmatch(cleaned):
        return plain_month(int(match[1]), int(match[2]))
    if match := MONTH_YEAR.fullmatch(cleaned):
        return plain_month(int(match[2]), int(match[1]))
    if match := DAY_AND_NAME.fullmatch(cleaned):
        month = MONTHS.get(match[2].lower(), 0)
        return MonthCell(None, plain_month(full_year(match[1].zfill(2)), month).month, cleaned)
    try:
        day = parse_day(cleaned, order)
    except DayError:
        raise MonthError(EXPECTED) from None
    first = day.replace(day=1)
    return MonthCell(first) if day.day == 1 else MonthCell(first, date(2000 + day.day, day.month, 1), cleaned)


def plain_month(year: int, month: int) -> MonthCell:
    if not (1 <= month <= 12 and EARLIEST <= year <= LATEST):
        raise MonthError(EXPECTED)
    return MonthCell(date(year, month, 1))
