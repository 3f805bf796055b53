"""Maintenance windows over the API."""

from django.core.exceptions import ValidationError as Fault
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from alerts.models import Maintenance
from core.openapi_parameters import FACTORY_ID, REFUSALS, ErrorSerializer
from core.validators import ONE_LINE
from devices.models import Device
from factories.permissions import LARGEST_ID, NewRowsViewSet
from factories.roles import Right


class MaintenanceSerializer(serializers.ModelSerializer):
    """Planned work. Context: `factory`, the one a new window is for."""

    factory_id = serializers.IntegerField(min_value=0, max_value=LARGEST_ID, required=False)
    device_id = serializers.IntegerField(
        min_value=0, max_value=LARGEST_ID, required=False, allow_null=True, help_text="null: every machine"
    )
    reason = serializers.CharField(max_length=200, validators=[ONE_LINE])

    class Meta:
        model = Maintenance
        fields = ["id", "factory_id", "device_id", "starts_at", "ends_at", "reason", "made_by", "created_at"]
        read_only_fields = ["made_by", "created_at"]

    def validate(self, data):
        data.pop("factory_id", None)
        factory, pk = self.context["factory"], data.get("device_id")
        if pk and not Device.objects.current().for_factory(factory).filter(pk=pk).exists():
            raise serializers.ValidationError({"device_id": ["This factory has no such device."]})
        try:
            Maintenance(factory=factory, **data).clean()
        except Fault as fault:
            raise serializers.ValidationError(fault.message_dict) from fault
        return data


@extend_schema_view(
    list=extend_schema(parameters=[FACTORY_ID]),
    create=extend_schema(responses={201: MaintenanceSerializer, **REFUSALS}),
    destroy=extend_schema(responses={204: None, 403: ErrorSerializer, 404: ErrorSerializer}),
)
class MaintenanceViewSet(NewRowsViewSet):
    """Times of planned work: what is said then raises no alert and ends none. Deleting one that runs ends it now."""

    queryset = Maintenance.objects.none()
    serializer_class = MaintenanceSerializer
    write_right = Right.ACT_ON_ALERTS
    http_method_names = ["get", "post", "delete", "head", "options"]

    def perform_create(self, serializer):
        serializer.save(factory=serializer.context["factory"], made_by=self.request.user)

    def perform_destroy(self, window):
        if not window.end(timezone.now()):
            raise ValidationError({"ends_at": ["It is over, and stays on record."]})
