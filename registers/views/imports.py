"""Import with a dry run, and an export that can be imported again."""

import io
import json

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from calculations import periods
from core.table_files.choices import Choices
from core.xlsx import MEDIA_TYPE
from factories.permissions import requires_right
from factories.roles import Right
from registers.checks.completeness import sheet_url
from registers.forms.imports import BadAnswer, ImportForm, choices_of
from registers.imports import row_import, spreadsheets, tables
from registers.imports.column_readings import ColumnReader
from registers.models import RegisterRow
from registers.month_ranges import last_complete_month, months_of, parse_period, period_name
from registers.sheet.sheet import period_around
from registers.views.import_plan import plan_context
from registers.views.sheet import factory_or_404, register_or_404

ALL_PERIODS = "all"


def import_target(request, register) -> tuple:
    """(factory, period, today) of an import or export."""
    factory = factory_or_404(request)
    today = periods.today(timezone.now(), factory.zone)
    usual = period_around(register, last_complete_month(today))
    return factory, parse_period(request.GET.get("period", ""), usual) if usual else None, today


@require_http_methods(["GET", "POST"])
@requires_right(Right.ENTER_REGISTERS)
def register_import(request, register) -> HttpResponse:
    """The dry run with the values, questions and faults of every line, then the import of the same cells."""
    register = register_or_404(register)
    factory, period, today = import_target(request, register)
    form = ImportForm(request.POST or None, request.FILES or None)
    reader = ColumnReader(register)
    context = {
        "register": register,
        "period": period,
        "form": form,
        "columns": [reader.heading(name) for name in reader.usual_columns()],
        "sheet_url": sheet_url(register, period.start if period else None),
    }
    if request.method != "POST" or not form.is_valid():
        return render(request, "registers/import.html", context)
    try:
        table, choices = form.table_of(), choices_of(request.POST)
    except (tables.BadTable, BadAnswer) as error:
        form.add_error("file" if form.cleaned_data.get("file") else "text", str(error))
        return render(request, "registers/import.html", context, status=422)
    run = row_import.import_rows if "carry_out" in request.POST else row_import.dry_run
    plan = run(register, factory, table, choices, period=period, today=today)
    if "carry_out" in request.POST and plan.is_importable:
        messages.success(request, f"Imported: {plan.count('new')} new, {plan.count('changed')} changed.")
        return redirect(context["sheet_url"])
    context |= plan_context(plan, reader, table, choices) | {"carried": carried(table, choices)}
    return render(
        request, "registers/import.html", context, status=200 if not plan.faults and plan.is_faultless else 422
    )


def carried(table: tables.SourceTable, choices: Choices) -> dict:
    """What the form of the dry run sends back."""
    return {"table": table.as_json(), "choices": json.dumps(choices.as_json())}


@require_GET
@requires_right(Right.READ_REPORTS)
def register_export(request, register):
    register = register_or_404(register)
    factory, period, _today = import_target(request, register)
    rows = export_rows(register, factory, None if request.GET.get("period") == ALL_PERIODS else period)
    kind = request.GET.get("format", "xlsx")
    name = f"{register.slug}-{period_name(period) if period else 'all'}.{kind}"
    if kind == "csv":
        response = StreamingHttpResponse(spreadsheets.csv_lines(register, rows), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response
    if kind != "xlsx":
        raise Http404("An export is csv or xlsx.")
    content = io.BytesIO(spreadsheets.xlsx_content(register, rows))
    return FileResponse(content, as_attachment=True, filename=name, content_type=MEDIA_TYPE)


def export_rows(register, factory, period) -> list[RegisterRow]:
    rows = register.model.objects.for_factory(factory).with_related()
    if period is not None and register.has_period:
        months = months_of(period)
        rows = rows.in_months(months[0], months[-1])
    return sorted(rows, key=lambda row: (row.month is not None, row.month, row.label.casefold(), row.pk))
