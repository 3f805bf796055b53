"""Reports in admin: issued ones are read, never changed and never deleted."""

from django.contrib import admin

from factories.look_only import LookOnly
from reports.factors.models import Factor, FactorSet
from reports.models import FROZEN, Document, Report
from reports.registers import admin as registers  # noqa: F401  registers its own
from reports.what_if.models import WhatIf


@admin.register(Report)
class ReportAdmin(LookOnly):
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
class DocumentAdmin(LookOnly):
    list_display = ["report", "is_final", "pages", "sha256", "printed_at"]
    list_filter = ["is_final"]
    search_fields = ["sha256", "report__factory__name"]
    list_select_related = ["report"]
    exclude = ["pdf"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("pdf", *[f"report__{name}" for name in FROZEN])


@admin.register(FactorSet)
class FactorSetAdmin(LookOnly):
    list_display = ["title", "version", "act", "published_on", "loaded_at"]
    list_filter = ["slug"]
    search_fields = ["title", "act"]


@admin.register(Factor)
class FactorAdmin(LookOnly):
    list_display = ["key", "name", "amount", "unit", "place", "factor_set", "valid_from", "valid_to", "is_verified"]
    list_filter = ["is_verified", "factor_set__slug"]
    search_fields = ["key", "name"]
    list_select_related = ["factor_set"]


@admin.register(WhatIf)
class WhatIfAdmin(LookOnly):
    list_display = ["title", "factory", "scheme", "created_by", "created_at"]
    list_filter = ["scheme", "factory"]
    search_fields = ["title", "factory__name"]
    list_select_related = ["factory", "created_by"]
