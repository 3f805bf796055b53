"""Overview of all registers over a year, locks of months, and exemptions."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from calculations import periods
from factories.permissions import current_factory, require_right, requires_right
from factories.roles import Right
from registers import locks
from registers.checks.checklist import checklists_without_findings, late_sentence, snapshot_around
from registers.checks.completeness import sheet_url
from registers.description import KIND_TITLES, REPORTS, RegisterKind
from registers.models import BY_SLUG, MonthLock, RegisterExemption
from registers.month_ranges import (
    last_complete_month,
    months_of,
    parse_period,
    period_name,
    shift_period,
    short_period_label,
)
from registers.parsers import ParseError, parse_month
from registers.views.sheet import factory_or_404, register_or_404

ORDER = [RegisterKind.DATED, RegisterKind.YEARLY, RegisterKind.STANDING]


@require_GET
@requires_right(Right.READ_REPORTS)
def register_overview(request) -> HttpResponse:
    factory = current_factory(request)
    if factory is None:
        return render(request, "registers/overview.html", {})
    today = periods.today(timezone.now(), factory.zone)
    usual = periods.around(periods.FINANCIAL_YEAR, last_complete_month(today))
    period = parse_period(request.GET.get("period", ""), usual)
    if period.kind == periods.MONTH:
        period = usual
    month = min(period.end.replace(day=1), last_complete_month(today))
    snapshot = snapshot_around(factory, month, today)
    year_snapshot = snapshot.within(period)
    months = months_of(period)
    context = {
        "period": period,
        "period_label": short_period_label(period),
        "period_name": period_name(period),
        "earlier": period_name(shift_period(period, -1)),
        "later": period_name(shift_period(period, 1)) if shift_period(period, 1).start <= today else "",
        "other_year": other_year(period),
        "months": [(month_start, month_start in year_snapshot.locked) for month_start in months],
        "monthly": [monthly_row(year_snapshot, register, months) for register in year_snapshot.monthly()],
        "groups": groups_of(year_snapshot),
        "checklists": checklists_without_findings(snapshot, month),
        "checklist_month": f"{month:%Y-%m}",
    }
    return render(request, "registers/overview.html", context)


def other_year(period) -> tuple:
    """(name, label) of the calendar year for a financial year, and vice versa."""
    kind = periods.CALENDAR_YEAR if period.kind == periods.FINANCIAL_YEAR else periods.FINANCIAL_YEAR
    year = periods.around(kind, period.start.replace(month=4))
    return period_name(year), short_period_label(year)


def monthly_row(snapshot, register, months) -> dict:
    cells = [(month, snapshot.month_completeness(register, month), sheet_url(register, month)) for month in months]
    return {
        "register": register,
        "url": sheet_url(register),
        "cells": cells,
        "exemption": snapshot.exemptions.get(register.slug),
    }


def groups_of(snapshot) -> list:
    lines_by_kind = {kind: [] for kind in ORDER}
    for register in snapshot.others():
        kind = {RegisterKind.UNIT: RegisterKind.STANDING, RegisterKind.CALENDAR: RegisterKind.YEARLY}.get(
            register.kind, register.kind
        )
        line = {
            "register": register,
            "url": sheet_url(register),
            "completeness": snapshot.period_completeness(register),
            "exemption": snapshot.exemptions.get(register.slug),
        }
        lines_by_kind[kind].append(line)
    return [(KIND_TITLES[kind], lines_by_kind[kind]) for kind in ORDER]


@require_http_methods(["GET", "POST"])
@requires_right(Right.READ_REPORTS)
def register_locks(request) -> HttpResponse:
    """Months with their locks; owners lock and, with a reason, unlock."""
    factory, now = factory_or_404(request), timezone.now()
    if request.method == "POST":
        require_right(request.user, Right.MANAGE, factory)
        return lock_or_unlock(request, factory, now)
    until = last_complete_month(periods.today(now, factory.zone))
    months = [periods.months_later(until, -back) for back in range(24)]
    active_locks = {lock.month: lock for lock in all_locks(factory).active()}
    rows = [
        {
            "month": month,
            "lock": active_locks.get(month),
            "late": late_text(active_locks.get(month), factory),
            "dependents": locks.dependents_of(factory, month) if month in active_locks else [],
        }
        for month in months
    ]
    past = all_locks(factory).exclude(unlocked_at=None).order_by("-unlocked_at")[:50]
    return render(request, "registers/locks.html", {"rows": rows, "past": past})


def all_locks(factory):
    return MonthLock.objects.for_factory(factory).select_related("locked_by", "unlocked_by", "factory")


def late_text(lock, factory):
    return late_sentence(lock) if lock else ""


def lock_or_unlock(request, factory, now) -> HttpResponse:
    try:
        chosen = parse_month(request.POST.get("month", ""))
        if chosen is None:
            raise ParseError("A month such as Apr 2025 or 2025-04 is expected.")
        if "unlock" in request.POST:
            locks.unlock_month(factory, chosen, reason=request.POST.get("reason"), by=request.user, now=now)
            resting = locks.dependents_of(factory, chosen)
            outdated = f" A change there makes outdated: {'; '.join(resting)}." if resting else ""
            messages.success(request, f"{chosen:%B %Y} is unlocked.{outdated}")
        else:
            locks.lock_month(factory, chosen, by=request.user, now=now)
            messages.success(request, f"{chosen:%B %Y} is locked.")
    except ParseError as error:
        messages.error(request, str(error))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("register_locks")


@require_POST
@requires_right(Right.ENTER_REGISTERS)
def register_not_kept(request, register) -> HttpResponse:
    """Exempt the unit from a register or report, with a reason."""
    factory = factory_or_404(request)
    name = exemptible_slug_or_404(register)
    exemption = RegisterExemption.objects.for_factory(factory).filter(register=name).first() or RegisterExemption(
        factory=factory, register=name
    )
    exemption.reason = " ".join(request.POST.get("reason", "").split())
    try:
        if (
            exemption.pk is None
            and register in BY_SLUG
            and BY_SLUG[register].model.objects.for_factory(factory).exists()
        ):
            raise ValidationError("Rows are entered in this register: it is kept.")
        exemption.full_clean()
        exemption.save()
        messages.success(request, "Noted as not applicable.")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect(return_url(register))


@require_POST
@requires_right(Right.ENTER_REGISTERS)
def register_kept(request, register) -> HttpResponse:
    for exemption in RegisterExemption.objects.for_factory(factory_or_404(request)).filter(
        register=exemptible_slug_or_404(register)
    ):
        exemption.delete()
    return redirect(return_url(register))


def exemptible_slug_or_404(slug):
    if slug not in REPORTS:
        register_or_404(slug)
    return slug


def return_url(slug):
    return "register_checklist" if slug in REPORTS else sheet_url(register_or_404(slug))
