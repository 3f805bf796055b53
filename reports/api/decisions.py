"""Decisions about a report over the API: waive open points, make final, replace."""

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.response import Response

from core.openapi_parameters import ErrorSerializer
from core.validators import ONE_LINE
from reports.api.serializers import ReportSerializer
from reports.issuing import lifecycle, open_points, signatories
from reports.models import Waiver

REFUSALS = {400: OpenApiTypes.OBJECT, 403: ErrorSerializer, 404: ErrorSerializer, 409: ErrorSerializer}


class Conflict(APIException):
    status_code = status.HTTP_409_CONFLICT


class WaiverSerializer(serializers.ModelSerializer):
    waived_by = serializers.CharField(source="waived_by.email", read_only=True, allow_null=True, default=None)

    class Meta:
        model = Waiver
        fields = ["id", "key", "title", "reason", "waived_by", "waived_at"]
        read_only_fields = fields


class OpenPointSerializer(serializers.Serializer):
    key = serializers.CharField()
    title = serializers.CharField()
    sentence = serializers.CharField(help_text="what is missing")
    url = serializers.CharField(help_text="the page on which it is filled in; empty for none")


class OpenPointsSerializer(serializers.Serializer):
    """What keeps a draft from being made final, and what was waived of it."""

    open = OpenPointSerializer(many=True)
    waived = WaiverSerializer(many=True)


class WaiveSerializer(serializers.Serializer):
    keys = serializers.ListField(child=serializers.CharField(max_length=200), min_length=1, max_length=500)
    reason = serializers.CharField(max_length=300)


class FinaliseSerializer(serializers.Serializer):
    signatory = serializers.ChoiceField([signatories.ACCOUNT, signatories.AUTHORISED], default=signatories.ACCOUNT)


class ReplaceSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=300, validators=[ONE_LINE])


class DecisionActions:
    """Actions of `ReportViewSet`. The caller needs the right to manage the factory."""

    @extend_schema(methods=["get"], responses={200: OpenPointsSerializer, 403: ErrorSerializer, 404: ErrorSerializer})
    @extend_schema(methods=["post"], request=WaiveSerializer, responses={200: OpenPointsSerializer, **REFUSALS})
    @action(detail=True, methods=["get", "post"], url_path="open-points", filter_backends=[], pagination_class=None)
    def open_points(self, request, pk=None) -> Response:
        """The open points of a report; `POST` waives some of them with a reason that is printed."""
        report = self.get_object()
        if request.method == "POST":
            body = WaiveSerializer(data=request.data)
            body.is_valid(raise_exception=True)
            try:
                open_points.waive(report, by=request.user, now=timezone.now(), **body.validated_data)
            except open_points.WaiverError as error:
                raise ValidationError({error.field: [str(error)]}) from error
        return self.points_response(report)

    def points_response(self, report) -> Response:
        points = {"open": open_points.unwaived(report), "waived": report.waivers.select_related("waived_by")}
        return Response(OpenPointsSerializer(points).data)

    @extend_schema(request=None, responses={200: OpenPointsSerializer, **REFUSALS})
    @action(detail=True, methods=["post"], url_path=r"waivers/(?P<waiver>\d{1,18})/take-back", filter_backends=[])
    def take_waiver_back(self, request, pk=None, waiver=None) -> Response:
        """Take a waiver of a draft back: the point is open again."""
        report = self.get_object()
        row = report.waivers.select_related("report").filter(pk=waiver).first()
        if row is None:
            raise NotFound
        try:
            open_points.take_back(row)
        except open_points.WaiverError as error:
            raise Conflict(str(error)) from error
        return self.points_response(report)

    @extend_schema(request=FinaliseSerializer, responses={200: ReportSerializer, **REFUSALS})
    @action(detail=True, methods=["post"], filter_backends=[])
    def finalise(self, request, pk=None) -> Response:
        """Make a draft final. 409 with the reason while inputs changed, rules object or points are open."""
        report, body = self.get_object(), FinaliseSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return self.decide(lifecycle.finalise, report, body.validated_data)

    @extend_schema(request=ReplaceSerializer, responses={200: ReportSerializer, **REFUSALS})
    @action(detail=True, methods=["post"], filter_backends=[])
    def replace(self, request, pk=None) -> Response:
        """Make a new report of the same period, which replaces this one."""
        report, body = self.get_object(), ReplaceSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return self.decide(lifecycle.replace, report, body.validated_data)

    def decide(self, decision, report, details) -> Response:
        try:
            return self.report_response(decision(report, by=self.request.user, now=timezone.now(), **details))
        except lifecycle.IssueError as error:
            raise Conflict(str(error)) from error
