"""Alerts and rules over the API."""

from dataclasses import asdict

from django.forms import IntegerField
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from alerts import lifecycle, rule_import_export, rule_set
from alerts.api import serializers as shapes
from alerts.models import RULE_METRIC_CHOICES, Alert, AlertRule, RuleKind, Severity
from core.openapi_parameters import ERROR_RESPONSES, FACTORY_ID, ErrorSerializer
from factories.permissions import MAX_ID, FactoryScopedViewSet, NewRowsViewSet, factory_from_request
from factories.roles import Right


class IdFilter(filters.NumberFilter):
    """A row's number: a whole one, and one that fits."""

    field_class = IntegerField

    def __init__(self, *args, **options):
        super().__init__(*args, min_value=0, max_value=MAX_ID, **options)


class AlertFilter(filters.FilterSet):
    status = filters.ChoiceFilter(choices=Alert.Status.choices)
    severity = filters.ChoiceFilter(choices=Severity.choices)
    device_id = IdFilter()

    class Meta:
        model = Alert
        fields = []


@extend_schema_view(
    list=extend_schema(parameters=[FACTORY_ID], responses={200: shapes.AlertSerializer(many=True), **ERROR_RESPONSES}),
    retrieve=extend_schema(responses={200: shapes.AlertDetailSerializer, 403: ErrorSerializer, 404: ErrorSerializer}),
)
class AlertViewSet(FactoryScopedViewSet):
    """Alerts, newest first. They come from rules; people acknowledge, resolve and comment."""

    queryset = Alert.objects.none()
    serializer_class = shapes.AlertSerializer
    filterset_class = AlertFilter
    write_right = Right.ACT_ON_ALERTS
    http_method_names = ["get", "post", "head", "options"]

    def get_queryset(self):
        rows = super().get_queryset()
        return rows.select_related("device__factory").prefetch_related("comments__author") if self.detail else rows

    def get_serializer_class(self):
        return shapes.AlertDetailSerializer if self.detail else shapes.AlertSerializer

    @extend_schema(exclude=True)
    def create(self, request, *args, **kwargs):
        """Alerts are raised by rules, not posted."""
        return self.http_method_not_allowed(request, *args, **kwargs)

    @extend_schema(
        request=shapes.OptionalCommentSerializer, responses={200: shapes.AlertDetailSerializer, **ERROR_RESPONSES}
    )
    @action(detail=True, methods=["post"])
    def acknowledge(self, request, pk=None):
        """A person has seen it. Again, or on a resolved alert, it changes nothing, the comment included."""
        return self.after(lifecycle.acknowledge, shapes.OptionalCommentSerializer)

    @extend_schema(
        request=shapes.OptionalCommentSerializer, responses={200: shapes.AlertDetailSerializer, **ERROR_RESPONSES}
    )
    @action(detail=True, methods=["post"])
    def resolve(self, request, pk=None):
        """A person closes it; it comes again only after the value has cleared and crossed anew."""
        return self.after(lifecycle.resolve, shapes.OptionalCommentSerializer)

    @extend_schema(
        request=shapes.NewCommentSerializer, responses={200: shapes.AlertDetailSerializer, **ERROR_RESPONSES}
    )
    @action(detail=True, methods=["post"])
    def comments(self, request, pk=None):
        return self.after(lifecycle.comment, shapes.NewCommentSerializer)

    @extend_schema(
        request=shapes.AlertResponseSerializer, responses={200: shapes.AlertDetailSerializer, **ERROR_RESPONSES}
    )
    @action(detail=True, methods=["post"])
    def response(self, request, pk=None):
        """Who deals with it, the cause and the corrective action; also once it is over. A comment keeps who said so."""
        alert, now = self.get_object(), timezone.now()
        said = shapes.AlertResponseSerializer(
            data=request.data, people=lifecycle.alert_responders(alert.factory_id, now)
        )
        said.is_valid(raise_exception=True)
        kept = {"assignee": alert.assignee, "cause": alert.cause, "action": alert.action}
        lifecycle.respond(alert, by=request.user, now=now, **{**kept, **said.validated_data})
        return Response(self.get_serializer(self.get_queryset().get(pk=alert.pk)).data)

    @extend_schema(request=shapes.SnoozeSerializer, responses={200: shapes.AlertDetailSerializer, **ERROR_RESPONSES})
    @action(detail=True, methods=["post"])
    def snooze(self, request, pk=None):
        """No message, and nobody else told, for so long; it stays on the board."""
        return self.after(lifecycle.snooze, shapes.SnoozeSerializer)

    @extend_schema(request=shapes.BulkActionSerializer, responses={200: shapes.BulkResultSerializer, **ERROR_RESPONSES})
    @action(detail=False, methods=["post"], pagination_class=None, filterset_class=None)
    def bulk(self, request):
        """Acknowledge or resolve several open alerts → how many it changed; numbers of no open alert change nothing."""
        said = shapes.BulkActionSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        given = said.validated_data
        rows = Alert.objects.for_user(request.user, right=self.write_right).open().filter(pk__in=given["ids"])
        deed = lifecycle.acknowledge if given["act"] == "acknowledge" else lifecycle.resolve
        rows = rows.select_related("device__factory")
        done = lifecycle.apply_to_all(rows, deed, by=request.user, now=timezone.now(), comment=given["comment"])
        return Response({"changed": done})

    def after(self, act, shape):
        """Let the person `act` on the alert → the alert as it is then."""
        alert = self.get_object()
        said = shape(data=self.request.data)
        said.is_valid(raise_exception=True)
        act(alert, by=self.request.user, now=timezone.now(), **said.validated_data)
        return Response(self.get_serializer(self.get_queryset().get(pk=alert.pk)).data)


class AlertRuleFilter(filters.FilterSet):
    device_id = IdFilter()
    metric = filters.ChoiceFilter(choices=RULE_METRIC_CHOICES)
    kind = filters.ChoiceFilter(choices=RuleKind.choices)
    is_enabled = filters.BooleanFilter()

    class Meta:
        model = AlertRule
        fields = []


@extend_schema_view(
    list=extend_schema(
        parameters=[FACTORY_ID], responses={200: shapes.AlertRuleSerializer(many=True), **ERROR_RESPONSES}
    ),
    retrieve=extend_schema(responses={200: shapes.AlertRuleSerializer, 403: ErrorSerializer, 404: ErrorSerializer}),
    create=extend_schema(responses={201: shapes.AlertRuleSerializer, **ERROR_RESPONSES}),
    partial_update=extend_schema(responses={200: shapes.AlertRuleSerializer, **ERROR_RESPONSES}),
    destroy=extend_schema(responses={204: None, 403: ErrorSerializer, 404: ErrorSerializer}),
)
class AlertRuleViewSet(NewRowsViewSet):
    """Limits of devices and factories. What each kind needs stands in its errors: 400 by field."""

    queryset = AlertRule.objects.none()
    serializer_class = shapes.AlertRuleSerializer
    filterset_class = AlertRuleFilter

    def get_queryset(self):
        return super().get_queryset().current()

    @extend_schema(parameters=[FACTORY_ID], responses={200: dict, **ERROR_RESPONSES})
    @action(detail=False, methods=["get"], pagination_class=None, filterset_class=None)
    def export(self, request):
        """All rules of a factory as a file that `import` takes; `factory_id` where the caller has several."""
        return Response(
            rule_import_export.export_rules(
                factory_from_request(request, self.write_right, request.query_params.get("factory_id"))
            )
        )

    @extend_schema(request=dict, responses={200: dict, **ERROR_RESPONSES})
    @action(detail=False, methods=["post"], url_path="import")
    def take_in(self, request):
        """A file of rules → {made, changed, unchanged, errors: [{rule, field, error}]}; the good part is kept."""
        body = request.data if isinstance(request.data, dict) else {}
        factory = factory_from_request(request, self.write_right, body.get("factory_id"))
        try:
            return Response(asdict(rule_import_export.import_rules(factory, body, now=timezone.now())))
        except rule_import_export.InvalidRuleFile as error:
            raise ValidationError({"rules": [str(error)]}) from error

    def perform_create(self, serializer):
        serializer.save(factory_id=serializer.context["factory"].pk)

    def perform_update(self, serializer):
        rule_set.revise(serializer.instance, serializer.validated_data, now=timezone.now())

    def perform_destroy(self, instance):
        """Archives: past alerts keep their rule."""
        rule_set.archive(instance, now=timezone.now())
