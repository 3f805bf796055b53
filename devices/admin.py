"""Admin of devices and keys. Key hashes are never shown; keys are issued on the pages, which show the text once."""

from django.contrib import admin, messages
from django.utils import timezone

from core.read_only_admin import ReadOnlyAdmin
from devices.key_issuing import revoke_key
from devices.models import Device, DeviceKey, DeviceProfile, Hardware


class ProfileInline(admin.TabularInline):
    """Read-only: changed on the machine's page, with the time from which the change is valid."""

    model = DeviceProfile
    extra = 0
    can_delete = False

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False


class HardwareInline(admin.TabularInline):
    model = Hardware
    extra = 0
    can_delete = False
    readonly_fields = ["unit", "fitted_at", "removed_at"]

    def has_add_permission(self, request, obj=None) -> bool:
        return False


@admin.register(Device)
class DeviceAdmin(admin.ModelAdmin):
    """Archived, never deleted: readings refer to it. `device_id` changes by swapping the unit (machine page)."""

    list_display = [
        "device_id",
        "machine_name",
        "device_name",
        "machine_kind",
        "factory",
        "location",
        "is_active",
        "last_seen_at",
        "archived_at",
    ]
    list_filter = [
        "factory",
        "is_active",
        "machine_kind",
        "device_type",
        "firmware_version",
        ("archived_at", admin.EmptyFieldListFilter),
    ]
    list_select_related = ["factory", "last_seen"]
    search_fields = ["device_id", "device_name", "machine_name", "location", "factory__name"]
    readonly_fields = ["factory", "device_id", "created_at", "archived_at"]
    inlines = [ProfileInline, HardwareInline]

    def has_add_permission(self, request) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False

    @admin.display(description="last word", ordering="last_seen__heard_at")
    def last_seen_at(self, device):
        last_seen = getattr(device, "last_seen", None)
        return last_seen.heard_at if last_seen else None


@admin.register(DeviceProfile)
class DeviceProfileAdmin(admin.ModelAdmin):
    list_display = ["device", "valid_from", "power_kind", "interval_s", "rated_kw", "vibration_kind"]
    list_filter = ["power_kind", "vibration_kind", "device__factory"]
    list_select_related = ["device"]
    search_fields = ["device__device_id", "device__device_name", "device__machine_name"]
    autocomplete_fields = ["device"]
    date_hierarchy = "valid_from"

    def get_readonly_fields(self, request, obj=None) -> list:
        """An existing profile never moves: that would change the meaning of readings on both sides of it."""
        return ["device", "valid_from"] if obj else []


@admin.register(Hardware)
class HardwareAdmin(ReadOnlyAdmin):
    """Read-only: written by registering and swapping units."""

    list_display = ["unit", "device", "fitted_at", "removed_at"]
    list_filter = ["device__factory", ("removed_at", admin.EmptyFieldListFilter)]
    list_select_related = ["device"]
    search_fields = ["unit", "device__device_id", "device__machine_name"]
    date_hierarchy = "fitted_at"


@admin.register(DeviceKey)
class DeviceKeyAdmin(admin.ModelAdmin):
    list_display = [
        "prefix",
        "factory",
        "device",
        "created_by",
        "created_at",
        "last_used_at",
        "expires_at",
        "revoked_at",
    ]
    list_filter = ["factory", ("revoked_at", admin.EmptyFieldListFilter), ("device", admin.EmptyFieldListFilter)]
    list_select_related = ["factory", "device", "created_by", "use"]
    search_fields = ["prefix", "device__device_id", "device__machine_name", "factory__name"]
    fields = ["prefix", "factory", "device", "created_by", "created_at", "expires_at", "revoked_at"]
    date_hierarchy = "created_at"
    actions = ["revoke"]

    def has_add_permission(self, request) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False

    def get_readonly_fields(self, request, obj=None):
        return self.fields

    @admin.display(description="last used", ordering="use__used_at")
    def last_used_at(self, key):
        use = getattr(key, "use", None)
        return use.used_at if use else None

    @admin.action(description="Revoke the selected keys", permissions=["change"])
    def revoke(self, request, keys) -> None:
        live_keys = [key for key in keys if key.revoked_at is None]
        for key in live_keys:
            revoke_key(key, now=timezone.now())
        messages.success(request, f"{len(live_keys)} keys are revoked: {', '.join(map(str, live_keys))}.")
