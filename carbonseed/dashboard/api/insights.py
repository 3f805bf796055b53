"""Insights and energy over the API, read-only."""

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.models import AlertRule
from carbonseed.dashboard.api.serializers import EnergySerializer, InsightsQuery, InsightsSerializer
from carbonseed.dashboard.energy import gather_energy
from carbonseed.dashboard.insights import gather_insights
from core.conditional_get import conditional_response
from core.openapi_parameters import ErrorSerializer
from factories.permissions import factory_from_request, rights_in
from factories.roles import Right
from telemetry.etags import factory_etag, whole_minute

ERROR_RESPONSES = {400: OpenApiTypes.OBJECT, 401: ErrorSerializer, 403: ErrorSerializer, 404: ErrorSerializer}


class InsightsViewSet(viewsets.GenericViewSet):
    """Figures of a factory over the last day, week or month."""

    serializer_class = InsightsSerializer

    @extend_schema(
        operation_id="insights",
        parameters=[InsightsQuery],
        responses={200: InsightsSerializer, 304: None, **ERROR_RESPONSES},
    )
    def insights(self, request: Request) -> Response:
        """Figures of the last day, week or month of a factory, each with how it was made; as of the last minute.

        With `If-None-Match` of the last answer's `ETag`: 304 while nothing has changed.
        """
        period, now = self.requested_period(), whole_minute(timezone.now())
        factory = factory_from_request(request, Right.SEE)
        variant = ("insights", request.user.pk, sorted(rights_in(request.user, factory)), period, now)
        tag = factory_etag(factory, AlertRule.objects.for_factory(factory), variant=variant)
        return conditional_response(request, tag, lambda: self.insights_response(factory, period, now))

    def insights_response(self, factory, period, now) -> Response:
        gathered = {"insights": gather_insights(factory, period, now), "factory_id": factory.pk, "generated_at": now}
        return Response(InsightsSerializer(gathered).data)

    @extend_schema(
        operation_id="insights_energy",
        parameters=[InsightsQuery],
        responses={200: EnergySerializer, **ERROR_RESPONSES},
    )
    def energy(self, request: Request) -> Response:
        """Energy by shift, weekday and machine, peak, idle consumption, cost by the factory's tariff, and per tonne."""
        period, factory = self.requested_period(), factory_from_request(request, Right.SEE)
        energy = gather_energy(factory, period, timezone.now())
        return Response(EnergySerializer({**energy, "period": period, "factory_id": factory.pk}).data)

    def requested_period(self) -> str:
        query = InsightsQuery(data=self.request.query_params)
        query.is_valid(raise_exception=True)
        return query.validated_data["period"]
