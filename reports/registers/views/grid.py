"""The sheet of a register: entered in place, row by row, with or without scripts."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext_lazy
from django.views.decorators.http import require_http_methods

from factories.access import current_factory, page, require
from factories.rights import Right
from reports import periods
from reports.registers import entering, proposals
from reports.registers.bills import put_beside
from reports.registers.description import Kind
from reports.registers.grid import Sheet, period_around
from reports.registers.models import BY_SLUG
from reports.registers.periods import last_complete_month, moved, name_of, named, short_label

MOST_ROWS = 500  # rows a page takes at once
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


def sheet_asked(request, register, now):
    """The sheet an address asks for: `period` and, of a monthly register, `line` through the year."""
    factory = factory_or_404(request)
    today = periods.today(now, factory.zone)
    due_until = last_complete_month(today)
    usual = period_around(register, due_until)
    period = named(request.GET.get("period", ""), usual) if usual else None
    line = request.GET.get("line", "") if register.is_monthly else ""
    if period and period.kind == periods.MONTH and not (register.is_monthly and register.has_lines):
        period = periods.around(register.year_kind, period.start)
    if period and period.kind != periods.MONTH and register.is_monthly and register.has_lines and not line:
        period = periods.around(periods.MONTH, min(period.end, due_until))
    may_enter = request.user.may(Right.ENTER_REGISTERS, factory)
    return Sheet(register, factory, period, today, may_enter=may_enter, line=line)


@require_http_methods(["GET", "POST"])
@page(Right.READ_REPORTS)
def register_page(request, register):
    register, now = register_or_404(register), timezone.now()
    if register.kind == Kind.UNIT:
        return redirect("register_row_new", register=register.slug)
    sheet = sheet_asked(request, register, now)
    if request.method == "POST":
        require(request.user, Right.ENTER_REGISTERS, sheet.factory)
        if "only" in request.POST:
            return one_row(request, sheet, now)
        if "copy" in request.POST:
            return copied(request, sheet)
        return entered(request, sheet, now)
    return show(request, sheet, now)


def show(request, sheet, now, status=200):
    sheet.proposals = proposals.for_sheet(sheet, now) if sheet.may_enter else {}
    put_beside(sheet, sheet.rows, now)
    return render(request, "registers/sheet.html", context_of(sheet, now), status=status)


def context_of(sheet, now):
    register, period = sheet.register, sheet.period
    return {
        "sheet": sheet,
        "register": register,
        "period": period,
        "period_name": name_of(period) if period else "",
        "period_label": short_label(period) if period else "",
        "earlier": name_of(moved(period, -1)) if period else "",
        "later": name_of(moved(period, 1)) if period and moved(period, 1).start <= sheet.today else "",
        "year_name": name_of(periods.around(periods.FINANCIAL_YEAR, period.start)) if period else "",
        "blank": sheet.blank_row("b0") if sheet.blank_rows() else None,
        "measured_columns": [column for column in sheet.columns if any_proposed(sheet, column["name"])],
    }


def any_proposed(sheet, name):
    return any(field == name for _key, field in sheet.proposals)


def one_row(request, sheet, now):
    """A row as a script sends it when the person has left it: the answer is the row, with its faults at their cells."""
    saved, faulty = entering.save_rows(sheet, request.POST, [request.POST["only"]])
    rows = [*saved, *faulty] or list(entering.rows_sent(sheet, [request.POST["only"]]))
    if not rows:
        raise Http404("There is no such row on this sheet.")
    grid_row = rows[0]
    if saved:
        stored = sheet.register.model.objects.with_lines().get(pk=grid_row.row.pk)
        fixed = grid_row.fixed
        grid_row = sheet.grid_row(stored)
        grid_row.fixed, grid_row.saved = fixed or grid_row.fixed, True
    put_beside(sheet, [grid_row], now)
    context = {"grid_row": grid_row, "sheet": sheet, "register": sheet.register}
    return render(request, "registers/_row.html", context)  # faults are an answer: the row says whether it is saved


def entered(request, sheet, now):
    """The whole sheet as a form: what could be saved is, what could not comes back with its faults."""
    saved, faulty = entering.save_rows(sheet, request.POST, request.POST.getlist("rows")[:MOST_ROWS])
    if faulty:
        if saved:
            messages.success(request, SAVED % {"count": len(saved)})
        messages.error(request, NOT_SAVED % {"count": len(faulty)})
        return show(request, again(sheet, faulty), now, status=422)
    wanted = request.POST.get("take", "")
    if wanted:
        return taken(request, again(sheet, []), wanted, now)
    messages.success(request, SAVED % {"count": len(saved)} if saved else "Nothing was changed.")
    return redirect(request.get_full_path())


def again(sheet, faulty):
    """The sheet as it is stored now, with the rows that could not be saved as they were sent."""
    fresh = Sheet(sheet.register, sheet.factory, sheet.period, sheet.today, sheet.may_enter, sheet.line)
    by_key = {grid_row.key: grid_row for grid_row in faulty}
    fresh.rows = [by_key.pop(grid_row.key, grid_row) for grid_row in fresh.rows]
    fresh.rows += by_key.values()
    return fresh


def taken(request, sheet, wanted, now):
    """Take over what devices measured: `key:field` of one cell, `:field` of a column."""
    key, _, name = wanted.partition(":")
    there = {grid_row.key: grid_row for grid_row in sheet.rows}
    offered = proposals.for_sheet(sheet, now)
    chosen = {place: offer for place, offer in offered.items() if place[1] == name and key in ("", place[0])}
    count = 0
    for (row_key, _name), offer in chosen.items():
        try:
            proposals.take_over(there[row_key], name, offer, by=request.user, now=now)
            count += 1
        except ValidationError as error:
            messages.error(request, f"{there[row_key].title}: {' '.join(error.messages)}")
    if count:
        messages.success(request, TAKEN_OVER % {"count": count})
    return redirect(request.get_full_path())


def copied(request, sheet):
    if not sheet.period or sheet.period.kind != periods.MONTH:
        raise Http404
    try:
        count = entering.copy_last_month(sheet)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(request.get_full_path())
    if count:
        messages.success(request, COPIED % {"count": count})
    else:
        messages.info(request, "Last month has no line that this one lacks.")
    return redirect(request.get_full_path())
