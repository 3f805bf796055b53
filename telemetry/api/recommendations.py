"""Recommendations over the API: the list of a device, and dismissal with a reason."""

from django.db import transaction
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from core.openapi_parameters import ErrorSerializer
from factories.permissions import row_or_404
from factories.roles import Right
from telemetry.analytics import recommendations
from telemetry.api.device_rows import DeviceRowsViewSet
from telemetry.api.filters import RecommendationFilter
from telemetry.api.row_serializers import DismissSerializer, RecommendationSerializer
from telemetry.models import Recommendation


@extend_schema_view(
    list=extend_schema(
        operation_id="device_recommendations", parameters=[OpenApiParameter("id", int, OpenApiParameter.PATH)]
    )
)
class DeviceRecommendationViewSet(DeviceRowsViewSet):
    """What detectors found about a device in the last week, the newest first. Findings, not certainties."""

    queryset = Recommendation.objects.none()
    serializer_class = RecommendationSerializer
    filterset_class = RecommendationFilter
    read_right = Right.SEE


class RecommendationViewSet(viewsets.GenericViewSet):
    queryset = Recommendation.objects.none()
    serializer_class = RecommendationSerializer
    lookup_value_regex = r"\d{1,18}"

    @extend_schema(
        request=DismissSerializer,
        responses={
            200: RecommendationSerializer,
            400: OpenApiTypes.OBJECT,
            403: ErrorSerializer,
            404: ErrorSerializer,
        },
    )
    @action(detail=True, methods=["post"])
    @transaction.atomic
    def dismiss(self, request, pk=None) -> Response:
        """Dismiss it with a reason: the same finding does not come back. Dismissing twice changes nothing."""
        rows = Recommendation.objects.select_related("device__factory").select_for_update(of=["self"])
        recommendation = row_or_404(rows, request.user, pk, Right.ACT_ON_ALERTS)
        dismissal = DismissSerializer(data=request.data)
        dismissal.is_valid(raise_exception=True)
        if recommendation.dismissed_at is None:
            why = dismissal.validated_data["why"]
            recommendations.dismiss(recommendation, by=request.user, now=timezone.now(), why=why)
        return Response(self.get_serializer(recommendation).data)
