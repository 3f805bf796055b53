"""Refused requests of a device over the API, read-only."""

from django.db.models import QuerySet

from telemetry.api.device_rows import DeviceRowsViewSet
from telemetry.api.filters import RefusalFilter
from telemetry.api.row_serializers import RefusalCountSerializer
from telemetry.models import RefusalCount


class DeviceRefusalViewSet(DeviceRowsViewSet):
    """How often requests of a device were refused, by the status of the answer, per day (UTC), the newest day first."""

    queryset = RefusalCount.objects.none()
    serializer_class = RefusalCountSerializer
    filterset_class = RefusalFilter

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().order_by("-on", "status")
