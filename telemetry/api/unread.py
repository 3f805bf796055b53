"""GET /unread: keys of which nothing could be stored, and since when."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.response import Response

from core.openapi_parameters import ERROR_RESPONSES, FACTORY_ID
from factories.permissions import factory_from_request
from factories.roles import Right
from telemetry.models import UnreadStreak
from telemetry.queries.unread_streaks import standing_of


class UnreadStreakSerializer(serializers.ModelSerializer):
    key = serializers.CharField(source="key.prefix", help_text="the public prefix of the key")
    device_id = serializers.IntegerField(source="key.device_id", allow_null=True, help_text="null: a gateway's key")
    remedy = serializers.CharField(help_text="what usually mends it")

    class Meta:
        model = UnreadStreak
        fields = ["key", "device_id", "since", "requests", "last_at", "status", "detail", "payload", "remedy"]
        read_only_fields = fields


class UnreadViewSet(viewsets.GenericViewSet):
    """Keys of a factory that send what cannot be stored, since their last stored reading."""

    queryset = UnreadStreak.objects.none()
    serializer_class = UnreadStreakSerializer
    pagination_class = None
    filter_backends = []

    @extend_schema(parameters=[FACTORY_ID], responses={200: UnreadStreakSerializer(many=True), **ERROR_RESPONSES})
    def list(self, request) -> Response:
        """The longest first; empty once each has sent a reading that could be stored."""
        factory = factory_from_request(request, Right.READ_DATA)
        return Response(self.get_serializer(standing_of(factory), many=True).data)
