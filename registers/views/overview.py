"""All registers over a year, months that are locked, and registers that are not kept."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from calculations import periods
from factories.permissions import current_factory, page, require
from factories.roles import Right
from registers import locks
from registers.checks.checklist import book_around, counts, late_sentence
from registers.checks.completeness import sheet_url
from registers.description import KIND_TITLES, REPORTS, Kind
from registers.models import BY_SLUG, MonthLock, NotKept
from registers.month_ranges import last_complete_month, months_of, moved, name_of, named, short_label
from registers.parsers import Unreadable, month
from registers.views.sheet import factory_or_404, register_or_404

ORDER = [Kind.DATED, Kind.YEARLY, Kind.STANDING]


@require_GET
@page(Right.READ_REPORTS)
def register_overview(request):
    factory = current_factory(request)
    if factory is None:
        return render(request, "registers/overview.html", {})
    today = periods.today(timezone.now(), factory.zone)
    usual = periods.around(periods.FINANCIAL_YEAR, last_complete_month(today))
    period = named(request.GET.get("period", ""), usual)
    if period.kind == periods.MONTH:
        period = usual
    month = min(period.end.replace(day=1), last_complete_month(today))
    whole = book_around(factory, month, today)
    book = whole.within(period)
    months = months_of(period)
    context = {
        "period": period,
        "period_label": short_label(period),
        "period_name": name_of(period),
        "earlier": name_of(moved(period, -1)),
        "later": name_of(moved(period, 1)) if moved(period, 1).start <= today else "",
        "other_year": other_year(period),
        "months": [(one, one in book.locked) for one in months],
        "monthly": [monthly_line(book, register, months) for register in book.monthly()],
        "groups": groups_of(book),
        "checklists": counts(whole, month),
        "checklist_month": f"{month:%Y-%m}",
    }
    return render(request, "registers/overview.html", context)


def other_year(period):
    """(name, label) of the calendar year beside a financial one, and the other way about."""
    kind = periods.CALENDAR_YEAR if period.kind == periods.FINANCIAL_YEAR else periods.FINANCIAL_YEAR
    year = periods.around(kind, period.start.replace(month=4))
    return name_of(year), short_label(year)


def monthly_line(book, register, months):
    cells = [(one, book.stand(register, one), sheet_url(register, one)) for one in months]
    return {
        "register": register,
        "url": sheet_url(register),
        "cells": cells,
        "not_kept": book.not_kept.get(register.slug),
    }


def groups_of(book):
    found = {kind: [] for kind in ORDER}
    for register in book.others():
        kind = {Kind.UNIT: Kind.STANDING, Kind.CALENDAR: Kind.YEARLY}.get(register.kind, register.kind)
        line = {
            "register": register,
            "url": sheet_url(register),
            "stand": book.whole(register),
            "not_kept": book.not_kept.get(register.slug),
        }
        found[kind].append(line)
    return [(KIND_TITLES[kind], found[kind]) for kind in ORDER]


@require_http_methods(["GET", "POST"])
@page(Right.READ_REPORTS)
def register_locks(request):
    """Months with their locks; the owner locks and, with a reason, unlocks."""
    factory, now = factory_or_404(request), timezone.now()
    if request.method == "POST":
        require(request.user, Right.MANAGE, factory)
        return lock_or_unlock(request, factory, now)
    until = last_complete_month(periods.today(now, factory.zone))
    months = [periods.months_later(until, -back) for back in range(24)]
    standing = {lock.month: lock for lock in all_locks(factory).standing()}
    rows = [{"month": one, "lock": standing.get(one), "late": late(standing.get(one), factory)} for one in months]
    past = all_locks(factory).exclude(unlocked_at=None).order_by("-unlocked_at")[:50]
    return render(request, "registers/locks.html", {"rows": rows, "past": past})


def all_locks(factory):
    return MonthLock.objects.for_factory(factory).select_related("locked_by", "unlocked_by", "factory")


def late(lock, factory):
    return late_sentence(lock) if lock else ""


def lock_or_unlock(request, factory, now):
    try:
        chosen = month(request.POST.get("month", ""))
        if chosen is None:
            raise Unreadable("A month such as Apr 2025 or 2025-04 is expected.")
        if "unlock" in request.POST:
            locks.unlock_month(factory, chosen, reason=request.POST.get("reason"), by=request.user, now=now)
            messages.success(request, f"{chosen:%B %Y} is unlocked.")
        else:
            locks.lock_month(factory, chosen, by=request.user, now=now)
            messages.success(request, f"{chosen:%B %Y} is locked.")
    except Unreadable as error:
        messages.error(request, str(error))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("register_locks")


@require_POST
@page(Right.ENTER_REGISTERS)
def register_not_kept(request, register):
    """The unit has nothing to enter here (a register), or makes no such report, and says why."""
    factory = factory_or_404(request)
    name = kept_name(register)
    note = NotKept.objects.for_factory(factory).filter(register=name).first() or NotKept(factory=factory, register=name)
    note.reason = " ".join(request.POST.get("reason", "").split())
    try:
        if note.pk is None and register in BY_SLUG and BY_SLUG[register].model.objects.for_factory(factory).exists():
            raise ValidationError("Rows are entered in this register: it is kept.")
        note.full_clean()
        note.save()
        messages.success(request, "Noted as not applicable.")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect(back_to(register))


@require_POST
@page(Right.ENTER_REGISTERS)
def register_kept(request, register):
    for note in NotKept.objects.for_factory(factory_or_404(request)).filter(register=kept_name(register)):
        note.delete()
    return redirect(back_to(register))


def kept_name(slug):
    if slug not in REPORTS:
        register_or_404(slug)
    return slug


def back_to(slug):
    return "register_checklist" if slug in REPORTS else sheet_url(register_or_404(slug))
