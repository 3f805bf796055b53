"""How dates and moments are written for people."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from django.template import engines

from core import dates

INDIA, BERLIN = ZoneInfo("Asia/Kolkata"), ZoneInfo("Europe/Berlin")
AT = datetime(2025, 1, 4, 18, 35, 9, tzinfo=UTC)  # 5 January in India
ON = date(2025, 9, 5)


def test_days_have_no_leading_zero():
    assert dates.format_day(ON) == "5 Sep 2025"


def test_months_are_written_long_and_short():
    assert (dates.format_month(ON), dates.format_short_month(ON)) == ("September 2025", "Sep 2025")


def test_moments_are_those_of_the_zone():
    assert dates.format_moment(AT, INDIA) == "5 Jan 2025, 00:05"
    assert dates.format_short_moment(AT, INDIA) == "5 Jan, 00:05"
    assert dates.format_second(AT, INDIA) == "5 Jan 2025, 00:05:09"
    assert dates.format_moment(AT, UTC) == "4 Jan 2025, 18:35"


def test_an_official_moment_names_its_zone():
    assert dates.format_second_with_zone(AT, INDIA) == "5 Jan 2025, 00:05:09 IST (UTC+0530)"


def test_the_clock_has_24_hours():
    assert (dates.format_clock(time(6, 5)), dates.format_clock(AT.astimezone(INDIA))) == ("06:05", "00:05")


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ at|moment }}", "5 Jan 2025, 00:05"),
        ("{{ at|short_moment }}", "5 Jan, 00:05"),
        ("{{ at|second }}", "5 Jan 2025, 00:05:09"),
        ("{{ on|day }}, {{ on|month_name }}, {{ on|short_month }}", "5 Sep 2025, September 2025, Sep 2025"),
        ("{{ nothing|moment }}{{ nothing|day }}{{ missing|second }}", ""),
    ],
)
def test_templates_write_them_in_the_active_zone(source, text):
    assert engines["django"].from_string(source).render({"at": AT, "on": ON, "nothing": None}) == text


def test_no_template_spells_a_date_of_its_own(settings):
    """Formats that machines read (ISO) are the only ones written in place."""
    readable = ('date:"j M', "date:'j M", 'date:"F', 'date:"d')
    pages = [path for suffix in ("html", "txt") for path in settings.BASE_DIR.glob(f"templates/**/*.{suffix}")]
    assert [path.name for path in pages if any(each in path.read_text() for each in readable)] == []


@pytest.mark.parametrize(
    "at, text",
    [
        (datetime(2024, 10, 26, 23, 30, tzinfo=UTC), "27 Oct 2024, 01:30"),
        (datetime(2024, 10, 27, 0, 30, tzinfo=UTC), "27 Oct 2024, 02:30 CEST"),
        (datetime(2024, 10, 27, 1, 30, tzinfo=UTC), "27 Oct 2024, 02:30 CET"),
        (datetime(2024, 10, 27, 2, 30, tzinfo=UTC), "27 Oct 2024, 03:30"),
    ],
)
def test_an_hour_that_a_clock_change_repeats_is_told_apart(at, text):
    assert dates.format_moment(at, BERLIN) == text


def test_every_form_tells_it_apart_and_none_says_the_zone_twice():
    at = datetime(2024, 10, 27, 1, 30, 9, tzinfo=UTC)
    assert dates.format_short_moment(at, BERLIN) == "27 Oct, 02:30 CET"
    assert dates.format_second(at, BERLIN) == "27 Oct 2024, 02:30:09 CET"
    assert dates.format_second_with_zone(at, BERLIN) == "27 Oct 2024, 02:30:09 CET (UTC+0100)"
