"""Which periods a report may cover."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from calculations import periods
from calculations.periods import PeriodError

TODAY = date(2025, 1, 16)  # a Thursday
D = date.fromisoformat


@pytest.mark.parametrize(
    ("report_type", "start", "end", "label"),
    [
        ("weekly", "2025-01-06", "2025-01-12", "Week of 6 Jan 2025"),
        ("monthly", "2024-12-01", "2024-12-31", "December 2024"),
        ("spcb", "2024-12-01", "2024-12-31", "December 2024"),
        ("form_v", "2023-04-01", "2024-03-31", "FY 2023-24"),
        ("pat", "2023-04-01", "2024-03-31", "FY 2023-24"),
        ("cbam_summary", "2024-01-01", "2024-12-31", "Calendar year 2024"),
        ("cbam_full", "2024-01-01", "2024-12-31", "Calendar year 2024"),
    ],
)
def test_the_last_complete_period_of_each_type(report_type, start, end, label):
    period = periods.last_complete(report_type, TODAY)
    assert (period.start, period.end, period.label) == (D(start), D(end), label)
    assert periods.check(report_type, D(start), D(end), TODAY) == period


@pytest.mark.parametrize(
    ("report_type", "start", "end", "words", "field"),
    [
        ("weekly", "2025-01-07", "2025-01-13", "Monday to Sunday", "period_start"),
        ("weekly", "2025-01-06", "2025-01-13", "Monday to Sunday", "period_end"),
        ("weekly", "2025-01-13", "2025-01-19", "not complete yet", "period_end"),
        ("monthly", "2025-01-01", "2025-01-31", "not complete yet", "period_end"),
        ("monthly", "2024-12-01", "2024-12-30", "one calendar month", "period_end"),
        ("spcb", "2024-11-01", "2025-01-31", "quarter of the financial year", "period_end"),
        ("pat", "2024-04-01", "2025-03-31", "FY 2024-25 is not complete yet", "period_end"),
        ("pat", "2024-01-01", "2024-12-31", "financial year", "period_start"),
        ("cbam_summary", "2023-04-01", "2024-03-31", "CBAM counts calendar years", "period_start"),
        ("cbam_full", "2025-01-01", "2025-12-31", "not complete yet", "period_end"),
        ("weekly", "2025-01-12", "2025-01-06", "ends before it starts", "period_end"),
        ("monthly", "1066-10-01", "1066-10-31", "lies between", "period_start"),
    ],
)
def test_another_period_is_refused_with_the_reason_and_the_field(report_type, start, end, words, field):
    with pytest.raises(PeriodError, match=words) as refused:
        periods.check(report_type, D(start), D(end), TODAY)
    assert refused.value.field == field


def test_a_quarter_of_the_financial_year_is_an_spcb_period():
    period = periods.check("spcb", D("2024-10-01"), D("2024-12-31"), TODAY)
    assert period.label == "Q3 of FY 2024-25"
    assert period in periods.offered("spcb", TODAY)


@pytest.mark.parametrize("report_type", sorted(periods.KINDS))
def test_every_period_offered_is_accepted(report_type):
    for period in periods.offered(report_type, TODAY):
        assert periods.check(report_type, period.start, period.end, TODAY) == period


def test_the_29th_of_february_lies_in_the_year_that_began_the_april_before():
    assert periods.financial_year_label(D("2024-02-29")) == "FY 2023-24"
    assert periods.around(periods.FINANCIAL_YEAR, D("2024-02-29")).days == 366


def test_a_financial_year_begins_at_midnight_in_india():
    start, end = periods.last_complete("pat", D("2026-05-01")).moments(ZoneInfo("Asia/Kolkata"))
    assert start == datetime(2025, 3, 31, 18, 30, tzinfo=UTC)
    assert end == datetime(2026, 3, 31, 18, 30, tzinfo=UTC)


def test_a_moment_is_frozen_in_utc():
    begins = periods.midnight(date(2025, 4, 1), ZoneInfo("Asia/Kolkata"))
    assert periods.iso(begins) == "2025-03-31T18:30:00+00:00"
    assert periods.iso(None) is None


def test_today_is_the_factorys_today():
    late_evening_in_utc = datetime(2025, 1, 15, 19, 0, tzinfo=UTC)
    assert periods.today(late_evening_in_utc, ZoneInfo("Asia/Kolkata")) == date(2025, 1, 16)
