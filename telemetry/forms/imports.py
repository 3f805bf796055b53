"""The upload form of a day file."""

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat

REFUSED, IN_ZONE = "refuse", "zone"


class DayFileForm(forms.Form):
    file = forms.FileField(
        label="Day file",
        max_length=200,
        help_text="CSV with a head row, NDJSON or a JSON array; .gz too. A CSV that this page exported imports again.",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.json,.ndjson,.jsonl,.gz,text/csv,application/json"}),
    )
    times = forms.ChoiceField(label="Times without an offset", initial=REFUSED, widget=forms.RadioSelect)

    def __init__(self, *args, zone, **kwargs):
        super().__init__(*args, **kwargs)
        self.zone = zone
        self.fields["times"].choices = [
            (REFUSED, "are refused: nobody can tell what they mean"),
            (IN_ZONE, f"are the factory's own ({zone.key}), as most SD loggers write them"),
        ]

    def clean_file(self) -> UploadedFile:
        file = self.cleaned_data["file"]
        if file.size > settings.IMPORT_MAX_BYTES:
            size, limit = filesizeformat(file.size), filesizeformat(settings.IMPORT_MAX_BYTES)
            raise forms.ValidationError(f"The file has {size}; at most {limit}. Compress or cut it.")
        return file

    @property
    def chosen_zone(self) -> str:
        return self.zone.key if self.cleaned_data["times"] == IN_ZONE else ""
