"""Validators of a register row. Pure: each takes a row and yields (field, message).

Blank figures are never read as zero: a validator skips them, and the checklist lists them as missing. A row may come
without its foreign keys too: a validator that needs one skips the row (`if row.product_id is None: return`).
"""

from collections.abc import Iterator
from decimal import Decimal

TOLERANCE = Decimal("0.001")  # stocks are recorded to the kilogram


def format_plain(figure: Decimal) -> str:
    """Without exponent or trailing zeros: 12.5, 1200."""
    return f"{figure.normalize():f}"


def balance(opening, plus, minus, result, *, optional_minus=(), message):
    """`result` = opening + plus − minus. Blank `optional_minus` outflows count as zero."""

    def rule(row) -> Iterator:
        names = [opening, *plus, *minus, result]
        if any(getattr(row, name) is None for name in names):
            return
        total = getattr(row, opening) + sum(getattr(row, name) for name in plus)
        total -= sum(getattr(row, name) for name in minus)
        total -= sum(getattr(row, name) or 0 for name in optional_minus)
        if abs(total - getattr(row, result)) > TOLERANCE:
            yield result, f"{message}: that makes {format_plain(total)}, not {format_plain(getattr(row, result))}."

    return rule


def not_before(later, earlier, message):
    """`later` is not a date before `earlier`."""

    def rule(row) -> Iterator:
        first, second = getattr(row, earlier), getattr(row, later)
        if first is not None and second is not None and second < first:
            yield later, message

    return rule


def not_above(part, whole, message):
    """`part` is not above `whole`: plain numbers, so both fields must have the same unit."""

    def rule(row) -> Iterator:
        share, limit = getattr(row, part), getattr(row, whole)
        if share is not None and limit is not None and share > limit:
            yield part, message

    return rule


def required_when(name, condition, message):
    """`name` is required where `condition(row)`."""

    def rule(row) -> Iterator:
        if condition(row) and getattr(row, name) in (None, ""):
            yield name, message

    return rule


def within_month(name, limit_and_message):
    """Upper limit that depends on the month's length; `limit_and_message(days)` returns (limit, message)."""

    def rule(row) -> Iterator:
        value = getattr(row, name)
        if value is None or row.month is None:
            return
        limit, sentence = limit_and_message(days_in(row.month))
        if value > limit:
            yield name, sentence

    return rule


def days_in(month):
    following = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
    return (following - month).days


def days_in_month(name, label):
    return within_month(name, lambda days: (days, f"{label}: this month has {days} days."))


def hours_in_month(name, label):
    return within_month(name, lambda days: (days * 24, f"{label}: this month has {days * 24} hours."))


def sum_not_above(names, whole, message):
    """The sum of the known parts does not exceed the whole."""

    def rule(row) -> Iterator:
        known = [getattr(row, name) for name in names if getattr(row, name) is not None]
        total = getattr(row, whole)
        if total is not None and known and sum(known) - total > TOLERANCE:
            yield whole, f"{message} ({format_plain(sum(known))})."

    return rule
