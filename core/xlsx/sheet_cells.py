"""Values of a workbook's cells → texts as a person who typed them would have written them, with what a text loses."""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from core.table_files.cells import Cell

UNCALCULATED = "a formula whose result is not in the file: open and save it in Excel"
ERROR = re.compile(r"#(?:REF!|DIV/0!|N/A|NAME\?|NULL!|NUM!|VALUE!|SPILL!|CALC!|GETTING_DATA)")
UNIT_IN_FORMAT = re.compile(r'[0#?][^";]*"\s*([^"]{1,12})"\s*(?:;|$)')
ZERO, DAY = timedelta(0), timedelta(days=1)


def cell_of(value: Any, number_format: str = "", data_type: str = "") -> Cell:
    """`number_format` as the workbook has it: a percentage is 12 %, a unit in the format stands behind the figure."""
    if value is None:
        return Cell()
    if isinstance(value, bool):
        return Cell("yes" if value else "no")
    if data_type == "e" or (isinstance(value, str) and ERROR.fullmatch(value.strip())):
        return Cell(problem=f"{str(value).strip()}: the result of this formula is an error")
    if isinstance(value, datetime | date | time | timedelta):
        return Cell(moment_text(value))
    if isinstance(value, int | float | Decimal):
        return Cell(number_text(value, number_format), is_exact=True)
    return Cell(str(value))


def moment_text(value: Any) -> str:
    if isinstance(value, datetime):
        nearest = (value + timedelta(microseconds=500_000)).replace(microsecond=0)  # Excel counts fractions of days
        return f"{nearest:%Y-%m-%d}" if nearest.time() == time.min else f"{nearest:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, time):
        return f"{value:%H:%M:%S}"
    seconds = round(value.total_seconds())
    return f"{seconds // 3600:02}:{seconds % 3600 // 60:02}:{seconds % 60:02}"


def number_text(value: float | Decimal, number_format: str) -> str:
    """Fifteen digits, which is what Excel keeps: 0.1 + 0.2 is 0.3."""
    number = Decimal(format(value, ".15g")) if isinstance(value, float) else Decimal(value)
    shown = number_format.split(";")[0]
    if "%" in re.sub(r'"[^"]*"', "", shown):
        return f"{plain(number * 100)} %"
    unit = UNIT_IN_FORMAT.search(number_format)
    return f"{plain(number)} {unit[1].strip()}" if unit and unit[1].strip() else plain(number)


def plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
