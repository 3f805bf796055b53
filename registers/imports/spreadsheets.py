"""Spreadsheets: what is read from CSV, XLSX or pasted text as plain cells, and what is written to be read again."""

import csv
import io
import re
import zipfile
from datetime import date, datetime
from decimal import Decimal
from tempfile import TemporaryFile

import xlsxwriter
from django.db import models
from openpyxl import load_workbook

from registers.description import RegisterKind
from registers.models import Source
from telemetry.export.columns import escape_formula

MAX_BYTES = 2 * 1024 * 1024
MAX_UNPACKED_BYTES = 40 * 1024 * 1024
MAX_LINES, MAX_COLUMNS = 1_000, 80
EXCEL_MAX_DIGITS = 15
XML_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


class BadTable(ValueError):
    """The file cannot be read as a table; the text says why."""


# Reading


def table_of_file(upload) -> list[list[str]]:
    """The first sheet's cells as texts, empty lines left out. Raises BadTable."""
    if upload.size > MAX_BYTES:
        raise BadTable("The file is larger than 2 MB.")
    content = upload.read()
    if content.startswith(b"PK\x03\x04"):
        return validate_table(xlsx_rows(content))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    return table_of_text(text)


def table_of_text(text) -> list[list[str]]:
    """Cells of pasted or CSV text: tabs where there are any, else commas or semicolons. Raises BadTable."""
    if len(text) > MAX_BYTES:
        raise BadTable("The text is longer than 2 MB.")
    if "\0" in text:
        raise BadTable("This is not a CSV or XLSX file.")
    first = text.lstrip().split("\n", 1)[0]
    delimiter = "\t" if "\t" in text else ";" if first.count(";") > first.count(",") else ","
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error as error:
        raise BadTable("This cannot be read as CSV.") from error
    return validate_table(rows)


def validate_table(rows):
    rows = [strip_trailing_blanks([cell.strip() for cell in row]) for row in rows]
    rows = [row for row in rows if any(row)]
    if not rows:
        raise BadTable("There is no line in it.")
    if len(rows) > MAX_LINES + 1:
        raise BadTable(f"More than {MAX_LINES} lines; import them in parts.")
    if max(map(len, rows)) > MAX_COLUMNS:
        raise BadTable(f"More than {MAX_COLUMNS} columns.")
    return rows


def strip_trailing_blanks(cells):
    """Without the empty cells at the end, which a workbook counts as columns."""
    while cells and not cells[-1]:
        cells.pop()
    return cells


def xlsx_rows(content):
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MAX_UNPACKED_BYTES:
                raise BadTable("The workbook is too large when unpacked.")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        rows = book.worksheets[0].iter_rows(max_row=MAX_LINES + 2, max_col=MAX_COLUMNS + 1, values_only=True)
        return [[cell_text(value) for value in row] for row in rows]
    except BadTable:
        raise
    except Exception as error:  # openpyxl raises whatever its XML parser, zipfile or its own reader think of
        raise BadTable("This is not a workbook that can be read.") from error


def cell_text(value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime | date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, int | float):
        return f"{Decimal(repr(value)):f}"
    return str(value)


# Writing


def period_heading(register):
    if register.is_yearly:
        return "Year"
    return "Month" if register.is_monthly else ""


def header_row(register) -> list[str]:
    """Headings of an export, the ones an import understands."""
    period = period_heading(register)
    units = ["Unit"] if has_units_by_line(register) else []
    names = [register.heading(name) for name in register.field_names]
    return [*([period] if period else []), *names, "Source", "Remark", *units, "Metered by"]


def has_units_by_line(register):
    return any(getattr(field, "unit_of", "") not in ("", "self") for field in register.fields())


def row_values(register, row):
    """The row's cells in the order of `head`: Decimals, dates and texts."""
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


def period_text(row):
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
    """A file that gives back what is written to it: csv's writer as a generator."""

    def write(self, text):
        return text


def csv_lines(register, rows):
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


def xlsx_file(register, rows):
    """An open temporary file; figures are numbers, dates dates."""
    target = TemporaryFile()  # noqa: SIM115 the answer that sends it closes it
    with xlsxwriter.Workbook(target, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        day, bold = book.add_format({"num_format": "dd-mm-yyyy"}), book.add_format({"bold": True})
        sheet = book.add_worksheet(register.title[:31].replace(":", ""))
        sheet.freeze_panes(1, 1)
        for column, title in enumerate(header_row(register)):
            sheet.set_column(column, column, max(12, min(40, len(title) + 2)))
            sheet.write_string(0, column, title, bold)
        for line, row in enumerate(rows, start=1):
            for column, value in enumerate(row_values(register, row)):
                write_cell(sheet, line, column, value, day)
    target.seek(0)
    return target


def write_cell(sheet, line, column, value, day):
    if value is None or value == "":
        return
    if isinstance(value, Decimal):
        plain = value.normalize()
        if len(plain.as_tuple().digits) <= EXCEL_MAX_DIGITS:
            sheet.write_number(line, column, float(plain))
        else:
            sheet.write_string(line, column, f"{plain:f}")
    elif isinstance(value, date):
        sheet.write_datetime(line, column, datetime(value.year, value.month, value.day), day)  # noqa: DTZ001 a day
    elif isinstance(value, int):
        sheet.write_number(line, column, value)
    else:
        sheet.write_string(line, column, XML_FORBIDDEN.sub("", str(value)))
