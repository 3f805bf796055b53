"""The upload form of a day file, and the form of how its table is read."""

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat

from core.table_files.choices import ChoiceError, choices_from_json
from telemetry.imports.formats.layout import BESIDE, role_choices

REFUSED, IN_ZONE = "refuse", "zone"


class DayFileForm(forms.Form):
    file = forms.FileField(
        label="Day file",
        max_length=200,
        help_text="A table as CSV or XLSX, a meter's load survey, NDJSON or a JSON array; .gz too. A CSV that this "
        "page exported imports again.",
        widget=forms.FileInput(
            attrs={"accept": ".csv,.txt,.tsv,.xlsx,.json,.ndjson,.jsonl,.gz,text/csv,application/json"}
        ),
    )
    times = forms.ChoiceField(label="Times without an offset", initial=REFUSED, widget=forms.RadioSelect)

    def __init__(self, *args, zone, **kwargs):
        super().__init__(*args, **kwargs)
        self.zone = zone
        self.fields["times"].choices = times_choices(zone)

    def clean_file(self) -> UploadedFile:
        file = self.cleaned_data["file"]
        if file.size > settings.IMPORT_MAX_BYTES:
            size, limit = filesizeformat(file.size), filesizeformat(settings.IMPORT_MAX_BYTES)
            raise forms.ValidationError(f"The file has {size}; at most {limit}. Compress or cut it.")
        return file

    @property
    def chosen_zone(self) -> str:
        return self.zone.key if self.cleaned_data["times"] == IN_ZONE else ""


def times_choices(zone) -> list[tuple[str, str]]:
    return [
        (REFUSED, "are refused: nobody can tell what they mean"),
        (IN_ZONE, f"are the factory's own ({zone.key}), as most SD loggers and meters write them"),
    ]


class LayoutForm(forms.Form):
    """How the table of a day file is read: what each column is, and an answer to each question of its check."""

    def __init__(self, *args, day_file, **kwargs):
        super().__init__(*args, **kwargs)
        self.day_file, self.zone = day_file, day_file.factory.zone
        found = day_file.dry_run
        self.questions = {question["key"]: question for question in found.get("questions", ())}
        self.fields["head_line"] = head_line_field(found)
        self.roles = []
        for column in found.get("columns", ()):
            name = f"columns.{column['number']}"
            role = column["role"] if column["role"] in dict(role_choices()) else BESIDE
            label = column["heading"] or f"Column {column['number']}"
            self.fields[name] = forms.ChoiceField(label=label, choices=role_choices(), initial=role, required=False)
            self.fields[name].widget.attrs |= {"aria-label": f"What {label} is", "class": "control"}
            self.roles.append((name, column))
        for key, question in self.questions.items():
            if question["options"] and key not in ("columns", "head_line"):
                self.fields[key] = forms.ChoiceField(
                    label=question["sentence"],
                    choices=question["options"],
                    initial=question["proposed"],
                    widget=forms.RadioSelect,
                )
        self.fields["times"] = forms.ChoiceField(
            label="Times without an offset",
            choices=times_choices(self.zone),
            initial=IN_ZONE if day_file.zone else REFUSED,
            widget=forms.RadioSelect,
        )

    @property
    def asks_columns(self) -> bool:
        return "columns" in self.questions

    @property
    def question_fields(self) -> list:
        return [self[key] for key in self.questions if key in self.fields]

    @property
    def columns(self) -> list[dict]:
        return [{**column, "field": self[name]} for name, column in self.roles]

    def clean(self) -> dict:
        try:
            self.choices = choices_from_json(self.said())
        except ChoiceError as error:
            raise forms.ValidationError(str(error)) from error
        return self.cleaned_data

    def said(self) -> dict:
        data = self.cleaned_data
        head_line = data.get("head_line") or None
        if head_line is not None and int(head_line) != self.day_file.dry_run.get("head_line"):
            return {"head_line": head_line}  # other headings: what the columns are is found anew
        return {
            "head_line": head_line,
            "columns": {name.partition(".")[2]: data[name] for name, _ in self.roles if name in data},
            "decimals": {key.partition(".")[2]: data[key] for key in data if key.startswith("decimals.")},
            "dates": data.get("dates", ""),
        }

    @property
    def chosen_zone(self) -> str:
        return self.zone.key if self.cleaned_data["times"] == IN_ZONE else ""


def head_line_field(found) -> forms.ChoiceField:
    lines = [(str(number), f"{number}: {text}") for number, text in found.get("head_lines", ())]
    return forms.ChoiceField(
        label="Line of the headings",
        choices=[*lines, ("0", "It has none: every line is a reading")],
        initial=str(found.get("head_line") or 0),
        required=False,
    )
