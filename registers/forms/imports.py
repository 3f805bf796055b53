"""The form that takes the table of an import."""

from django import forms

from registers.imports import spreadsheets


class ImportForm(forms.Form):
    """A file or pasted text; the second step sends the table back as text."""

    file = forms.FileField(
        label="CSV or XLSX file",
        required=False,
        help_text="At most 2 MB and 1,000 lines; the first sheet of a workbook",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
    )
    text = forms.CharField(
        label="… or paste from a spreadsheet", required=False, strip=False, widget=forms.Textarea(attrs={"rows": 8})
    )

    def table(self) -> list[list[str]]:
        """The cells as text. Raises spreadsheets.BadTable."""
        if self.cleaned_data.get("file"):
            return spreadsheets.table_of_file(self.cleaned_data["file"])
        if self.cleaned_data.get("text", "").strip():
            return spreadsheets.table_of_text(self.cleaned_data["text"])
        raise spreadsheets.BadTable("Choose a file or paste some lines.")
