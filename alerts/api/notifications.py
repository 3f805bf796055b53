"""Who is told over the API: the steps of escalation, and what one hears oneself. Ways and their secrets have a page."""

from django.core.exceptions import ValidationError as Fault
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers, viewsets
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from alerts import lifecycle
from alerts.models import EscalationStep, Preference
from alerts.notifications.recipients import preference_of
from core.openapi_parameters import ERROR_RESPONSES, FACTORY_ID, ErrorSerializer
from factories.permissions import MAX_ID, NewRowsViewSet, parse_id, valid_memberships
from factories.roles import Right


class EscalationStepSerializer(serializers.ModelSerializer):
    """A step of escalation. Context: `factory`, the one a new step is for."""

    factory_id = serializers.IntegerField(min_value=0, max_value=MAX_ID, required=False)
    person_id = serializers.IntegerField(min_value=0, max_value=MAX_ID, help_text="a member who may act on alerts")
    person = serializers.CharField(source="person.full_name", read_only=True)

    class Meta:
        model = EscalationStep
        fields = ["id", "factory_id", "person_id", "person", "after_minutes", "lowest"]

    def validate(self, data):
        data.pop("factory_id", None)
        factory = self.context["factory"]
        if not lifecycle.alert_responders(factory.pk, timezone.now()).filter(pk=data["person_id"]).exists():
            raise serializers.ValidationError({"person_id": ["No member who may act on this factory's alerts."]})
        try:
            EscalationStep(factory=factory, **data).validate_constraints()
        except Fault as fault:
            raise serializers.ValidationError({"person_id": fault.messages}) from fault
        return data


@extend_schema_view(
    list=extend_schema(parameters=[FACTORY_ID]),
    create=extend_schema(responses={201: EscalationStepSerializer, **ERROR_RESPONSES}),
    destroy=extend_schema(responses={204: None, 403: ErrorSerializer, 404: ErrorSerializer}),
)
class EscalationStepViewSet(NewRowsViewSet):
    """Who is told next of an alert that nobody has acknowledged, and after how many minutes."""

    queryset = EscalationStep.objects.none()
    serializer_class = EscalationStepSerializer
    read_right = Right.MANAGE
    http_method_names = ["get", "post", "delete", "head", "options"]

    def get_queryset(self):
        return super().get_queryset().select_related("person")

    def perform_create(self, serializer):
        serializer.save(factory=serializer.context["factory"])


class PreferenceSerializer(serializers.ModelSerializer):
    factory_id = serializers.IntegerField(read_only=True)
    digest_at = serializers.TimeField(format="%H:%M", required=False)
    quiet_from = serializers.TimeField(format="%H:%M", required=False, allow_null=True)
    quiet_until = serializers.TimeField(format="%H:%M", required=False, allow_null=True)

    class Meta:
        model = Preference
        fields = ["factory_id", *Preference.EDITABLE_FIELDS]

    def validate(self, data):
        wish = Preference(**{name: data.get(name, getattr(self.instance, name)) for name in Preference.EDITABLE_FIELDS})
        try:
            wish.clean()
        except Fault as fault:
            raise serializers.ValidationError(fault.message_dict) from fault
        return data


class PreferenceViewSet(viewsets.ViewSet):
    """What you hear of alerts and when, factory by factory; nobody else's. Times are by the factory's clock."""

    permission_classes = [IsAuthenticated]
    lookup_value_regex = r"\d{1,18}"

    @extend_schema(responses=PreferenceSerializer(many=True))
    def list(self, request):
        wishes = [preference_of(membership) for membership in valid_memberships(request.user)]
        return Response(PreferenceSerializer(wishes, many=True).data)

    @extend_schema(
        parameters=[OpenApiParameter("id", int, OpenApiParameter.PATH, description="The factory's")],
        request=PreferenceSerializer,
        responses={200: PreferenceSerializer, **ERROR_RESPONSES},
    )
    def partial_update(self, request, pk=None):
        """What is left out stays as it is."""
        mine = valid_memberships(request.user).filter(factory=parse_id(pk, "factory_id")).first()
        if mine is None:
            raise NotFound
        if not isinstance(request.data, dict):
            raise ValidationError("An object is expected.")
        said = PreferenceSerializer(preference_of(mine), data=request.data, partial=True)
        said.is_valid(raise_exception=True)
        return Response(PreferenceSerializer(said.save()).data)
