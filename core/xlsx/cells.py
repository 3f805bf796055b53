"""Cells and rows as SpreadsheetML. Cells have no addresses but follow each other; `EMPTY` skips a column. Pure."""

import math
import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from xml.sax.saxutils import escape

from core.formula_injection import escape_formula

MAX_TEXT = 32_767  # characters, Excel's limit of a cell
MAX_DIGITS = 15  # significant digits that Excel keeps of a number
INVALID_IN_XML = r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
ESCAPE_SEQUENCE = r"_x([0-9A-Fa-f]{4})_"  # Excel decodes it in texts, so a literal one is written _x005F_x0041_
TEXT_START, TEXT_END = '<c t="inlineStr"><is><t xml:space="preserve">', "</t></is></c>"
EMPTY = "<c/>"
EPOCH = date(1899, 12, 30)  # day 0 of Excel's date numbers, from March 1900 on


def style_attribute(style: int) -> str:
    return f' s="{style}"' if style else ""


def text_cell(text: str, style: int = 0) -> str:
    """A string, never a formula, without the characters that XML forbids."""
    plain = escape_formula(re.sub(INVALID_IN_XML, "", text))[:MAX_TEXT]
    content = escape(re.sub(ESCAPE_SEQUENCE, r"_x005F_x\1_", plain))
    start = TEXT_START.replace("<c", f"<c{style_attribute(style)}", 1) if style else TEXT_START
    return f"{start}{content}{TEXT_END}"


def number_cell(value: float | Decimal, style: int = 0) -> str:
    """A number. Raises ValueError for infinity and NaN, which no cell can hold."""
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{value} is no number of a workbook")
    return f"<c{style_attribute(style)}><v>{number!r}</v></c>"


def exact_cell(value: Decimal, style: int = 0) -> str:
    """A number where Excel keeps all its digits, else their text."""
    plain = value.normalize()
    if len(plain.as_tuple().digits) > MAX_DIGITS:
        return text_cell(f"{plain:f}")
    return number_cell(plain, style)


def date_cell(day: date, style: int) -> str:
    """A date as Excel counts days; `style` has the number format that shows it as one."""
    return f"<c{style_attribute(style)}><v>{(date(day.year, day.month, day.day) - EPOCH).days}</v></c>"


def row(cells: Iterable[str] = ()) -> bytes:
    return f"<row>{''.join(cells)}</row>".encode()
