"""The form that dismisses a recommendation."""

from django import forms

from core.validators import ONE_LINE


class DismissForm(forms.Form):
    why = forms.CharField(label="Why it does not apply", max_length=300, validators=[ONE_LINE])
