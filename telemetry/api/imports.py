"""Day files over the API, read-only: what was uploaded, and the results of its lines. Uploads are made on the page."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from core.openapi_parameters import ErrorSerializer
from factories.permissions import factory_from_request, row_or_404
from factories.roles import Right
from telemetry.api.filters import DayFileFilter, DayFileLineFilter
from telemetry.api.row_serializers import DayFileLineSerializer, DayFileSerializer
from telemetry.models import DayFile, DayFileLine


@extend_schema_view(
    retrieve=extend_schema(responses={200: DayFileSerializer, 403: ErrorSerializer, 404: ErrorSerializer})
)
class DayFileViewSet(viewsets.ReadOnlyModelViewSet):
    """Day files of a factory with their state and counts, newest first; for those who may upload them."""

    queryset = DayFile.objects.none()
    serializer_class = DayFileSerializer
    filterset_class = DayFileFilter
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return DayFile.objects.for_factory(factory_from_request(self.request, Right.MANAGE))

    def get_object(self) -> DayFile:
        files = DayFile.objects.select_related("factory")
        return row_or_404(files, self.request.user, self.kwargs["pk"], Right.MANAGE)

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
