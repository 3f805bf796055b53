"""Admin of users, factories and what belongs to them."""

from auditlog.admin import LogEntryAdmin
from auditlog.filters import CIDFilter, ResourceTypeFilter
from auditlog.models import LogEntry
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group

from factories.models import Factory, Holiday, Invitation, Membership, Shift, Tariff, TariffBand, User

admin.site.unregister(Group)  # roles come from memberships, not from groups
admin.site.unregister(LogEntry)  # auditlog's own admin searches first and last names, which our users do not have


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ["user", "factory"]


class NewUserForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ["email", "full_name"]


class UserForm(UserChangeForm):
    class Meta:
        model = User
        fields = "__all__"


@admin.register(User)
class CustomUserAdmin(UserAdmin):
    """Logs in with an e-mail address; `is_superuser` is the role admin."""

    add_form, form = NewUserForm, UserForm
    ordering = ["email"]
    list_display = ["email", "full_name", "is_active", "is_superuser", "is_staff", "last_login", "date_joined"]
    list_filter = ["is_active", "is_superuser", "is_staff", "memberships__factory"]
    search_fields = ["email", "full_name"]
    readonly_fields = ["last_login", "date_joined"]
    filter_horizontal = []
    inlines = [MembershipInline]
    fieldsets = [
        (None, {"fields": ["email", "password", "full_name"]}),
        ("Admin", {"fields": ["is_active", "is_superuser", "is_staff"]}),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "full_name", "usable_password", "password1", "password2"]})]


@admin.register(Factory)
class FactoryAdmin(admin.ModelAdmin):
    """Archived, never deleted: readings and reports refer to it."""

    list_display = [
        "name",
        "industry",
        "location",
        "time_zone",
        "device_total",
        "people_total",
        "created_at",
        "archived_at",
    ]
    list_filter = ["industry", "state", "time_zone", ("archived_at", admin.EmptyFieldListFilter)]
    search_fields = ["name", "legal_name", "location", "contact_email", "registration_number"]
    readonly_fields = ["created_at"]
    inlines = [MembershipInline]

    def get_queryset(self, request):
        return super().get_queryset(request).with_counts()

    def has_delete_permission(self, request, obj=None) -> bool:
        return False

    @admin.display(description="devices", ordering="device_count")
    def device_total(self, factory):
        return factory.device_count

    @admin.display(description="people", ordering="user_count")
    def people_total(self, factory):
        return factory.user_count


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):
    list_display = ["user", "factory", "role", "expires_at", "created_at"]
    list_filter = ["role", "factory", ("expires_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user", "factory"]
    search_fields = ["user__email", "user__full_name", "factory__name"]
    autocomplete_fields = ["user", "factory"]
    readonly_fields = ["created_at"]


@admin.register(Invitation)
class InvitationAdmin(admin.ModelAdmin):
    """Read-only: invitations are created on the team page, which mails them."""

    list_display = ["email", "factory", "role", "invited_by", "sent_at", "accepted_at", "withdrawn_at"]
    list_filter = ["role", "factory", ("accepted_at", admin.EmptyFieldListFilter)]
    list_select_related = ["factory", "invited_by"]
    search_fields = ["email", "factory__name", "invited_by__email"]
    date_hierarchy = "sent_at"

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False


@admin.register(Shift)
class ShiftAdmin(admin.ModelAdmin):
    list_display = ["name", "factory", "starts_at", "ends_at", "days"]
    list_filter = ["factory"]
    list_select_related = ["factory"]
    search_fields = ["name", "factory__name"]
    autocomplete_fields = ["factory"]


@admin.register(Holiday)
class HolidayAdmin(admin.ModelAdmin):
    list_display = ["on", "name", "factory"]
    list_filter = ["factory"]
    list_select_related = ["factory"]
    search_fields = ["name", "factory__name"]
    autocomplete_fields = ["factory"]
    date_hierarchy = "on"


class TariffBandInline(admin.TabularInline):
    model = TariffBand
    extra = 0


@admin.register(Tariff)
class TariffAdmin(admin.ModelAdmin):
    list_display = ["name", "factory", "valid_from", "energy_rs_per_kwh"]
    list_filter = ["factory"]
    list_select_related = ["factory"]
    search_fields = ["name", "factory__name"]
    autocomplete_fields = ["factory"]
    inlines = [TariffBandInline]


class LoggedModelFilter(ResourceTypeFilter):
    """By model; an id without entries redirects to the whole list instead of being queried."""

    def queryset(self, request, queryset):
        offered = {str(pk) for pk, _ in self.lookup_choices}
        if self.value() is not None and self.value() not in offered:
            raise IncorrectLookupParameters
        return super().queryset(request, queryset)


@admin.register(LogEntry)
class AuditLogAdmin(LogEntryAdmin):
    """Who changed what, in all factories."""

    search_fields = ["object_repr", "object_pk", "changes", "actor__email", "actor__full_name", "actor_email"]
    list_filter = ["action", LoggedModelFilter, CIDFilter]
