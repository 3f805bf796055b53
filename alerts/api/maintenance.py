"""Maintenance windows over the API."""

from django.core.exceptions import ValidationError as Fault
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from alerts.models import MaintenanceWindow
from core.openapi_parameters import ERROR_RESPONSES, FACTORY_ID, ErrorSerializer
from core.validators import ONE_LINE
from devices.models import Device
from factories.permissions import MAX_ID, NewRowsViewSet
from factories.roles import Right


class MaintenanceWindowSerializer(serializers.ModelSerializer):
    """Planned work. Context: `factory`, the one a new window is for."""

    factory_id = serializers.IntegerField(min_value=0, max_value=MAX_ID, required=False)
    device_id = serializers.IntegerField(
        min_value=0, max_value=MAX_ID, required=False, allow_null=True, help_text="null: every machine"
    )
    reason = serializers.CharField(max_length=200, validators=[ONE_LINE])

    class Meta:
        model = MaintenanceWindow
        fields = ["id", "factory_id", "device_id", "starts_at", "ends_at", "reason", "made_by", "created_at"]
        read_only_fields = ["made_by", "created_at"]

    def validate(self, data):
        data.pop("factory_id", None)
        factory, pk = self.context["factory"], data.get("device_id")
        if pk and not Device.objects.current().for_factory(factory).filter(pk=pk).exists():
            raise serializers.ValidationError({"device_id": ["This factory has no such device."]})
        try:
            MaintenanceWindow(factory=factory, **data).clean()
        except Fault as fault:
            raise serializers.ValidationError(fault.message_dict) from fault
        return data


@extend_schema_view(
    list=extend_schema(parameters=[FACTORY_ID]),
    create=extend_schema(responses={201: MaintenanceWindowSerializer, **ERROR_RESPONSES}),
    destroy=extend_schema(responses={204: None, 403: ErrorSerializer, 404: ErrorSerializer}),
)
class MaintenanceWindowViewSet(NewRowsViewSet):
    """Times of planned work: what is said then raises no alert and ends none. Deleting one that runs ends it now."""

    queryset = MaintenanceWindow.objects.none()
    serializer_class = MaintenanceWindowSerializer
    write_right = Right.ACT_ON_ALERTS
    http_method_names = ["get", "post", "delete", "head", "options"]

    def perform_create(self, serializer):
        serializer.save(factory=serializer.context["factory"], made_by=self.request.user)

    def perform_destroy(self, window):
        if not window.end(timezone.now()):
            raise ValidationError({"ends_at": ["It is over, and stays on record."]})
