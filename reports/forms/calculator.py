"""Forms of the calculator: pasted or uploaded JSON, or an example."""

from django import forms

from reports.calculator import examples
from reports.models.scenarios import WhatIf

MAX_BYTES = 256 * 1024
EMPTY = "Paste the input, choose a file, or start from an example."
TOO_LARGE = f"At most {MAX_BYTES // 1024} kB; manage.py calculate takes larger files."


class WhatIfForm(forms.Form):
    """`cleaned_data` has the scheme and the text, pasted or uploaded."""

    scheme = forms.ChoiceField(label="What is calculated", choices=WhatIf.Scheme)
    file = forms.FileField(label="File", required=False, help_text="JSON, as for <code>manage.py calculate</code>")
    text = forms.CharField(
        label="Or the input itself",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "false", "autocomplete": "off"}),
    )

    def clean_text(self):
        text = self.cleaned_data["text"]
        if len(text.encode("utf-8", "replace")) > MAX_BYTES:
            raise forms.ValidationError(TOO_LARGE)
        return text

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file is None:
            return None
        if file.size > MAX_BYTES:
            raise forms.ValidationError(TOO_LARGE)
        try:
            return file.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise forms.ValidationError("This is no text in UTF-8; is it a spreadsheet?") from None

    def clean(self):
        data = super().clean()
        if self.errors:
            return data
        text = data.get("file") or data.get("text") or ""
        if not text.strip():
            self.add_error("text", EMPTY)
        return {**data, "text": text}


class ExampleForm(forms.Form):
    """The choice of an example."""

    example = forms.ChoiceField()

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["example"].choices = [
            (name, title) for name, (_scheme, title) in examples.available_examples().items()
        ]
