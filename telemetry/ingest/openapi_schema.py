"""Readings and ingest responses in the OpenAPI description only; `telemetry.payloads` is what parses them."""

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from telemetry.metrics import METRIC_NAMES

QUERY_PARAMETERS = [
    OpenApiParameter("device_id", str, description="for a gateway key"),
    OpenApiParameter("timestamp", str, description="ISO 8601 with offset, or an epoch number"),
    *(OpenApiParameter(name, float) for name in METRIC_NAMES),
]


def metric_fields() -> dict:
    return {name: serializers.FloatField(required=False, allow_null=True) for name in METRIC_NAMES}


DeviceReadingSerializer = type(
    "DeviceReadingSerializer",
    (serializers.Serializer,),
    {
        "__doc__": "A reading as a device sends it; unknown fields are kept. Short names: docs/ingest.md.",
        "device_id": serializers.CharField(required=False, max_length=64),
        "timestamp": serializers.DateTimeField(required=False, help_text="ISO 8601 with offset, or an epoch number"),
        "age_ms": serializers.FloatField(required=False, min_value=0),
        "sent_at": serializers.DateTimeField(required=False, help_text="what the device's clock reads now"),
        **metric_fields(),
    },
)
BulkReadingSerializer = type(
    "BulkReadingSerializer",
    (serializers.Serializer,),
    {
        "device_id": serializers.IntegerField(),
        "timestamp": serializers.DateTimeField(required=False),
        **metric_fields(),
    },
)


class BulkReadingsSerializer(serializers.Serializer):
    readings = BulkReadingSerializer(many=True)


class IngestResultSerializer(serializers.Serializer):
    """The answer to a device."""

    status = serializers.ChoiceField(["success"])
    accepted = serializers.IntegerField()
    duplicates = serializers.IntegerField()
    quarantined = serializers.IntegerField()
    warnings = serializers.ListField(child=serializers.CharField())
    server_time = serializers.DateTimeField()


class IngestErrorSerializer(serializers.Serializer):
    status = serializers.ChoiceField(["error"])
    detail = serializers.CharField()
    errors = serializers.DictField(child=serializers.ListField(child=serializers.CharField()), required=False)
    quarantined = serializers.IntegerField(required=False)
    max_bytes = serializers.IntegerField(required=False)
    max_readings = serializers.IntegerField(required=False)
    encodings = serializers.ListField(child=serializers.CharField(), required=False)
    server_time = serializers.DateTimeField()
