"""Day files over the API: uploaded and checked, answered where the check asks, imported; and the results of lines.

An upload stores nothing but the file: its answer is the dry run.
"""

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.response import Response

from core.openapi_parameters import ERROR_RESPONSES, ErrorSerializer
from core.table_files import named_choices
from core.table_files.choices import ChoiceError, Choices, choices_from_json
from devices.models import Device
from factories.permissions import factory_from_request, row_or_404
from factories.roles import Right
from telemetry.api.filters import DayFileFilter, DayFileLineFilter
from telemetry.api.import_serializers import AnswerSerializer, DayFileDetailSerializer, DayFileUploadSerializer
from telemetry.api.row_serializers import DayFileLineSerializer, DayFileSerializer
from telemetry.imports import workflow
from telemetry.models import DayFile, DayFileLine


class NotNow(APIException):
    status_code = 409


@extend_schema_view(
    retrieve=extend_schema(responses={200: DayFileDetailSerializer, 403: ErrorSerializer, 404: ErrorSerializer}),
    destroy=extend_schema(responses={204: None, 403: ErrorSerializer, 404: ErrorSerializer, 409: ErrorSerializer}),
)
class DayFileViewSet(mixins.DestroyModelMixin, viewsets.ReadOnlyModelViewSet):
    """Day files of a factory with their state and counts, newest first; for those who may upload them."""

    queryset = DayFile.objects.none()
    serializer_class = DayFileSerializer
    filterset_class = DayFileFilter
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return DayFile.objects.for_factory(factory_from_request(self.request, Right.MANAGE))

    def get_serializer_class(self) -> type:
        return DayFileDetailSerializer if self.action == "retrieve" else self.serializer_class

    def get_object(self) -> DayFile:
        files = DayFile.objects.select_related("factory")
        return row_or_404(files, self.request.user, self.kwargs["pk"], Right.MANAGE)

    def get_parsers(self) -> list:
        return [MultiPartParser()] if getattr(self, "action_map", {}).get("post") == "create" else [JSONParser()]

    @extend_schema(
        request={"multipart/form-data": DayFileUploadSerializer},
        responses={201: DayFileDetailSerializer, **ERROR_RESPONSES},
    )
    def create(self, request) -> Response:
        """Upload a file and check it.

        `state` is then `checked`, `asking` with `questions`, `failed`, or, of a file that takes longer, `checking`.
        """
        upload = DayFileUploadSerializer(data=request.data)
        upload.is_valid(raise_exception=True)
        data, now = upload.validated_data, timezone.now()
        devices = Device.objects.current().select_related("factory")
        device = row_or_404(devices, request.user, data["device_id"], Right.MANAGE)
        day_file = workflow.save_upload(
            device.factory, device, data["file"], zone=zone_of(device.factory, data), by=request.user, now=now,
            choices=said_choices(data["choices"], []),
        )  # fmt: skip
        workflow.run_or_enqueue(day_file, now)
        return Response(DayFileDetailSerializer(day_file).data, 201)

    @extend_schema(
        request=AnswerSerializer, responses={200: DayFileDetailSerializer, 409: ErrorSerializer, **ERROR_RESPONSES}
    )
    @action(detail=True, methods=["post"], serializer_class=AnswerSerializer)
    def answer(self, request, pk=None) -> Response:
        """Say how the file is read, and check it again."""
        day_file = self.get_object()
        answer = AnswerSerializer(data=request.data)
        answer.is_valid(raise_exception=True)
        data = answer.validated_data
        zone = zone_of(day_file.factory, data) if data["times"] else day_file.zone
        columns = [(column["number"], column["heading"]) for column in day_file.dry_run.get("columns", ())]
        choices = said_choices(data["choices"], columns)
        perform(workflow.answer, day_file, choices, zone, timezone.now())
        return Response(DayFileDetailSerializer(day_file).data)

    @extend_schema(request=None, responses={200: DayFileDetailSerializer, 409: ErrorSerializer, **ERROR_RESPONSES})
    @action(detail=True, methods=["post"], serializer_class=DayFileDetailSerializer)
    def start(self, request, pk=None) -> Response:
        """Import a checked file as its dry run read it."""
        day_file = self.get_object()
        perform(workflow.start_import, day_file, timezone.now())
        return Response(DayFileDetailSerializer(day_file).data)

    def perform_destroy(self, day_file) -> None:
        """Only a file of which nothing was imported."""
        perform(workflow.discard, day_file)

    @extend_schema(
        responses={200: DayFileLineSerializer(many=True), 403: ErrorSerializer, 404: ErrorSerializer},
    )
    @action(
        detail=True,
        queryset=DayFileLine.objects.none(),
        serializer_class=DayFileLineSerializer,
        filterset_class=DayFileLineFilter,
    )
    def lines(self, request, pk=None) -> Response:
        """Lines that were refused, quarantined or stored with a remark, by number."""
        lines = self.filter_queryset(self.get_object().line_results.all())
        page = self.paginate_queryset(lines)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


def zone_of(factory, data) -> str:
    return factory.zone.key if data["times"] == "zone" else ""


def said_choices(data, headings) -> Choices:
    """A column may be named by its heading, once the file is known."""
    try:
        return named_choices.numbered(data, headings) if headings else choices_from_json(data)
    except ChoiceError as error:
        raise ValidationError({"choices": {error.field: [str(error)]}}) from error


def perform(action, *arguments) -> None:
    try:
        action(*arguments)
    except workflow.WrongState as error:
        raise NotNow(str(error)) from error
