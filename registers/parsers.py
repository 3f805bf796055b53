"""Parsers for typed numbers, dates, months and laboratory results, in Indian notation. Pure."""

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

GROUPED = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{2,3})*,[0-9]{3}(\.[0-9]*)?")
PLAIN = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
RESULT_WORDS = {"bdl": "BDL", "nd": "ND", "not detected": "ND", "nil": "ND"}
DAY_FORMATS = ["%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%Y", "%d-%m-%y", "%d %b %Y", "%d %B %Y", "%d-%b-%Y"]
MONTH_FORMATS = ["%Y-%m", "%m/%Y", "%m-%Y", "%b %Y", "%B %Y", "%b-%Y", "%b-%y", "%b %y"]
EARLIEST, LATEST = 1990, 2199


class ParseError(ValueError):
    """The text is not a valid number, date, month or result; the message names the expected form."""


def parse_number(text: str) -> Decimal | None:
    """1,23,456.50 → 123456.50; None for an empty cell. Raises ParseError: 1,5 and 1e5 are ambiguous."""
    plain = (
        str(text).replace("\u202f", "").replace("\xa0", "").replace(" ", "").removeprefix("₹").replace("\u2212", "-")
    )
    if plain == "":
        return None
    if "," in plain:
        if not GROUPED.fullmatch(plain):
            raise ParseError("Write the figure as 1,23,456.50 or 123456.50.")
        plain = plain.replace(",", "")
    if not PLAIN.fullmatch(plain):
        raise ParseError("A figure such as 123456.50 is expected.")
    try:
        return Decimal(plain)
    except InvalidOperation as error:
        raise ParseError("A figure such as 123456.50 is expected.") from error


def parse_day(text: str) -> date | None:
    """30-04-2025, 30.04.2025, 30 Apr 2025 or 2025-04-30; None for an empty cell. Raises ParseError."""
    parsed = parse_datetime(text, DAY_FORMATS)
    if parsed is None:
        return None
    if not parsed or not EARLIEST <= parsed.year <= LATEST:
        raise ParseError("A date such as 30-04-2025 is expected.")
    return parsed.date()


def parse_month(text: str) -> date | None:
    """Apr 2025, 2025-04 or a day of that month → its first day; None for an empty cell. Raises ParseError."""
    parsed = parse_datetime(text, [*MONTH_FORMATS, *DAY_FORMATS])
    if parsed is None:
        return None
    if not parsed or not EARLIEST <= parsed.year <= LATEST:
        raise ParseError("A month such as Apr 2025 or 2025-04 is expected.")
    return parsed.date().replace(day=1)


def parse_datetime(text, formats):
    """None for blank text, False where no format matches."""
    cleaned = " ".join(str(text).split())
    if not cleaned:
        return None
    for form in formats:
        try:
            return datetime.strptime(cleaned, form)  # noqa: DTZ007 a day, not a moment
        except ValueError:
            continue
    return False


def parse_result(text: str) -> str:
    """A laboratory result as stored: 45.2, <5, BDL or ND; "not detected" never becomes zero. Raises ParseError."""
    cleaned = " ".join(str(text).split())
    keyword = RESULT_WORDS.get(cleaned.lower())
    if keyword or not cleaned:
        return keyword or ""
    sign = "<" if cleaned.startswith("<") else ""
    try:
        value = parse_number(cleaned.removeprefix("<"))
    except ParseError:
        value = None
    if value is None or (value < 0 and sign):
        raise ParseError("Write the result as a figure, as <5, or as BDL.")
    return f"{sign}{value}"


def result_value(text: str) -> Decimal | None:
    """The numeric value of a result; None for BDL, ND and <5."""
    try:
        return parse_number(text)
    except ParseError:
        return None
