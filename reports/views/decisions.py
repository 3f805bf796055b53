"""Decisions about a report: waive open points, make final, replace, try again."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from factories.permissions import requires_right
from factories.roles import Right
from reports.forms.reports import FinaliseForm, ReplaceForm, WaiveForm
from reports.issuing import lifecycle, open_points, signatories
from reports.views.reports import report_of, show


@require_POST
@requires_right(Right.READ_REPORTS)
def report_waive(request, pk) -> HttpResponse:
    report = report_of(request, pk, Right.MANAGE)
    form = WaiveForm(request.POST, points=open_points.unwaived(report))
    if not form.is_valid():
        return show(request, report, 422, waive=form)
    try:
        open_points.waive(report, by=request.user, now=timezone.now(), **form.cleaned_data)
    except open_points.WaiverError as error:
        messages.error(request, str(error))
    return redirect("report_detail", report.pk)


@require_POST
@requires_right(Right.READ_REPORTS)
def report_take_waiver_back(request, pk, waiver) -> HttpResponse:
    report = report_of(request, pk, Right.MANAGE)
    row = get_object_or_404(report.waivers.select_related("report"), pk=waiver)
    try:
        open_points.take_back(row)
    except open_points.WaiverError as error:
        messages.error(request, str(error))
    return redirect("report_detail", report.pk)


@require_POST
@requires_right(Right.READ_REPORTS)
def report_finalise(request, pk) -> HttpResponse:
    report = report_of(request, pk, Right.MANAGE)
    form = FinaliseForm(request.POST, choices=signatories.choices(report.factory, request.user))
    if not form.is_valid():
        return show(request, report, 422, finalise=form)
    try:
        lifecycle.finalise(report, by=request.user, now=timezone.now(), **form.cleaned_data)
    except lifecycle.IssueError as error:
        messages.error(request, str(error))
    return redirect("report_detail", report.pk)


@require_POST
@requires_right(Right.READ_REPORTS)
def report_replace(request, pk) -> HttpResponse:
    report = report_of(request, pk, Right.MANAGE)
    form = ReplaceForm(request.POST)
    if not form.is_valid():
        return show(request, report, 422, replace=form)
    try:
        correction = lifecycle.replace(report, by=request.user, now=timezone.now(), **form.cleaned_data)
    except lifecycle.IssueError as error:
        messages.error(request, str(error))
        return redirect("report_detail", report.pk)
    return redirect("report_detail", correction.pk)


@require_POST
@requires_right(Right.READ_REPORTS)
def report_retry(request, pk) -> HttpResponse:
    report = report_of(request, pk, Right.MANAGE)
    lifecycle.retry(report)
    return redirect("report_detail", report.pk)
