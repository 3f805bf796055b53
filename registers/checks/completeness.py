"""Gaps in the registers: missing rows and fields that reports require, each with the URL of its cell."""

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from calculations import periods
from calculations.periods import MONTH, Period
from registers.description import REPORTS, Register, RegisterKind
from registers.lookup_cache import LookupCache
from registers.models import REGISTERS, MonthLock, RegisterExemption
from registers.month_ranges import last_complete_month, months_of, period_name
from registers.sheet.cells import expected_row_key
from registers.sheet.sheet import period_around


@dataclass(frozen=True)
class Gap:
    """A row with missing `fields` (names), or, where `is_absent`, a missing row."""

    register: Register
    month: date | None
    key: str
    label: str
    fields: tuple
    is_absent: bool
    pk: int | None = None

    @property
    def sentence(self) -> str:
        if self.is_absent:
            return "nothing entered yet" if self.label else f"no {self.register.singular} yet"
        return ", ".join(self.register.heading(name) for name in self.fields)

    @property
    def url(self):
        """URL of the cell to fill in, or of the row's page for fields outside the grid."""
        return self.url_of(self.fields[0]) if self.fields else self.sheet_url

    def url_of(self, name):
        on_sheet = name in (*self.register.identity, *self.register.columns)
        if self.pk and (not on_sheet or self.register.kind == RegisterKind.UNIT):
            return f"{reverse('register_row', kwargs={'register': self.register.slug, 'pk': self.pk})}#id_{name}"
        return f"{self.sheet_url}#c-{self.key}-{name}" if on_sheet else self.sheet_url

    @property
    def sheet_url(self):
        return sheet_url(self.register, self.month)


def sheet_url(register, month=None):
    if register.kind == RegisterKind.UNIT:
        return reverse("register_row_new", kwargs={"register": register.slug})
    url = reverse("register", kwargs={"register": register.slug})
    if month is None:
        return url
    return f"{url}?period={period_name(periods.around(period_around(register, month).kind, month))}"


@dataclass(frozen=True)
class Completeness:
    """Number of complete and of expected rows of a register in a month or year."""

    complete: int
    expected: int
    rows: int
    is_locked: bool = False
    is_due: bool = True

    @property
    def state(self) -> str:
        if not self.is_due:
            return "later"
        if not self.expected:
            return "none" if not self.rows else "filled"
        return "filled" if self.complete >= self.expected else ("part" if self.rows else "missing")


class RegisterSnapshot:
    """All registers of a factory over one period; each is queried once."""

    def __init__(self, factory, period: Period, today: date) -> None:
        self.factory, self.period, self.today = factory, period, today
        self.due_until = last_complete_month(today)
        self.lines = LookupCache(factory)
        notes = {note.register: note for note in RegisterExemption.objects.for_factory(factory)}
        self.exemptions = {slug: note for slug, note in notes.items() if slug not in REPORTS}
        self.report_exemptions = {report: notes[report] for report in REPORTS if report in notes}
        self.locked = set(MonthLock.objects.for_factory(factory).active().values_list("month", flat=True))
        self._rows, self._parent = {}, None

    def rows(self, register):
        if register.slug not in self._rows and self._parent:
            first, last = self.period.start.replace(day=1), self.period.end
            rows = self._parent.rows(register)
            self._rows[register.slug] = [row for row in rows if row.month is None or first <= row.month <= last]
        elif register.slug not in self._rows:
            rows = register.model.objects.for_factory(self.factory).with_related()
            if register.has_period:
                months = months_of(self.period)
                rows = rows.in_months(months[0], months[-1])
            self._rows[register.slug] = list(rows)
        return self._rows[register.slug]

    def within(self, period):
        """A snapshot of a shorter period that reuses the rows already read."""
        narrowed = copy(self)
        narrowed.period, narrowed._rows, narrowed._parent = period, {}, self
        return narrowed

    def needed(self, register, report=None):
        """Fields required by `report`, or by any report without exemption."""
        return register.needed_fields(report, self.report_exemptions)

    def months(self) -> list:
        return [month for month in months_of(self.period) if month <= self.due_until]

    def gaps(self, register, report=None) -> list[Gap]:
        needed = self.needed(register, report)
        if register.slug in self.exemptions or not needed:
            return []
        return [*self.incomplete_rows(register, needed), *self.missing_rows(register, needed)]

    def incomplete_rows(self, register, needed) -> Iterator:
        for row in self.rows(register):
            if register.is_monthly and row.month > self.due_until:
                continue
            blank = tuple(name for name in needed if getattr(row, name) in (None, ""))
            if blank:
                yield Gap(register, row.month, f"r{row.pk}", row.label, blank, False, row.pk)

    def missing_rows(self, register, needed) -> Iterator:
        for month, values in self.expected_rows(register):
            row = register.new_row(self.factory, month=month, **values)
            key = "b1" if register.kind in (RegisterKind.STANDING, RegisterKind.DATED) else expected_row_key(row)
            label = ", ".join(value.label for value in values.values())
            yield Gap(register, month, key, label, needed, True)

    def expected_rows(self, register) -> list:
        """(month, {field: line}) of expected rows that are missing."""
        rows = self.rows(register)
        if register.kind in (RegisterKind.UNIT, RegisterKind.STANDING):
            return [] if rows else [(None, {})]
        if register.is_monthly:
            return [pair for month in self.months() for pair in self.expected_in_month(register, month, rows)]
        if register.expected_per == "month":
            return [] if rows else [(self.last_month(register), {})]
        if not register.expected_per:
            return []
        month = self.last_month(register)
        return [(month, {register.expected_per: line}) for line in self.lines_without_row(register, rows, self.period)]

    def last_month(self, register):
        return register.month_of_year(self.period.start) if register.is_yearly else months_of(self.period)[-1]

    def expected_in_month(self, register, month, rows) -> list:
        existing = [row for row in rows if row.month == month]
        if not register.expected_per:
            return [] if existing or register.has_identity else [(month, {})]
        period = periods.around(MONTH, month)
        return [(month, {register.expected_per: line}) for line in self.lines_without_row(register, existing, period)]

    def lines_without_row(self, register, rows, period) -> list:
        present_ids = {getattr(row, f"{register.expected_per}_id") for row in rows}
        model = register.model._meta.get_field(register.expected_per).related_model
        return [line for line in self.lines.in_use(model, period.start, period.end) if line.pk not in present_ids]

    # Counts

    def month_completeness(self, register, month) -> Completeness:
        """Of a monthly register, in one month."""
        rows = [row for row in self.rows(register) if row.month == month]
        is_due, is_locked = month <= self.due_until, month in self.locked
        if register.slug in self.exemptions or not is_due:
            return Completeness(0, 0, len(rows), is_locked, is_due)
        absent = len(self.expected_in_month(register, month, self.rows(register)))
        needed = self.needed(register)
        complete = sum(1 for row in rows if all(getattr(row, name) not in (None, "") for name in needed))
        return Completeness(complete, len(rows) + absent, len(rows), is_locked, True)

    def period_completeness(self, register) -> Completeness:
        """Of any other register, over the whole period."""
        rows = self.rows(register)
        if register.slug in self.exemptions:
            return Completeness(0, 0, len(rows))
        gaps = self.gaps(register)
        absent = sum(1 for gap in gaps if gap.is_absent)
        return Completeness(len(rows) - (len(gaps) - absent), len(rows) + absent, len(rows))

    def monthly(self) -> list:
        return [register for register in REGISTERS if register.is_monthly]

    def others(self) -> list:
        return [register for register in REGISTERS if not register.is_monthly]
