"""Template filters for numbers, built into every template."""

from typing import Any

from django import template

from core import number_format

register = template.Library()


@register.filter
def indian(value: Any, decimals: int | str = 0) -> str:
    """`{{ energy_kwh|indian:1 }}` → 1,28,460.5"""
    return number_format.indian(value, int(decimals))


@register.filter
def share(percent: Any, decimals: int | str = 1) -> str:
    """`{{ capture_percent|share }}` → 99.9 for 99.96: truncated, so that 100.0 means all of it"""
    return number_format.share(percent, int(decimals))


@register.filter
def or_not_provided(value: Any) -> Any:
    """An empty value prints as "not provided", never as a blank or a zero."""
    return number_format.NOT_PROVIDED if value in (None, "") else value
