"""Serializers of evidence documents and of register rows; those of rows are generated from the descriptions."""

from django.core.exceptions import NON_FIELD_ERRORS
from django.core.exceptions import ValidationError as RowFault
from django.db import models, transaction
from rest_framework import serializers

from core.validators import MAX_ID
from registers.columns import Quantity, heading
from registers.models import Evidence, Source
from registers.sheet.optimistic_lock import check_api_version

READ_ONLY = ["taken_over", "created_at", "changed_at"]


class EvidenceSerializer(serializers.ModelSerializer):
    """A document without its bytes."""

    class Meta:
        model = Evidence
        fields = ["id", "factory_id", "name", "media_type", "size_bytes", "sha256", "uploaded_at"]
        read_only_fields = fields


class UploadSerializer(serializers.Serializer):
    """PDF, PNG, JPEG or XLSX, found out from the bytes."""

    document = serializers.FileField(allow_empty_file=False)
    factory_id = serializers.IntegerField(required=False, help_text="your own when you have one")


class FactoryRowField(serializers.PrimaryKeyRelatedField):
    """Primary key of a row of the same factory; those of other factories do not exist here."""

    def __init__(self, *, model, **options) -> None:
        self.of_model = model
        super().__init__(queryset=model.objects.none(), **options)

    def get_queryset(self):
        factory = self.root.context.get("factory")
        return self.of_model.objects.for_factory(factory) if factory else self.of_model.objects.none()

    def to_internal_value(self, data):
        if isinstance(data, bool) or not isinstance(data, int | str) or len(str(data)) > len(str(MAX_ID)) - 1:
            self.fail("incorrect_type", data_type=type(data).__name__)
        return super().to_internal_value(data)


class RowSerializer(serializers.ModelSerializer):
    """A row. Context: `factory`, the one a new row is for; a row never moves to another."""

    factory_id = serializers.IntegerField(min_value=0, max_value=MAX_ID, required=False)
    source = serializers.ChoiceField(Source.choices, required=False)

    def validate(self, data):
        factory_id = data.pop("factory_id", None)
        if self.instance and factory_id is not None and factory_id != self.instance.factory_id:
            raise serializers.ValidationError({"factory_id": ["A row does not move to another factory."]})
        row = self.instance or self.Meta.model.register.new_row(self.context["factory"])
        for name, value in data.items():
            setattr(row, name, value)
        try:
            row.full_clean()
        except RowFault as fault:
            raise serializers.ValidationError(self.api_errors(fault)) from fault
        self.row = row
        return data

    def api_errors(self, fault) -> dict:
        """The model's validation errors under the field names of the API."""
        columns = {field.name: field.attname for field in self.Meta.model._meta.concrete_fields}
        columns[NON_FIELD_ERRORS] = "non_field_errors"
        return {columns.get(name, name): messages for name, messages in fault.message_dict.items()}

    def save(self):
        try:
            with transaction.atomic():
                if self.instance and "changed_at" in self.initial_data:
                    check_api_version(self.row, self.initial_data["changed_at"])
                self.row.save()
        except RowFault as fault:  # locked or changed since
            raise serializers.ValidationError(self.api_errors(fault)) from fault
        self.instance = self.row
        return self.row


def serializer_for(register):
    """The serializer class of a register: every field with its unit, lines as `<name>_id`."""
    fields = {name: field_for(register.model._meta.get_field(name)) for name in [*register.field_names, "evidence"]}
    declared = {field_name(register.model, name): field for name, field in fields.items() if field is not None}
    names = [field_name(register.model, name) for name in register.field_names]
    month = ["month"] if register.has_period else []
    read_only = [*READ_ONLY, *(month if register.date_field_name else [])]
    meta = type(
        "Meta",
        (),
        {
            "model": register.model,
            "fields": ["id", "factory_id", *month, *names, "source", "evidence_id", "remark", *READ_ONLY],
            "read_only_fields": read_only,
            "validators": [],  # the model validates its constraints itself
            "extra_kwargs": help_texts(register),
        },
    )
    doc = register.sentence
    return type(f"{register.model.__name__}RowSerializer", (RowSerializer,), {**declared, "Meta": meta, "__doc__": doc})


def field_name(model, name):
    return model._meta.get_field(name).attname


def help_texts(register):
    """`extra_kwargs` with the help text of each field for OpenAPI."""
    kwargs = {"month": {"help_text": "a day of the month or, of a yearly row, of the year"}}
    for field in register.fields():
        kwargs[field.name] = {"help_text": heading(field)}
        if isinstance(field, Quantity):
            kwargs[field.name] |= {"required": False, "allow_null": True}
    return kwargs


def field_for(field) -> FactoryRowField | None:
    """The explicit field of a foreign key, limited to the same factory; None leaves the field to DRF."""
    if not isinstance(field, models.ForeignKey):
        return None
    return FactoryRowField(
        model=field.related_model,
        source=field.name,
        required=not field.null,
        allow_null=field.null,
        help_text=heading(field),
    )
