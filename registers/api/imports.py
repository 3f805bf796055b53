"""Import of a register's rows from a table over the API: a dry run, then the same request with `dry_run` false."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.response import Response

from calculations import periods
from core.openapi_parameters import ERROR_RESPONSES
from core.table_files.choices import ChoiceError, Choices
from core.table_files.named_choices import numbered
from factories.permissions import factory_from_request
from registers.imports import row_import, tables
from registers.imports.column_readings import ColumnReader
from registers.imports.shown_values import column_sums
from registers.month_ranges import last_complete_month, parse_period
from registers.sheet.sheet import period_around

CHOICES_HELP = (
    "How the table is read, where it can be read in two ways: head_line (0: none), columns (number or heading → field, "
    "(period), or empty: left out), decimals (point or comma, of all or by column), dates (day_first, month_first), "
    "months (date, month_year), accepted (unusual, clear_blanks)"
)


class ChoicesField(serializers.JSONField):
    """An object, or its text in a form."""

    def to_internal_value(self, data) -> dict:
        self.binary = isinstance(data, str)
        found = super().to_internal_value(data)
        if not isinstance(found, dict):
            raise serializers.ValidationError("An object is expected.")
        return found


class TableImportSerializer(serializers.Serializer):
    factory_id = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    file = serializers.FileField(required=False, max_length=200, help_text="CSV or XLSX, at most 2 MB and 1,000 lines")
    text = serializers.CharField(required=False, trim_whitespace=False, help_text="the cells, instead of a file")
    period = serializers.CharField(required=False, help_text="of lines without one: 2025-04, fy2025 or cy2025")
    dry_run = serializers.BooleanField(default=True)
    choices = ChoicesField(default=dict, help_text=CHOICES_HELP)


class ImportedValueSerializer(serializers.Serializer):
    field = serializers.CharField()
    heading = serializers.CharField()
    value = serializers.CharField(help_text="as it would be stored, with its unit")
    before = serializers.CharField(help_text="what is stored now, where that differs")


class ImportedLineSerializer(serializers.Serializer):
    number = serializers.IntegerField(help_text="the line or row of the file")
    row = serializers.CharField(help_text="the row that it means")
    action = serializers.ChoiceField(choices=["new", "changed", "unchanged", "fault"])
    values = ImportedValueSerializer(many=True)
    faults = serializers.ListField(child=serializers.CharField())


class ImportQuestionSerializer(serializers.Serializer):
    key = serializers.CharField(help_text="columns, dates, months, unusual, or decimals.N of column N")
    sentence = serializers.CharField()
    options = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))
    proposed = serializers.CharField()


class TablePlanSerializer(serializers.Serializer):
    """What an import would do, or did where `is_imported`."""

    is_imported = serializers.BooleanField()
    counts = serializers.DictField(child=serializers.IntegerField())
    faults = serializers.ListField(child=serializers.CharField(), help_text="of the table as a whole")
    questions = ImportQuestionSerializer(many=True, help_text="answered by `choices`; nothing is imported before")
    notes = serializers.ListField(child=serializers.CharField())
    sums = serializers.ListField(child=serializers.DictField(), help_text="sum, least and greatest of each figure")
    lines = ImportedLineSerializer(many=True)


class TableImportMixin:
    """POST …/import of a viewset whose queryset's model is a register's."""

    @extend_schema(
        request={"multipart/form-data": TableImportSerializer, "application/json": TableImportSerializer},
        responses={200: TablePlanSerializer, 201: TablePlanSerializer, 422: TablePlanSerializer, **ERROR_RESPONSES},
        tags=["registers"],
    )
    @action(
        detail=False, methods=["post"], url_path="import", parser_classes=[MultiPartParser, JSONParser],
        serializer_class=TableImportSerializer, pagination_class=None,
    )  # fmt: skip
    def import_table(self, request) -> Response:
        """Rows from a table. A dry run answers 200; an import 201, whole, or 422 with its faults and questions."""
        factory = factory_from_request(request, self.write_right, request.data.get("factory_id"))
        sent = TableImportSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        data, register = sent.validated_data, self.queryset.model.register
        table = table_of(data)
        choices = choices_of(data["choices"], register, table)
        today = periods.today(timezone.now(), factory.zone)
        usual = period_around(register, last_complete_month(today))
        period = parse_period(data.get("period", ""), usual) if usual else None
        run = row_import.dry_run if data["dry_run"] else row_import.import_rows
        plan = run(register, factory, table, choices, period=period, today=today)
        is_imported = not data["dry_run"] and plan.is_importable
        status = 201 if is_imported else 200 if data["dry_run"] else 422
        return Response(plan_data(plan, is_imported), status)


def table_of(data) -> tables.SourceTable:
    try:
        if data.get("file"):
            return tables.table_of_file(data["file"])
        if data.get("text", "").strip():
            return tables.table_of_text(data["text"])
    except tables.BadTable as error:
        raise ValidationError({"file" if data.get("file") else "text": [str(error)]}) from error
    raise ValidationError({"file": ["Send a file, or text with some lines."]})


def choices_of(data, register, table) -> Choices:
    """Columns may be named by the headings of the table."""
    reader = ColumnReader(register)
    headings = reader.read(table, Choices()).headings
    try:
        choices = numbered(data, enumerate(headings, start=1))
    except ChoiceError as error:
        raise ValidationError({"choices": {error.field: [str(error)]}}) from error
    for name in choices.columns.values():
        if name and name not in reader.fields():
            raise ValidationError({"choices": {"columns": [f"{name[:60]!r} is no field of this register."]}})
    return choices


def plan_data(plan, is_imported) -> dict:
    headings = dict(plan.names)
    return {
        "is_imported": is_imported,
        "counts": plan.counts,
        "faults": plan.faults,
        "questions": [question.as_json() for question in plan.questions],
        "notes": plan.notes,
        "sums": column_sums(plan.names, plan.lines),
        "lines": [line_data(line, headings) for line in plan.lines],
    }


def line_data(line, headings) -> dict:
    return {
        "number": line.number,
        "row": line.label,
        "action": line.action,
        "values": [
            {"field": name, "heading": headings.get(name, name), "value": value.text, "before": value.before}
            for name, value in line.values.items()
        ],
        "faults": [f"{heading}: {sentence}" if heading else sentence for heading, sentence in line.faults],
    }
