"""How figures that are worked out for a page are written: with their decimals, or with all digits that help by hand."""

from django import template

from core.number_format import indian
from reports.calculator.layout import FigureCell
from reports.templatetags.printed import MAX_PLAIN, THIN_SPACE, digits

register = template.Library()
register.filter(digits)


@register.filter
def amount(figure):
    """1,284.600 t CO2e, or why there is none."""
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
    """Each cell with the head of its column, for tables that become cards on a phone."""
    return zip(columns, cells, strict=True)
