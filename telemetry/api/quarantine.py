"""Quarantine items over the API, and the decisions on them."""

from django.db.models import QuerySet
from django.db.models.functions import Substr
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from core.openapi_parameters import ErrorSerializer
from factories.permissions import factory_from_request, row_or_404
from factories.roles import Right
from telemetry.api.device_rows import DeviceRowsViewSet
from telemetry.api.filters import QuarantineFilter
from telemetry.api.row_serializers import PAYLOAD_PREVIEW_BYTES, QuarantineItemSerializer, ReleaseSerializer
from telemetry.models import QuarantineItem
from telemetry.quarantine import NotReleased, discard, release

DECISION_RESPONSES = {200: QuarantineItemSerializer, 403: ErrorSerializer, 404: ErrorSerializer, 409: ErrorSerializer}


def with_payload_start(items) -> QuerySet:
    """Only the beginning of the payload leaves the database: a thousand rows may hold a thousand megabytes."""
    return items.defer("payload").annotate(start=Substr("payload", 1, PAYLOAD_PREVIEW_BYTES))


class QuarantineViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """Payloads of a factory's devices that could not be stored as readings, newest first."""

    queryset = QuarantineItem.objects.none()
    serializer_class = QuarantineItemSerializer
    filterset_class = QuarantineFilter
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        factory = factory_from_request(self.request, Right.READ_DATA)
        return with_payload_start(QuarantineItem.objects.for_factory(factory))

    @extend_schema(request=ReleaseSerializer, responses=DECISION_RESPONSES)
    @action(detail=True, methods=["post"])
    def release(self, request, pk=None) -> Response:
        """Store it after all. 409 where it cannot be, or contradicts a stored reading and `replace` is not given."""
        item = row_or_404(QuarantineItem.objects, request.user, pk, Right.MANAGE)
        options = ReleaseSerializer(data=request.data)
        options.is_valid(raise_exception=True)
        return self.decide(release, item, replace=options.validated_data["replace"])

    @extend_schema(request=None, responses=DECISION_RESPONSES)
    @action(detail=True, methods=["post"])
    def discard(self, request, pk=None) -> Response:
        """Close it without storing it; it stays on record."""
        return self.decide(discard, row_or_404(QuarantineItem.objects, request.user, pk, Right.MANAGE))

    def decide(self, decision, item, **options) -> Response:
        try:
            item = decision(item, self.request.user, timezone.now(), **options)
        except NotReleased as error:
            return Response({"detail": str(error)}, 409)
        return Response(self.get_serializer(item).data)


class DeviceQuarantineViewSet(DeviceRowsViewSet):
    """Payloads of one device that could not be stored as readings, newest first."""

    queryset = QuarantineItem.objects.none()
    serializer_class = QuarantineItemSerializer
    filterset_class = QuarantineFilter

    def get_queryset(self) -> QuerySet:
        return with_payload_start(super().get_queryset())
