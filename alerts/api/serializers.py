"""Serializers of alerts, rules, maintenance windows and notifications."""

from django.core.exceptions import ValidationError as DjangoValidationError
from django.utils import timezone
from rest_framework import serializers

from alerts import lifecycle
from alerts.default_limits.basis_text import basis_text
from alerts.models import (
    RULE_METRIC_CHOICES,
    Alert,
    AlertRule,
    Channel,
    Comment,
    Delivery,
    EscalationStep,
    MaintenanceWindow,
    Preference,
)
from alerts.notifications import channel_setup
from alerts.rules import validation
from alerts.rules.clear_levels import suggested_clear_level
from core.validators import MAX_ID, ONE_LINE
from devices.models import Device
from factories.models import User


class AlertSerializer(serializers.ModelSerializer):
    device_id = serializers.IntegerField(read_only=True)
    factory_id = serializers.IntegerField(read_only=True)

    class Meta:
        model = Alert
        fields = [
            *["id", "device_id", "factory_id", "alert_type", "severity", "status", "title", "message"],
            *["metric_value", "threshold_value", "triggered_at", "acknowledged_at", "acknowledged_by"],
            *["resolved_at", "created_at"],
        ]
        read_only_fields = fields


class CommentSerializer(serializers.ModelSerializer):
    author_name = serializers.CharField(source="author.__str__", read_only=True, default=None, allow_null=True)

    class Meta:
        model = Comment
        fields = ["id", "author", "author_name", "text", "created_at"]
        read_only_fields = fields
        extra_kwargs = {"author": {"help_text": "null: Carbonseed itself"}}


class AlertDetailSerializer(AlertSerializer):
    rule_id = serializers.IntegerField(read_only=True, allow_null=True)
    comments = CommentSerializer(many=True, read_only=True)

    class Meta(AlertSerializer.Meta):
        fields = [
            *AlertSerializer.Meta.fields,
            *["rule_id", "peak_value", "peak_at", "resolved_by", "withdrawn_at", "withdrawn_reason", "found_late"],
            *["assignee", "cause", "action", "snoozed_until", "terms", "comments"],
        ]
        read_only_fields = fields


class OptionalCommentSerializer(serializers.Serializer):
    """Body of an acknowledgement or a resolution."""

    comment = serializers.CharField(max_length=2000, allow_blank=True, required=False, default="")


class NewCommentSerializer(serializers.Serializer):
    comment = serializers.CharField(max_length=2000)


class SnoozeSerializer(serializers.Serializer):
    minutes = serializers.IntegerField(min_value=1, max_value=7 * 24 * 60)


class BulkActionSerializer(serializers.Serializer):
    """Several alerts at once."""

    ids = serializers.ListField(child=serializers.IntegerField(min_value=0, max_value=MAX_ID), max_length=500)
    act = serializers.ChoiceField(["acknowledge", "resolve"])
    comment = serializers.CharField(max_length=2000, allow_blank=True, required=False, default="")


class BulkResultSerializer(serializers.Serializer):
    changed = serializers.IntegerField()


class AlertResponseSerializer(serializers.Serializer):
    """Who deals with an alert, its cause, what was done; what is left out stays as it is."""

    assignee = serializers.PrimaryKeyRelatedField(queryset=User.objects.none(), allow_null=True, required=False)
    cause = serializers.CharField(max_length=500, allow_blank=True, required=False, validators=[ONE_LINE])
    action = serializers.CharField(max_length=500, allow_blank=True, required=False, validators=[ONE_LINE])

    def __init__(self, *args, people=None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if people is not None:
            self.fields["assignee"].queryset = people


class LevelField(serializers.FloatField):
    """A level of a rule: finite, and within ±LARGEST_LEVEL."""

    def __init__(self, **options) -> None:
        super().__init__(min_value=-validation.LARGEST_LEVEL, max_value=validation.LARGEST_LEVEL, **options)

    def to_internal_value(self, data):
        if isinstance(data, bool):
            self.fail("invalid")
        try:
            value = super().to_internal_value(data)
        except OverflowError:  # an integer of hundreds of digits
            self.fail("invalid")
        if value != value:  # NaN passes every comparison
            self.fail("invalid")
        return value


class AlertRuleSerializer(serializers.ModelSerializer):
    """A rule. Context: `factory`, the one a new rule is for; a rule never moves to another factory or device."""

    factory_id = serializers.IntegerField(min_value=0, max_value=MAX_ID, required=False)
    device_id = serializers.IntegerField(
        min_value=0, max_value=MAX_ID, required=False, allow_null=True, help_text="null: every device"
    )
    metric = serializers.ChoiceField(
        RULE_METRIC_CHOICES,
        required=False,
        allow_blank=True,
        help_text="empty for budget, capture, health and the silence of a whole device",
    )
    level = LevelField(required=False, allow_null=True)
    clear_level = LevelField(
        required=False,
        allow_null=True,
        help_text="of above and below; left out of a rule without a hold: a little inside the level; null: the level",
    )
    params = serializers.DictField(
        required=False,
        help_text="what its kind needs: low, high (outside); window_seconds, direction (rate); z (baseline); "
        "period (budget); second_level (above, below, rate, budget)",
    )
    basis = serializers.SerializerMethodField(
        help_text="where a default limit comes from: kind of machine, rating, own history; empty for a person's rule"
    )

    class Meta:
        model = AlertRule
        fields = [
            *["id", "factory_id", "device_id", "metric", "kind", "level", "clear_level", "hold_seconds", "severity"],
            *["title", "is_enabled", "params", "origin", "basis", "learning_until"],
        ]
        read_only_fields = ["origin", "learning_until"]

    def get_basis(self, rule) -> str:
        return basis_text(rule)

    def validate(self, data):
        self.refuse_move(data)
        self.refuse_foreign_device(data)
        is_bare = self.instance is None and "clear_level" not in data and not data.get("hold_seconds")
        if is_bare and isinstance(data.get("level"), float):  # a hold keeps a trembling value from many alerts, too
            suggested = suggested_clear_level(data.get("metric", ""), data.get("kind", ""), data["level"])
            data = data if suggested is None else {**data, "clear_level": suggested}
        rule = {
            name: data.get(name, getattr(self.instance or AlertRule(), name))
            for name in ("kind", "metric", "level", "clear_level", "params", "hold_seconds")
        }
        errors = validation.problems(**rule)
        if errors:
            raise serializers.ValidationError({field: [message] for field, message in errors.items()})
        return data

    def refuse_move(self, data) -> None:
        """Sending the unchanged ids back is accepted; changing them is an error."""
        for field in ("factory_id", "device_id"):
            if self.instance and data.pop(field, was := getattr(self.instance, field)) != was:
                raise serializers.ValidationError({field: ["A rule does not move; make a new one."]})

    def refuse_foreign_device(self, data) -> None:
        pk = data.get("device_id")
        if pk and not Device.objects.current().for_factory(self.context["factory"]).filter(pk=pk).exists():
            raise serializers.ValidationError({"device_id": ["This factory has no such device."]})


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
        MaintenanceWindow(factory=factory, **data).clean()
        return data


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
        except DjangoValidationError as error:
            raise serializers.ValidationError({"person_id": error.messages}) from error
        return data


class PreferenceSerializer(serializers.ModelSerializer):
    factory_id = serializers.IntegerField(read_only=True)
    digest_at = serializers.TimeField(format="%H:%M", required=False)
    quiet_from = serializers.TimeField(format="%H:%M", required=False, allow_null=True)
    quiet_until = serializers.TimeField(format="%H:%M", required=False, allow_null=True)

    class Meta:
        model = Preference
        fields = ["factory_id", *Preference.EDITABLE_FIELDS]

    def validate(self, data):
        values = {name: data.get(name, getattr(self.instance, name)) for name in Preference.EDITABLE_FIELDS}
        Preference(**values).clean()
        return data


class NotificationChannelSerializer(serializers.ModelSerializer):
    """A channel as it may be shown: `hint` is what is shown of its address, and its secret never is."""

    class Meta:
        model = Channel
        fields = ["id", "kind", "label", "hint", "is_on", "created_at", "tested_at", "sent_at", "error"]
        read_only_fields = fields


class NewNotificationChannelSerializer(serializers.ModelSerializer):
    """A channel to add. Context: `request`, whose user it is for."""

    url = serializers.CharField(
        max_length=500, write_only=True, help_text="as apprise writes it (kind service), or https:// (kind webhook)"
    )

    class Meta:
        model = Channel
        fields = ["kind", "label", "url"]

    def validate_label(self, label):
        return channel_setup.validate_label(self.context["request"].user, label)

    def validate(self, data):
        channel_setup.validate_count(self.context["request"].user)
        try:
            data["hint"] = channel_setup.hint_of(data["kind"], data["url"])
        except DjangoValidationError as error:
            raise serializers.ValidationError({"url": error.messages}) from error
        return data

    def create(self, data):
        channel, self.secret = channel_setup.add_channel(self.context["request"].user, **data)
        return channel


class CreatedNotificationChannelSerializer(NotificationChannelSerializer):
    """A channel just added. Context: `secret`."""

    secret = serializers.SerializerMethodField(help_text="of a webhook, to verify its messages; shown this once")

    class Meta(NotificationChannelSerializer.Meta):
        fields = [*NotificationChannelSerializer.Meta.fields, "secret"]
        read_only_fields = fields

    def get_secret(self, channel) -> str:
        return self.context["secret"]


class DeliverySerializer(serializers.ModelSerializer):
    """A message about one alert on one channel; `channel_id` null: e-mail."""

    alert_id = serializers.IntegerField(read_only=True)
    factory_id = serializers.IntegerField(source="alert.factory_id", read_only=True)
    title = serializers.CharField(source="alert.title", read_only=True)
    channel_id = serializers.IntegerField(read_only=True, allow_null=True)
    channel = serializers.CharField(source="channel_name", read_only=True)

    class Meta:
        model = Delivery
        fields = [
            *["id", "alert_id", "factory_id", "title", "channel_id", "channel", "created_at", "next_attempt_at"],
            *["sent_at", "given_up_at", "attempts", "error"],
        ]
        read_only_fields = fields
