"""Import with a dry run, and an export that can be imported again."""

import io

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from calculations import periods
from core.xlsx import MEDIA_TYPE
from factories.permissions import requires_right
from factories.roles import Right
from registers.checks.completeness import sheet_url
from registers.forms.imports import ImportForm
from registers.imports import row_import, spreadsheets
from registers.models import RegisterRow
from registers.month_ranges import last_complete_month, months_of, parse_period, period_name
from registers.sheet.sheet import period_around
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
    """The dry run with the faults of every line, then the import of the same cells."""
    register = register_or_404(register)
    factory, period, today = import_target(request, register)
    form = ImportForm(request.POST or None, request.FILES or None)
    context = {
        "register": register,
        "period": period,
        "form": form,
        "columns": row_import.RowImporter(register, factory, period, today).usual_columns(),
        "headings": spreadsheets.header_row(register),
        "sheet_url": sheet_url(register, period.start if period else None),
    }
    context["columns"] = [
        row_import.RowImporter(register, factory, period, today).heading(name) for name in context["columns"]
    ]
    if request.method != "POST" or not form.is_valid():
        return render(request, "registers/import.html", context)
    try:
        table = form.table()
    except spreadsheets.BadTable as error:
        form.add_error("file" if form.cleaned_data.get("file") else "text", str(error))
        return render(request, "registers/import.html", context, status=422)
    if "carry_out" in request.POST:
        plan = row_import.import_rows(register, factory, table, period=period, today=today)
        if plan.is_importable:
            messages.success(request, f"Imported: {plan.count('new')} new, {plan.count('changed')} changed.")
            return redirect(context["sheet_url"])
    else:
        plan = row_import.dry_run(register, factory, table, period=period, today=today)
    context |= {"plan": plan, "text": "\n".join("\t".join(map(quote_cell, row)) for row in table)}
    return render(request, "registers/import.html", context, status=200 if plan.is_importable else 422)


def quote_cell(text):
    """A cell quoted for tab-separated text."""
    return '"' + text.replace('"', '""') + '"' if set(text) & set('\t\n\r"') else text


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
