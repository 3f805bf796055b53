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
from factories.permissions import meant_factory, row_or_404
from factories.roles import Right
from telemetry.models import Quarantined
from telemetry.quarantine_decisions import NotReleased, discard, release

SHOWN_BYTES = 2048


class HeldSerializer(serializers.ModelSerializer):
    device_id = serializers.IntegerField(allow_null=True, read_only=True)
    factory_id = serializers.IntegerField(read_only=True)
    payload = serializers.SerializerMethodField(help_text="how it began, as text")
    decided_by = serializers.IntegerField(source="decided_by_id", allow_null=True, read_only=True)

    class Meta:
        model = Quarantined
        fields = [
            *["id", "factory_id", "device_id", "reason", "detail", "payload", "state", "times"],
            *["received_at", "last_at", "decided_by", "decided_at"],
        ]
        read_only_fields = fields

    def get_payload(self, row) -> str:
        start = row.start if hasattr(row, "start") else row.payload[:SHOWN_BYTES]
        return bytes(start).decode(errors="replace")


class ReleaseSerializer(serializers.Serializer):
    replace = serializers.BooleanField(
        default=False, help_text="Let it win over a stored reading that says otherwise; that one is kept in quarantine."
    )


def shown(rows):
    """Only the beginning of what was sent leaves the database: a thousand rows may hold a thousand megabytes."""
    return rows.defer("payload").annotate(start=Substr("payload", 1, SHOWN_BYTES))


class QuarantineList(ListAPIView):
    """What a factory's devices sent and could not be stored, newest first."""

    serializer_class = HeldSerializer
    queryset = Quarantined.objects.none()
    filterset_fields = ["state", "reason"]

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return shown(Quarantined.objects.for_factory(meant_factory(self.request, Right.READ_DATA)))


class DeviceQuarantineList(QuarantineList):
    """The same of one device."""

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        device = row_or_404(Device.objects, self.request.user, self.kwargs["pk"], Right.READ_DATA)
        return shown(Quarantined.objects.for_factory(device.factory).filter(device=device))


ANSWERS = {200: HeldSerializer, 403: ErrorSerializer, 404: ErrorSerializer, 409: ErrorSerializer}


class Release(APIView):
    @extend_schema(request=ReleaseSerializer, responses=ANSWERS)
    def post(self, request, pk):
        """Store it after all. 409 where it cannot be, or contradicts a stored reading and `replace` was not said."""
        row = row_or_404(Quarantined.objects, request.user, pk, Right.MANAGE)
        given = ReleaseSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            row = release(row, request.user, timezone.now(), replace=given.validated_data["replace"])
        except NotReleased as error:
            return Response({"detail": str(error)}, 409)
        return Response(HeldSerializer(row).data)


class Discard(APIView):
    @extend_schema(request=None, responses=ANSWERS)
    def post(self, request, pk):
        """It stays on record and no longer waits."""
        row = row_or_404(Quarantined.objects, request.user, pk, Right.MANAGE)
        try:
            row = discard(row, request.user, timezone.now())
        except NotReleased as error:
            return Response({"detail": str(error)}, 409)
        return Response(HeldSerializer(row).data)
