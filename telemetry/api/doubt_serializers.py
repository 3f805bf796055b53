"""Serializers of doubtful steps and of questions about units."""

from rest_framework import serializers

from core.validators import ONE_LINE
from telemetry.analytics.step_words import describe_step
from telemetry.analytics.unit_doubt_words import describe
from telemetry.models import DoubtfulStep, UnitDoubt


def note_field() -> serializers.CharField:
    return serializers.CharField(max_length=300, default="", allow_blank=True, validators=[ONE_LINE])


class DoubtfulStepSerializer(serializers.ModelSerializer):
    device_id = serializers.IntegerField(read_only=True)
    decided_by = serializers.IntegerField(source="decided_by_id", allow_null=True, read_only=True)
    words = serializers.SerializerMethodField(help_text="what was seen, and what could have flowed")

    class Meta:
        model = DoubtfulStep
        fields = [
            *("id", "device_id", "metric", "before_at", "before_value", "after_at", "after_value"),
            *("gained_kwh", "possible_kwh", "reason", "suggested_unit", "found_at", "words"),
            *("decision", "decided_by", "decided_at", "effective_at", "ignored_until", "note"),
        ]
        read_only_fields = fields

    def get_words(self, step) -> str:
        return describe_step(step, step.device.profile_at(step.after_at), step.device.factory.zone)


class StepDecisionSerializer(serializers.Serializer):
    decision = serializers.ChoiceField(DoubtfulStep.Decision.choices, help_text="`open` takes a decision back")
    effective_at = serializers.DateTimeField(
        required=False, allow_null=True, default=None, help_text="of a swap: from when the new meter counts"
    )
    ignored_until = serializers.DateTimeField(
        required=False, allow_null=True, default=None, help_text="of a glitch: the last reading that is ignored"
    )
    note = note_field()


class VoidValueSerializer(serializers.Serializer):
    metric = serializers.ChoiceField(DoubtfulStep.Metric.choices)
    at = serializers.DateTimeField(help_text="of the stored reading, exactly")
    ignored_until = serializers.DateTimeField(
        required=False, allow_null=True, default=None, help_text="the last reading that is left out, of a run"
    )
    note = note_field()


class UnitDoubtSerializer(serializers.ModelSerializer):
    device_id = serializers.IntegerField(read_only=True)
    decided_by = serializers.IntegerField(source="decided_by_id", allow_null=True, read_only=True)
    words = serializers.SerializerMethodField(help_text="what was seen, and what it could mean")

    class Meta:
        model = UnitDoubt
        fields = [
            *("id", "device_id", "kind", "metric", "seen", "seen_at", "typical", "expected", "against", "since"),
            *("suggested", "opened_at", "words", "state", "decided_by", "decided_at", "corrected_since", "note"),
        ]
        read_only_fields = fields

    def get_words(self, doubt) -> str:
        return describe(doubt, doubt.device.factory.zone)


class UnitAnswerSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(UnitDoubt.Kind.choices)
    answer = serializers.ChoiceField(["correct", "keep", "ask"])
    since = serializers.DateTimeField(
        required=False, allow_null=True, default=None, help_text="of a correction; the doubt's own moment if left out"
    )
    note = note_field()
