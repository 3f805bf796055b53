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
    """Who signs: the account, or the person authorised in the unit's particulars."""

    signatory = forms.ChoiceField(label="Signed by, as it is printed")

    def __init__(self, *args, choices, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["signatory"].choices = choices


class WaiveForm(forms.Form):
    """Open points left open on purpose."""

    keys = forms.MultipleChoiceField(label="Open items", error_messages={"required": "Choose at least one open item."})
    reason = PlainCharField(label="Reason, printed beside each of them", max_length=300)

    def __init__(self, *args, points, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["keys"].choices = [(point.key, point.title) for point in points]


class ReplaceForm(forms.Form):
    reason = PlainCharField(label="Reason, printed on the new report", max_length=300)
