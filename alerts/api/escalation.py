"""Escalation steps over the API."""

from drf_spectacular.utils import extend_schema, extend_schema_view

from alerts.api.filters import EscalationStepFilter
from alerts.api.serializers import EscalationStepSerializer
from alerts.models import EscalationStep
from core.openapi_parameters import ERROR_RESPONSES, FACTORY_ID, ErrorSerializer
from factories.permissions import NewRowsViewSet
from factories.roles import Right


@extend_schema_view(
    list=extend_schema(
        parameters=[FACTORY_ID], responses={200: EscalationStepSerializer(many=True), **ERROR_RESPONSES}
    ),
    create=extend_schema(responses={201: EscalationStepSerializer, **ERROR_RESPONSES}),
    destroy=extend_schema(responses={204: None, 403: ErrorSerializer, 404: ErrorSerializer}),
)
class EscalationStepViewSet(NewRowsViewSet):
    """Who is notified next of an unacknowledged alert, and after how many minutes."""

    queryset = EscalationStep.objects.none()
    serializer_class = EscalationStepSerializer
    filterset_class = EscalationStepFilter
    read_right = Right.MANAGE
    http_method_names = ["get", "post", "delete", "head", "options"]

    def get_queryset(self):
        return super().get_queryset().select_related("person")

    def perform_create(self, serializer) -> None:
        serializer.save(factory=serializer.context["factory"])
