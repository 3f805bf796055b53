"""One row of a sheet and its cells, with values, missing marks and measured suggestions."""

from dataclasses import dataclass
from functools import cached_property

from django.db import models

from registers.forms.rows import format_decimal, make_row_form

BLANK = "b"  # key prefix of rows not stored yet: b1, b2, …


@dataclass
class Cell:
    name: str
    heading: str
    text: str  # for display
    bound: object = None  # the bound form field, where it is editable
    unit: str = ""
    is_figure: bool = False
    is_missing: bool = False
    device_value: dict | None = None
    suggestion: object = None


@dataclass
class GridRow:
    key: str
    row: models.Model
    fixed: tuple  # identity fields determined by the row's position
    sheet: object
    is_blank: bool = False
    form: object = None
    saved: bool = False
    difference: object = None  # of bills: Difference to the meters

    @property
    def register(self):
        return self.sheet.register

    @property
    def is_locked(self) -> bool:
        return self.row.governing_month() in self.sheet.locked

    @property
    def is_due(self):
        """Whether its figures can be known: the month is over, or the row has no month."""
        month = self.row.governing_month()
        return month is None or month <= self.sheet.due_until

    @property
    def title(self):
        """The row header: its month, its line, or both."""
        if self.is_blank:
            return "New"
        if self.sheet.rows_are_months:
            return f"{self.row.month:%b %Y}"
        return self.row.label if self.register.has_identity else self.row.period_label

    def field_names(self) -> list:
        """Fields editable in the grid; the others are on the row's page."""
        identity = [name for name in self.register.identity if name not in self.fixed]
        return [*identity, *self.register.columns, "source"]

    def bind_form(self, data=None):
        """The row's form, bound to `data` where given."""
        if self.form is None:
            options = {"prefix": self.key, "auto_id": "%s", "use_required_attribute": False}
            self.form = make_row_form(self.row, self.field_names(), self.sheet.lines, data, **options)
            for name, field in self.form.fields.items():
                field.help_text = ""
                field.widget.attrs.update({"class": "cell", "aria-label": f"{self.sheet.heading(name)}, {self.title}"})
        return self.form

    @property
    def cells(self) -> list:
        can_enter = self.sheet.may_enter and not self.is_locked
        form = self.bind_form() if can_enter else None
        return [self.cell(name, form) for name in self.sheet.column_names]

    def cell(self, name, form) -> Cell:
        column = type(self.row)._meta.get_field(name)
        is_figure = isinstance(column, models.DecimalField)
        is_fixed = name in self.fixed
        return Cell(
            name=name,
            heading=self.sheet.heading(name),
            text=display_text(self.row, column),
            bound=None if form is None or is_fixed else form[name],
            unit=self.register.unit_of(column, self.row) if is_figure and column.unit_of else "",
            is_figure=is_figure,
            is_missing=not self.is_blank and name in self.missing,
            device_value=(self.row.taken_over or {}).get(name),
            suggestion=self.sheet.suggestions.get((self.key, name)),
        )

    @cached_property
    def missing(self) -> set:
        """Blank fields that some report requires, once the month is over."""
        if not self.is_due or self.sheet.exemption:
            return set()
        return {name for name in self.sheet.needed if getattr(self.row, name) in (None, "")}

    @property
    def line(self) -> str:
        return line_key(self.row)

    @property
    def shows_identity(self):
        """Whether the identity is shown in cells, so that the row header need not repeat it."""
        return self.register.has_identity and not self.sheet.rows_are_months and not self.sheet.has_fixed_lines

    @property
    def hidden_missing(self) -> list:
        return [self.sheet.heading(name) for name in self.missing if name not in self.sheet.column_names]


def display_text(row, column):
    """A value for display: Indian digit grouping, dd-mm-yyyy, labels of related rows."""
    value = getattr(row, column.name) if getattr(row, column.attname) not in (None, "") else None
    if value is None:
        return ""
    if isinstance(column, models.DecimalField):
        return format_decimal(value)
    if isinstance(column, models.BooleanField):
        return "Yes" if value else "No"
    if column.choices:
        return getattr(row, f"get_{column.name}_display")()
    if isinstance(column, models.DateField):
        return f"{value:%d-%m-%Y}"
    return value.label if isinstance(column, models.ForeignKey) and hasattr(value, "label") else str(value)


def line_key(row) -> str:
    """The line of a row in a URL: 12-3, the ids of its fuel and process."""
    columns = [type(row)._meta.get_field(name) for name in row.register.identity]
    return "-".join(str(getattr(row, column.attname) or "") for column in columns)


def expected_row_key(row) -> str:
    """The key of an expected row, stable across page loads: n202504-12."""
    return f"n{row.month:%Y%m}-{line_key(row)}" if row.month else f"n-{line_key(row)}"
