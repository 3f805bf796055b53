"""Quarantine items over the API, and the decisions on them."""

from collections import Counter

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from core.openapi_parameters import ErrorSerializer
from devices.models import Device
from factories.models import Factory
from factories.permissions import factory_from_request, require_right, row_or_404
from factories.roles import Right
from telemetry.api.device_rows import DeviceRowsViewSet
from telemetry.api.filters import QuarantineFilter
from telemetry.api.quarantine_serializers import (
    ManyItemsSerializer,
    ManyOutcomesSerializer,
    ReleaseManySerializer,
    ReleaseSerializer,
)
from telemetry.api.row_serializers import QuarantineItemSerializer
from telemetry.models import QuarantineItem
from telemetry.quarantine import NotReleased, discard, release
from telemetry.quarantine.bulk import CONFLICT, DISCARDED, REFUSED, RELEASED, discard_many, release_many, shift_of
from telemetry.quarantine.selection import Selection, TooManyItems, require_few, with_payload_start

DECISION_RESPONSES = {200: QuarantineItemSerializer, 403: ErrorSerializer, 404: ErrorSerializer, 409: ErrorSerializer}
MANY_RESPONSES = {200: ManyOutcomesSerializer, 403: ErrorSerializer, 404: ErrorSerializer}


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
        """Store it after all, with its time moved by `shift` if given. 409 where it cannot be, or contradicts a stored
        reading and `replace` is not given."""
        items = QuarantineItem.objects.select_related("factory", "device__factory")
        item = row_or_404(items, request.user, pk, Right.MANAGE)
        options = self.validated(ReleaseSerializer)
        try:
            shift = shift_of(item, options["shift"])
        except NotReleased as error:
            return Response({"detail": str(error)}, 409)
        return self.decide(release, item, replace=options["replace"], shift=shift)

    @extend_schema(request=None, responses=DECISION_RESPONSES)
    @action(detail=True, methods=["post"])
    def discard(self, request, pk=None) -> Response:
        """Close it without storing it; it stays on record."""
        return self.decide(discard, row_or_404(QuarantineItem.objects, request.user, pk, Right.MANAGE))

    @extend_schema(request=ReleaseManySerializer, responses=MANY_RESPONSES, operation_id="quarantine_release_many")
    @action(detail=False, methods=["post"], url_path="release", url_name="release-many")
    def release_many(self, request) -> Response:
        """Store many after all, up to 10,000: each has an outcome of its own. Safe to repeat."""
        options = self.validated(ReleaseManySerializer)
        items = self.chosen_items(options)
        now = timezone.now()
        return many_response(release_many(items, request.user, now, shift=options["shift"], replace=options["replace"]))

    @extend_schema(request=ManyItemsSerializer, responses=MANY_RESPONSES, operation_id="quarantine_discard_many")
    @action(detail=False, methods=["post"], url_path="discard", url_name="discard-many")
    def discard_many(self, request) -> Response:
        """Close many without storing them; they stay on record."""
        items = self.chosen_items(self.validated(ManyItemsSerializer))
        return many_response(discard_many(items, request.user, timezone.now()))

    def validated(self, serializer_class) -> dict:
        body = serializer_class(data=self.request.data)
        body.is_valid(raise_exception=True)
        return body.validated_data

    def chosen_items(self, options) -> QuerySet:
        """404 where one of them is nobody's the caller knows, 403 without the right to decide on it."""
        if "ids" in options:
            return self.items_by_id(set(options["ids"]))
        chosen = dict(options["filter"])
        device_pk, factory_pk = chosen.pop("device_id", None), chosen.pop("factory_id", None)
        device = device_pk and row_or_404(
            Device.objects.select_related("factory"), self.request.user, device_pk, Right.MANAGE
        )
        factory = factory_from_request(self.request, Right.MANAGE, factory_pk or (device and device.factory_id))
        try:
            return require_few(Selection(factory, device or None, **chosen).held())
        except TooManyItems as error:
            raise ValidationError({"filter": [str(error)]}) from error

    def items_by_id(self, ids: set[int]) -> QuerySet:
        items = QuarantineItem.objects.for_user(self.request.user).filter(pk__in=ids)
        if items.count() < len(ids):
            raise Http404
        for factory in Factory.objects.filter(pk__in=items.order_by().values("factory")):
            require_right(self.request.user, Right.MANAGE, factory)
        return items

    def decide(self, decision, item, **options) -> Response:
        try:
            item = decision(item, self.request.user, timezone.now(), **options)
        except NotReleased as error:
            return Response({"detail": str(error)}, 409)
        return Response(self.get_serializer(item).data)


def many_response(outcomes) -> Response:
    counts = Counter(one.outcome for one in outcomes)
    answer = {
        "released": counts[RELEASED],
        "discarded": counts[DISCARDED],
        "conflicts": counts[CONFLICT],
        "refused": counts[REFUSED],
        "items": outcomes,
    }
    return Response(ManyOutcomesSerializer(answer).data)


class DeviceQuarantineViewSet(DeviceRowsViewSet):
    """Payloads of one device that could not be stored as readings, newest first."""

    queryset = QuarantineItem.objects.none()
    serializer_class = QuarantineItemSerializer
    filterset_class = QuarantineFilter

    def get_queryset(self) -> QuerySet:
        return with_payload_start(super().get_queryset())
