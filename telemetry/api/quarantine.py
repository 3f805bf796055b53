"""What was held, and a person's decision about it."""

from django.db.models.functions import Substr
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from core.openapi_parameters import ErrorSerializer
from devices.models import Device
from factories.permissions import factory_from_request, row_or_404
from factories.roles import Right
from telemetry.models import QuarantineItem
from telemetry.quarantine import NotReleased, discard, release

PAYLOAD_PREVIEW_BYTES = 2048


class QuarantineItemSerializer(serializers.ModelSerializer):
    device_id = serializers.IntegerField(allow_null=True, read_only=True)
    factory_id = serializers.IntegerField(read_only=True)
    payload = serializers.SerializerMethodField(help_text="how it began, as text")
    decided_by = serializers.IntegerField(source="decided_by_id", allow_null=True, read_only=True)

    class Meta:
        model = QuarantineItem
        fields = [
            *["id", "factory_id", "device_id", "reason", "detail", "payload", "state", "times"],
            *["received_at", "last_at", "decided_by", "decided_at"],
        ]
        read_only_fields = fields

    def get_payload(self, row) -> str:
        start = row.start if hasattr(row, "start") else row.payload[:PAYLOAD_PREVIEW_BYTES]
        return bytes(start).decode(errors="replace")


class ReleaseSerializer(serializers.Serializer):
    replace = serializers.BooleanField(
        default=False, help_text="Let it win over a stored reading that says otherwise; that one is kept in quarantine."
    )


def with_payload_start(rows):
    """Only the beginning of what was sent leaves the database: a thousand rows may hold a thousand megabytes."""
    return rows.defer("payload").annotate(start=Substr("payload", 1, PAYLOAD_PREVIEW_BYTES))


class QuarantineList(ListAPIView):
    """What a factory's devices sent and could not be stored, newest first."""

    serializer_class = QuarantineItemSerializer
    queryset = QuarantineItem.objects.none()
    filterset_fields = ["state", "reason"]

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return with_payload_start(
            QuarantineItem.objects.for_factory(factory_from_request(self.request, Right.READ_DATA))
        )


class DeviceQuarantineList(QuarantineList):
    """The same of one device."""

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        device = row_or_404(Device.objects, self.request.user, self.kwargs["pk"], Right.READ_DATA)
        return with_payload_start(QuarantineItem.objects.for_factory(device.factory).filter(device=device))


RESPONSES = {200: QuarantineItemSerializer, 403: ErrorSerializer, 404: ErrorSerializer, 409: ErrorSerializer}


class ReleaseView(APIView):
    @extend_schema(request=ReleaseSerializer, responses=RESPONSES)
    def post(self, request, pk):
        """Store it after all. 409 where it cannot be, or contradicts a stored reading and `replace` was not said."""
        row = row_or_404(QuarantineItem.objects, request.user, pk, Right.MANAGE)
        given = ReleaseSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            row = release(row, request.user, timezone.now(), replace=given.validated_data["replace"])
        except NotReleased as error:
            return Response({"detail": str(error)}, 409)
        return Response(QuarantineItemSerializer(row).data)


class DiscardView(APIView):
    @extend_schema(request=None, responses=RESPONSES)
    def post(self, request, pk):
        """It stays on record and no longer waits."""
        row = row_or_404(QuarantineItem.objects, request.user, pk, Right.MANAGE)
        try:
            row = discard(row, request.user, timezone.now())
        except NotReleased as error:
            return Response({"detail": str(error)}, 409)
        return Response(QuarantineItemSerializer(row).data)
