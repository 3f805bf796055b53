"""Doubtful steps of counters and questions about units over the API: lists, and what people decide."""

from django.core.exceptions import ValidationError as InvalidDecision
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import exceptions, mixins, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from core.openapi_parameters import ERROR_RESPONSES, FACTORY_ID, ErrorSerializer
from factories.permissions import factory_from_request, require_right, row_or_404
from factories.roles import Right
from telemetry import doubtful_steps
from telemetry.analytics import unit_doubts
from telemetry.analytics.doubt_list import answer_kind
from telemetry.api.device_rows import DeviceRowsViewSet
from telemetry.api.doubt_serializers import (
    DoubtfulStepSerializer,
    StepDecisionSerializer,
    UnitAnswerSerializer,
    UnitDoubtSerializer,
    VoidValueSerializer,
)
from telemetry.api.filters import DoubtfulStepFilter, UnitDoubtFilter
from telemetry.models import DoubtfulStep, UnitDoubt

DEVICE_ID = OpenApiParameter("id", int, OpenApiParameter.PATH)


def validated(serializer_class, request) -> dict:
    serializer = serializer_class(data=request.data)
    serializer.is_valid(raise_exception=True)
    return serializer.validated_data


def as_api_error(error: InvalidDecision) -> exceptions.ValidationError:
    return exceptions.ValidationError(error.message_dict if hasattr(error, "error_dict") else error.messages)


def with_device(steps: QuerySet) -> QuerySet:
    """With what their words need."""
    return steps.select_related("device__factory").prefetch_related("device__profiles")


@extend_schema_view(
    list=extend_schema(
        operation_id="doubtful_steps",
        parameters=[FACTORY_ID],
        responses={200: DoubtfulStepSerializer(many=True), **ERROR_RESPONSES},
    )
)
class DoubtfulStepViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """Gains of counters that could not have flowed, newest first: in no figure until a person decides."""

    queryset = DoubtfulStep.objects.none()
    serializer_class = DoubtfulStepSerializer
    filterset_class = DoubtfulStepFilter
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        factory = factory_from_request(self.request, Right.SEE)
        return with_device(DoubtfulStep.objects.for_factory(factory))

    @extend_schema(
        request=StepDecisionSerializer,
        responses={200: DoubtfulStepSerializer, 409: ErrorSerializer, **ERROR_RESPONSES},
    )
    @action(detail=True, methods=["post"])
    def decide(self, request, pk=None) -> Response:
        """`meter_swapped`, `glitch` or `real`; `open` takes a decision back. What it touches is counted again.

        409 where later readings have explained the step meanwhile.
        """
        step = row_or_404(DoubtfulStep.objects.select_related("device__factory"), request.user, pk, Right.MANAGE)
        fields = validated(StepDecisionSerializer, request)
        try:
            step = doubtful_steps.decide(step, by=request.user, now=timezone.now(), **fields)
        except DoubtfulStep.DoesNotExist:
            return Response({"detail": "Later readings explain this step: it is doubtful no more."}, 409)
        except InvalidDecision as error:
            raise as_api_error(error) from error
        return Response(self.get_serializer(step).data)


@extend_schema_view(list=extend_schema(operation_id="device_doubtful_steps", parameters=[DEVICE_ID]))
class DeviceDoubtfulStepViewSet(DeviceRowsViewSet):
    """Doubtful steps of one device, newest first."""

    queryset = DoubtfulStep.objects.none()
    serializer_class = DoubtfulStepSerializer
    filterset_class = DoubtfulStepFilter
    read_right = Right.SEE

    def get_queryset(self) -> QuerySet:
        return with_device(super().get_queryset())

    @extend_schema(
        operation_id="void_counter_value",
        request=VoidValueSerializer,
        responses={201: DoubtfulStepSerializer, **ERROR_RESPONSES},
    )
    def create(self, request, *args, **kwargs) -> Response:
        """Take a stored value of a counter out of every figure: a glitch that nothing doubted. It stays stored."""
        require_right(request.user, Right.MANAGE, self.device.factory)
        fields = validated(VoidValueSerializer, request)
        try:
            step = doubtful_steps.add_decision(
                self.device,
                decision=DoubtfulStep.Decision.GLITCH,
                by=request.user,
                now=timezone.now(),
                **fields,
            )
        except InvalidDecision as error:
            raise as_api_error(error) from error
        return Response(self.get_serializer(step).data, 201)


@extend_schema_view(list=extend_schema(operation_id="device_unit_doubts", parameters=[DEVICE_ID]))
class DeviceUnitDoubtViewSet(DeviceRowsViewSet):
    """Questions about the units of one device, open and answered, newest first."""

    queryset = UnitDoubt.objects.none()
    serializer_class = UnitDoubtSerializer
    filterset_class = UnitDoubtFilter
    read_right = Right.SEE

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().select_related("device__factory")

    @extend_schema(
        operation_id="answer_unit_doubt",
        request=UnitAnswerSerializer,
        responses={200: UnitDoubtSerializer, 400: OpenApiTypes.OBJECT, 403: ErrorSerializer, 404: ErrorSerializer},
    )
    def answer(self, request, *args, **kwargs) -> Response:
        """Answer the open question of a kind: `correct` changes the profile with a recount, `keep` leaves it as it is.

        `ask` opens a question again that was answered with `keep`. 404 where nothing of this kind is asked.
        """
        require_right(request.user, Right.MANAGE, self.device.factory)
        fields = validated(UnitAnswerSerializer, request)
        try:
            doubt = self.apply(**fields)
        except UnitDoubt.DoesNotExist as error:
            raise exceptions.NotFound("Nothing of this kind is asked.") from error
        except InvalidDecision as error:
            raise as_api_error(error) from error
        return Response(self.get_serializer(doubt).data)

    def apply(self, kind: str, answer: str, since=None, note: str = "") -> UnitDoubt:
        if answer == "ask":
            kept = self.device.unit_doubts.filter(kind=kind, state=UnitDoubt.State.KEPT)
            return unit_doubts.ask_again(kept.latest("decided_at"))
        return answer_kind(self.device, kind, answer, by=self.request.user, now=timezone.now(), since=since, note=note)
