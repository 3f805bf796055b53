"""Alerts over the API: list, detail and the actions of people."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.response import Response

from alerts import lifecycle
from alerts.api import serializers
from alerts.api.filters import AlertFilter
from alerts.models import Alert
from core.openapi_parameters import ERROR_RESPONSES, FACTORY_ID, ErrorSerializer
from factories.permissions import FactoryScopedViewSet
from factories.roles import Right

DETAIL_RESPONSES = {200: serializers.AlertDetailSerializer, **ERROR_RESPONSES}


@extend_schema_view(
    list=extend_schema(
        parameters=[FACTORY_ID], responses={200: serializers.AlertSerializer(many=True), **ERROR_RESPONSES}
    ),
    retrieve=extend_schema(
        responses={200: serializers.AlertDetailSerializer, 403: ErrorSerializer, 404: ErrorSerializer}
    ),
)
class AlertViewSet(FactoryScopedViewSet):
    """Alerts, newest first. They come from rules; people acknowledge, resolve and comment."""

    queryset = Alert.objects.none()
    serializer_class = serializers.AlertSerializer
    filterset_class = AlertFilter
    write_right = Right.ACT_ON_ALERTS
    http_method_names = ["get", "post", "head", "options"]

    def get_queryset(self):
        rows = super().get_queryset()
        return rows.select_related("device__factory").prefetch_related("comments__author") if self.detail else rows

    def get_serializer_class(self):
        return serializers.AlertDetailSerializer if self.detail else serializers.AlertSerializer

    @extend_schema(exclude=True)
    def create(self, request, *args, **kwargs):
        """Alerts are raised by rules, not posted."""
        return self.http_method_not_allowed(request, *args, **kwargs)

    @extend_schema(request=serializers.OptionalCommentSerializer, responses=DETAIL_RESPONSES)
    @action(detail=True, methods=["post"])
    def acknowledge(self, request, pk=None):
        """A person has seen it. Again, or on a resolved alert, it changes nothing, the comment included."""
        return self.apply_transition(lifecycle.acknowledge, serializers.OptionalCommentSerializer)

    @extend_schema(request=serializers.OptionalCommentSerializer, responses=DETAIL_RESPONSES)
    @action(detail=True, methods=["post"])
    def resolve(self, request, pk=None):
        """A person closes it; it fires again only after the value has cleared and crossed again."""
        return self.apply_transition(lifecycle.resolve, serializers.OptionalCommentSerializer)

    @extend_schema(request=serializers.NewCommentSerializer, responses=DETAIL_RESPONSES)
    @action(detail=True, methods=["post"])
    def comments(self, request, pk=None):
        return self.apply_transition(lifecycle.comment, serializers.NewCommentSerializer)

    @extend_schema(request=serializers.AlertResponseSerializer, responses=DETAIL_RESPONSES)
    @action(detail=True, methods=["post"])
    def response(self, request, pk=None):
        """Who deals with it, the cause and the corrective action; also once it is over. A comment records it."""
        alert, now = self.get_object(), timezone.now()
        serializer = serializers.AlertResponseSerializer(
            data=request.data, people=lifecycle.alert_responders(alert.factory_id, now)
        )
        serializer.is_valid(raise_exception=True)
        current = {"assignee": alert.assignee, "cause": alert.cause, "action": alert.action}
        lifecycle.respond(alert, by=request.user, now=now, **{**current, **serializer.validated_data})
        return self.detail_response(alert)

    @extend_schema(request=serializers.SnoozeSerializer, responses=DETAIL_RESPONSES)
    @action(detail=True, methods=["post"])
    def snooze(self, request, pk=None):
        """No message and no escalation for so long; it stays on the board."""
        return self.apply_transition(lifecycle.snooze, serializers.SnoozeSerializer)

    @extend_schema(
        request=serializers.BulkActionSerializer,
        responses={200: serializers.BulkResultSerializer, **ERROR_RESPONSES},
    )
    @action(detail=False, methods=["post"], pagination_class=None, filterset_class=None)
    def bulk(self, request) -> Response:
        """Acknowledge or resolve several open alerts → how many it changed; numbers of no open alert change nothing."""
        serializer = serializers.BulkActionSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = serializer.validated_data
        rows = Alert.objects.for_user(request.user, right=self.write_right).open().filter(pk__in=data["ids"])
        transition = lifecycle.acknowledge if data["act"] == "acknowledge" else lifecycle.resolve
        changed_count = lifecycle.apply_to_all(
            rows.select_related("device__factory"),
            transition,
            by=request.user,
            now=timezone.now(),
            comment=data["comment"],
        )
        return Response({"changed": changed_count})

    def apply_transition(self, transition, serializer_class):
        """Apply a transition with the validated body → the alert afterwards."""
        alert = self.get_object()
        serializer = serializer_class(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        transition(alert, by=self.request.user, now=timezone.now(), **serializer.validated_data)
        return self.detail_response(alert)

    def detail_response(self, alert) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=alert.pk)).data)
