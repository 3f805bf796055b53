"""Template filters for dates and moments, built into every template; nothing is written for None."""

from collections.abc import Callable
from datetime import date

from django import template

from core import dates

register = template.Library()


def filter_of(name: str, write: Callable[..., str]) -> None:
    def written(value: date | None) -> str:
        return write(value) if value else ""

    register.filter(name, written)


filter_of("day", dates.format_day)  # 5 Jan 2025
filter_of("month_name", dates.format_month)  # January 2025
filter_of("short_month", dates.format_short_month)  # Jan 2025
filter_of("clock", dates.format_clock)  # 16:05
filter_of("moment", dates.format_moment)  # 5 Jan 2025, 16:05
filter_of("short_moment", dates.format_short_moment)  # 5 Jan, 16:05
filter_of("second", dates.format_second)  # 5 Jan 2025, 16:05:09
