"""Filters that format calculated figures."""

from django import template

from core.number_format import indian
from reports.calculator.layout import FigureCell
from reports.templatetags.printed import MAX_PLAIN, THIN_SPACE, digits

register = template.Library()
register.filter(digits)


@register.filter
def amount(figure):
    """1,284.600 t CO2e, or the reason for a missing value."""
    if figure.value is None:
        return figure.missing
    return f"{format_value(figure.value, figure.decimals)}{THIN_SPACE}{figure.unit}".strip()


def format_value(value, decimals):
    return f"{value:.6e}" if abs(value) >= MAX_PLAIN else indian(value, decimals)


@register.filter
def is_figure(cell):
    return isinstance(cell, FigureCell)


@register.filter
def headed(cells, columns):
    """Pairs of column heading and cell, for tables that become cards on small screens."""
    return zip(columns, cells, strict=True)
