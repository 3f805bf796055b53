"""Import of register rows from a table: a dry run that is rolled back, then the import, all or nothing."""

import re
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import NON_FIELD_ERRORS
from django.db import models, transaction

from core.formula_injection import unescape_formula
from registers import parsers
from registers.columns import field_label
from registers.description import RegisterKind
from registers.forms.rows import make_row_form
from registers.imports import spreadsheets
from registers.lookup_cache import LookupCache
from registers.models import Source
from registers.sheet.saving import save_form

PERIOD = "(period)"
IGNORED = {"unit", "metered by", "document"}  # informational columns of the export
YES, NO = {"yes", "y", "true", "1"}, {"no", "n", "false", "0"}


@dataclass
class ImportRowResult:
    """The outcome of one line. `faults` are (column heading, message)."""

    number: int
    label: str = ""
    action: str = "fault"  # new, changed, unchanged, fault
    faults: list = field(default_factory=list)


@dataclass
class ImportPlan:
    lines: list = field(default_factory=list)
    faults: list = field(default_factory=list)  # of the headings

    @property
    def is_importable(self):
        return not self.faults and all(not line.faults for line in self.lines)

    def count(self, action):
        return sum(1 for line in self.lines if line.action == action)

    @property
    def counts(self) -> dict:
        return {action: self.count(action) for action in ("new", "changed", "unchanged", "fault")}


def dry_run(register, factory, table, *, period, today) -> ImportPlan:
    """What the import would do, with the faults of every line; nothing is saved."""
    return RowImporter(register, factory, period, today).run(table, commit=False)


def import_rows(register, factory, table, *, period, today) -> ImportPlan:
    """Import the table whole, or, where any line has a fault, not at all."""
    return RowImporter(register, factory, period, today).run(table, commit=True)


class RowImporter:
    def __init__(self, register, factory, period, today) -> None:
        self.register, self.factory, self.period, self.today = register, factory, period, today
        self.lines = LookupCache(factory)

    def run(self, table, *, commit):
        plan = ImportPlan()
        columns, body, first = self.columns(table, plan)
        if plan.faults:
            return plan
        with transaction.atomic():
            seen = {}
            for number, cells in enumerate(body, start=first):
                plan.lines.append(self.line(number, columns, cells, seen))
            if not (commit and plan.is_importable):
                transaction.set_rollback(True)
        return plan

    # Headings

    def columns(self, table, plan) -> tuple:
        """(names, lines, number of the first line): by the headings or, without any, in the order of the sheet."""
        known = self.headings()
        head = [known.get(normalise(cell)) for cell in table[0]]
        if not any(head):
            return self.usual_columns()[: max(map(len, table))], table, 1
        for cell, name in zip(table[0], head, strict=True):
            if name is None and normalise(cell) and normalise(cell) not in IGNORED:
                plan.faults.append(f"“{cell[:60]}” is no column of this register.")
        names = [name for name in head if name]
        for name in {name for name in names if names.count(name) > 1}:
            plan.faults.append(f"“{self.heading(name)}” stands twice among the headings.")
        return head, table[1:], 2

    def headings(self):
        """{normalised column heading: field}, all accepted spellings."""
        names_by_heading = {}
        period = spreadsheets.period_heading(self.register)
        for name in [*self.register.field_names, "source", "remark"]:
            column = self.register.model._meta.get_field(name)
            for heading in (name, field_label(column), self.register.heading(name)):
                names_by_heading[normalise(heading)] = name
        if period:
            names_by_heading[normalise(period)] = PERIOD
        return names_by_heading

    def usual_columns(self) -> list:
        period = [PERIOD] if spreadsheets.period_heading(self.register) else []
        return [*period, *self.register.identity, *self.register.columns, "source", "remark"]

    def heading(self, name):
        if name == PERIOD:
            return spreadsheets.period_heading(self.register)
        return self.register.heading(name) if name else ""

    # Lines

    def line(self, number, columns, cells, seen) -> ImportRowResult:
        result = ImportRowResult(number)
        if len(cells) > len(columns):
            result.faults.append(("", "More cells than columns."))
            return result
        cells = dict(zip(columns, [*cells, *[""] * len(columns)], strict=False))  # trailing blanks are cut from the row
        cells.pop(None, None)
        month = self.month(cells.pop(PERIOD, ""), result)
        values = {name: self.value(name, text, result) for name, text in cells.items()}
        lacking = [name for name in self.register.identity if name not in values and not self.is_optional(name)]
        for name in lacking:
            result.faults.append((self.heading(name), "This column is missing: it says which row is meant."))
        if result.faults:
            return result
        row = self.row(month, values)
        key = (month, *(values.get(name, "") for name in self.register.identity))
        if key in seen:
            result.faults.append(("", f"The same row as line {seen[key]}."))
            return result
        seen[key] = number
        is_new = row.pk is None
        form = make_row_form(
            row, list(dict.fromkeys([*self.register.identity, *values])), self.lines, self.data(values)
        )
        result.label = " · ".join(
            filter(None, [row.period_label, *(cells.get(name, "") for name in self.register.identity)])
        )
        if not is_new and not form.has_changed():
            result.action = "unchanged"
        elif save_form(form):
            result.action = "new" if is_new else "changed"
        else:
            result.faults += [fault for name, errors in form.errors.items() for fault in self.faults(name, errors)]
        return result

    def faults(self, name, errors) -> list:
        title = "" if name == NON_FIELD_ERRORS else self.heading(name)
        return [(title, error) for error in errors]

    def is_optional(self, name):
        column = self.register.model._meta.get_field(name)
        return column.blank

    def data(self, values):
        """The form data: the columns of the file, and blanks for the rest of the identity."""
        return dict.fromkeys(self.register.identity, "") | values

    def month(self, text, result):
        register = self.register
        if not (register.is_monthly or register.is_yearly):
            return None
        try:
            month = self.year(text) if register.is_yearly else parsers.parse_month(text)
        except parsers.ParseError as error:
            result.faults.append((self.heading(PERIOD), str(error)))
            return None
        if month is None:
            month = self.default_month()
        if month is None:
            result.faults.append((self.heading(PERIOD), "Say when: a column for the period is missing or blank."))
        elif register.is_monthly and month > self.today:
            result.faults.append((self.heading(PERIOD), f"{month:%B %Y} has not begun yet."))
        return month

    def default_month(self):
        if self.period is None:
            return None
        if self.register.is_yearly:
            return self.register.month_of_year(self.period.start)
        return self.period.start if self.period.kind == "month" else None

    def year(self, text):
        """2025-26, FY 2025-26 or 2025 → the month that yearly rows are stored under. Raises ParseError."""
        if not text:
            return None
        shape = re.fullmatch(r"(?:FY\s*)?(\d{4})(?:\s*[-–/]\s*(\d{2}|\d{4}))?", text.strip(), re.IGNORECASE)
        if shape is None or not parsers.EARLIEST <= int(shape[1]) <= parsers.LATEST:
            raise parsers.ParseError("A year such as 2025-26 is expected.")
        first = int(shape[1])
        if self.register.kind == RegisterKind.CALENDAR and shape[2]:
            raise parsers.ParseError("CBAM counts calendar years: write 2025.")
        return self.register.month_of_year(date(first, 4, 1))

    def row(self, month, values):
        """The stored row with the line's identity, or a new one."""
        rows = self.register.model.objects.for_factory(self.factory).with_related()
        if self.register.is_monthly or self.register.is_yearly:
            rows = rows.filter(month=month)
        identity = {name: self.identity_value(name, values.get(name, "")) for name in self.register.identity}
        stored = None if "unreadable" in identity.values() else rows.filter(**identity).first()
        return stored or self.register.new_row(self.factory, month=month)

    def identity_value(self, name, text):
        """The value of an identity field to look the stored row up by."""
        column = self.register.model._meta.get_field(name)
        if isinstance(column, models.ForeignKey):
            return int(text) if text else None
        if isinstance(column, models.DateField):
            try:
                return parsers.parse_day(text)
            except parsers.ParseError:
                return "unreadable"
        return text

    def value(self, name, text, result):
        """A cell as form data: ids for related rows, values for choices."""
        text = unescape_formula(text)
        column = self.register.model._meta.get_field(name)
        if isinstance(column, models.ForeignKey):
            return self.line_id(name, column, text, result)
        if isinstance(column, models.BooleanField):
            folded = text.casefold()
            return "yes" if folded in YES else "no" if folded in NO else text
        choices = Source.choices if name == "source" else column.flatchoices
        for value, label in choices or ():
            if text.casefold() in (str(value).casefold(), str(label).casefold()):
                return value
        return text

    def line_id(self, name, column, text, result) -> str:
        if not text:
            return ""
        rows = self.lines.by_name(column.related_model).get(text.casefold(), [])
        if len(rows) == 1:
            return str(rows[0].pk)
        why = "There is no such line" if not rows else "Several lines are called so"
        result.faults.append((self.heading(name), f"{why}: {text[:60]}."))
        return ""


def normalise(text):
    return " ".join(str(text).replace("\u202f", " ").split()).casefold()
