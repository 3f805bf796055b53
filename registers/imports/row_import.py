"""Import of register rows from a table: a dry run that is rolled back, then the import, all or nothing.

Nothing is stored that a person has not seen: what can be read in two ways is a question of the plan, and a plan with
questions or faults is not carried out.
"""

import re
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import NON_FIELD_ERRORS
from django.db import models, transaction

from core.table_files.cells import problem_of
from core.table_files.choices import Choices, Question
from core.table_files.days import DayError, parse_day
from core.table_files.head_rows import is_total
from registers import parsers
from registers.description import RegisterKind
from registers.forms.rows import make_row_form
from registers.imports import unusual
from registers.imports.cell_values import CellFault, CellReader, is_same_unit, number_of
from registers.imports.column_readings import PERIOD, ColumnReader, Columns
from registers.imports.shown_values import shown_values, text_of
from registers.imports.tables import SourceTable
from registers.lookup_cache import LookupCache
from registers.sheet.saving import save_form

CLEAR_BLANKS = "clear_blanks"


@dataclass
class ImportRowResult:
    """The outcome of one line. `faults` are (column heading, message); `values` {field: ShownValue}."""

    number: int
    label: str = ""
    action: str = "fault"  # new, changed, unchanged, fault
    faults: list = field(default_factory=list)
    values: dict = field(default_factory=dict)
    blanks: list = field(default_factory=list)  # headings of blank cells where a value is stored
    row: models.Model | None = None


@dataclass
class ImportPlan:
    lines: list = field(default_factory=list)
    faults: list = field(default_factory=list)  # of the headings
    questions: list[Question] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    columns: Columns | None = None
    names: list = field(default_factory=list)  # (field, heading) of the columns that are read

    @property
    def is_importable(self) -> bool:
        return not self.faults and not self.questions and self.is_faultless

    @property
    def is_faultless(self) -> bool:
        return not self.faults and bool(self.lines) and all(not line.faults for line in self.lines)

    def count(self, action) -> int:
        return sum(1 for line in self.lines if line.action == action)

    @property
    def counts(self) -> dict:
        return {action: self.count(action) for action in ("new", "changed", "unchanged", "fault")}

    @property
    def blank_count(self) -> int:
        return sum(len(line.blanks) for line in self.lines)


def dry_run(register, factory, table: SourceTable, choices: Choices | None = None, *, period, today) -> ImportPlan:
    """What the import would do, with the values and faults of every line; nothing is saved."""
    return RowImporter(register, factory, period, today).run(table, choices or Choices(), commit=False)


def import_rows(register, factory, table: SourceTable, choices: Choices | None = None, *, period, today) -> ImportPlan:
    """Import the table whole, or, where any line has a fault or a question is open, not at all."""
    return RowImporter(register, factory, period, today).run(table, choices or Choices(), commit=True)


class RowImporter:
    def __init__(self, register, factory, period, today) -> None:
        self.register, self.factory, self.period, self.today = register, factory, period, today
        self.lines, self.reader = LookupCache(factory), ColumnReader(register)

    def run(self, table, choices, *, commit) -> ImportPlan:
        columns = self.reader.read(table, choices)
        plan = ImportPlan(faults=columns.faults, questions=columns.questions, notes=columns.notes, columns=columns)
        plan.names = [(name, self.heading(name)) for name in columns.names if name]
        if plan.faults:
            return plan
        self.columns, self.cells = columns, CellReader(self.register, columns, self.lines)
        self.clears_blanks = CLEAR_BLANKS in choices.accepted
        with transaction.atomic():
            seen, totals = {}, []
            for source in columns.rows:
                if is_total(source.cells) and not self.is_line_name(source.cells):
                    totals.append(source)
                    continue
                plan.lines.append(self.line(source.number, source.cells, seen))
            plan.notes += [self.total_note(source, plan.lines) for source in totals]
            if not plan.lines and not plan.faults:
                plan.faults.append("There is no line below the headings.")
            if unusual.KEY not in choices.accepted:
                plan.questions += unusual.questions(self.register, self.factory, plan.lines)
            if not (commit and plan.is_importable):
                transaction.set_rollback(True)
        return plan

    def heading(self, name) -> str:
        return self.reader.heading(name)

    def usual_columns(self) -> list:
        return self.reader.usual_columns()

    def total_note(self, source, lines) -> str:
        """A sum below the table is no row; where it differs from its lines, something is missing or misread."""
        differing = []
        for name, cell in zip(self.columns.names, source.cells, strict=False):
            try:
                said = number_of(self.cells.text(name, cell)[0]) if name in self.cells.notations else None
            except CellFault:
                said = None
            figures = [line.values[name].figure for line in lines if name in line.values and line.values[name].figure]
            if said is not None and figures and said != sum(figures):
                said, total = text_of(said, ""), text_of(sum(figures), "")
                differing.append(f" {self.heading(name)}: it says {said}, the lines add up to {total}.")
        return f"Line {source.number} is a sum of the table and left out.{''.join(differing)}"

    def is_line_name(self, cells) -> bool:
        """Whether the first filled cell names a line of the factory, whatever it sounds like."""
        first = next(cell for cell in cells if cell).casefold()
        keys = [self.register.model._meta.get_field(name) for name in self.register.identity]
        return any(
            isinstance(key, models.ForeignKey) and first in self.lines.by_name(key.related_model) for key in keys
        )

    # Lines

    def line(self, number, cells, seen) -> ImportRowResult:
        result = ImportRowResult(number)
        names = self.columns.names
        if any(cells[place] for place in self.columns.unheaded if place < len(cells)):
            result.faults.append(("", "More cells than columns."))
            return result
        by_name = dict(zip(names, [*cells, *[""] * len(names)], strict=False))  # trailing blanks are cut from the row
        by_name.pop(None, None)
        month = self.month(by_name.pop(PERIOD, ""), result)
        values, units = self.values(by_name, result)
        result.values = shown_values(self.register, by_name)
        self.add_missing_columns(values, result)
        if result.faults:
            return result
        row = self.row(month, values)
        key = (month, *(values.get(name, "") for name in self.register.identity))
        if key in seen:
            result.faults.append(("", f"The same row as line {seen[key]}."))
            return result
        seen[key] = number
        result.label = " · ".join(
            filter(None, [row.period_label, *(by_name.get(name, "") for name in self.register.identity)])
        )
        self.keep_stored(row, values, result)
        self.save(row, values, units, by_name, result)
        return result

    def values(self, by_name, result) -> tuple[dict, dict]:
        """({field: form data}, {field: unit written in its cell})."""
        values, units = {}, {}
        for name, cell in by_name.items():
            try:
                values[name], unit = self.cells.text(name, cell)
            except CellFault as fault:
                result.faults.append((self.heading(name), str(fault)))
                values[name] = ""
                continue
            if unit:
                units[name] = unit
        return values, units

    def add_missing_columns(self, values, result) -> None:
        for name in self.register.identity:
            if name not in values and not self.register.model._meta.get_field(name).blank:
                result.faults.append((self.heading(name), "This column is missing: it says which row is meant."))

    def keep_stored(self, row, values, result) -> None:
        """A blank cell leaves what is stored, unless a person wants it cleared."""
        for name in [name for name, text in values.items() if not text and name not in self.register.identity]:
            if row.pk is None or getattr(row, self.register.model._meta.get_field(name).attname) in (None, ""):
                continue
            result.blanks.append(self.heading(name))
            if not self.clears_blanks:
                del values[name]

    def save(self, row, values, units, by_name, result) -> None:
        is_new, before = row.pk is None, shown_values(self.register, by_name, row)
        names = list(dict.fromkeys([*self.register.identity, *values]))
        form = make_row_form(row, names, self.lines, dict.fromkeys(self.register.identity, "") | values)
        if not is_new and not form.has_changed():
            result.action = "unchanged"
        elif save_form(form):
            result.action = "new" if is_new else "changed"
        else:
            result.faults += [fault for name, errors in form.errors.items() for fault in self.faults(name, errors)]
            return
        result.faults += self.unit_faults(row, units)
        if result.faults:
            result.action = "fault"
            return
        result.row = row
        result.values = shown_values(self.register, by_name, row, {} if is_new else before)

    def unit_faults(self, row, units) -> list:
        """A unit written in a cell must be the field's, in this row."""
        found = []
        for name, unit in units.items():
            expected = self.register.unit_of(self.register.model._meta.get_field(name), row)
            if not is_same_unit(unit, expected):
                words = f"{expected} is expected" if expected else "it has no unit here"
                found.append((self.heading(name), f"The cell is in {unit[:20]}; {words}."))
        return found

    def faults(self, name, errors) -> list:
        title = "" if name == NON_FIELD_ERRORS else self.heading(name)
        return [(title, error) for error in errors]

    # The row that a line means

    def month(self, cell, result):
        register = self.register
        if not (register.is_monthly or register.is_yearly):
            return None
        try:
            month = self.year(cell) if register.is_yearly else self.cells.month(cell)
        except (parsers.ParseError, CellFault) as error:
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
        """2025-26, FY 2025-26 or 2025 → the month that yearly rows are stored under. Raises ParseError, CellFault."""
        if problem_of(text):
            raise CellFault(problem_of(text))
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
                return parse_day(text, self.columns.day_order) if text else None
            except DayError:
                return "unreadable"
        return text
