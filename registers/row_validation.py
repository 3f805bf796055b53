"""What must hold within a row, as plain sentences that name the field. Pure: a row in, (field, sentence) out.

A rule looks only at figures that are there: a blank is missing, never a zero, and stands on the checklist instead.
"""

from decimal import Decimal

TOLERANCE = Decimal("0.001")  # stocks are kept to the kilogram


def format_plain(figure: Decimal) -> str:
    """As a person would write it: 12.5, 1200."""
    return f"{figure.normalize():f}"


def balance(opening, plus, minus, result, *, optional_minus=(), message):
    """`result` = opening + plus − minus. `if_given` are further outflows that count as nothing while blank."""

    def rule(row):
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
    """A date cannot lie before another."""

    def rule(row):
        first, second = getattr(row, earlier), getattr(row, later)
        if first is not None and second is not None and second < first:
            yield later, message

    return rule


def not_above(part, whole, message):
    def rule(row):
        share, limit = getattr(row, part), getattr(row, whole)
        if share is not None and limit is not None and share > limit:
            yield part, message

    return rule


def required_when(name, condition, message):
    """`name` must be filled where `because(row)`."""

    def rule(row):
        if condition(row) and getattr(row, name) in (None, ""):
            yield name, message

    return rule


def within_month(name, limit_and_message):
    """A count or length that cannot be more than the month has; `says` gives (limit, sentence) for its days."""

    def rule(row):
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
    """The parts that are there cannot make more than the whole."""

    def rule(row):
        known = [getattr(row, name) for name in names if getattr(row, name) is not None]
        total = getattr(row, whole)
        if total is not None and known and sum(known) - total > TOLERANCE:
            yield whole, f"{message} ({format_plain(sum(known))})."

    return rule
