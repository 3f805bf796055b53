"""Base form of a row whose factory is set before validation."""

from django import forms
from django.core.exceptions import ValidationError


class FactoryRowForm(forms.ModelForm):
    """Also checks constraints that include the factory: Django skips those with a field that is not in the form."""

    def validate_unique(self) -> None:
        super().validate_unique()
        try:
            self.instance.validate_constraints(exclude=set(self.errors))
        except ValidationError as error:
            self.add_error(None, error)
