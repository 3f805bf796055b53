"""The page of a row: all fields, its document, its audit log."""

from datetime import datetime
from decimal import Decimal

from auditlog.models import LogEntry
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from calculations import periods
from core.audit_log import describe_entry
from factories.permissions import require_right, requires_right, row_or_404, set_current_factory
from factories.roles import Right
from registers import evidence
from registers.description import RegisterKind
from registers.forms.documents import DocumentForm
from registers.forms.rows import format_decimal, full_form
from registers.lookup_cache import LookupCache
from registers.models import Evidence, MonthLock
from registers.month_ranges import last_complete_month, parse_period, period_name
from registers.sheet.cells import display_text
from registers.sheet.saving import save_form
from registers.sheet.sheet import period_around
from registers.views.sheet import factory_or_404, register_or_404

HISTORY = 50


def register_row_or_404(request, slug, pk, right=Right.READ_REPORTS) -> tuple:
    register = register_or_404(slug)
    row = row_or_404(register.model.objects.with_related(), request.user, pk, right)
    set_current_factory(request, row.factory)
    return register, row


def is_locked(row):
    month = row.governing_month()
    return bool(month) and MonthLock.objects.for_factory(row.factory).active().filter(month=month).exists()


@require_http_methods(["GET", "POST"])
@requires_right(Right.READ_REPORTS)
def register_row(request, register, pk) -> HttpResponse:
    register, row = register_row_or_404(request, register, pk)
    locked, may_enter = is_locked(row), request.user.may(Right.ENTER_REGISTERS, row.factory)
    if request.method == "POST":
        require_right(request.user, Right.ENTER_REGISTERS, row.factory)
        form = full_form(row, LookupCache(row.factory), request.POST)
        if save_and_notify(request, form):
            return redirect("register_row", register=register.slug, pk=row.pk)
        return show(request, register, row, form, locked, may_enter, 422)
    form = full_form(row, LookupCache(row.factory)) if may_enter and not locked else None
    return show(request, register, row, form, locked, may_enter)


@require_http_methods(["GET", "POST"])
@requires_right(Right.READ_REPORTS)
def register_row_new(request, register) -> HttpResponse:
    """A new row; the unit's particulars, of which there is one row, redirect to it."""
    register, factory = register_or_404(register), factory_or_404(request)
    if register.kind == RegisterKind.UNIT:
        existing = register.model.objects.for_factory(factory).first()
        if existing:
            return redirect("register_row", register=register.slug, pk=existing.pk)
    require_right(request.user, Right.ENTER_REGISTERS, factory)
    today = periods.today(timezone.now(), factory.zone)
    usual = period_around(register, last_complete_month(today))
    period = parse_period(request.GET.get("period", ""), usual) if usual else None
    row = register.new_row(factory, month=month_for_period(register, period))
    form = full_form(row, LookupCache(factory), request.POST or None)
    if request.method == "POST" and save_and_notify(request, form):
        return redirect("register_row", register=register.slug, pk=form.instance.pk)
    return show(request, register, row, form, False, True, 422 if request.method == "POST" else 200)


def month_for_period(register, period):
    if register.is_yearly:
        return register.month_of_year(period.start)
    return period.start if register.is_monthly else None


def save_and_notify(request, form) -> bool:
    if not save_form(form):
        return False
    messages.success(request, f"{form.instance} is saved.")
    return True


def show(request, register, row, form, locked, may_enter, status=200) -> HttpResponse:
    context = {
        "register": register,
        "row": row,
        "form": form,
        "is_locked": locked,
        "may_enter": may_enter,
        "facts": [
            (register.heading(name), display_text(row, row._meta.get_field(name))) for name in register.field_names
        ],
        "document_form": DocumentForm(),
        "device_values": [
            device_value_facts(register, name, device_value) for name, device_value in row.taken_over.items()
        ],
        "history": [describe_entry(entry) for entry in history_entries(row)] if row.pk else [],
        "sheet_url": sheet_url(register, row),
    }
    return render(request, "registers/row.html", context, status=status)


def device_value_facts(register, name, device_value) -> dict:
    """An accepted device value for display: heading, formatted value and time."""
    accepted_at = datetime.fromisoformat(device_value["at"])
    return {
        **device_value,
        "heading": register.heading(name),
        "value": format_decimal(Decimal(device_value["value"])),
        "at": accepted_at,
    }


def history_entries(row):
    return LogEntry.objects.get_for_object(row).select_related("actor", "content_type")[:HISTORY]


def sheet_url(register, row):
    if register.kind == RegisterKind.UNIT:
        return reverse("register_overview")
    url = reverse("register", kwargs={"register": register.slug})
    if row.month is None:
        return url
    kind = period_around(register, row.month).kind
    return f"{url}?period={period_name(periods.around(kind, row.month))}"


@require_POST
@requires_right(Right.READ_REPORTS)
def register_row_remove(request, register, pk) -> HttpResponse:
    register, row = register_row_or_404(request, register, pk, Right.ENTER_REGISTERS)
    url, name = sheet_url(register, row), str(row)
    try:
        row.delete()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("register_row", register=register.slug, pk=pk)
    except ProtectedError:
        messages.error(request, f"Other rows rest on {name}. Say until when it is in use instead.")
        return redirect("register_row", register=register.slug, pk=pk)
    messages.success(request, f"{name} is removed.")
    return redirect(url)


@require_POST
@requires_right(Right.READ_REPORTS)
def register_row_document(request, register, pk) -> HttpResponse:
    """Attach a document to the row or detach it; the stored document remains."""
    register, row = register_row_or_404(request, register, pk, Right.ENTER_REGISTERS)
    form = DocumentForm(request.POST, request.FILES)
    try:
        with transaction.atomic():
            if "remove" in request.POST:
                row.evidence = None
            elif form.is_valid():
                row.evidence = evidence.store_evidence(
                    row.factory, form.cleaned_data["document"], by=request.user, now=timezone.now()
                )
            else:
                raise ValidationError(form.errors.get("document", ["Choose a document."]))
            row.save()
        messages.success(request, f"{row}: the document is {'attached' if row.evidence else 'taken off'}.")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("register_row", register=register.slug, pk=pk)


@require_GET
@requires_right(Right.READ_REPORTS)
def register_document(request, pk):
    """The unchanged bytes, always as an attachment: active content must not run on this origin."""
    document = get_object_or_404(Evidence.objects.for_user(request.user), pk=pk)
    require_right(request.user, Right.READ_REPORTS, document.factory)
    return evidence.download(document)
