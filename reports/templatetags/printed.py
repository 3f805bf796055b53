"""Filters that format frozen values: times in the factory's zone, dates, figures."""

from datetime import date, datetime
from decimal import Decimal

from django import template
from django.utils.translation import gettext

from core.dates import format_day, format_moment, format_second_with_zone, format_short_moment
from core.number_format import NOT_PROVIDED, indian, share

register = template.Library()
THIN_SPACE = "\u2009"
MAX_PLAIN = Decimal(10) ** 15  # above it scientific notation; 28 significant digits leave no room for decimals
MIN_PLAIN = Decimal("1e-9")
SIGNIFICANT = 10


@register.filter
def iso_moment(iso, zone):
    """2025-01-06T08:35:00+00:00 → 6 Jan 2025, 14:05 in the factory's zone."""
    if not iso:
        return "–"
    return format_moment(datetime.fromisoformat(iso), zone)


@register.filter
def iso_short_moment(iso, zone):
    """6 Jan, 14:05, without the year."""
    if not iso:
        return "–"
    return format_short_moment(datetime.fromisoformat(iso), zone)


@register.filter
def iso_second(iso, zone):
    return format_second_with_zone(datetime.fromisoformat(iso), zone)


@register.filter
def iso_day(iso):
    on = date.fromisoformat(iso) if isinstance(iso, str) else iso
    return format_day(on) if on else "–"


@register.filter
def figure(frozen):
    """A frozen figure with its unit: 1,284.6 kWh, or "not provided"."""
    if frozen["value"] is None:
        return NOT_PROVIDED
    write = share if frozen["unit"] == "%" else indian  # a share measured is cut, never rounded up, wherever it stands
    printed = f"{write(frozen['value'], frozen['decimals'])}{THIN_SPACE}{frozen['unit']}".strip()
    return with_months(printed, frozen)


@register.filter
def cell(frozen):
    """A table cell: its number with its decimals, or its text."""
    if "value" not in frozen:
        return frozen["text"]
    write = share if frozen.get("is_share") else indian
    return with_months(write(frozen["value"], frozen["decimals"]), frozen)


def with_months(printed, frozen) -> str:
    """273.119, 3 of 12 months: a sum over fewer months than its period never stands alone."""
    return f"{printed}, {frozen['months']}" if frozen.get("months") else printed


@register.filter
def beneath(cells, columns):
    """Pairs of column and cell."""
    return zip(columns, cells, strict=True)


@register.filter
def digits(value):
    """A step's value with ten significant digits, without trailing zeros."""
    if value is None:
        return "–"
    number = Decimal(value)
    if number and (abs(number) >= MAX_PLAIN or abs(number) < MIN_PLAIN):
        return f"{number:.9e}"
    short = Decimal(f"{number:.{SIGNIFICANT}g}").normalize()
    return indian(short, max(0, -short.as_tuple().exponent))


@register.filter
def hours(value) -> str:
    """2.25 → 2 h 15 min"""
    if value in (None, ""):
        return "–"
    minutes = round(float(value) * 60)
    whole, rest = divmod(minutes, 60)
    return f"{indian(whole)} h {rest:02d} min"


@register.filter
def span(minutes) -> str:
    """135 → 2 h 15 min; 4,500 → 3 d 3 h"""
    if minutes is None:
        return "–"
    whole = round(float(minutes))
    if whole >= 2880:
        return f"{whole // 1440} d {whole % 1440 // 60} h"
    return f"{whole // 60} h {whole % 60:02d} min" if whole >= 60 else f"{whole} min"


@register.filter
def response(minutes) -> str:
    """after 2 h 15 min; at once; before it was noticed, where its readings came late."""
    whole = round(float(minutes))
    if whole < 0:
        return gettext("before it was noticed")
    return gettext("after %(span)s") % {"span": span(minutes)} if whole else gettext("at once")


@register.filter
def covered(percent) -> str:
    """The text of the coverage badge; a dash for None."""
    return "–" if percent in (None, "") else f"{share(percent)}{THIN_SPACE}%"


@register.filter
def waiver_of(waived: dict[str, str], number: str) -> str:
    """The reason for which an item of the document was waived; "" for none."""
    return (waived or {}).get(number, "")
