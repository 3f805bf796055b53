"""What people type, read as figures, days and months: Indian grouping, Indian dates. Pure."""

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

GROUPED = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{2,3})*,[0-9]{3}(\.[0-9]*)?")
PLAIN = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
RESULT_WORDS = {"bdl": "BDL", "nd": "ND", "not detected": "ND", "nil": "ND"}
DAY_FORMATS = ["%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%Y", "%d-%m-%y", "%d %b %Y", "%d %B %Y", "%d-%b-%Y"]
MONTH_FORMATS = ["%Y-%m", "%m/%Y", "%m-%Y", "%b %Y", "%B %Y", "%b-%Y", "%b-%y", "%b %y"]
EARLIEST, LATEST = 1990, 2199


class Unreadable(ValueError):
    """What was typed is no figure, day or month; the text says what is expected."""


def number(text: str) -> Decimal | None:
    """1,23,456.50 → 123456.50; None for an empty cell. Raises Unreadable: 1,5 and 1e5 could mean anything."""
    plain = (
        str(text).replace("\u202f", "").replace("\xa0", "").replace(" ", "").removeprefix("₹").replace("\u2212", "-")
    )
    if plain == "":
        return None
    if "," in plain:
        if not GROUPED.fullmatch(plain):
            raise Unreadable("Write the figure as 1,23,456.50 or 123456.50.")
        plain = plain.replace(",", "")
    if not PLAIN.fullmatch(plain):
        raise Unreadable("A figure such as 123456.50 is expected.")
    try:
        return Decimal(plain)
    except InvalidOperation as error:
        raise Unreadable("A figure such as 123456.50 is expected.") from error


def day(text: str) -> date | None:
    """30-04-2025, 30.04.2025, 30 Apr 2025 or 2025-04-30; None for an empty cell. Raises Unreadable."""
    found = moment(text, DAY_FORMATS)
    if found is None:
        return None
    if not found or not EARLIEST <= found.year <= LATEST:
        raise Unreadable("A date such as 30-04-2025 is expected.")
    return found.date()


def month(text: str) -> date | None:
    """Apr 2025, 2025-04 or a day of that month → its first day; None for an empty cell. Raises Unreadable."""
    found = moment(text, [*MONTH_FORMATS, *DAY_FORMATS])
    if found is None:
        return None
    if not found or not EARLIEST <= found.year <= LATEST:
        raise Unreadable("A month such as Apr 2025 or 2025-04 is expected.")
    return found.date().replace(day=1)


def moment(text, formats):
    """None for nothing, False for what no format fits."""
    words = " ".join(str(text).split())
    if not words:
        return None
    for form in formats:
        try:
            return datetime.strptime(words, form)  # noqa: DTZ007 a day, not a moment
        except ValueError:
            continue
    return False


def result(text: str) -> str:
    """A laboratory's result as it is kept: 45.2, <5, BDL or ND; never a zero for what was not detected."""
    words = " ".join(str(text).split())
    known = RESULT_WORDS.get(words.lower())
    if known or not words:
        return known or ""
    sign = "<" if words.startswith("<") else ""
    try:
        value = number(words.removeprefix("<"))
    except Unreadable:
        value = None
    if value is None or (value < 0 and sign):
        raise Unreadable("Write the result as a figure, as <5, or as BDL.")
    return f"{sign}{value}"


def result_value(text: str) -> Decimal | None:
    """The figure of a result; None where the laboratory gave none (BDL, ND, <5)."""
    try:
        return number(text)
    except Unreadable:
        return None
