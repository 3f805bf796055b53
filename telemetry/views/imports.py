"""Pages of day files: upload, preview of the line results, import, history."""

import csv

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from core.formula_injection import escape_formula
from devices.models import Device
from factories.permissions import row_or_404, set_current_factory
from factories.roles import Right
from telemetry.forms.imports import DayFileForm, LayoutForm
from telemetry.imports import workflow
from telemetry.models import DayFile
from telemetry.tables import DayFileTable
from telemetry.views.dry_run_table import dry_run_table

MAX_SHOWN_LINES = 100


class EchoBuffer:
    """A file whose write() returns its argument: turns csv.writer into a generator of lines."""

    def write(self, text) -> str:
        return text


@login_required
def machine_import(request, pk) -> HttpResponse:
    device = row_or_404(Device.objects.current().select_related("factory"), request.user, pk, Right.MANAGE)
    set_current_factory(request, device.factory)
    form_data = (request.POST, request.FILES) if request.method == "POST" else ()
    form = DayFileForm(*form_data, zone=device.factory.zone)
    if form.is_valid():
        now = timezone.now()
        upload, zone = form.cleaned_data["file"], form.chosen_zone
        day_file = workflow.save_upload(device.factory, device, upload, zone=zone, by=request.user, now=now)
        workflow.run_or_enqueue(day_file, now)
        return redirect("import_detail", pk=day_file.pk)
    rows = DayFile.objects.for_user(request.user).filter(device=device).select_related("uploaded_by")
    context = {"device": device, "form": form, "files": DayFileTable(rows, request=request)}
    status = 422 if request.method == "POST" else 200
    return context["files"].export_response() or render(request, "telemetry/import.html", context, status=status)


@require_safe
@login_required
def import_detail(request, pk) -> HttpResponse:
    day_file = day_file_of(request, pk)
    form = LayoutForm(day_file=day_file) if is_table_open(day_file) else None
    return render(request, "telemetry/import_detail.html", detail_context(day_file, form))


def is_table_open(day_file) -> bool:
    """Whether a person may still say how its columns are read."""
    return day_file.state in workflow.OPEN_STATES and bool(day_file.dry_run.get("columns"))


def detail_context(day_file, form) -> dict:
    lines = day_file.line_results.all()
    values = day_file.dry_run.get("values") or {}
    return {
        "file": day_file,
        "device": day_file.device,
        "lines": lines[:MAX_SHOWN_LINES],
        "line_count": lines.count(),
        "form": form,
        "values": dry_run_table(values),
    }


@require_POST
@login_required
def import_layout(request, pk) -> HttpResponse:
    """A person's answers to how the table is read; the file is then checked again."""
    day_file = day_file_of(request, pk)
    if not is_table_open(day_file):
        messages.error(request, "This file is being read or imported already.")
        return redirect("import_detail", pk=pk)
    form = LayoutForm(request.POST, day_file=day_file)
    if not form.is_valid():
        return render(request, "telemetry/import_detail.html", detail_context(day_file, form), status=422)
    try:
        workflow.answer(day_file, form.choices, form.chosen_zone, timezone.now())
    except workflow.WrongState as error:
        messages.error(request, str(error))
    return redirect("import_detail", pk=pk)


@require_safe
@login_required
def import_progress(request, pk) -> HttpResponse:
    """The progress fragment for htmx; once the file is done, the page is reloaded."""
    day_file = day_file_of(request, pk)
    if not day_file.is_at_work:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "telemetry/_import_progress.html", {"file": day_file})


@require_safe
@login_required
def import_lines(request, pk) -> StreamingHttpResponse:
    """Every line that was not simply accepted or a duplicate, as CSV."""
    day_file, writer = day_file_of(request, pk), csv.writer(EchoBuffer())
    rows = day_file.line_results.values_list("number", "outcome", "field", "why").iterator()
    lines = (writer.writerow([number, *map(escape_formula, cells)]) for number, *cells in rows)
    response = StreamingHttpResponse(
        (line for group in ([writer.writerow(["line", "outcome", "field", "why"])], lines) for line in group),
        content_type="text/csv; charset=utf-8",
    )
    response["Content-Disposition"] = f'attachment; filename="import-{day_file.pk}-lines.csv"'
    return response


@require_POST
@login_required
def import_start(request, pk) -> HttpResponse:
    day_file = day_file_of(request, pk)
    try:
        workflow.start_import(day_file, timezone.now())
    except workflow.WrongState as error:
        messages.error(request, str(error))
    return redirect("import_detail", pk=pk)


@require_POST
@login_required
def import_discard(request, pk) -> HttpResponse:
    day_file = day_file_of(request, pk)
    try:
        workflow.discard(day_file)
    except workflow.WrongState as error:
        messages.error(request, str(error))
        return redirect("import_detail", pk=pk)
    messages.success(request, f"{day_file.name} is discarded; nothing of it was imported.")
    return redirect("machine_import", pk=day_file.device_id) if day_file.device_id else redirect("overview")


def day_file_of(request, pk) -> DayFile:
    rows = DayFile.objects.select_related("factory", "device", "uploaded_by")
    day_file = row_or_404(rows, request.user, pk, Right.MANAGE)
    set_current_factory(request, day_file.factory)
    return day_file
