"""Parsing of timestamps and ages → UTC datetimes. Pure.

An offset is required: a time without one could be UTC or the factory's own, 5½ hours apart, and nothing would show it.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
# An epoch's unit by its magnitude: below 1e11 seconds (until the year 5138), then ms, µs, ns.
EPOCH_UNITS = [(10**11, 1_000_000, 1), (10**14, 1_000, 1), (10**17, 1, 1), (10**20, 1, 1_000)]
NO_TIME_VALUES = (None, "")
# A clock that was never set counts from 1970 or 2000, or shows the day its firmware was built.
FIRST_SET_CLOCK = datetime(2020, 1, 1, tzinfo=UTC)
NO_BACKFILL_BEFORE = datetime(2010, 1, 1, tzinfo=UTC)
COUNT_LIMIT = 10**9  # s or ms since a start; as seconds since 1970 that is 2001


class NoOffset(ValueError):
    """A time that could be UTC or the factory's own."""


def parse_moment(value: Any) -> datetime | None:
    """UTC of an ISO 8601 text with offset, or of an epoch number in s, ms, µs or ns; None for a missing value.

    Raises ValueError with a message for the firmware developer.
    """
    if value in NO_TIME_VALUES or value != value:  # NaN is not itself
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("an ISO 8601 time with offset or an epoch number is expected")
    if isinstance(value, str):
        return moment_of_text(value.strip())
    return moment_of_epoch(value)


def moment_of_text(text: str) -> datetime | None:
    if text[4:5] != "-":  # no date begins so
        if text.lower() in ("", "null", "nan"):
            return None
        number = number_in(text)
        if number is not None:
            return moment_of_epoch(number)
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("not an ISO 8601 time such as 2025-01-16T10:30:00Z") from None
    if parsed.tzinfo is None:
        raise NoOffset("has no offset; add Z for UTC or +05:30 for India")
    try:
        return parsed.astimezone(UTC)
    except OverflowError:
        raise ValueError("is out of range") from None


def number_in(text: str) -> int | float | None:
    """The number in a short ASCII text; 20250116 is one (an epoch), 2025-01-16 is not."""
    try:
        return int(text) if len(text) <= 20 and text.isascii() and "_" not in text else None
    except ValueError:
        pass
    try:
        return float(text) if "_" not in text else None
    except ValueError:
        return None


def moment_of_epoch(number: int | float) -> datetime:
    for limit, multiply, divide in EPOCH_UNITS:
        if abs(number) < limit:
            try:
                return EPOCH + round(number * multiply) // divide * MICROSECOND
            except OverflowError:
                break
    raise ValueError("is out of range")


def set_clocks_since(oldest: datetime) -> datetime:
    """A time before this is a clock that is not set: before 2020, unless readings of then are still kept."""
    return min(FIRST_SET_CLOCK, max(oldest, NO_BACKFILL_BEFORE))


def is_bare_count(value: Any) -> bool:
    """A number so small that it may be seconds or milliseconds since the device started."""
    number = number_in(value.strip()) if isinstance(value, str) else value
    return isinstance(number, int | float) and 0 <= number < COUNT_LIMIT


def parse_age(value: Any) -> timedelta | None:
    """`age_ms`: milliseconds since the reading was taken; None for a missing value. Raises ValueError."""
    if value in NO_TIME_VALUES or value != value:
        return None
    if isinstance(value, str):
        value = number_in(value.strip())
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("a number of milliseconds is expected")
    if value < 0:
        raise ValueError("is negative")
    try:
        return timedelta(milliseconds=value)
    except (OverflowError, ValueError):
        raise ValueError("is out of range") from None
