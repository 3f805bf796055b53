"""Reports over the API."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.http import HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer, JSONRenderer, TemplateHTMLRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from calculations.periods import PeriodError
from core.openapi_parameters import ErrorSerializer
from factories.permissions import FactoryScopedViewSet, factory_from_request
from factories.roles import Right
from reports import summary_30d, verification
from reports.api import serializers
from reports.api.decisions import DecisionActions
from reports.issuing import lifecycle
from reports.models import Report, ReportType
from reports.printing import xlsx_annex

STANDARDS = {"SPCB": "spcb", "PAT": "pat", "CBAM": "cbam_summary"}
FACTORY_ID = OpenApiParameter("factory_id", OpenApiTypes.INT, description="whose; your own when you have one")
REFUSALS = {400: OpenApiTypes.OBJECT, 403: ErrorSerializer, 404: ErrorSerializer}


class ReportFilter(filters.FilterSet):
    report_type = filters.ChoiceFilter(choices=ReportType.choices)
    status = filters.ChoiceFilter(choices=Report.Status.choices)
    is_final = filters.BooleanFilter()

    class Meta:
        model = Report
        fields = []


class PdfRenderer(BaseRenderer):
    """Lets a client ask for application/pdf; what it renders is only ever an error."""

    media_type = "application/pdf"
    format = "pdf"
    render_style = "binary"

    def render(self, data, accepted_media_type=None, renderer_context=None):
        return JSONRenderer().render(data)


class WorkbookRenderer(PdfRenderer):
    """The same for the annexure."""

    media_type = xlsx_annex.MEDIA_TYPE
    format = "xlsx"


@extend_schema_view(
    list=extend_schema(parameters=[FACTORY_ID]),
    retrieve=extend_schema(responses={200: serializers.ReportSerializer, 403: ErrorSerializer, 404: ErrorSerializer}),
    create=extend_schema(
        request=serializers.RequestReportSerializer, responses={202: serializers.ReportSerializer, **REFUSALS}
    ),
)
class ReportViewSet(DecisionActions, FactoryScopedViewSet):
    """Reports of one's factories. Owners have them made; whoever may read reports reads them."""

    queryset = Report.objects.none()
    serializer_class = serializers.ReportSerializer
    filterset_class = ReportFilter
    read_right = Right.READ_REPORTS
    write_right = Right.MANAGE
    http_method_names = ["get", "post", "head", "options"]

    def get_queryset(self):
        rows = super().get_queryset()
        return rows if getattr(self, "swagger_fake_view", False) else rows.listed()

    def retrieve(self, request, *args, **kwargs):
        report = self.get_object()
        lifecycle.recheck_if_due(report, timezone.now())
        return self.report_response(report)

    def create(self, request, *args, **kwargs):
        """Have a report made. Asking again gives the same one; its `progress` is at `GET /reports/{id}`."""
        factory_id = request.data.get("factory_id") if isinstance(request.data, dict) else None
        serializer = serializers.RequestReportSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        factory = factory_from_request(request, Right.MANAGE, factory_id)
        data = serializer.validated_data
        with period_errors_as_400(start="period_start", end="period_end"):
            report, _ = lifecycle.request_report(
                factory,
                data["report_type"],
                data["period_start"],
                data["period_end"],
                by=request.user,
                now=timezone.now(),
            )
        return self.report_response(report, 202)

    @extend_schema(parameters=[FACTORY_ID], responses={200: serializers.ReportSerializer, **REFUSALS}, filters=False)
    @action(detail=False, pagination_class=None, filter_backends=[])
    def weekly(self, request):
        """The report of the last complete week, Monday to Sunday: made once, then the same one again."""
        return self.last_complete("weekly")

    @extend_schema(parameters=[FACTORY_ID], responses={200: serializers.ReportSerializer, **REFUSALS}, filters=False)
    @action(detail=False, pagination_class=None, filter_backends=[])
    def monthly(self, request):
        """The report of the last complete month: made once, then the same one again."""
        return self.last_complete("monthly")

    @extend_schema(
        parameters=[FACTORY_ID, serializers.ComplianceQuerySerializer],
        responses={
            200: PolymorphicProxySerializer(
                "ComplianceReport",
                [serializers.ReportSerializer, serializers.OverallSerializer],
                resource_type_field_name=None,
            ),
            **REFUSALS,
        },
        filters=False,
    )
    @action(detail=False, pagination_class=None, filter_backends=[])
    def compliance(self, request):
        """One standard's report (of its last complete period, or of `start` to `end`), or all three in one summary."""
        query = serializers.ComplianceQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        params = query.validated_data
        if "standard" not in params:
            return self.all_standards()
        report_type = STANDARDS[params["standard"]]
        if "start" not in params:
            return self.last_complete(report_type)
        factory, now = factory_from_request(self.request, Right.READ_REPORTS), timezone.now()
        with period_errors_as_400(start="start", end="end"):
            report = lifecycle.report_with_figures(
                factory, report_type, params["start"], params["end"], by=request.user, now=now
            )
        return self.report_response(report)

    @extend_schema(
        responses={
            (200, "application/pdf"): OpenApiTypes.BINARY,
            304: None,
            403: ErrorSerializer,
            404: ErrorSerializer,
        }
    )
    @action(detail=True, renderer_classes=[JSONRenderer, PdfRenderer])
    def pdf(self, request, pk=None):
        """The document: the final one where there is one, else the draft. 404 until it is printed."""
        document = lifecycle.newest_document(self.get_object())
        if document is None:
            raise NotFound("This report is not printed yet.")
        return pdf_response(request, document)

    @extend_schema(
        responses={(200, xlsx_annex.MEDIA_TYPE): OpenApiTypes.BINARY, 403: ErrorSerializer, 404: ErrorSerializer}
    )
    @action(detail=True, renderer_classes=[JSONRenderer, WorkbookRenderer])
    def annexure(self, request, pk=None):
        """The tables of the report as a workbook, their figures unrounded and as numbers. 404 until computed."""
        report = self.get_object()
        if report.figures is None:
            raise NotFound("The figures of this report are not computed yet.")
        response = HttpResponse(xlsx_annex.write(report), content_type=xlsx_annex.MEDIA_TYPE)
        response["Content-Disposition"] = f'attachment; filename="{xlsx_annex.file_name(report)}"'
        response["Cache-Control"] = "private, no-cache"
        return response

    @extend_schema(responses={200: serializers.ReportDataSerializer, 403: ErrorSerializer, 404: ErrorSerializer})
    @action(detail=True)
    def data(self, request, pk=None) -> Response:
        """The frozen inputs and figures; Decimals are texts. 404 until they are computed."""
        report = self.get_object()
        if report.figures is None:
            raise NotFound("The figures of this report are not computed yet.")
        return Response({"inputs": report.inputs, "figures": report.figures})

    def last_complete(self, report_type):
        factory = factory_from_request(self.request, Right.READ_REPORTS)
        report = lifecycle.last_complete_report(factory, report_type, by=self.request.user, now=timezone.now())
        return self.report_response(report)

    def all_standards(self) -> Response:
        factory, now = factory_from_request(self.request, Right.READ_REPORTS), timezone.now()
        period, summaries = summary_30d.last_30_days(factory, now)
        return Response(
            {
                "id": None,
                "factory_id": factory.pk,
                "report_type": "compliance",
                "report_period_start": period.start,
                "report_period_end": period.end,
                "summary": {name: serializers.as_numbers(summary) for name, summary in summaries.items()},
                "status": "ready",
                "pdf_url": None,
                "sha256": "",
                "generated_by": self.request.user.pk,
                "generated_at": now,
            }
        )

    def report_response(self, report, status=200) -> Response:
        row = Report.objects.listed().get(pk=report.pk)
        return Response(serializers.ReportSerializer(row, context=self.get_serializer_context()).data, status)


@contextmanager
def period_errors_as_400(**names) -> Iterator:
    """Turns PeriodError into a 400 with the field names of this request."""
    try:
        yield
    except PeriodError as error:
        raise ValidationError({names[error.field.removeprefix("period_")]: [str(error)]}) from error


def pdf_response(request, document):
    """The PDF as a download, or 304 if the client's ETag matches."""
    report, state = document.report, "final" if document.is_final else "draft"
    response = HttpResponse(bytes(document.pdf), content_type="application/pdf")
    name = f"{report.number}-{report.report_type}-{report.period_start}-{state}.pdf"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["ETag"] = etag = quote_etag(document.sha256)
    response["Cache-Control"] = "private, no-cache"
    return get_conditional_response(request, etag=etag, response=response)


class VerifyView(APIView):
    """Public: whoever holds a document, or the digest printed on it, learns which report it is."""

    permission_classes = [AllowAny]
    authentication_classes = []
    renderer_classes = [TemplateHTMLRenderer, JSONRenderer]

    @extend_schema(responses={200: serializers.FoundReportSerializer, 404: ErrorSerializer})
    def get(self, request, sha256) -> Response:
        """Which report this is the digest of: a page, or JSON where that is asked for."""
        match = verification.find_report(sha256)
        status, body = (200, match) if match else (404, {"detail": "No report here has this digest."})
        if request.accepted_renderer.format == "html":
            return Response({"found": match, "sha256": sha256[:64]}, status, template_name="reports/verify.html")
        return Response(serializers.FoundReportSerializer(match).data if match else body, status)
