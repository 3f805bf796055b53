"""Register rows of a period, and their sources, documents and URLs."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.urls import reverse

from calculations.quantities import text_of
from registers.description import RegisterKind


def rows_in_period(model, factory, period) -> list:
    """Rows of a period: of its months or year, or master data in use in it; with related rows."""
    rows = model.objects.for_factory(factory).with_related()
    register = model.register
    if register.kind in (RegisterKind.UNIT, RegisterKind.STANDING):
        return [row for row in rows.order_by("pk") if is_in_use(row, period)]
    if register.kind == RegisterKind.DATED:
        date_range = {f"{register.date_field_name}__gte": period.start, f"{register.date_field_name}__lte": period.end}
        return list(rows.filter(**date_range).order_by(register.date_field_name, "pk"))
    if register.is_yearly:
        return list(rows.filter(month=register.month_of_year(period.end)).order_by("pk"))
    return list(rows.in_months(period.start, period.end).order_by("month", "pk"))


def is_in_use(row, period):
    return not hasattr(row, "in_use") or row.in_use(period.start, period.end)


def single_row(model, factory, period):
    """The row of a register with one row per unit or year; None where it is not entered."""
    return next(iter(rows_in_period(model, factory, period)), None)


def sources_text(rows: Iterable) -> str:
    """The distinct sources of rows, with their documents, for the "Source" column."""
    rows = list(rows)
    sources = dict.fromkeys(row.get_source_display() for row in rows)
    documents = dict.fromkeys(f"{row.evidence.name} ({row.evidence.sha256[:12]}…)" for row in rows if row.evidence_id)
    text = ", ".join(sources)
    if documents:
        document_list = list(documents)
        text += f"; {document_list[0]}" + (
            f" and {len(document_list) - 1} more documents" if len(document_list) > 1 else ""
        )
    return text


def sum_source(rows, *names) -> str:
    """The source of a sum over months: "Invoice, sum of 12 months"; empty where nothing is entered."""
    known = [row for row in rows if any(getattr(row, name) is not None for name in names)]
    if not known:
        return ""
    months = count_months(known)
    return f"{sources_text(known)}, sum of {months} months" if months > 1 else sources_text(known)


def row_url(row, field="") -> str:
    """The page to edit a row on."""
    url = reverse("register_row", kwargs={"register": row.register.slug, "pk": row.pk})
    return f"{url}#id_{field}" if field else url


def register_url(model) -> str:
    return reverse("register", kwargs={"register": model.register.slug})


def sum_known(rows, *names) -> Decimal | None:
    """The sum of the non-blank values of these fields; None where all are blank."""
    known = [value for row in rows for name in names if (value := getattr(row, name)) is not None]
    return sum(known, Decimal(0)) if known else None


def as_text(value) -> str | None:
    """A value in its frozen form: Decimals as text without trailing zeros."""
    return text_of(value.normalize()) if isinstance(value, Decimal) else value


def group_by(rows, key) -> dict:
    """{key(row): rows}, in order of first occurrence."""
    groups = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups


def count_months(rows, *names) -> int:
    """Months with a row or, with `names`, with a value in one of these fields."""
    return len({row.month for row in rows if not names or any(getattr(row, name) is not None for name in names)})


def row_facts(row) -> dict:
    """{field: displayed value} of a row, without blanks and related rows."""
    if row is None:
        return {}
    facts = {}
    for name in row.register.field_names:
        value = getattr(row, name)
        if value is None or value == "":
            continue
        field = row._meta.get_field(name)
        if field.is_relation:
            continue
        if field.choices:
            value = getattr(row, f"get_{name}_display")()
        facts[name] = (
            as_text(value) if isinstance(value, Decimal) else value.isoformat() if isinstance(value, date) else value
        )
    return facts
