"""Exports of registers as tables, which can be imported again."""

import csv
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from django.db import models

from core.formula_injection import escape_formula
from core.xlsx import cells
from core.xlsx.styles import Style
from core.xlsx.writer import Workbook
from registers.description import RegisterKind
from registers.models import Source

MIN_WIDTH, MAX_WIDTH = 12, 40  # characters
BOLD, DAY = Style(is_bold=True), Style(number_format="dd-mm-yyyy")


def period_heading(register) -> str:
    if register.is_yearly:
        return "Year"
    return "Month" if register.is_monthly else ""


def header_row(register) -> list[str]:
    """The column headings of an export, which an import recognises."""
    period = period_heading(register)
    units = ["Unit"] if has_units_by_line(register) else []
    names = [register.heading(name) for name in register.field_names]
    return [*([period] if period else []), *names, "Source", "Remark", *units, "Metered by"]


def has_units_by_line(register) -> bool:
    return any(getattr(field, "unit_of", "") not in ("", "self") for field in register.fields())


def row_values(register, row) -> list:
    """The row's values in the order of `header_row`: Decimals, dates and texts."""
    period = [period_text(row)] if period_heading(register) else []
    values = [value_of(row, field) for field in register.fields()]
    units = []
    if has_units_by_line(register):
        field = next(field for field in register.fields() if getattr(field, "unit_of", ""))
        units = [register.unit_of(field, row)]
    metered = "; ".join(
        f"{device_value['device']} {device_value['coverage_percent'] or '?'} %"
        for device_value in row.taken_over.values()
    )
    return [*period, *values, Source(row.source).label if row.source else "", row.remark, *units, metered]


def period_text(row) -> str:
    if row.register.kind == RegisterKind.YEARLY:
        return f"{row.month.year - 1}-{row.month.year % 100:02d}"
    return str(row.month.year) if row.register.kind == RegisterKind.CALENDAR else f"{row.month:%Y-%m}"


def value_of(row, field):
    value = getattr(row, field.name) if getattr(row, field.attname) is not None else None
    if isinstance(field, models.BooleanField):
        return {True: "yes", False: "no"}.get(value, "")
    if field.choices:
        return getattr(row, f"get_{field.name}_display")() if value else ""
    if isinstance(field, models.ForeignKey):
        return "" if value is None else getattr(value, "label", str(value))
    return value


class EchoWriter:
    """A file object that returns what is written to it, for csv.writer in a generator."""

    def write(self, text):
        return text


def csv_lines(register, rows) -> Iterator:
    writer = csv.writer(EchoWriter())
    yield "\ufeff" + writer.writerow(header_row(register))
    for row in rows:
        yield writer.writerow([csv_text(value) for value in row_values(register, row)])


def csv_text(value):
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, date):
        return f"{value:%d-%m-%Y}"
    return escape_formula(str(value))


def xlsx_content(register, rows) -> bytes:
    """The export as a workbook; figures are numbers, dates are dates."""
    header = header_row(register)
    widths = [max(MIN_WIDTH, min(MAX_WIDTH, len(title) + 2)) for title in header]
    with Workbook() as book:
        bold, day = book.style(BOLD), book.style(DAY)
        with book.sheet(register.title, widths, freeze=(1, 1)) as sheet:
            sheet.append(cells.text_cell(title, bold) for title in header)
            for row in rows:
                sheet.append(value_cell(value, day) for value in row_values(register, row))
    return book.take()


def value_cell(value, day) -> str:
    if value is None or value == "":
        return cells.EMPTY
    if isinstance(value, Decimal):
        return cells.exact_cell(value)
    if isinstance(value, date):
        return cells.date_cell(value, day)
    return cells.number_cell(value) if isinstance(value, int) else cells.text_cell(str(value))
