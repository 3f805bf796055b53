"""How far a person moves the times of held readings when they are released. Pure."""

import re
from datetime import timedelta
from typing import Any

LAST_IS_RECEIVED = "last_is_received"  # the newest one was measured when it came; the others keep their distances
MAX_SHIFT = timedelta(days=100 * 366)
CLOCK = re.compile(
    r"(?P<first>\d{1,6}):(?P<second>[0-5]\d)(?::(?P<third>[0-5]\d))?\s*(?P<unit>h|hours?|m|min|minutes?)?"
)
PART = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[a-z]+)[\s,]*")
ISO = re.compile(
    r"P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?",
    re.IGNORECASE,
)
UNITS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), timedelta(seconds=1)),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), timedelta(minutes=1)),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), timedelta(hours=1)),
    **dict.fromkeys(("d", "day", "days"), timedelta(days=1)),
    **dict.fromkeys(("w", "week", "weeks"), timedelta(weeks=1)),
}
EXPECTED = "a shift such as -5:30, +45 min, 2 days 3 h or -PT5H30M is expected"


def parse_shift(value: Any) -> timedelta:
    """Seconds as a number, or a text with a sign: `-5:30` (hours), `+05:30 minutes`, `90 s`, `-PT5H30M`.

    Raises ValueError with a message for the person who typed it.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(EXPECTED)
    shift = seconds_of(value) if isinstance(value, int | float) else parse_text(value)
    if abs(shift) > MAX_SHIFT:
        raise ValueError("a shift of at most 100 years is expected")
    return shift


def seconds_of(number: float) -> timedelta:
    try:
        return timedelta(seconds=number)
    except (OverflowError, ValueError):
        raise ValueError("a shift of at most 100 years is expected") from None


def parse_text(text: str) -> timedelta:
    text = " ".join(text.replace("\u2212", "-").replace("\u2013", "-").split())[:60]
    sign = -1 if text.startswith("-") else 1
    text = text.removeprefix("-") if sign < 0 else text.removeprefix("+")
    return sign * parse_unsigned(text.strip().lower())


def parse_unsigned(text: str) -> timedelta:
    if match := CLOCK.fullmatch(text):
        return clock_of(match)
    if text.startswith("p") and (match := ISO.fullmatch(text)) and any(match.groups()):
        return timedelta(**{name: float(number) for name, number in match.groupdict().items() if number})
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return seconds_of(float(text))
    parts = list(PART.finditer(text))
    if not parts or "".join(part[0] for part in parts) != text or any(part["unit"] not in UNITS for part in parts):
        raise ValueError(EXPECTED)
    try:
        return sum((float(part["number"]) * UNITS[part["unit"]] for part in parts), timedelta())
    except OverflowError:
        raise ValueError("a shift of at most 100 years is expected") from None


def clock_of(match: re.Match[str]) -> timedelta:
    """5:30 is hours and minutes, 5:30:10 with seconds; `5:30 min` is minutes and seconds."""
    first, second, third = int(match["first"]), int(match["second"]), int(match["third"] or 0)
    if (match["unit"] or "h").startswith("m"):
        if match["third"]:
            raise ValueError(EXPECTED)
        return timedelta(minutes=first, seconds=second)
    return timedelta(hours=first, minutes=second, seconds=third)


def describe_shift(shift: timedelta) -> str:
    """−5 h 30 min; exact to the second."""
    seconds = round(abs(shift).total_seconds())
    days, seconds = divmod(seconds, 86_400)
    hours, seconds = divmod(seconds, 3600)
    numbers = [(days, "d"), (hours, "h"), (seconds // 60, "min"), (seconds % 60, "s")]
    parts = [f"{number} {unit}" for number, unit in numbers if number]
    return f"{'−' if shift < timedelta() else '+'}{' '.join(parts) or '0 s'}"
