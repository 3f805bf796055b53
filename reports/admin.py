"""Reports in the admin: read-only."""

from django.contrib import admin

from core.read_only_admin import ReadOnlyAdmin
from reports.models import Document, Report, Waiver
from reports.models.reports import FROZEN
from reports.models.scenarios import WhatIf


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    list_display = [
        "number",
        "factory",
        "report_type",
        "period_start",
        "period_end",
        "status",
        "is_final",
        "generated_at",
    ]
    list_filter = ["report_type", "status", "is_final", "factory"]
    search_fields = ["factory__name", "sha256", "figures_sha256", "replacement_reason"]
    date_hierarchy = "period_start"
    list_select_related = ["factory"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer(*FROZEN)


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    list_display = ["report", "is_final", "pages", "sha256", "printed_at"]
    list_filter = ["is_final"]
    search_fields = ["sha256", "report__factory__name"]
    list_select_related = ["report"]
    exclude = ["pdf"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("pdf", *[f"report__{name}" for name in FROZEN])


@admin.register(Waiver)
class WaiverAdmin(ReadOnlyAdmin):
    list_display = ["report", "title", "reason", "waived_by", "waived_at"]
    search_fields = ["title", "reason", "report__factory__name"]
    list_select_related = ["report", "waived_by"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer(*[f"report__{name}" for name in FROZEN])


@admin.register(WhatIf)
class WhatIfAdmin(ReadOnlyAdmin):
    list_display = ["title", "factory", "scheme", "created_by", "created_at"]
    list_filter = ["scheme", "factory"]
    search_fields = ["title", "factory__name"]
    list_select_related = ["factory", "created_by"]
