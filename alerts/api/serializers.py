"""How alerts and rules look in the API."""

from rest_framework import serializers

from alerts.models import RULE_METRIC_CHOICES, Alert, AlertRule, Comment
from alerts.rules import validation
from core.validators import ONE_LINE
from devices.models import Device
from factories.models import User
from factories.permissions import MAX_ID


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
            *["rule_id", "peak_value", "resolved_by", "found_late", "assignee", "cause", "action", "snoozed_until"],
            *["terms", "comments"],
        ]
        read_only_fields = fields


class OptionalCommentSerializer(serializers.Serializer):
    """What goes with an acknowledgement or a resolution."""

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

    def __init__(self, *args, people=None, **kwargs):
        super().__init__(*args, **kwargs)
        if people is not None:
            self.fields["assignee"].queryset = people


class LevelField(serializers.FloatField):
    """A figure a rule can be judged by: finite, and no larger than anything a machine could mean."""

    def __init__(self, **options):
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
        RULE_METRIC_CHOICES, required=False, allow_blank=True, help_text="empty for the silence of a whole device"
    )
    level = LevelField(required=False, allow_null=True)
    clear_level = LevelField(required=False, allow_null=True)
    params = serializers.DictField(
        required=False, help_text="low and high of a band (kind outside); window_seconds and direction of a rate"
    )

    class Meta:
        model = AlertRule
        fields = [
            *["id", "factory_id", "device_id", "metric", "kind", "level", "clear_level", "hold_seconds", "severity"],
            *["title", "is_enabled", "params"],
        ]

    def validate(self, data):
        self.refuse_move(data)
        self.refuse_foreign_device(data)
        rule = {
            name: data.get(name, getattr(self.instance or AlertRule(), name))
            for name in ("kind", "metric", "level", "clear_level", "params", "hold_seconds")
        }
        wrong = validation.problems(**rule)
        if wrong:
            raise serializers.ValidationError({field: [why] for field, why in wrong.items()})
        return data

    def refuse_move(self, data):
        """A client that sends the whole rule back is fine; one that tries to move it hears so."""
        for field in ("factory_id", "device_id"):
            if self.instance and data.pop(field, was := getattr(self.instance, field)) != was:
                raise serializers.ValidationError({field: ["A rule does not move; make a new one."]})

    def refuse_foreign_device(self, data):
        pk = data.get("device_id")
        if pk and not Device.objects.current().for_factory(self.context["factory"]).filter(pk=pk).exists():
            raise serializers.ValidationError({"device_id": ["This factory has no such device."]})
