"""A cell of an imported table → the text that the form of its field reads, or a fault. Pure but for names of lines."""

from django.db import models

from core.formula_injection import unescape_formula
from core.table_files.cells import is_exact, problem_of
from core.table_files.days import DayError, parse_day
from core.table_files.months import MonthError, parse_month
from core.table_files.numbers import Notation, NumberError, parse_cell
from registers import parsers
from registers.columns import Quantity, ResultField
from registers.models import Source

YES, NO = {"yes", "y", "true", "1"}, {"no", "n", "false", "0"}
# What stands behind figures on Indian bills and sheets, by the unit it means.
UNIT_SPELLINGS = {
    "kwh": {"kwh", "unit", "units"},
    "₹": {"₹", "rs", "rs.", "inr"},
    "m³": {"m³", "m3", "cum", "cu.m"},
    "t": {"t", "mt", "ton", "tons", "tonne", "tonnes"},
    "kg": {"kg", "kgs"},
    "sm³": {"sm3", "scm"},
    "kl": {"kls"},
    "l": {"ltr", "ltrs", "litre", "litres"},
    "nos": {"nos", "nos.", "no.", "pcs"},
}


class CellFault(ValueError):
    """The cell cannot be stored; the message is for the person who sent the file."""


class CellReader:
    """`columns`: how the table's columns are read. `lines`: the LookupCache of the factory."""

    def __init__(self, register, columns, lines) -> None:
        self.register, self.columns, self.lines = register, columns, lines
        self.notations = {columns.names[place]: notation for place, notation in columns.notations.items()}

    def text(self, name, cell) -> tuple[str, str]:
        """(form data, unit written in the cell) of a field's cell. Raises CellFault."""
        if problem_of(cell):
            raise CellFault(problem_of(cell))
        text = unescape_formula(str(cell))
        column = self.register.model._meta.get_field(name)
        if not isinstance(column, models.TextField):
            text = " ".join(text.splitlines())
        if isinstance(column, Quantity):
            return self.figure(text, Notation.POINT if is_exact(cell) else self.notations[name])
        if isinstance(column, ResultField):
            return self.result(text, Notation.POINT if is_exact(cell) else self.notations[name]), ""
        if isinstance(column, models.ForeignKey):
            return self.line_id(column, text), ""
        if isinstance(column, models.DateField):
            return self.day(text), ""
        if isinstance(column, models.BooleanField):
            folded = text.casefold()
            return "yes" if folded in YES else "no" if folded in NO else text, ""
        return choice_value(name, column, text), ""

    def figure(self, text, notation) -> tuple[str, str]:
        try:
            found = parse_cell(text, notation)
        except NumberError as error:
            raise CellFault(str(error)) from None
        if found is None:
            return "", ""
        return f"{found[0]:f}", found[1]

    def result(self, text, notation) -> str:
        """A laboratory result: a figure with a decimal point, <5, BDL or ND; what is none is left to its field."""
        sign, bare = ("<", text[1:].strip()) if text.startswith("<") else ("", text)
        try:
            found = parse_cell(bare, notation)
        except NumberError:
            return text
        return f"{sign}{found[0]:f}" if found and not found[1] else text

    def day(self, text) -> str:
        if not text:
            return ""
        try:
            return parse_day(text.removesuffix(" 00:00:00"), self.columns.day_order).isoformat()
        except DayError as error:
            raise CellFault(str(error)) from None

    def month(self, cell):
        """The first day of the month, or None for a blank cell. Raises CellFault."""
        if problem_of(cell):
            raise CellFault(problem_of(cell))
        if not cell:
            return None
        try:
            return parse_month(cell.removesuffix(" 00:00:00"), self.columns.day_order).meant(self.columns.month_meaning)
        except MonthError as error:
            raise CellFault(str(error)) from None

    def line_id(self, column, text) -> str:
        if not text:
            return ""
        rows = self.lines.by_name(column.related_model).get(text.casefold(), [])
        if len(rows) == 1:
            return str(rows[0].pk)
        why = "There is no such line" if not rows else "Several lines are called so"
        raise CellFault(f"{why}: {text[:60]}.")


def choice_value(name, column, text) -> str:
    choices = Source.choices if name == "source" else column.flatchoices
    for value, label in choices or ():
        if text.casefold() in (str(value).casefold(), str(label).casefold()):
            return value
    return text


def is_same_unit(written: str, expected: str) -> bool:
    folded = written.casefold().strip()
    if folded == expected.casefold():
        return True
    return folded in UNIT_SPELLINGS.get(expected.casefold(), ())


def number_of(text: str):
    """The figure of form data, or None."""
    try:
        return parsers.parse_number(text)
    except parsers.ParseError:
        return None
