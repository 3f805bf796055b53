"""The period of a register page (month, financial or calendar year) and its form in the URL."""

import re
from datetime import date

from calculations.periods import CALENDAR_YEAR, FINANCIAL_YEAR, MONTH, Period, around, months_later

KIND_BY_PREFIX = {"fy": FINANCIAL_YEAR, "cy": CALENDAR_YEAR}
PREFIX_BY_KIND = {kind: name for name, kind in KIND_BY_PREFIX.items()}


def parse_period(text: str, fallback: Period) -> Period:
    """fy2025, cy2025 or 2025-04 → the period; `fallback` for anything else."""
    if match := re.fullmatch(r"(fy|cy)(\d{4})", text or ""):
        kind, year = KIND_BY_PREFIX[match[1]], int(match[2])
        return around(kind, date(year, 4, 1)) if 1990 <= year <= 2199 else fallback
    if match := re.fullmatch(r"(\d{4})-(\d{2})", text or ""):
        year, month = int(match[1]), int(match[2])
        return around(MONTH, date(year, month, 1)) if 1990 <= year <= 2199 and 1 <= month <= 12 else fallback
    return fallback


def period_name(period: Period) -> str:
    if period.kind == MONTH:
        return f"{period.start:%Y-%m}"
    return f"{PREFIX_BY_KIND[period.kind]}{period.start.year}"


def months_of(period: Period) -> list[date]:
    """First days of the period's months."""
    months, month = [], period.start.replace(day=1)
    while month <= period.end:
        months.append(month)
        month = months_later(month, 1)
    return months


def shift_period(period: Period, by: int) -> Period:
    """The period before (by=-1) or after (by=1)."""
    length = {MONTH: 1, FINANCIAL_YEAR: 12, CALENDAR_YEAR: 12}[period.kind]
    return around(period.kind, months_later(period.start, by * length))


def last_complete_month(today: date) -> date:
    return months_later(today.replace(day=1), -1)


def short_period_label(period: Period) -> str:
    """FY 2025-26, 2025, April 2025."""
    return str(period.start.year) if period.kind == CALENDAR_YEAR else period.label
