"""Report pages: list, request, progress, detail, finalise, replace."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from calculations import periods
from factories.permissions import current_factory, requires_right, row_or_404, set_current_factory
from factories.roles import Right
from reports.forms.reports import FinaliseForm, MakeReportForm, ReplaceForm, WaiveForm
from reports.issuing import lifecycle, open_points, preview_diff, signatories
from reports.models import Report, ReportType
from reports.printing import xlsx_annex
from reports.tables import ReportTable


@require_GET
@requires_right(Right.READ_REPORTS)
def report_list(request):
    factory = current_factory(request)
    if factory is None:
        return render(request, "reports/list.html", {})
    chosen = request.GET.get("type", "")
    rows = Report.objects.for_user(request.user).for_factory(factory).listed()
    if chosen in ReportType.values:
        rows = rows.filter(report_type=chosen)
    table = ReportTable(rows, request=request)
    return table.export_response() or render(request, "reports/list.html", list_context(factory, table, chosen))


def list_context(factory, table, chosen="", form=None) -> dict:
    today = periods.today(timezone.now(), factory.zone)
    return {
        "table": table,
        "form": form or MakeReportForm(today=today),
        "types": ReportType.choices,
        "chosen": chosen,
    }


@require_POST
@requires_right(Right.MANAGE)
def report_make(request) -> HttpResponse:
    factory = current_factory(request)
    if factory is None:
        raise Http404
    now = timezone.now()
    form = MakeReportForm(request.POST, today=periods.today(now, factory.zone))
    if not form.is_valid():
        rows = Report.objects.for_user(request.user).for_factory(factory).listed()
        table = ReportTable(rows, request=request, address=reverse("report_list"))
        return render(request, "reports/list.html", list_context(factory, table, form=form), status=422)
    report, is_new = lifecycle.request_report(factory, *form.cleaned_data["what"], by=request.user, now=now)
    if not is_new:
        messages.info(request, f"{report.number} is the report of this period; it was there already.")
    return redirect("report_detail", report.pk)


def report_of(request, pk, right=Right.READ_REPORTS):
    report = row_or_404(Report.objects.select_related("factory"), request.user, pk, right)
    set_current_factory(request, report.factory)
    return report


@require_GET
@requires_right(Right.READ_REPORTS)
def report_row(request, pk) -> HttpResponse:
    """The report's row in the list, polled while it is generated."""
    row_or_404(Report.objects.select_related("factory"), request.user, pk, Right.READ_REPORTS)
    table = ReportTable(Report.objects.listed().filter(pk=pk), request=request)
    return render(request, "_table_row.html", {"table": table, "row": table.rows[0]})


@require_GET
@requires_right(Right.READ_REPORTS)
def report_progress(request, pk) -> HttpResponse:
    """The progress bar of the report's page; reloads the page once it is ready."""
    report = report_of(request, pk)
    if not report.is_being_made:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "reports/_progress.html", {"report": report})


@require_GET
@requires_right(Right.READ_REPORTS)
def report_detail(request, pk) -> HttpResponse:
    report = report_of(request, pk)
    lifecycle.recheck_if_due(report, timezone.now())
    return show(request, report)


def show(request, report, status=200, **forms) -> HttpResponse:
    figures, points = report.figures or {}, open_points.unwaived(report)
    signers = signatories.choices(report.factory, request.user)
    context = {
        "report": report,
        "figures": figures,
        "period": (report.inputs or {}).get("period"),
        "machines": (report.inputs or {}).get("machines"),
        "document": lifecycle.newest_document(report),
        "documents": report.documents.defer("pdf"),
        "findings": figures.get("findings", []),
        "is_blocked": bool(lifecycle.blocking_findings(figures)),
        "open_points": points,
        "waivers": report.waivers.select_related("waived_by"),
        "chain": lifecycle.replacement_chain(report),
        "finalise_form": forms.get("finalise") or FinaliseForm(choices=signers),
        "waive_form": forms.get("waive") or WaiveForm(points=points),
        "chosen_keys": forms["waive"].data.getlist("keys") if "waive" in forms else [],
        "replace_form": forms.get("replace") or ReplaceForm(),
    }
    return render(request, "reports/detail.html", context, status=status)


@require_GET
@requires_right(Right.READ_REPORTS)
def report_pdf(request, pk):
    """The PDF inline; `?draft` selects the draft of a final report."""
    report = report_of(request, pk)
    documents = (
        report.documents.filter(is_final=False) if "draft" in request.GET else report.documents.order_by("-is_final")
    )
    document = documents.first()
    if document is None:
        raise Http404("This report is not printed yet.")
    response = HttpResponse(bytes(document.pdf), content_type="application/pdf")
    kind = "final" if document.is_final else "draft"
    response["Content-Disposition"] = f'inline; filename="{report.number}-{report.report_type}-{kind}.pdf"'
    response["Cache-Control"] = "private, no-cache"
    return response


@require_GET
@requires_right(Right.READ_REPORTS)
def report_made_again(request) -> HttpResponse:
    """Preview of the changes that newer factors and rows would make to the factory's drafts."""
    factory = current_factory(request)
    rows = Report.objects.for_user(request.user).for_factory(factory) if factory else Report.objects.none()
    previews = preview_diff.preview_open_reports(rows, timezone.now())
    return render(request, "reports/preview_diff.html", {"previews": previews})


@require_GET
@requires_right(Right.READ_REPORTS)
def report_annexure(request, pk):
    """The tables of the report as a workbook."""
    report = report_of(request, pk)
    if report.figures is None:
        raise Http404("The figures of this report are not computed yet.")
    response = HttpResponse(xlsx_annex.write(report), content_type=xlsx_annex.MEDIA_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{xlsx_annex.file_name(report)}"'
    response["Cache-Control"] = "private, no-cache"
    return response
