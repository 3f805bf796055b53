"""The declarative description of a register, which pages, imports, checklist, admin and API are generated from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from django.db import models
from django.urls import reverse

from calculations.periods import CALENDAR_YEAR, FINANCIAL_YEAR, around
from registers.columns import Quantity, heading

SPCB, FORM_V, PAT, CBAM = "spcb", "form_v", "pat", "cbam"
REPORTS = {
    SPCB: "SPCB consent-compliance report",
    FORM_V: "Environmental Statement (Form V)",
    PAT: "PAT-format energy statement",
    CBAM: "CBAM operator's reports",
}

REPORT_ABBREVIATIONS = {SPCB: "SPCB", FORM_V: "Form V", PAT: "PAT", CBAM: "CBAM"}


class RegisterKind(StrEnum):
    """The period that a row of a register belongs to."""

    UNIT = "unit"  # the factory itself: one row
    STANDING = "standing"  # master data: products, fuels, stacks; no period
    MONTHLY = "monthly"
    DATED = "dated"  # an event on a date: a sample, a shutdown
    YEARLY = "yearly"  # a financial year
    CALENDAR = "calendar"  # a calendar year


KIND_TITLES = {
    RegisterKind.MONTHLY: "Every month",
    RegisterKind.DATED: "As it happens",
    RegisterKind.YEARLY: "Every year",
    RegisterKind.STANDING: "What the unit has",
}


@dataclass(frozen=True)
class MeasuredField:
    """A field that devices measure: `metric` is energy_kwh or operating_h, `device_of(row)` the id of the device."""

    metric: str
    device_of: Callable


@dataclass
class Register:
    slug: str
    title: str  # as in the list: Fuels used
    singular: str  # as in "Add a …"
    kind: RegisterKind
    sentence: str  # what belongs here
    identity: tuple = ()  # fields that, with the period, identify a row
    columns: tuple = ()  # in the grid, in this order, after the identity
    more: tuple = ()  # on the row's own page
    needed: Mapping = field(default_factory=dict)  # {report: required fields}
    expected_per: str = ""  # identity field: a row is expected per period for each of its values
    date_field_name: str = ""  # the date field that determines the row's month
    carry_forward: Mapping = field(default_factory=dict)  # {field: field of last month it is copied from}
    immutable_once_referenced: tuple = ()  # fields that referencing rows depend on
    validators: tuple = ()
    measured_fields: Mapping = field(default_factory=dict)  # {field: MeasuredField}
    default_source: str = "record"
    model: type = None

    def __set_name__(self, owner, name):
        self.model = owner

    def fields(self) -> list[models.Field]:
        """The fields people enter, in order, without source, document and remark."""
        return [self.model._meta.get_field(name) for name in self.field_names]

    @property
    def field_names(self) -> list:
        return [*self.identity, *self.columns, *self.more]

    def heading(self, name):
        return heading(self.model._meta.get_field(name))

    @property
    def verbose(self):
        return self.singular[:1].upper() + self.singular[1:]

    @property
    def has_identity(self) -> bool:
        return bool(self.identity)

    @property
    def sheet_link(self):
        return reverse("register", kwargs={"register": self.slug})

    @property
    def is_monthly(self) -> bool:
        return self.kind == RegisterKind.MONTHLY

    @property
    def is_yearly(self) -> bool:
        return self.kind in (RegisterKind.YEARLY, RegisterKind.CALENDAR)

    @property
    def has_period(self) -> bool:
        return self.kind not in (RegisterKind.UNIT, RegisterKind.STANDING)

    @property
    def year_kind(self):
        return CALENDAR_YEAR if self.kind == RegisterKind.CALENDAR else FINANCIAL_YEAR

    def new_row(self, factory, **values):
        """An unsaved row with the register's default source."""
        return self.model(factory=factory, **{"source": self.default_source, **values})

    def required_by(self, report) -> tuple:
        return tuple(self.needed.get(report, ()))

    def needed_fields(self, report=None, without=()) -> tuple:
        """Fields required by `report`, or by any report except those in `without`, in the register's order."""
        reports = [report] if report else [name for name in self.needed if name not in without]
        required = {name for report_name in reports for name in self.required_by(report_name)}
        return tuple(name for name in self.field_names if name in required)

    def unit_of(self, field, row) -> str:
        """The unit of a field in this row; "" where it has none or its line is not chosen yet."""
        if not isinstance(field, Quantity):
            return ""
        if not field.unit_of:
            return field.unit
        line = getattr(row, field.unit_of, None) if getattr(row, f"{field.unit_of}_id", None) else None
        return line.unit_label if line else ""

    def month_of_year(self, day: date) -> date:
        """The month that yearly rows are stored under: the last of the year of `day`."""
        return around(self.year_kind, day).end.replace(day=1)
