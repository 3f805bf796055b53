"""Alert rules over the API, and their import and export."""

from dataclasses import asdict

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from alerts import rule_import_export, rule_set
from alerts.api.filters import AlertRuleFilter
from alerts.api.serializers import AlertRuleSerializer
from alerts.models import AlertRule
from core.openapi_parameters import ERROR_RESPONSES, FACTORY_ID, ErrorSerializer
from factories.permissions import NewRowsViewSet, factory_from_request


@extend_schema_view(
    list=extend_schema(parameters=[FACTORY_ID], responses={200: AlertRuleSerializer(many=True), **ERROR_RESPONSES}),
    retrieve=extend_schema(responses={200: AlertRuleSerializer, 403: ErrorSerializer, 404: ErrorSerializer}),
    create=extend_schema(responses={201: AlertRuleSerializer, **ERROR_RESPONSES}),
    partial_update=extend_schema(responses={200: AlertRuleSerializer, **ERROR_RESPONSES}),
    destroy=extend_schema(responses={204: None, 403: ErrorSerializer, 404: ErrorSerializer}),
)
class AlertRuleViewSet(NewRowsViewSet):
    """Limits of devices and factories. Errors name what each kind needs: 400 by field."""

    queryset = AlertRule.objects.none()
    serializer_class = AlertRuleSerializer
    filterset_class = AlertRuleFilter

    def get_queryset(self):
        return super().get_queryset().current()

    @extend_schema(parameters=[FACTORY_ID], responses={200: dict, **ERROR_RESPONSES})
    @action(detail=False, methods=["get"], pagination_class=None, filterset_class=None)
    def export(self, request) -> Response:
        """All rules of a factory as a file that `import` takes; `factory_id` where the caller has several."""
        factory = factory_from_request(request, self.write_right, request.query_params.get("factory_id"))
        return Response(rule_import_export.export_rules(factory))

    @extend_schema(request=dict, responses={200: dict, **ERROR_RESPONSES})
    @action(detail=False, methods=["post"], url_path="import")
    def import_rules(self, request) -> Response:
        """A file of rules → {made, changed, unchanged, errors: [{rule, field, error}]}; valid rules are imported."""
        body = request.data if isinstance(request.data, dict) else {}
        factory = factory_from_request(request, self.write_right, body.get("factory_id"))
        try:
            return Response(asdict(rule_import_export.import_rules(factory, body, now=timezone.now())))
        except rule_import_export.InvalidRuleFile as error:
            raise ValidationError({"rules": [str(error)]}) from error

    def perform_create(self, serializer) -> None:
        serializer.save(factory_id=serializer.context["factory"].pk)

    def perform_update(self, serializer) -> None:
        rule_set.revise(serializer.instance, serializer.validated_data, now=timezone.now())

    def perform_destroy(self, instance) -> None:
        """Archives: past alerts keep their rule."""
        rule_set.archive(instance, now=timezone.now())
