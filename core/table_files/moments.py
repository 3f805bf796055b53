"""Times in the cells of a table: clock times, and moments written as one cell or as date and time apart. Pure."""

import re
from datetime import datetime, time, timedelta
from functools import lru_cache

from core.table_files.days import EXCEL_EPOCH, DayError, DayOrder, parse_day, serial_number

CLOCK = re.compile(
    r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,](\d{1,6})\d*)?)?(?:\s*h(?:rs?)?\.?)?\s*([ap])?\.?(?:m\.?)?",
    re.IGNORECASE,
)
FOUR_DIGITS = re.compile(r"([01]\d|2[0-4])([0-5]\d)")
FRACTION = re.compile(r"0?\.\d+|0")
CLOCK_OR_FRACTION = re.compile(r"0\.[0-5]\d")
DAY_AND_CLOCK = re.compile(r"(?P<day>.+?)(?:\s*,\s*|\s+|(?<=\d)T(?=\d))(?P<clock>\d{1,2}[:.]\d{2}.*|\d{4})")
USUAL = re.compile(r"(\d{1,2}[-/.]\d{1,2}[-/.]\d{4}) (\d{1,2}:\d{2}(?::\d{2})?)")
DAY = timedelta(days=1)
LONGEST_CLOCK = 11  # 11:59:59 PM


class ClockError(ValueError):
    """The cell is no time of day."""


@lru_cache(maxsize=4096)
def parse_clock(text: str) -> timedelta:
    """10:00, 10:00:15, 10.00 PM, 0015, 24:00 or a fraction of a day as Excel keeps it → time since midnight.

    24:00 is the midnight that ends the day. Raises ClockError.
    """
    cleaned = " ".join(text.split())
    if CLOCK_OR_FRACTION.fullmatch(cleaned):
        raise ClockError(f"{cleaned} is minutes past midnight, or a fraction of a day: write it with a colon.")
    if match := CLOCK.fullmatch(cleaned):
        hours, minutes, seconds = int(match[1]), int(match[2]), int(match[3] or 0)
        if half := (match[5] or "").lower():
            if not 1 <= hours <= 12:
                raise ClockError(f"{cleaned[:20]} is no time of day.")
            hours = hours % 12 + (12 if half == "p" else 0)
        elapsed = timedelta(
            hours=hours, minutes=minutes, seconds=seconds, microseconds=int((match[4] or "0").ljust(6, "0"))
        )
        if minutes < 60 and seconds < 60 and elapsed <= DAY:
            return elapsed
    elif match := FOUR_DIGITS.fullmatch(cleaned):
        elapsed = timedelta(hours=int(match[1]), minutes=int(match[2]))
        if elapsed <= DAY:
            return elapsed
    elif FRACTION.fullmatch(cleaned):
        return timedelta(seconds=round(float(cleaned) * 86_400))
    raise ClockError("A time of day such as 14:30 or 2:30 PM is expected.")


def join_day_and_clock(day: str, clock: str, order: DayOrder) -> datetime:
    """The moment of a date cell and a time cell, without an offset. Raises DayError, ClockError.

    Either may hold Excel's whole stamp: of the day its date counts, of the clock its time of day.
    """
    found = DAY_AND_CLOCK.fullmatch(" ".join(day.split())) if ":" in day else None
    on = parse_day(found["day"] if found else day, order)
    stamp = DAY_AND_CLOCK.fullmatch(" ".join(clock.split())) if len(clock) > LONGEST_CLOCK else None
    return datetime.combine(on, time.min) + parse_clock(stamp["clock"] if stamp else clock)


def parse_local(text: str, order: DayOrder) -> datetime | None:
    """A moment without an offset: “20/11/2026 10:00”, “20 Nov 2026 10:00 PM”, 46346.416667; None for other texts.

    ISO times and epoch numbers are not read here. Raises DayError, ClockError for a moment that does not exist.
    """
    if usual := USUAL.fullmatch(text):
        return datetime.combine(parse_day(usual[1], order), time.min) + parse_clock(usual[2])
    cleaned = " ".join(text.split())
    serial = serial_number(cleaned)
    if serial is not None:
        return datetime.combine(EXCEL_EPOCH, time.min) + timedelta(seconds=round(serial * 86_400))
    found = DAY_AND_CLOCK.fullmatch(cleaned)
    if found:
        return datetime.combine(parse_day(found["day"], order), time.min) + parse_clock(found["clock"])
    if re.fullmatch(r"\d{8}|\d+(\.\d+)?", cleaned):
        return None  # an epoch number
    try:
        return datetime.combine(parse_day(cleaned, order), time.min)
    except DayError:
        return None
