"""A register as a sheet: its rows, columns, missing cells and locks."""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.db import models

from calculations.periods import MONTH, Period, around
from registers.description import RegisterKind
from registers.lookup_cache import LookupCache
from registers.models import ElectricityBill, MonthLock, RegisterExemption
from registers.month_ranges import last_complete_month, months_of
from registers.sheet.cells import BLANK, GridRow, expected_row_key, line_key


@dataclass
class Sheet:
    """One register of a factory over a month or a year, editable where `may_enter`."""

    register: object
    factory: object
    period: Period | None
    today: date  # of the factory
    may_enter: bool = False
    line: str = ""  # of a monthly register: one line through the year
    suggestions: dict = field(default_factory=dict)

    def __post_init__(self):
        self.lines = LookupCache(self.factory)
        self.due_until = last_complete_month(self.today)

    @cached_property
    def rows_are_months(self):
        return self.register.is_monthly and self.period.kind != MONTH

    @property
    def column_names(self) -> list:
        free = [] if self.rows_are_months else [name for name in self.register.identity if name != self.head_field]
        return [*free, *self.register.columns, "source"]

    @property
    def head_field(self):
        """The identity field shown as row header, where all lines are fixed."""
        return self.register.identity[0] if self.has_fixed_lines else None

    @property
    def line_label(self):
        """The label of the line shown through the year."""
        if not self.rows_are_months or not self.line:
            return ""
        row = self.register.new_row(self.factory, **self.line_values(self.line))
        return row.label

    @property
    def head_heading(self):
        return self.register.heading(self.head_field) if self.head_field else ""

    @property
    def is_bills(self) -> bool:
        return self.register.model is ElectricityBill

    @cached_property
    def lines_register(self):
        """The register whose rows are this one's lines."""
        if self.register.expected_per in ("", "month"):
            return None
        return getattr(self.register.model._meta.get_field(self.register.expected_per).related_model, "register", None)

    @property
    def lines_sentence(self) -> str:
        return f"Its lines come from the register “{self.lines_register.title}”: add the first one there."

    @property
    def lines_through_year(self) -> list:
        """(key, label) of the lines on a month's sheet, for links to each through the year."""
        if not self.register.is_monthly or self.rows_are_months or not self.register.has_identity:
            return []
        return [(row.line, row.row.label) for row in self.rows if not row.is_blank]

    @cached_property
    def has_fixed_lines(self) -> bool:
        """Whether all lines come from another register, so that no blank row is offered."""
        return self.register.identity == (self.register.expected_per,)

    def heading(self, name):
        return "Source" if name == "source" else self.register.heading(name)

    @cached_property
    def columns(self) -> list:
        model = self.register.model
        return [
            {
                "name": name,
                "heading": self.heading(name),
                "is_figure": isinstance(model._meta.get_field(name), models.DecimalField),
                "is_measured": name in self.register.measured_fields,
            }
            for name in self.column_names
        ]

    @cached_property
    def exemptions(self) -> dict:
        """{slug of the register or report: RegisterExemption} of the factory."""
        return {note.register: note for note in RegisterExemption.objects.for_factory(self.factory)}

    @cached_property
    def needed(self) -> set:
        return set(self.register.needed_fields(without=self.exemptions))

    @property
    def exemption(self):
        return self.exemptions.get(self.register.slug)

    @cached_property
    def locked(self) -> set:
        return set(MonthLock.objects.for_factory(self.factory).active().values_list("month", flat=True))

    @property
    def is_locked(self):
        """Whether the month shown is locked."""
        return bool(self.period) and self.period.kind == MONTH and self.period.start in self.locked

    # Rows

    @cached_property
    def stored(self) -> list:
        rows = self.register.model.objects.for_factory(self.factory).with_related()
        if self.register.has_period:
            months = months_of(self.period)
            rows = rows.in_months(months[0], months[-1])
        return sorted(rows, key=lambda row: (row.month or date.min, row.label.casefold(), row.pk))

    @cached_property
    def rows(self) -> list:
        rows = self.month_rows() if self.rows_are_months else self.line_rows()
        return [*rows, *self.blank_rows()]

    def month_rows(self) -> list:
        """One line through the year: a row for each month so far."""
        identity = self.register.identity
        values = self.line_values(self.line)
        by_month = {row.month: row for row in self.stored if not identity or line_key(row) == self.line}
        months = [month for month in months_of(self.period) if month <= self.today or month in by_month]
        return [
            self.grid_row(by_month[month]) if month in by_month else self.expected_row(month, values)
            for month in months
        ]

    def line_rows(self) -> list:
        """The stored rows, and a row for each expected line without one."""
        field = self.register.expected_per
        present_ids = {getattr(row, f"{field}_id", None) for row in self.stored}
        expected = [self.expected_row(self.month, {field: line}) for line in self.lines_without_row(present_ids)]
        return [*(self.grid_row(row) for row in self.stored), *expected]

    def lines_without_row(self, present_ids) -> list:
        register = self.register
        if not register.expected_per or not register.has_period or register.kind == RegisterKind.DATED:
            return []
        if register.expected_per == "month":
            return [] if self.stored else [None]
        model = register.model._meta.get_field(register.expected_per).related_model
        return [
            line for line in self.lines.in_use(model, self.period.start, self.period.end) if line.pk not in present_ids
        ]

    @property
    def month(self):
        """The month of new rows on this sheet; None where it follows from their date, or there is none."""
        if self.register.is_yearly:
            return self.register.month_of_year(self.period.start)
        return self.period.start if self.register.is_monthly else None

    def grid_row(self, row):
        return GridRow(f"r{row.pk}", row, self.fixed_fields(row), self)

    def fixed_fields(self, row):
        return self.register.identity if self.has_fixed_lines or self.rows_are_months else ()

    def expected_row(self, month, values):
        values = {name: value for name, value in values.items() if value is not None and name != "month"}
        row = self.register.new_row(self.factory, month=month, **values)
        fixed = self.register.identity if self.rows_are_months else tuple(values)
        return GridRow(expected_row_key(row), row, fixed, self)

    def blank_rows(self) -> list:
        if not self.may_enter or self.rows_are_months or self.has_fixed_lines or self.is_locked:
            return []
        if not self.register.has_identity or self.register.expected_per == "month":
            return []
        return [self.blank_row(f"{BLANK}1")]

    def blank_row(self, key):
        return GridRow(key, self.register.new_row(self.factory, month=self.month), (), self, is_blank=True)

    def line_values(self, line):
        """{field: value} of a line's key; {} where the key matches no row of the factory."""
        parts = line.split("-") if line else []
        values = {}
        for name, part in zip(self.register.identity, parts, strict=False):
            column = self.register.model._meta.get_field(name)
            options = (
                self.lines[column.related_model] if isinstance(column, models.ForeignKey) else dict(column.flatchoices)
            )
            if part and part in options:
                values[name] = options[part] if isinstance(column, models.ForeignKey) else part
        return values


def period_around(register, day: date) -> Period | None:
    """The default period of a sheet: the month or, of yearly registers, the year."""
    if not register.has_period:
        return None
    kind = MONTH if register.is_monthly and register.has_identity else register.year_kind
    return around(kind, day)
