"""Base serializer of rows that belong to a factory."""

from copy import copy

from django.core.exceptions import NON_FIELD_ERRORS
from django.core.exceptions import ValidationError as DjangoValidationError
from rest_framework import serializers

from core.validators import MAX_ID


class FactoryRowSerializer(serializers.ModelSerializer):
    """Validates with the model's `full_clean`. Context: `factory`, that of a new row; a row never moves to another.

    `unique_field` is the field that reports a violation of the model's unique constraint with the factory.
    """

    factory_id = serializers.IntegerField(min_value=0, max_value=MAX_ID, required=False)
    unique_field = "non_field_errors"

    def validate(self, data):
        factory_id = data.pop("factory_id", None)
        if self.instance and factory_id is not None and factory_id != self.instance.factory_id:
            raise serializers.ValidationError({"factory_id": ["A row does not move to another factory."]})
        row = copy(self.instance) if self.instance else self.Meta.model(factory=self.context["factory"])
        columns = {field.name for field in self.Meta.model._meta.concrete_fields}
        for name in columns & set(data):
            setattr(row, name, data[name])
        try:
            row.full_clean()
        except DjangoValidationError as error:
            raise serializers.ValidationError(self.api_errors(error)) from error
        return data

    def api_errors(self, error: DjangoValidationError) -> dict:
        """The model's errors under the field names of the API."""
        return {
            self.unique_field if name == NON_FIELD_ERRORS else name: messages
            for name, messages in error.message_dict.items()
        }

    def create(self, data):
        return super().create({**data, "factory": self.context["factory"]})
