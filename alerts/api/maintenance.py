"""Maintenance windows over the API."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.exceptions import ValidationError

from alerts.api.filters import MaintenanceWindowFilter
from alerts.api.serializers import MaintenanceWindowSerializer
from alerts.models import MaintenanceWindow
from core.openapi_parameters import ERROR_RESPONSES, FACTORY_ID, ErrorSerializer
from factories.permissions import NewRowsViewSet
from factories.roles import Right


@extend_schema_view(
    list=extend_schema(
        parameters=[FACTORY_ID], responses={200: MaintenanceWindowSerializer(many=True), **ERROR_RESPONSES}
    ),
    create=extend_schema(responses={201: MaintenanceWindowSerializer, **ERROR_RESPONSES}),
    destroy=extend_schema(responses={204: None, 403: ErrorSerializer, 404: ErrorSerializer}),
)
class MaintenanceWindowViewSet(NewRowsViewSet):
    """Times of planned work: readings within one raise no alert and resolve none. Deleting a running one ends it."""

    queryset = MaintenanceWindow.objects.none()
    serializer_class = MaintenanceWindowSerializer
    filterset_class = MaintenanceWindowFilter
    write_right = Right.ACT_ON_ALERTS
    http_method_names = ["get", "post", "delete", "head", "options"]

    def perform_create(self, serializer) -> None:
        serializer.save(factory=serializer.context["factory"], made_by=self.request.user)

    def perform_destroy(self, instance) -> None:
        if not instance.end(timezone.now()):
            raise ValidationError({"ends_at": ["It is over, and stays on record."]})
