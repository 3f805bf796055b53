"""Which periods a report may cover: whole weeks, months, financial years, calendar years, each complete. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice

WEEK, MONTH, QUARTER, FINANCIAL_YEAR, CALENDAR_YEAR = "week", "month", "quarter", "financial year", "calendar year"
KINDS = {
    "weekly": [WEEK],
    "monthly": [MONTH],
    "spcb": [MONTH, QUARTER],
    "form_v": [FINANCIAL_YEAR],
    "pat": [FINANCIAL_YEAR],
    "cbam_summary": [CALENDAR_YEAR],
    "cbam_full": [CALENDAR_YEAR],
}
WHY = {
    "weekly": "A weekly report covers Monday to Sunday.",
    "monthly": "A monthly report covers one calendar month.",
    "spcb": "An SPCB report covers a calendar month, or a quarter of the financial year (from 1 April, 1 July, …).",
    "form_v": "Form V covers a financial year, 1 April to 31 March (Rule 14, Environment (Protection) Rules 1986).",
    "pat": "A PAT-format statement covers a financial year, 1 April to 31 March.",
    "cbam_summary": "A CBAM report covers a calendar year, 1 January to 31 December (Regulation (EU) 2025/2547).",
    "cbam_full": "A CBAM report covers a calendar year, 1 January to 31 December (Regulation (EU) 2025/2547).",
}
FINANCIAL_YEAR_UNDER_CBAM = (
    "This is a financial year. CBAM counts calendar years: embedded emissions are determined per calendar year, "
    "and a financial year would mix two of them."
)
EARLIEST_YEAR, LATEST_YEAR = 2000, 2199


class PeriodError(ValueError):
    """A period a report cannot cover; `field` is the one to correct."""

    def __init__(self, message: str, field: str = "period_end"):
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Period:
    """Whole days of a factory, the last one included."""

    kind: str
    start: date
    end: date

    @property
    def label(self) -> str:
        """As people say it: Week of 6 Jan 2025, January 2025, Q3 of FY 2024-25, FY 2024-25, Calendar year 2024."""
        if self.kind == WEEK:
            return f"Week of {self.start.day} {self.start:%b %Y}"
        if self.kind == MONTH:
            return f"{self.start:%B %Y}"
        if self.kind == QUARTER:
            return f"Q{(self.start.month - 4) % 12 // 3 + 1} of {financial_year_label(self.start)}"
        if self.kind == FINANCIAL_YEAR:
            return financial_year_label(self.start)
        if self.kind == CALENDAR_YEAR:
            return f"Calendar year {self.start.year}"
        return f"{self.start.day} {self.start:%b %Y} to {self.end.day} {self.end:%b %Y}"

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    def moments(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """First moment, and the first one after the period, in the factory's zone."""
        return midnight(self.start, zone), midnight(self.end + timedelta(days=1), zone)


def midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone)


def today(now: datetime, zone: tzinfo) -> date:
    return now.astimezone(zone).date()


def in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def iso(moment: datetime | None) -> str | None:
    """As frozen in reports: ISO 8601 in UTC."""
    return in_utc(moment).isoformat() if moment else None


def financial_year_of(day: date) -> int:
    """The year in which the financial year of `day` began."""
    return day.year if day.month >= 4 else day.year - 1


def financial_year_label(day: date) -> str:
    year = financial_year_of(day)
    return f"FY {year}-{(year + 1) % 100:02d}"


def around(kind: str, day: date) -> Period:
    """The week, month, … in which `day` lies."""
    if kind == WEEK:
        start = day - timedelta(days=day.weekday())
        return Period(kind, start, start + timedelta(days=6))
    if kind == MONTH:
        start = day.replace(day=1)
        return Period(kind, start, months_later(start, 1) - timedelta(days=1))
    if kind == QUARTER:
        start = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
        return Period(kind, start, months_later(start, 3) - timedelta(days=1))
    if kind == FINANCIAL_YEAR:
        year = financial_year_of(day)
        return Period(kind, date(year, 4, 1), date(year + 1, 3, 31))
    return Period(CALENDAR_YEAR, date(day.year, 1, 1), date(day.year, 12, 31))


def months_later(day: date, months: int) -> date:
    place = day.year * 12 + day.month - 1 + months
    return date(place // 12, place % 12 + 1, 1)


def complete_periods(report_type: str, current: date) -> Iterator[Period]:
    """Complete periods of the type's first kind, latest first, without end: `current` is the factory's today."""
    kind, day = KINDS[report_type][0], current
    while True:
        period = around(kind, around(kind, day).start - timedelta(days=1))
        yield period
        day = period.start


def last_complete(report_type: str, current: date) -> Period:
    return next(complete_periods(report_type, current))


def offered(report_type: str, current: date) -> list[Period]:
    """What the page offers: enough to reach back a year or, for yearly reports, three years."""
    number = {WEEK: 12, MONTH: 12, FINANCIAL_YEAR: 3, CALENDAR_YEAR: 3}[KINDS[report_type][0]]
    periods = list(islice(complete_periods(report_type, current), number))
    if QUARTER in KINDS[report_type]:
        periods += quarters_before(current, 4)
    return periods


def quarters_before(current: date, number: int) -> list[Period]:
    quarters, day = [], current
    for _ in range(number):
        quarters.append(around(QUARTER, around(QUARTER, day).start - timedelta(days=1)))
        day = quarters[-1].start
    return quarters


def check(report_type: str, start: date, end: date, current: date) -> Period:
    """The period a report of this type covers from `start` to `end`, or PeriodError saying what to correct."""
    if end < start:
        raise PeriodError("The period ends before it starts.")
    if not EARLIEST_YEAR <= start.year <= end.year <= LATEST_YEAR:
        raise PeriodError(f"A period lies between {EARLIEST_YEAR} and {LATEST_YEAR}.", "period_start")
    period = next(
        (p for p in (around(kind, start) for kind in KINDS[report_type]) if (p.start, p.end) == (start, end)), None
    )
    if period is None:
        raise PeriodError(
            why_not(report_type, start, end), "period_start" if not_a_start(report_type, start) else "period_end"
        )
    if end >= current:
        raise PeriodError(f"{period.label} is not complete yet: a report is made once its last day has passed.")
    return period


def not_a_start(report_type: str, start: date) -> bool:
    return all(around(kind, start).start != start for kind in KINDS[report_type])


def why_not(report_type: str, start: date, end: date) -> str:
    is_financial_year = around(FINANCIAL_YEAR, start) == Period(FINANCIAL_YEAR, start, end)
    if report_type.startswith("cbam") and is_financial_year:
        return FINANCIAL_YEAR_UNDER_CBAM
    return WHY[report_type]
