"""Forms of a row whose factory is settled before they open."""

from django import forms
from django.core.exceptions import ValidationError


class FactoryRowForm(forms.ModelForm):
    """Constraints that name the factory hold at the form, too: Django checks none with a field that is not shown."""

    def validate_unique(self) -> None:
        super().validate_unique()
        try:
            self.instance.validate_constraints(exclude=set(self.errors))
        except ValidationError as error:
            self.add_error(None, error)
