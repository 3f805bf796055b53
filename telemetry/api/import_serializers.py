"""Serializers of uploading, answering and reading a day file."""

from django.conf import settings
from rest_framework import serializers

from telemetry.api.row_serializers import DayFileSerializer
from telemetry.imports.formats.layout import role_choices
from telemetry.models import DayFile

TIMES = [("refuse", "times without an offset are refused"), ("zone", "they are the factory's own")]
CHOICES_HELP = (
    "How the table is read, where it can be read in two ways: head_line (0: none), columns and decimals by number from "
    "1 (or, in an answer, by heading), dates. Roles of columns: "
    + ", ".join(value or "(empty)" for value, _ in role_choices())
)


class ColumnSerializer(serializers.Serializer):
    number = serializers.IntegerField()
    heading = serializers.CharField()
    cells = serializers.ListField(child=serializers.CharField())
    role = serializers.CharField()


class QuestionSerializer(serializers.Serializer):
    key = serializers.CharField(help_text="columns, dates, or decimals.N of column N")
    sentence = serializers.CharField()
    options = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))
    proposed = serializers.CharField()


class DayFileDetailSerializer(DayFileSerializer):
    questions = serializers.SerializerMethodField(help_text="what has to be answered before an import")
    columns = serializers.SerializerMethodField(help_text="each column, its first cells and what it is taken for")
    values = serializers.SerializerMethodField(help_text="first rows, extremes, sums, time span, months")

    class Meta(DayFileSerializer.Meta):
        fields = [*DayFileSerializer.Meta.fields, "choices", "questions", "columns", "values"]
        read_only_fields = fields

    def get_questions(self, row: DayFile) -> list[dict]:
        return QuestionSerializer(row.dry_run.get("questions", []), many=True).data

    def get_columns(self, row: DayFile) -> list[dict]:
        return ColumnSerializer(row.dry_run.get("columns", []), many=True).data

    def get_values(self, row: DayFile) -> dict | None:
        return row.dry_run.get("values")


class ChoicesField(serializers.JSONField):
    """An object, or its text in a form."""

    def __init__(self, **options) -> None:
        super().__init__(**{"default": dict, "help_text": CHOICES_HELP, **options})

    def to_internal_value(self, data) -> dict:
        self.binary = isinstance(data, str)
        found = super().to_internal_value(data)
        if not isinstance(found, dict):
            raise serializers.ValidationError("An object is expected.")
        return found


class DayFileUploadSerializer(serializers.Serializer):
    file = serializers.FileField(max_length=200)
    device_id = serializers.IntegerField(min_value=1, max_value=2**63 - 1, help_text="the machine's number")
    times = serializers.ChoiceField(choices=TIMES, default="refuse")
    choices = ChoicesField()

    def validate_file(self, file):
        if file.size > settings.IMPORT_MAX_BYTES:
            raise serializers.ValidationError(f"At most {settings.IMPORT_MAX_BYTES} bytes; compress or cut it.")
        return file


class AnswerSerializer(serializers.Serializer):
    times = serializers.ChoiceField(choices=TIMES, default="", help_text="left as it was where it is not said")
    choices = ChoicesField()
