"""The form that takes the table of an import, and the answers to what its dry run asks."""

import json

from django import forms

from core.table_files.choices import ChoiceError, Choices, choices_from_json
from registers.imports import tables


class ImportForm(forms.Form):
    """A file or pasted text; the second step sends the table back as it was read."""

    file = forms.FileField(
        label="CSV or XLSX file",
        required=False,
        help_text="At most 2 MB and 1,000 lines; the first sheet of a workbook",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
    )
    text = forms.CharField(
        label="… or paste from a spreadsheet", required=False, strip=False, widget=forms.Textarea(attrs={"rows": 8})
    )
    table = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)

    def table_of(self) -> tables.SourceTable:
        """The cells. Raises BadTable."""
        if self.cleaned_data.get("file"):
            return tables.table_of_file(self.cleaned_data["file"])
        if self.cleaned_data.get("text", "").strip():
            return tables.table_of_text(self.cleaned_data["text"])
        if self.cleaned_data.get("table"):
            return tables.table_from_json(self.cleaned_data["table"])
        raise tables.BadTable("Choose a file or paste some lines.")


class BadAnswer(ValueError):
    """An answer that no question has."""


def choices_of(data) -> Choices:
    """The answers in a posted form: `choices` as JSON, then what the page's fields say. Raises BadAnswer."""
    said = {"columns": {}, "decimals": {}}
    for key in data:
        name, _, number = key.partition(".")
        if name in said and number:
            said[name][number] = data[key]
    said |= {name: data[name] for name in ("head_line", "dates", "months") if data.get(name)}
    said["accepted"] = data.getlist("accepted")
    try:
        return choices_from_json(json.loads(data.get("choices") or "{}")).merged(choices_from_json(said))
    except (ValueError, RecursionError) as error:
        words = f"{error.field}: {error}" if isinstance(error, ChoiceError) else "The choices are no JSON object."
        raise BadAnswer(words) from error
