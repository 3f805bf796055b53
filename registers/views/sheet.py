"""The sheet of a register: editable in place, row by row, with or without JavaScript."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext_lazy
from django.views.decorators.http import require_http_methods

from calculations import periods
from factories.permissions import current_factory, require_right, requires_right
from factories.roles import Right
from registers.description import RegisterKind
from registers.models import BY_SLUG
from registers.month_ranges import last_complete_month, parse_period, period_name, shift_period, short_period_label
from registers.sheet import measured_suggestions, saving
from registers.sheet.bill_differences import attach_differences
from registers.sheet.sheet import Sheet, period_around

MAX_ROWS = 500  # rows per request
SAVED = ngettext_lazy("%(count)d row saved.", "%(count)d rows saved.", "count")
NOT_SAVED = ngettext_lazy(
    "%(count)d row not saved; the faults stand at the cells.",
    "%(count)d rows not saved; the faults stand at the cells.",
    "count",
)
TAKEN_OVER = ngettext_lazy("%(count)d measured figure taken over.", "%(count)d measured figures taken over.", "count")
COPIED = ngettext_lazy(
    "%(count)d line of last month copied; quantities are blank.",
    "%(count)d lines of last month copied; quantities are blank.",
    "count",
)


def register_or_404(slug):
    if slug not in BY_SLUG:
        raise Http404("There is no such register.")
    return BY_SLUG[slug]


def factory_or_404(request):
    factory = current_factory(request)
    if factory is None:
        raise Http404
    return factory


def requested_sheet(request, register, now):
    """The sheet of the URL parameters `period` and, for a monthly register through the year, `line`."""
    factory = factory_or_404(request)
    today = periods.today(now, factory.zone)
    due_until = last_complete_month(today)
    usual = period_around(register, due_until)
    period = parse_period(request.GET.get("period", ""), usual) if usual else None
    line = request.GET.get("line", "") if register.is_monthly else ""
    if period and period.kind == periods.MONTH and not (register.is_monthly and register.has_identity):
        period = periods.around(register.year_kind, period.start)
    if period and period.kind != periods.MONTH and register.is_monthly and register.has_identity and not line:
        period = periods.around(periods.MONTH, min(period.end, due_until))
    may_enter = request.user.may(Right.ENTER_REGISTERS, factory)
    return Sheet(register, factory, period, today, may_enter=may_enter, line=line)


@require_http_methods(["GET", "POST"])
@requires_right(Right.READ_REPORTS)
def register_page(request, register):
    register, now = register_or_404(register), timezone.now()
    if register.kind == RegisterKind.UNIT:
        return redirect("register_row_new", register=register.slug)
    sheet = requested_sheet(request, register, now)
    if request.method == "POST":
        require_right(request.user, Right.ENTER_REGISTERS, sheet.factory)
        if "only" in request.POST:
            return save_single_row(request, sheet, now)
        if "copy" in request.POST:
            return copy_from_last_month(request, sheet)
        return save_sheet(request, sheet, now)
    return show(request, sheet, now)


def show(request, sheet, now, status=200) -> HttpResponse:
    sheet.suggestions = measured_suggestions.suggestions_for_sheet(sheet, now) if sheet.may_enter else {}
    attach_differences(sheet, sheet.rows, now)
    return render(request, "registers/sheet.html", context_of(sheet, now), status=status)


def context_of(sheet, now) -> dict:
    register, period = sheet.register, sheet.period
    return {
        "sheet": sheet,
        "register": register,
        "period": period,
        "period_name": period_name(period) if period else "",
        "period_label": short_period_label(period) if period else "",
        "earlier": period_name(shift_period(period, -1)) if period else "",
        "later": period_name(shift_period(period, 1))
        if period and shift_period(period, 1).start <= sheet.today
        else "",
        "year_name": period_name(periods.around(periods.FINANCIAL_YEAR, period.start)) if period else "",
        "blank": sheet.blank_row("b0") if sheet.blank_rows() else None,
        "measured_columns": [column for column in sheet.columns if has_suggestions(sheet, column["name"])],
    }


def has_suggestions(sheet, name) -> bool:
    return any(field == name for _key, field in sheet.suggestions)


def save_single_row(request, sheet, now) -> HttpResponse:
    """Save one row, sent by JavaScript on leaving it; responds with the row's HTML, including errors."""
    saved, faulty = saving.save_rows(sheet, request.POST, [request.POST["only"]])
    rows = [*saved, *faulty] or list(saving.submitted_rows(sheet, [request.POST["only"]]))
    if not rows:
        raise Http404("There is no such row on this sheet.")
    grid_row = rows[0]
    if saved:
        stored = sheet.register.model.objects.with_related().get(pk=grid_row.row.pk)
        fixed = grid_row.fixed
        grid_row = sheet.grid_row(stored)
        grid_row.fixed, grid_row.saved = fixed or grid_row.fixed, True
    attach_differences(sheet, [grid_row], now)
    context = {"grid_row": grid_row, "sheet": sheet, "register": sheet.register}
    return render(request, "registers/_row.html", context)  # 200 also with errors: the row shows them


def save_sheet(request, sheet, now) -> HttpResponse:
    """Save the whole sheet; rows with errors come back with them, the others are saved."""
    saved, faulty = saving.save_rows(sheet, request.POST, request.POST.getlist("rows")[:MAX_ROWS])
    if faulty:
        if saved:
            messages.success(request, SAVED % {"count": len(saved)})
        messages.error(request, NOT_SAVED % {"count": len(faulty)})
        return show(request, reload_sheet(sheet, faulty), now, status=422)
    cell_reference = request.POST.get("take", "")
    if cell_reference:
        return accept_suggestions(request, reload_sheet(sheet, []), cell_reference, now)
    messages.success(request, SAVED % {"count": len(saved)} if saved else "Nothing was changed.")
    return redirect(request.get_full_path())


def reload_sheet(sheet, faulty):
    """The sheet read again, with the submitted state of the rows that could not be saved."""
    fresh = Sheet(sheet.register, sheet.factory, sheet.period, sheet.today, sheet.may_enter, sheet.line)
    by_key = {grid_row.key: grid_row for grid_row in faulty}
    fresh.rows = [by_key.pop(grid_row.key, grid_row) for grid_row in fresh.rows]
    fresh.rows += by_key.values()
    return fresh


def accept_suggestions(request, sheet, cell_reference, now) -> HttpResponse:
    """Accept measured suggestions: `key:field` for one cell, `:field` for a column."""
    key, _, name = cell_reference.partition(":")
    rows_by_key = {grid_row.key: grid_row for grid_row in sheet.rows}
    suggestions = measured_suggestions.suggestions_for_sheet(sheet, now)
    accepted = {
        place: suggestion for place, suggestion in suggestions.items() if place[1] == name and key in ("", place[0])
    }
    count = 0
    for (row_key, _name), suggestion in accepted.items():
        try:
            measured_suggestions.accept_suggestion(rows_by_key[row_key], name, suggestion, by=request.user, now=now)
            count += 1
        except ValidationError as error:
            messages.error(request, f"{rows_by_key[row_key].title}: {' '.join(error.messages)}")
    if count:
        messages.success(request, TAKEN_OVER % {"count": count})
    return redirect(request.get_full_path())


def copy_from_last_month(request, sheet) -> HttpResponse:
    if not sheet.period or sheet.period.kind != periods.MONTH:
        raise Http404
    try:
        count = saving.copy_last_month(sheet)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(request.get_full_path())
    if count:
        messages.success(request, COPIED % {"count": count})
    else:
        messages.info(request, "Last month has no line that this one lacks.")
    return redirect(request.get_full_path())
