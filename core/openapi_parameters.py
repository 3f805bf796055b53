"""OpenAPI parameters and responses shared by many operations."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers


class ErrorSerializer(serializers.Serializer):
    detail = serializers.CharField()


FACTORY_ID = OpenApiParameter(
    "factory_id", OpenApiTypes.INT, description="One of the caller's factories; all of them if left out"
)
ERROR_RESPONSES = {400: OpenApiTypes.OBJECT, 403: ErrorSerializer, 404: ErrorSerializer}
