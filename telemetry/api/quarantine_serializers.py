"""Serializers of decisions on quarantine items: of one, and of many at once."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.validators import MAX_ID
from telemetry.models import QuarantineItem
from telemetry.quarantine.bulk import CONFLICT, DISCARDED, REFUSED, RELEASED
from telemetry.quarantine.selection import MAX_ITEMS
from telemetry.quarantine.shift import LAST_IS_RECEIVED, parse_shift


@extend_schema_field({"oneOf": [{"type": "number"}, {"type": "string", "maxLength": 60}]})
class ShiftField(serializers.Field):
    """Seconds, a text such as `-5:30` or `-PT5H30M`, or `last_is_received`."""

    def __init__(self, **options) -> None:
        help_text = (
            "What the times sent are moved by: seconds, `-5:30` (hours), `45 min`, `-PT5H30M`, or `last_is_received`: "
            "the newest of each device was measured when it came, the others keep their distances."
        )
        super().__init__(required=False, default=None, allow_null=True, help_text=help_text, **options)

    def to_internal_value(self, data):
        if data == LAST_IS_RECEIVED:
            return data
        try:
            return parse_shift(data)
        except ValueError as error:
            raise serializers.ValidationError(f"{error}.".capitalize()) from None

    def to_representation(self, value):
        return value if isinstance(value, str) else value.total_seconds()


class ReleaseSerializer(serializers.Serializer):
    replace = serializers.BooleanField(
        default=False, help_text="Let it win over a stored reading that says otherwise; that one is kept in quarantine."
    )
    shift = ShiftField()


class ItemFilterSerializer(serializers.Serializer):
    """Held items, by what they have in common; at least one of these."""

    factory_id = serializers.IntegerField(min_value=0, max_value=MAX_ID, required=False)
    device_id = serializers.IntegerField(min_value=0, max_value=MAX_ID, required=False)
    reason = serializers.ChoiceField(QuarantineItem.Reason.choices, required=False)
    received_from = serializers.DateTimeField(required=False)
    received_until = serializers.DateTimeField(required=False)

    def validate(self, data) -> dict:
        if not data:
            raise serializers.ValidationError("Say which: device_id, reason, received_from, received_until.")
        return data


class ManyItemsSerializer(serializers.Serializer):
    """Which items: their ids, or a filter."""

    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=MAX_ID), required=False, max_length=MAX_ITEMS
    )
    filter = ItemFilterSerializer(required=False)

    def validate(self, data) -> dict:
        if ("ids" in data) == ("filter" in data):
            raise serializers.ValidationError("Either ids or filter is expected.")
        return data


class ReleaseManySerializer(ManyItemsSerializer, ReleaseSerializer):
    pass


class ItemOutcomeSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="pk")
    outcome = serializers.ChoiceField([RELEASED, DISCARDED, CONFLICT, REFUSED])
    detail = serializers.CharField(help_text="why it is still held")
    timestamp = serializers.DateTimeField(source="at", allow_null=True, help_text="of its reading")
    shift_seconds = serializers.FloatField(allow_null=True)


class ManyOutcomesSerializer(serializers.Serializer):
    released = serializers.IntegerField()
    discarded = serializers.IntegerField()
    conflicts = serializers.IntegerField()
    refused = serializers.IntegerField()
    items = ItemOutcomeSerializer(many=True)
