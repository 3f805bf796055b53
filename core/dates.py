"""How dates and moments are written for people, in one place: 5 Jan 2025, 16:05.

Months are translated where a language is active. What machines read is ISO 8601 and not written here.
"""

from datetime import date, datetime, time, tzinfo

from django.utils import dateformat
from django.utils.timezone import localtime


def format_day(on: date) -> str:
    """5 Jan 2025"""
    return dateformat.format(on, "j M Y")


def format_month(on: date) -> str:
    """January 2025"""
    return dateformat.format(on, "F Y")


def format_short_month(on: date) -> str:
    """Jan 2025"""
    return dateformat.format(on, "M Y")


def format_clock(at: time | datetime) -> str:
    """16:05"""
    return f"{at:%H:%M}"


def format_moment(at: datetime, zone: tzinfo | None = None) -> str:
    """5 Jan 2025, 16:05 in `zone`; without one in the zone that is active. 26 Oct 2025, 02:30 CEST: read twice."""
    return format_local(localtime(at, zone), "j M Y, H:i")


def format_short_moment(at: datetime, zone: tzinfo | None = None) -> str:
    """5 Jan, 16:05"""
    return format_local(localtime(at, zone), "j M, H:i")


def format_second(at: datetime, zone: tzinfo | None = None) -> str:
    """5 Jan 2025, 16:05:09"""
    return format_local(localtime(at, zone), "j M Y, H:i:s")


def format_local(local: datetime, template: str) -> str:
    """With the zone's name in an hour that a clock change repeats: only that tells the two apart."""
    text = dateformat.format(local, template)
    is_repeated = local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
    return f"{text} {local:%Z}" if is_repeated else text


def format_second_with_zone(at: datetime, zone: tzinfo | None = None) -> str:
    """5 Jan 2025, 16:05:09 IST (UTC+0530)"""
    local = localtime(at, zone)
    return f"{dateformat.format(local, 'j M Y, H:i:s')} {local:%Z} (UTC{local:%z})"
