"""Devices and their keys over the API."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from core.archive_guards import StillReferenced
from core.openapi_parameters import ErrorSerializer
from devices.api import serializers as shapes
from devices.key_issuing import TooManyKeys, issue_key, revoke_key
from devices.models import Device, DeviceKey
from devices.provisioning import DeviceIdTaken, archive_device, register_device
from factories.models import Factory
from factories.permissions import FactoryScopedViewSet, factory_from_request, row_or_404
from factories.roles import Right


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
    serializer_class = shapes.DeviceSerializer
    filterset_class = DeviceFilter
    read_right = Right.READ_DATA
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def get_queryset(self):
        return super().get_queryset().current().select_related("last_seen", "factory")

    @extend_schema(exclude=True)
    def create(self, request, *args, **kwargs):
        """Devices are registered at /devices/register, which answers with the key."""
        return self.http_method_not_allowed(request, *args, **kwargs)

    @extend_schema(
        request=shapes.RegisterDeviceSerializer,
        responses={201: shapes.RegisteredDeviceSerializer, 403: ErrorSerializer, 404: ErrorSerializer},
    )
    @action(detail=False, methods=["post"])
    def register(self, request):
        """Register a device; its key stands in the answer, this once."""
        return Response(self.registered(request, request.data), 201)

    @extend_schema(
        request=shapes.BulkDevicesSerializer,
        responses={201: shapes.BulkDevicesAnswerSerializer, 400: shapes.BulkDevicesAnswerSerializer},
    )
    @action(detail=False, methods=["post"])
    def bulk(self, request):
        """Register several. Each stands for itself: one that is refused does not stop the rest."""
        given = shapes.BulkDevicesSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        devices, errors = [], []
        for index, one in enumerate(given.validated_data["devices"]):
            try:
                devices.append(self.registered(request, one))
            except Exception as error:
                errors.append(bulk_error(index, one, error))
        status = "success" if not errors else "partial" if devices else "failed"
        answer = {"status": status, "created": len(devices), "errors": errors, "devices": devices}
        return Response(answer, 400 if status == "failed" else 201)

    def registered(self, request, data):
        """The new device as the API shows it, with its key."""
        raw = data.get("factory_id") if isinstance(data, dict) else None
        factory = factory_from_request(request, Right.MANAGE, raw)
        given = shapes.RegisterDeviceSerializer(data=data)
        given.is_valid(raise_exception=True)
        fields = {name: value for name, value in given.validated_data.items() if name != "factory_id"}
        try:
            device, text = register_device(factory, **fields, by=request.user, now=timezone.now())
        except DeviceIdTaken as error:
            raise ValidationError({"device_id": [str(error)]}) from error
        return {**shapes.DeviceSerializer(device).data, "api_key": text}

    def destroy(self, request, *args, **kwargs):
        """Archives and revokes the keys. 409 where readings rest on it: pause it instead."""
        try:
            archive_device(self.get_object(), now=timezone.now())
        except StillReferenced as error:
            return Response({"detail": str(error)}, 409)
        return Response(status=204)


def bulk_error(index, fields, error):
    """What was wrong with one device of a bulk; anything but an expected refusal is raised on."""
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


def issue_key_response(owner, request):
    """201 with the text of a new key of a Device or a Factory, 409 when two are live already."""
    body = shapes.NewKeySerializer(data=request.data)
    body.is_valid(raise_exception=True)
    now, expires_at = timezone.now(), body.validated_data["expires_at"]
    if expires_at is not None and expires_at <= now:
        raise ValidationError({"expires_at": ["This moment has passed."]})
    try:
        key, text = issue_key(owner, by=request.user, now=now, expires_at=expires_at)
    except TooManyKeys as error:
        return Response({"detail": str(error)}, 409)
    answer = {"api_key": text, "prefix": key.prefix, "created_at": key.created_at, "expires_at": key.expires_at}
    return Response(answer, 201, headers={"Cache-Control": "no-store"})


issue_key_schema = extend_schema(
    request=shapes.NewKeySerializer,
    responses={
        201: shapes.IssuedKeySerializer,
        403: ErrorSerializer,
        404: ErrorSerializer,
        409: ErrorSerializer,
    },
)


class DeviceKeys(APIView):
    @issue_key_schema
    def post(self, request, pk):
        """A second key, so that a rotation loses nothing. Shown this once."""
        return issue_key_response(row_or_404(Device.objects.current(), request.user, pk, Right.MANAGE), request)


class FactoryKeys(APIView):
    @issue_key_schema
    def post(self, request, pk):
        """A gateway key: it may send for any device of the factory. Shown this once."""
        return issue_key_response(row_or_404(Factory.objects.current(), request.user, pk, Right.MANAGE), request)


class DeviceKeyRevoke(APIView):
    @extend_schema(responses={204: None, 404: ErrorSerializer})
    def delete(self, request, pk, prefix):
        """From the next request on the key is refused. Revoking twice changes nothing."""
        device = row_or_404(Device.objects.current(), request.user, pk, Right.MANAGE)
        revoke_key(get_object_or_404(DeviceKey, device=device, prefix=prefix), now=timezone.now())
        return Response(status=204)


class FactoryKeyRevoke(APIView):
    @extend_schema(responses={204: None, 404: ErrorSerializer})
    def delete(self, request, pk, prefix):
        factory = row_or_404(Factory.objects.current(), request.user, pk, Right.MANAGE)
        key = get_object_or_404(DeviceKey, factory=factory, device=None, prefix=prefix)
        revoke_key(key, now=timezone.now())
        return Response(status=204)
