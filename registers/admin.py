"""Registers in the admin, generated from the descriptions; rows of locked months are read-only."""

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import models

from core.read_only_admin import ReadOnlyAdmin
from registers.models import ROWS, Evidence, Factor, FactorSet, MonthLock, RegisterExemption


class RowAdmin(admin.ModelAdmin):
    """Validation is in the row's `clean`; locked rows are read-only."""

    readonly_fields = ["taken_over", "created_at", "changed_at"]
    show_full_result_count = False

    def get_list_display(self, request) -> list:
        register = self.model.register
        period = ["month"] if register.has_period else []
        return ["__str__", "factory", *period, *register.columns[:5], "source"]

    def get_list_filter(self, request) -> list:
        return ["factory", "source"]

    def get_search_fields(self, request) -> list:
        text = [
            field.name
            for field in self.model.register.fields()
            if type(field) is models.CharField and not field.choices
        ]
        return ["remark", "factory__name", *text]

    def get_fields(self, request, obj=None) -> list:
        period = ["month"] if self.model.register.has_period else []
        names = [*self.model.register.field_names, "source", "remark", "evidence"]
        return ["factory", *period, *names, *self.readonly_fields]

    def get_queryset(self, request):
        return super().get_queryset(request).with_related().select_related("factory")

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and not is_locked(obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and not is_locked(obj)

    def delete_queryset(self, request, queryset) -> None:
        try:
            queryset.delete()
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))


def is_locked(row):
    return row is not None and MonthLock.objects.active().filter(factory=row.factory_id, month=row.month).exists()


for model in ROWS:
    lines = [field.name for field in model._meta.concrete_fields if field.is_relation and field.name != "factory"]
    options = {"raw_id_fields": lines, "date_hierarchy": "month" if model.register.has_period else None}
    admin.site.register(model, RowAdmin, **options)


@admin.register(MonthLock)
class MonthLockAdmin(ReadOnlyAdmin):
    """Read-only: locking and unlocking, with its reason, happens on the locks page."""

    list_display = ["month", "factory", "locked_at", "locked_by", "unlocked_at", "unlocked_by", "reason"]
    list_filter = ["factory"]
    list_select_related = ["factory", "locked_by", "unlocked_by"]
    date_hierarchy = "month"


@admin.register(RegisterExemption)
class RegisterExemptionAdmin(ReadOnlyAdmin):
    list_display = ["register", "factory", "reason", "created_at"]
    list_filter = ["factory"]
    list_select_related = ["factory"]


@admin.register(Evidence)
class EvidenceAdmin(ReadOnlyAdmin):
    list_display = ["name", "factory", "media_type", "size_bytes", "sha256", "uploaded_by", "uploaded_at"]
    list_filter = ["factory", "media_type"]
    list_select_related = ["factory", "uploaded_by"]
    search_fields = ["name", "sha256"]
    exclude = ["content"]

    def get_queryset(self, request):
        return super().get_queryset(request).without_content()


@admin.register(FactorSet)
class FactorSetAdmin(ReadOnlyAdmin):
    list_display = ["title", "version", "act", "published_on", "loaded_at"]
    list_filter = ["slug"]
    search_fields = ["title", "act"]


@admin.register(Factor)
class FactorAdmin(ReadOnlyAdmin):
    list_display = ["key", "name", "amount", "unit", "place", "factor_set", "valid_from", "valid_to", "is_verified"]
    list_filter = ["is_verified", "factor_set__slug"]
    search_fields = ["key", "name"]
    list_select_related = ["factor_set"]
