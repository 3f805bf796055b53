"""The form that attaches an evidence document to a row."""

from django import forms


class DocumentForm(forms.Form):
    document = forms.FileField(
        label="Document",
        help_text="PDF, PNG, JPEG or XLSX. It is kept as it is, with its SHA-256.",
        widget=forms.FileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg,.xlsx"}),
    )
