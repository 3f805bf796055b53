"""Admin of rules, alerts, comments, deliveries, channels and evaluation states."""

from django.contrib import admin
from django.utils import timezone

from alerts import rule_set
from alerts.models import (
    Alert,
    AlertRule,
    Channel,
    Comment,
    Delivery,
    EscalationStep,
    EvaluationState,
    MaintenanceWindow,
    Preference,
    UptimeInterval,
)
from core.read_only_admin import ReadOnlyAdmin


@admin.register(AlertRule)
class AlertRuleAdmin(admin.ModelAdmin):
    list_display = ["title", "factory", "device", "metric", "kind", "level", "severity", "is_enabled", "archived_at"]
    list_filter = ["kind", "metric", "severity", "is_enabled", "origin", "factory"]
    list_select_related = ["factory", "device"]
    search_fields = ["title", "device__device_id", "device__machine_name", "factory__name"]
    raw_id_fields = ["factory", "device"]
    readonly_fields = ["origin", "basis", "learning_until", "archived_at"]

    def save_model(self, request, obj, form, change) -> None:
        """A change of terms closes open alerts, as on the dashboard."""
        if not change:
            obj.save()
            return
        rule = AlertRule.objects.get(pk=obj.pk)
        rule_set.revise(rule, {name: form.cleaned_data[name] for name in form.changed_data}, now=timezone.now())

    def has_delete_permission(self, request, obj=None) -> bool:
        return False  # past alerts keep their rule: it is archived on the dashboard, or switched off here


@admin.register(MaintenanceWindow)
class MaintenanceWindowAdmin(admin.ModelAdmin):
    list_display = ["__str__", "factory", "starts_at", "ends_at", "made_by"]
    list_filter = ["factory"]
    list_select_related = ["factory", "device", "made_by"]
    raw_id_fields = ["factory", "device", "made_by"]


class CommentsInline(admin.TabularInline):
    model = Comment
    extra = 0
    readonly_fields = ["author", "text", "created_at"]
    can_delete = False

    def has_add_permission(self, request, obj=None) -> bool:
        return False


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    list_display = ["title", "device", "factory", "severity", "status", "triggered_at", "resolved_at", "found_late"]
    list_filter = ["status", "severity", "alert_type", "found_late", "factory"]
    list_select_related = ["device", "factory"]
    search_fields = ["title", "message", "device__device_id", "device__machine_name"]
    date_hierarchy = "triggered_at"
    inlines = [CommentsInline]


@admin.register(Comment)
class CommentAdmin(ReadOnlyAdmin):
    list_display = ["text", "alert", "author", "created_at"]
    list_filter = ["alert__factory"]
    list_select_related = ["alert", "author"]
    search_fields = ["text", "alert__title", "author__email"]
    date_hierarchy = "created_at"


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ["alert", "recipient", "channel", "created_at", "sent_at", "attempts", "given_up_at", "error"]
    list_filter = [
        ("sent_at", admin.EmptyFieldListFilter),
        ("given_up_at", admin.EmptyFieldListFilter),
        "alert__factory",
    ]
    list_select_related = ["alert", "recipient", "channel"]
    search_fields = ["recipient__email", "alert__title", "error"]
    date_hierarchy = "created_at"


@admin.register(EvaluationState)
class EvaluationStateAdmin(ReadOnlyAdmin):
    list_display = ["rule", "device", "evaluated_until", "crossed_since", "has_fired"]
    list_filter = ["has_fired", "rule__metric", "device__factory"]
    list_select_related = ["rule", "device"]
    search_fields = ["rule__title", "device__device_id", "device__machine_name"]


@admin.register(UptimeInterval)
class UptimeIntervalAdmin(ReadOnlyAdmin):
    list_display = ["since_at", "until_at"]


@admin.register(Preference)
class PreferenceAdmin(ReadOnlyAdmin):
    list_display = ["user", "factory", "is_on", "lowest", "rhythm", "quiet_from", "quiet_until"]
    list_filter = ["is_on", "rhythm", "factory"]
    list_select_related = ["user", "factory"]
    search_fields = ["user__email"]


@admin.register(Channel)
class ChannelAdmin(ReadOnlyAdmin):
    list_display = ["label", "user", "kind", "hint", "is_on", "sent_at", "error", "removed_at"]
    list_filter = ["kind", "is_on"]
    list_select_related = ["user"]
    search_fields = ["label", "user__email"]
    exclude = ["encrypted_credentials"]


@admin.register(EscalationStep)
class EscalationStepAdmin(ReadOnlyAdmin):
    list_display = ["person", "factory", "after_minutes", "lowest"]
    list_filter = ["factory"]
    list_select_related = ["person", "factory"]
    search_fields = ["person__email"]
