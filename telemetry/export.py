"""Readings of a device as CSV or XLSX of any length, in constant memory."""

import csv
import json
import re
from tempfile import TemporaryFile

import xlsxwriter
from django.utils.text import slugify

from telemetry.meaning import Meaning
from telemetry.metrics import BY_NAME, STORED, SUSPECT_BIT
from telemetry.models import Clock, Reading

PAGE = 5_000  # readings held in memory
SHEET_ROWS = 1_048_576  # Excel's own limit, head included
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
HEAD = ["timestamp", "received_at", "clock", *STORED, "power_kind", "suspect", "extra"]


def rows(device, start, end):
    """Each reading as a list in the order of HEAD, oldest first; read page by page along the index."""
    meaning = Meaning(device)
    fields = ["at", "received_at", "clock", "suspect", "extra", *STORED]
    wanted = Reading.objects.filter(device=device, at__gte=start, at__lt=end).order_by("at")
    page = list(wanted.values_list(*fields)[:PAGE])
    while page:
        for at, received_at, clock, suspect, extra, *values in page:
            names = " ".join(name for name in STORED if suspect & SUSPECT_BIT[name])
            kind = str(meaning.at(at).power_kind)
            told = json.dumps(extra, ensure_ascii=False, sort_keys=True) if extra else ""
            yield [at, received_at, Clock(clock).label, *values, kind, names, told]
        page = list(wanted.filter(at__gt=page[-1][0]).values_list(*fields)[:PAGE]) if len(page) == PAGE else []


def harmless(text: str) -> str:
    """A text that a spreadsheet would take for a formula is quoted."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def filename(device, start, end, kind) -> str:
    name = slugify(device.device_id) or f"device-{device.pk}"
    return f"{name}_{start:%Y%m%d}-{end:%Y%m%d}.{kind}"


class Line:
    """A file that gives back what is written to it: csv's writer as a generator."""

    def write(self, text):
        return text


def csv_lines(device, start, end):
    writer = csv.writer(Line())
    yield writer.writerow(HEAD)
    for row in rows(device, start, end):
        yield writer.writerow([csv_cell(value) for value in row])


def csv_cell(value):
    if value is None:
        return ""
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return harmless(value) if isinstance(value, str) else repr(value)


def xlsx_file(device, start, end):
    """An open temporary file; a new sheet begins where one is full. Times are the factory's own."""
    target = TemporaryFile()  # noqa: SIM115 the answer that streams it closes it
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    zone = device.factory.zone
    with xlsxwriter.Workbook(target, options) as book:
        clock = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet, line, number = None, SHEET_ROWS, 0
        for row in rows(device, start, end):
            if line >= SHEET_ROWS:
                number += 1
                sheet, line = new_sheet(book, number, zone), 1
            for place, value in enumerate(row):
                write_cell(sheet, line, place, value, zone, clock)
            line += 1
        if sheet is None:
            new_sheet(book, 1, zone)
    target.seek(0)
    return target


def new_sheet(book, number, zone):
    sheet = book.add_worksheet(f"Readings {number}")
    sheet.set_column(0, 1, 20)
    for place, name in enumerate(HEAD):
        unit = f" ({BY_NAME[name].unit})" if name in BY_NAME else f" ({zone.key})" if place < 2 else ""
        sheet.write_string(0, place, name + unit)
    return sheet


def write_cell(sheet, line, place, value, zone, clock):
    if value is None or value == "":
        return
    if hasattr(value, "astimezone"):
        sheet.write_datetime(line, place, value.astimezone(zone).replace(tzinfo=None), clock)
    elif isinstance(value, str):
        sheet.write_string(line, place, printable(value)[:32_767])
    else:
        sheet.write_number(line, place, value)


def printable(text: str) -> str:
    """Without the control characters that XML, and so Excel, refuses."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text)
