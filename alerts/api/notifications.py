"""One's own notifications over the API: preferences, channels and deliveries. Each is the caller's alone."""

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, Throttled, ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from alerts.api import serializers
from alerts.api.filters import DeliveryFilter, NotificationChannelFilter
from alerts.models import Channel, Delivery
from alerts.notifications import channel_setup, channel_tests
from alerts.notifications.channels import DeliveryError
from alerts.notifications.recipients import preference_of
from core.openapi_parameters import ERROR_RESPONSES, ErrorSerializer
from factories.permissions import parse_id, valid_memberships


class PreferenceViewSet(viewsets.ViewSet):
    """What you hear of alerts and when, factory by factory; nobody else's. Times are by the factory's clock."""

    permission_classes = [IsAuthenticated]
    lookup_value_regex = r"\d{1,18}"

    @extend_schema(responses=serializers.PreferenceSerializer(many=True))
    def list(self, request) -> Response:
        preferences = [preference_of(membership) for membership in valid_memberships(request.user)]
        return Response(serializers.PreferenceSerializer(preferences, many=True).data)

    @extend_schema(
        parameters=[OpenApiParameter("id", int, OpenApiParameter.PATH, description="The factory's")],
        request=serializers.PreferenceSerializer,
        responses={200: serializers.PreferenceSerializer, **ERROR_RESPONSES},
    )
    def partial_update(self, request, pk=None) -> Response:
        """What is left out stays as it is."""
        membership = valid_memberships(request.user).filter(factory=parse_id(pk, "factory_id")).first()
        if membership is None:
            raise NotFound
        if not isinstance(request.data, dict):
            raise ValidationError("An object is expected.")
        serializer = serializers.PreferenceSerializer(preference_of(membership), data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        return Response(serializers.PreferenceSerializer(serializer.save()).data)


@extend_schema_view(
    list=extend_schema(responses={200: serializers.NotificationChannelSerializer(many=True), **ERROR_RESPONSES}),
    create=extend_schema(
        request=serializers.NewNotificationChannelSerializer,
        responses={201: serializers.CreatedNotificationChannelSerializer, **ERROR_RESPONSES},
    ),
    destroy=extend_schema(responses={204: None, 404: ErrorSerializer}),
)
class NotificationChannelViewSet(
    mixins.ListModelMixin, mixins.CreateModelMixin, mixins.DestroyModelMixin, viewsets.GenericViewSet
):
    """Your channels beside e-mail: messaging services and webhooks. Addresses and secrets are never shown again."""

    queryset = Channel.objects.none()
    serializer_class = serializers.NotificationChannelSerializer
    filterset_class = NotificationChannelFilter
    permission_classes = [IsAuthenticated]
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return Channel.objects.for_user(self.request.user)

    def create(self, request, *args, **kwargs) -> Response:
        """Adds a channel. The `secret` of a webhook is in this answer and in no other."""
        serializer = serializers.NewNotificationChannelSerializer(
            data=request.data, context=self.get_serializer_context()
        )
        serializer.is_valid(raise_exception=True)
        channel = serializer.save()
        body = serializers.CreatedNotificationChannelSerializer(channel, context={"secret": serializer.secret}).data
        return Response(body, 201, headers={"Cache-Control": "no-store"})

    @extend_schema(
        request=None,
        responses={200: serializers.NotificationChannelSerializer, 429: ErrorSerializer, **ERROR_RESPONSES},
    )
    @action(detail=True, methods=["post"], pagination_class=None, filterset_class=None)
    def test(self, request, pk=None) -> Response:
        """Sends a test message now. 400 says why it was not taken; 429: the last test was seconds ago."""
        channel = self.get_object()
        try:
            channel_tests.send(channel, now=timezone.now())
        except channel_tests.SentRecently as error:
            raise Throttled(channel_tests.MIN_INTERVAL.total_seconds(), str(error)) from error
        except DeliveryError as error:
            raise ValidationError({"detail": str(error)}) from error
        channel.refresh_from_db()
        return Response(self.get_serializer(channel).data)

    def perform_destroy(self, instance) -> None:
        """Removes its credentials; deliveries stay on record."""
        channel_setup.remove_channel(instance, now=timezone.now())


@extend_schema_view(
    list=extend_schema(responses={200: serializers.DeliverySerializer(many=True), **ERROR_RESPONSES}),
    retrieve=extend_schema(responses={200: serializers.DeliverySerializer, 404: ErrorSerializer}),
)
class DeliveryViewSet(viewsets.ReadOnlyModelViewSet):
    """Messages sent, or to be sent, to you, newest first."""

    queryset = Delivery.objects.none()
    serializer_class = serializers.DeliverySerializer
    filterset_class = DeliveryFilter
    permission_classes = [IsAuthenticated]
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return Delivery.objects.filter(recipient=self.request.user).select_related("alert", "channel")
