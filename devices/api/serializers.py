"""Serializers of devices and keys."""

from math import isfinite

from rest_framework import serializers

from core.validators import MAX_ID, ONE_LINE
from devices.models import Device

BULK_STATUSES = ["success", "partial", "failed"]  # of a request with many rows, each accepted or rejected on its own


class DeviceSerializer(serializers.ModelSerializer):
    """A device. Its `device_id` changes by swapping the unit, its factory never."""

    factory_id = serializers.IntegerField(read_only=True)
    last_seen = serializers.DateTimeField(source="last_seen.heard_at", read_only=True, default=None, allow_null=True)

    unread_since = serializers.DateTimeField(
        read_only=True, default=None, allow_null=True, help_text="since when nothing that it sends can be read"
    )

    class Meta:
        model = Device
        fields = [
            *["id", "device_id", "device_name", "device_type", "factory_id", "machine_name", "machine_kind"],
            *["temperature_point", "location"],
            *["is_active", "last_seen", "unread_since", "firmware_version", "created_at"],
        ]
        read_only_fields = ["id", "device_id", "created_at"]

    def validate(self, data):
        """`factory_id` and `device_id` are accepted if unchanged, so that a client may send the whole device back."""
        for field, fixed in (("factory_id", self.instance.factory_id), ("device_id", self.instance.device_id)):
            if field in self.initial_data and self.initial_data[field] != fixed:
                raise serializers.ValidationError({field: ["This cannot be changed here."]})
        return data


class RegisterDeviceSerializer(serializers.ModelSerializer):
    device_id = serializers.CharField(max_length=64, validators=[ONE_LINE])
    factory_id = serializers.IntegerField(min_value=0, max_value=MAX_ID, required=False, allow_null=True)
    rated_kw = serializers.FloatField(
        min_value=0,
        max_value=1e6,
        required=False,
        allow_null=True,
        help_text="of the name plate; limits follow from it",
    )

    class Meta:
        model = Device
        fields = [
            *["device_id", "device_name", "device_type", "factory_id", "machine_name", "machine_kind"],
            *["temperature_point", "location", "firmware_version", "rated_kw"],
        ]

    def validate_rated_kw(self, rated_kw) -> float | None:
        if rated_kw is not None and not isfinite(rated_kw):  # NaN passes every comparison
            raise serializers.ValidationError("A valid number is required.")
        return rated_kw


class RegisteredDeviceSerializer(DeviceSerializer):
    api_key = serializers.CharField(help_text="Shown this once")

    class Meta(DeviceSerializer.Meta):
        fields = [*DeviceSerializer.Meta.fields, "api_key"]


class BulkDevicesSerializer(serializers.Serializer):
    devices = serializers.ListField(child=serializers.JSONField(), max_length=500, help_text="as in /devices/register")


class BulkDeviceErrorSerializer(serializers.Serializer):
    index = serializers.IntegerField()
    device_id = serializers.CharField(allow_null=True)
    errors = serializers.DictField()


class BulkDevicesAnswerSerializer(serializers.Serializer):
    status = serializers.ChoiceField(BULK_STATUSES)
    created = serializers.IntegerField()
    errors = BulkDeviceErrorSerializer(many=True)
    devices = RegisteredDeviceSerializer(many=True)


class NewKeySerializer(serializers.Serializer):
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class IssuedKeySerializer(serializers.Serializer):
    api_key = serializers.CharField(help_text="Shown this once")
    prefix = serializers.CharField()
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
