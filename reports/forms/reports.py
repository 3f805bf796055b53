"""Forms to request, finalise and replace reports."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError

from calculations import periods
from reports.models import ReportType

NAMES = dict(ReportType.choices)


class MakeReportForm(forms.Form):
    """One choice of report type and complete period."""

    what = forms.ChoiceField(label="Report and period")

    def __init__(self, *args, today, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["what"].choices = [
            (NAMES[report_type], options_of(report_type, today)) for report_type in periods.KINDS
        ]

    def clean_what(self) -> tuple:
        report_type, start, end = self.cleaned_data["what"].split(":")
        return report_type, date.fromisoformat(start), date.fromisoformat(end)


def options_of(report_type, today) -> list:
    """The report type is part of every option, as a closed select does not show its optgroup."""
    name = NAMES[report_type]
    return [(value_of(report_type, p), f"{name}, {p.label}") for p in periods.offered(report_type, today)]


def value_of(report_type, period) -> str:
    return f"{report_type}:{period.start}:{period.end}"


class PlainCharField(forms.CharField):
    """Single-line text without unprintable characters, for printed pages."""

    def clean(self, value):
        text = super().clean(value)
        if any(not letter.isprintable() for letter in text):
            raise ValidationError("Only letters, digits and signs that can be printed, please.")
        return text


class FinaliseForm(forms.Form):
    name = PlainCharField(label="Your name, as it is printed", max_length=150)
    place = PlainCharField(label="Place", max_length=100)


class ReplaceForm(forms.Form):
    reason = PlainCharField(label="Reason, printed on the new report", max_length=300)
