"""Serializers of telemetry's own rows: quarantine items, recommendations, day files, refusals, bulk uploads."""

from rest_framework import serializers

from core.validators import ONE_LINE
from devices.api.serializers import BULK_STATUSES
from telemetry.ingest.rejections import MEANINGS
from telemetry.models import DayFile, DayFileLine, QuarantineItem, Recommendation, RefusalCount
from telemetry.quarantine.selection import payload_text


class QuarantineItemSerializer(serializers.ModelSerializer):
    device_id = serializers.IntegerField(allow_null=True, read_only=True)
    factory_id = serializers.IntegerField(read_only=True)
    payload = serializers.SerializerMethodField(help_text="how it began, as text")
    decided_by = serializers.IntegerField(source="decided_by_id", allow_null=True, read_only=True)

    class Meta:
        model = QuarantineItem
        fields = [
            *["id", "factory_id", "device_id", "reason", "detail", "payload", "state", "times"],
            *["received_at", "last_at", "decided_by", "decided_at", "shift_seconds"],
        ]
        read_only_fields = fields

    def get_payload(self, row) -> str:
        return payload_text(row)


class RecommendationSerializer(serializers.ModelSerializer):
    dismissed_by = serializers.IntegerField(source="dismissed_by_id", allow_null=True, read_only=True)

    class Meta:
        model = Recommendation
        fields = [
            *("id", "device_id", "detector", "kind", "since", "until", "confidence", "evidence", "words", "advice"),
            *("is_opinion", "coverage_percent", "found_at", "dismissed_at", "dismissed_by", "why_dismissed"),
        ]
        read_only_fields = fields


class DismissSerializer(serializers.Serializer):
    why = serializers.CharField(max_length=300, validators=[ONE_LINE], help_text="why it does not apply")


class DayFileSerializer(serializers.ModelSerializer):
    factory_id = serializers.IntegerField(read_only=True)
    device_id = serializers.IntegerField(allow_null=True, read_only=True)
    uploaded_by = serializers.IntegerField(source="uploaded_by_id", allow_null=True, read_only=True)
    percent = serializers.IntegerField(read_only=True, help_text="share of the file that is read, while it is at work")

    class Meta:
        model = DayFile
        fields = [
            *["id", "factory_id", "device_id", "uploaded_by", "uploaded_at", "name", "size", "sha256", "zone", "state"],
            *["error", "notes", "cut", "done_at", "percent", *DayFile.COUNTS],
        ]
        read_only_fields = fields


class DayFileLineSerializer(serializers.ModelSerializer):
    class Meta:
        model = DayFileLine
        fields = ["number", "outcome", "field", "why"]
        read_only_fields = fields


class RefusalCountSerializer(serializers.ModelSerializer):
    meaning = serializers.SerializerMethodField(help_text="of the status, in words")

    class Meta:
        model = RefusalCount
        fields = ["on", "status", "meaning", "count", "last_at"]
        read_only_fields = fields

    def get_meaning(self, row) -> str:
        return MEANINGS.get(row.status, "")


class BulkErrorSerializer(serializers.Serializer):
    index = serializers.IntegerField()
    device_id = serializers.IntegerField(allow_null=True)
    errors = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))


class BulkAnswerSerializer(serializers.Serializer):
    status = serializers.ChoiceField(BULK_STATUSES)
    created = serializers.IntegerField()
    duplicates = serializers.IntegerField()
    errors = BulkErrorSerializer(many=True)
