"""Devices over the API."""

from datetime import UTC, datetime

from django.core.exceptions import PermissionDenied
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import Http404
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response

from core.archive_guards import StillReferenced
from core.openapi_parameters import ErrorSerializer
from devices.api import serializers
from devices.models import Device, DeviceKey
from devices.provisioning import DeviceIdTaken, archive_device, register_device
from factories.permissions import FactoryScopedViewSet, factory_from_request
from factories.roles import Right

NEVER = datetime(1, 1, 1, tzinfo=UTC)


class DeviceFilter(filters.FilterSet):
    factory_id = filters.NumberFilter()
    is_active = filters.BooleanFilter()
    search = filters.CharFilter(method="matching", max_length=100)
    ordering = filters.OrderingFilter(
        fields=[
            "device_name",
            "device_id",
            "machine_name",
            "location",
            "created_at",
            ("last_seen__heard_at", "last_seen"),
        ]
    )

    class Meta:
        model = Device
        fields = []

    def matching(self, devices, name, text):
        return devices.matching(text)


@extend_schema_view(
    destroy=extend_schema(responses={204: None, 409: ErrorSerializer}),
)
class DeviceViewSet(FactoryScopedViewSet):
    queryset = Device.objects.none()
    serializer_class = serializers.DeviceSerializer
    filterset_class = DeviceFilter
    read_right = Right.READ_DATA
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def get_queryset(self):
        devices = super().get_queryset().current().select_related("last_seen", "factory")
        return devices.annotate(unread_since=Subquery(unread_since()))

    @extend_schema(exclude=True)
    def create(self, request, *args, **kwargs):
        """Devices are registered at /devices/register, which answers with the key."""
        return self.http_method_not_allowed(request, *args, **kwargs)

    @extend_schema(
        request=serializers.RegisterDeviceSerializer,
        responses={201: serializers.RegisteredDeviceSerializer, 403: ErrorSerializer, 404: ErrorSerializer},
    )
    @action(detail=False, methods=["post"])
    def register(self, request) -> Response:
        """Register a device; the response holds its key, this once."""
        return Response(self.register_one(request, request.data), 201)

    @extend_schema(
        request=serializers.BulkDevicesSerializer,
        responses={201: serializers.BulkDevicesAnswerSerializer, 400: serializers.BulkDevicesAnswerSerializer},
    )
    @action(detail=False, methods=["post"])
    def bulk(self, request) -> Response:
        """Register several devices; one that is rejected does not stop the rest."""
        body = serializers.BulkDevicesSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        devices, errors = [], []
        for index, fields in enumerate(body.validated_data["devices"]):
            try:
                devices.append(self.register_one(request, fields))
            except Exception as error:
                errors.append(bulk_error(index, fields, error))
        status = "success" if not errors else "partial" if devices else "failed"
        answer = {"status": status, "created": len(devices), "errors": errors, "devices": devices}
        return Response(answer, 400 if status == "failed" else 201)

    def register_one(self, request, data) -> dict:
        """Register a device → its representation with the key."""
        raw = data.get("factory_id") if isinstance(data, dict) else None
        factory = factory_from_request(request, Right.MANAGE, raw)
        body = serializers.RegisterDeviceSerializer(data=data)
        body.is_valid(raise_exception=True)
        fields = {name: value for name, value in body.validated_data.items() if name != "factory_id"}
        profile = {"rated_kw": fields.pop("rated_kw", None)}
        try:
            device, text = register_device(factory, **fields, profile=profile, by=request.user, now=timezone.now())
        except DeviceIdTaken as error:
            raise ValidationError({"device_id": [str(error)]}) from error
        return {**serializers.DeviceSerializer(device).data, "api_key": text}

    def destroy(self, request, *args, **kwargs) -> Response:
        """Archives and revokes the keys. 409 where readings refer to it: pause it instead."""
        try:
            archive_device(self.get_object(), now=timezone.now())
        except StillReferenced as error:
            return Response({"detail": str(error)}, 409)
        return Response(status=204)


def unread_since() -> QuerySet:
    """Of the outer device: the start of its keys' longest streak of unread requests that still stands (telemetry writes
    `unread` and `use` of a key)."""
    is_first = Q(use=None)
    is_standing = Q(use__used_at__lt=F("unread__since"), unread__requests__gte=3)
    heard_at = Coalesce(OuterRef("last_seen__heard_at"), Value(NEVER))
    keys = DeviceKey.objects.filter(is_first | is_standing, device=OuterRef("pk"), revoked_at=None)
    return keys.filter(unread__since__gt=heard_at).order_by("unread__since").values("unread__since")[:1]


def bulk_error(index, fields, error) -> dict:
    """The error of one device of a bulk; anything but an expected rejection is re-raised."""
    name = fields.get("device_id") if isinstance(fields, dict) else None
    if isinstance(error, ValidationError):
        errors = error.detail if isinstance(error.detail, dict) else {"detail": error.detail}
    elif isinstance(error, Http404):
        errors = {"factory_id": ["There is no such factory among yours."]}
    elif isinstance(error, PermissionDenied | APIException):
        errors = {"factory_id": [str(error)]}
    else:
        raise error
    return {"index": index, "device_id": name if isinstance(name, str) else None, "errors": errors}
