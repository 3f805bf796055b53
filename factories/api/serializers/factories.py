"""Serializer of factories."""

from django.core.exceptions import ValidationError as DjangoValidationError
from rest_framework import serializers

from factories.models import Factory
from factories.models.factories import validate_time_zone_name


class FactorySerializer(serializers.ModelSerializer):
    """Rows come from `FactoryQuerySet.with_counts`."""

    device_count = serializers.IntegerField(read_only=True, default=0)
    user_count = serializers.IntegerField(read_only=True, default=0)
    active_alerts = serializers.IntegerField(read_only=True, default=0)
    time_zone = serializers.CharField(max_length=50, default="Asia/Kolkata")

    class Meta:
        model = Factory
        fields = [
            *["id", "name", "location", "industry", "contact_email", "contact_phone", "time_zone", "created_at"],
            *["device_count", "user_count", "active_alerts"],
        ]
        read_only_fields = ["id", "created_at"]

    def validate_time_zone(self, name):
        try:
            validate_time_zone_name(name)
        except DjangoValidationError as error:
            raise serializers.ValidationError(error.messages) from error
        return name
