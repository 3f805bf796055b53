"""Checklist page of missing data, and calendar of due dates."""

from collections.abc import Iterator
from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from calculations import periods
from factories.permissions import requires_right
from factories.roles import Right
from registers.checks.checklist import checklists
from registers.checks.due_dates import Due, due_between
from registers.description import REPORTS
from registers.models import Calibration, Consent
from registers.month_ranges import last_complete_month, parse_period, period_name, shift_period
from registers.views.sheet import factory_or_404

DAYS_AHEAD, DAYS_BACK = timedelta(days=400), timedelta(days=60)


@require_GET
@requires_right(Right.READ_REPORTS)
def register_checklist(request) -> HttpResponse:
    """All reports on one page: SPCB month and quarter, Form V, PAT, CBAM, around one month."""
    factory, now = factory_or_404(request), timezone.now()
    today = periods.today(now, factory.zone)
    usual = periods.around(periods.MONTH, last_complete_month(today))
    period = parse_period(request.GET.get("month", ""), usual)
    period = period if period.kind == periods.MONTH and period.start <= usual.start else usual
    context = {
        "period": period,
        "earlier": period_name(shift_period(period, -1)),
        "later": period_name(shift_period(period, 1)) if shift_period(period, 1).start <= usual.start else "",
        "checklists": checklists(factory, period.start, today, now),
        "open": request.GET.get("report", ""),
        "may_enter": request.user.may(Right.ENTER_REGISTERS, factory),
    }
    return render(request, "registers/checklist.html", context)


@require_GET
@requires_right(Right.READ_REPORTS)
def register_calendar(request) -> HttpResponse:
    factory = factory_or_404(request)
    today = periods.today(timezone.now(), factory.zone)
    dues = sorted(
        [*due_between(today - DAYS_BACK, today + DAYS_AHEAD), *expiry_dues(factory, today)], key=lambda due: due.on
    )
    rows = [{"due": due, "days": (due.on - today).days, "url": checklist_url(due, today)} for due in dues]
    return render(request, "registers/calendar.html", {"rows": rows, "today": today, "reports": REPORTS})


def expiry_dues(factory, today) -> Iterator:
    """Expiry dates of consents and calibrations."""
    span = (today - DAYS_BACK, today + DAYS_AHEAD)
    for consent in Consent.objects.for_factory(factory).filter(valid_until__range=span):
        yield Due(consent.valid_until, f"{consent.get_what_display()} {consent.number} ends", "the consent itself")
    newest = {row.meter: row for row in Calibration.objects.for_factory(factory).order_by("calibrated_on")}
    for row in newest.values():
        if row.due_on and span[0] <= row.due_on <= span[1]:
            yield Due(row.due_on, f"Calibration of {row.meter}", row.certificate or "its certificate")


def checklist_url(due, today) -> str:
    if not due.period:
        return ""
    month = min(due.period.end.replace(day=1), last_complete_month(today))
    if month < due.period.start.replace(day=1):
        return ""
    return f"{reverse('register_checklist')}?month={month:%Y-%m}&report={due.report}#{due.report}"
