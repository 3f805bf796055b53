"""The common part of lists at /devices/{id}/…"""

from django.db.models import QuerySet
from django.utils.functional import cached_property
from rest_framework import mixins, viewsets

from devices.models import Device
from factories.permissions import row_or_404
from factories.roles import Right


class DeviceRowsViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """Rows of the device in the path: 404 where the user cannot see its factory, 403 without `read_right` there."""

    read_right = Right.READ_DATA

    @cached_property
    def device(self) -> Device:
        devices = Device.objects.select_related("factory")
        return row_or_404(devices, self.request.user, self.kwargs["pk"], self.read_right)

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return self.queryset.model.objects.for_factory(self.device.factory).filter(device=self.device)
