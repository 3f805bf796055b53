"""How reports look in the API. Figures are JSON numbers here; the frozen texts are at `/reports/{id}/data`."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from core.validators import MAX_ID
from reports.models import Report, ReportType


def as_numbers(summary) -> dict:
    """Frozen figures of a summary → {name: number or null}."""
    return {name: None if figure["value"] is None else float(figure["value"]) for name, figure in summary.items()}


def coverage_of(summary) -> dict:
    known = {name: figure["coverage_pct"] for name, figure in summary.items() if figure["coverage_pct"] is not None}
    return {name: float(percent) for name, percent in known.items()}


class ReportSerializer(serializers.ModelSerializer):
    """Rows come from `Report.objects.listed()`, so that no list loads frozen inputs."""

    factory_id = serializers.IntegerField(read_only=True)
    report_period_start = serializers.DateField(source="period_start", read_only=True)
    report_period_end = serializers.DateField(source="period_end", read_only=True)
    summary = serializers.SerializerMethodField()
    coverage = serializers.SerializerMethodField()
    pdf_url = serializers.SerializerMethodField()
    generated_by = serializers.IntegerField(source="generated_by_id", read_only=True, allow_null=True)
    replaces = serializers.IntegerField(source="replaces_id", read_only=True, allow_null=True)
    replaced_by = serializers.SerializerMethodField()

    class Meta:
        model = Report
        fields = [
            "id",
            "number",
            "factory_id",
            "report_type",
            "report_period_start",
            "report_period_end",
            "summary",
            "coverage",
            "status",
            "progress",
            "error",
            "is_final",
            "pdf_url",
            "sha256",
            "figures_sha256",
            "generated_by",
            "generated_at",
            "outdated_at",
            "outdated_because",
            "replaces",
            "replaced_by",
            "replacement_reason",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.DictField(child=serializers.FloatField(allow_null=True), allow_null=True))
    def get_summary(self, report) -> dict | None:
        """Headline figures; null until they are computed, and a null figure is one nobody measured."""
        return None if report.summary_figures is None else as_numbers(report.summary_figures)

    @extend_schema_field(serializers.DictField(child=serializers.FloatField(), allow_null=True))
    def get_coverage(self, report) -> dict | None:
        """Per figure of the summary, the percentage of the period for which it was measured."""
        return None if report.summary_figures is None else coverage_of(report.summary_figures)

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_pdf_url(self, report):
        """Address of the document; null while there is none."""
        return reverse("api_report-pdf", [report.pk], request=self.context.get("request")) if report.sha256 else None

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_replaced_by(self, report):
        return report.replaced_by.pk if hasattr(report, "replaced_by") else None


class RequestReportSerializer(serializers.Serializer):
    factory_id = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=MAX_ID)
    report_type = serializers.ChoiceField(ReportType.choices)
    period_start = serializers.DateField()
    period_end = serializers.DateField(help_text="last day of the period, included")


class ComplianceQuerySerializer(serializers.Serializer):
    standard = serializers.ChoiceField(["SPCB", "PAT", "CBAM"], required=False)
    start = serializers.DateField(required=False)
    end = serializers.DateField(required=False)

    def validate(self, query):
        if ("start" in query) != ("end" in query):
            lacking = "end" if "start" in query else "start"
            raise serializers.ValidationError({lacking: ["A period needs both its first and its last day."]})
        if "start" in query and "standard" not in query:
            raise serializers.ValidationError({"standard": ["Say which standard the period is for."]})
        return query


class ReportDataSerializer(serializers.Serializer):
    """What was frozen: `figures_sha256` is the digest of these two as compact JSON with sorted keys, in UTF-8."""

    inputs = serializers.JSONField(read_only=True)
    figures = serializers.JSONField(read_only=True)


class OverallSerializer(serializers.Serializer):
    """The last 30 complete days without a stored report: `summary` holds SPCB, PAT and CBAM figures."""

    id = serializers.IntegerField(allow_null=True)
    factory_id = serializers.IntegerField()
    report_type = serializers.CharField()
    report_period_start = serializers.DateField()
    report_period_end = serializers.DateField()
    summary = serializers.DictField()
    status = serializers.CharField()
    pdf_url = serializers.CharField(allow_null=True)
    sha256 = serializers.CharField()
    generated_by = serializers.IntegerField(allow_null=True)
    generated_at = serializers.DateTimeField()


class FoundReportSerializer(serializers.Serializer):
    """Which report a digest belongs to: what anyone who holds the document may know."""

    sha256 = serializers.CharField()
    digest_of = serializers.ChoiceField(["document", "figures"])
    number = serializers.CharField()
    report_type = serializers.ChoiceField(ReportType.choices)
    title = serializers.CharField()
    unit = serializers.CharField()
    report_period_start = serializers.DateField()
    report_period_end = serializers.DateField()
    document_state = serializers.ChoiceField(["draft", "final"])
    report_state = serializers.ChoiceField(["draft", "final", "replaced"])
    generated_at = serializers.DateTimeField()
    finalised_at = serializers.DateTimeField(allow_null=True)
    replaced_by = serializers.CharField(allow_null=True)
