"""Forms of register rows, generated from the description; shared by the grid, the row's page and imports."""

from decimal import Decimal
from functools import lru_cache

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models

from core.number_format import indian
from registers import parsers
from registers.columns import Quantity, heading
from registers.description import REPORT_ABBREVIATIONS
from registers.models import Source

YES_NO = [("", "–"), ("yes", "Yes"), ("no", "No")]
COMMON = ["source", "remark"]


class FigureField(forms.Field):
    """A decimal, typed with or without Indian digit grouping."""

    widget = forms.TextInput

    def to_python(self, value):
        if isinstance(value, Decimal):
            return value
        try:
            return parsers.parse_number(value or "")
        except parsers.ParseError as error:
            raise ValidationError(str(error)) from error

    def prepare_value(self, value):
        return format_decimal(value) if isinstance(value, Decimal) else value


class DayField(forms.Field):
    """A typed date: 30-04-2025."""

    widget = forms.TextInput

    def to_python(self, value):
        try:
            return value if hasattr(value, "year") else parsers.parse_day(value or "")
        except parsers.ParseError as error:
            raise ValidationError(str(error)) from error

    def prepare_value(self, value):
        if not hasattr(value, "year"):
            return value
        return f"{value:%Y-%m-%d}" if self.widget.input_type == "date" else f"{value:%d-%m-%Y}"


class YesNoField(forms.TypedChoiceField):
    def __init__(self, **options) -> None:
        super().__init__(choices=YES_NO, coerce=lambda text: {"yes": True, "no": False}[text], **options)

    def prepare_value(self, value):
        return {True: "yes", False: "no"}.get(value, value)

    def has_changed(self, initial, data):
        return super().has_changed(self.prepare_value(initial), data)


class RelatedRowField(forms.ChoiceField):
    """A choice of a row of another register of this factory; the form sets the choices."""

    def __init__(self, *, model, **options) -> None:
        super().__init__(**options)
        self.model, self.rows = model, {}

    def set_choices_from(self, lines) -> None:
        self.rows = lines[self.model]
        self.choices = [("", "–"), *lines.choices(self.model)]

    def clean(self, value):
        text = super().clean(value)
        return self.rows[text] if text else None

    def has_changed(self, initial, data) -> bool:
        return str(initial or "") != str(data or "")


def format_decimal(value: Decimal) -> str:
    """Indian grouping without trailing zeros: 12,34,567.5."""
    plain = value.normalize()
    return indian(value, max(0, -plain.as_tuple().exponent))


def form_field(field, **options):
    """The form field of a model field."""
    common = {"label": heading(field), "required": not field.blank, "help_text": field.help_text}
    if isinstance(field, models.ForeignKey):
        return RelatedRowField(model=field.related_model, **common)
    if isinstance(field, Quantity):
        attrs = {"inputmode": "decimal", "autocomplete": "off"}
        return FigureField(**common, widget=forms.TextInput(attrs=attrs))
    if isinstance(field, models.DateField):
        return DayField(**common)
    if isinstance(field, models.BooleanField):
        return YesNoField(**{**common, "required": False}, empty_value=None if field.null else False)
    if isinstance(field, models.TextField):
        return forms.CharField(**common, max_length=field.max_length, widget=forms.Textarea(attrs={"rows": 3}))
    if field.choices:
        first = [] if field.has_default() else [("", "–")]
        return forms.ChoiceField(**common, choices=[*first, *field.flatchoices])
    return field.formfield(**{"label": heading(field), **options})


class RowForm(forms.ModelForm):
    """`lines` is the LookupCache of the row's factory. Errors of fields not on the form become non-field errors."""

    def __init__(self, *args, lines, dates_picked=False, **options) -> None:
        super().__init__(*args, **options)
        self.lines = lines
        for name, field in self.fields.items():
            if isinstance(field, RelatedRowField):
                field.set_choices_from(lines)
            if dates_picked and isinstance(field, DayField):
                field.widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            if name == "source":
                field.choices = source_choices(self.instance)

    def _get_validation_exclusions(self):
        """Validate the whole row, also fields not on the form.

        There is no public hook: validating the rest in `validate_unique` would run the row's `clean` twice and report
        each violated constraint twice.
        """
        return set(self.errors) - {NON_FIELD_ERRORS}

    def add_error(self, field, error) -> None:
        """Move errors of fields not on the form to the non-field errors."""
        if field is None and hasattr(error, "error_dict"):
            hidden = [name for name in error.error_dict if name not in self.fields and name != NON_FIELD_ERRORS]
            moved_errors = [problem for name in hidden for problem in error.error_dict.pop(name)]
            if moved_errors:
                error.error_dict.setdefault(NON_FIELD_ERRORS, []).extend(moved_errors)
        super().add_error(field, error)


def source_choices(row) -> list:
    """The choices of `source`; "device" only where a measured suggestion was accepted."""
    return [
        (value, label)
        for value, label in [("", "–"), *Source.choices]
        if value != Source.DEVICE or row.source == Source.DEVICE
    ]


@lru_cache(maxsize=200)
def form_class(model, names):
    """A RowForm of these fields of the model."""
    return forms.modelform_factory(model, form=RowForm, fields=list(names), formfield_callback=form_field)


def make_row_form(row, names, lines, data=None, prefix=None, **options):
    return form_class(type(row), tuple(names))(data, instance=row, lines=lines, prefix=prefix, **options)


def full_form(row, lines, data=None, fixed=()):
    """The form of the row's page: all fields except `fixed`."""
    names = [name for name in row.register.field_names if name not in fixed]
    form = make_row_form(row, [*names, *COMMON], lines, data, dates_picked=True)
    for name, field in form.fields.items():
        field.help_text = ". ".join(filter(None, [field.help_text, required_for_text(row.register, name)]))
    return form


def required_for_text(register, name) -> str:
    """“Needed for Form V, CBAM”; "" for fields that no report requires."""
    reports = [REPORT_ABBREVIATIONS[report] for report in REPORT_ABBREVIATIONS if name in register.required_by(report)]
    return f"Needed for {', '.join(reports)}" if reports else ""
