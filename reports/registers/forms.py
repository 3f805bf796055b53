"""A form for one row, made from its register's description: the same in the grid, on the row's page and for imports."""

from decimal import Decimal
from functools import lru_cache

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models

from factories.figures import indian
from reports.registers import typed
from reports.registers.description import SHORT
from reports.registers.fields import Quantity, heading
from reports.registers.models import Source

YES_NO = [("", "–"), ("yes", "Yes"), ("no", "No")]
COMMON = ["source", "remark"]


class FigureField(forms.Field):
    """A figure as people write it, with or without Indian grouping."""

    widget = forms.TextInput

    def to_python(self, value):
        if isinstance(value, Decimal):
            return value
        try:
            return typed.number(value or "")
        except typed.Unreadable as error:
            raise ValidationError(str(error)) from error

    def prepare_value(self, value):
        return grouped(value) if isinstance(value, Decimal) else value


class DayField(forms.Field):
    """A date as people write it: 30-04-2025."""

    widget = forms.TextInput

    def to_python(self, value):
        try:
            return value if hasattr(value, "year") else typed.day(value or "")
        except typed.Unreadable as error:
            raise ValidationError(str(error)) from error

    def prepare_value(self, value):
        if not hasattr(value, "year"):
            return value
        return f"{value:%Y-%m-%d}" if self.widget.input_type == "date" else f"{value:%d-%m-%Y}"


class YesNoField(forms.TypedChoiceField):
    def __init__(self, **options):
        super().__init__(choices=YES_NO, coerce=lambda text: {"yes": True, "no": False}[text], **options)

    def prepare_value(self, value):
        return {True: "yes", False: "no"}.get(value, value)

    def has_changed(self, initial, data):
        return super().has_changed(self.prepare_value(initial), data)


class LineField(forms.ChoiceField):
    """A row of another register of this factory; its choices are set by the form."""

    def __init__(self, *, model, **options):
        super().__init__(**options)
        self.model, self.rows = model, {}

    def offer(self, lines):
        self.rows = lines[self.model]
        self.choices = [("", "–"), *lines.choices(self.model)]

    def clean(self, value):
        text = super().clean(value)
        return self.rows[text] if text else None

    def has_changed(self, initial, data):
        return str(initial or "") != str(data or "")


def grouped(value: Decimal) -> str:
    """12,34,567.5: every digit that is there, none more."""
    plain = value.normalize()
    return indian(value, max(0, -plain.as_tuple().exponent))


def form_field(field, **options):
    """The form's field for a column of a register."""
    said = {"label": heading(field), "required": not field.blank, "help_text": field.help_text}
    if isinstance(field, models.ForeignKey):
        return LineField(model=field.related_model, **said)
    if isinstance(field, Quantity):
        attrs = {"inputmode": "decimal", "autocomplete": "off"}
        return FigureField(**said, widget=forms.TextInput(attrs=attrs))
    if isinstance(field, models.DateField):
        return DayField(**said)
    if isinstance(field, models.BooleanField):
        return YesNoField(**{**said, "required": False}, empty_value=None if field.null else False)
    if isinstance(field, models.TextField):
        return forms.CharField(**said, max_length=field.max_length, widget=forms.Textarea(attrs={"rows": 3}))
    if field.choices:
        first = [] if field.has_default() else [("", "–")]
        return forms.ChoiceField(**said, choices=[*first, *field.flatchoices])
    return field.formfield(**{"label": heading(field), **options})


class RowForm(forms.ModelForm):
    """Context: `lines` of the factory the row belongs to. What the model refuses stands at its field or above all."""

    def __init__(self, *args, lines, dates_picked=False, **options):
        super().__init__(*args, **options)
        self.lines = lines
        for name, field in self.fields.items():
            if isinstance(field, LineField):
                field.offer(lines)
            if dates_picked and isinstance(field, DayField):
                field.widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            if name == "source":
                field.choices = sources(self.instance)

    def _get_validation_exclusions(self):
        """The whole row is checked, also what is not shown.

        Django's own, for want of a public way: to check the rest in `validate_unique` would run the row's `clean` twice
        and say of a constraint twice that it is broken.
        """
        return set(self.errors) - {NON_FIELD_ERRORS}

    def add_error(self, field, error) -> None:
        """What is said of a field this form does not show is said of the row."""
        if field is None and hasattr(error, "error_dict"):
            hidden = [name for name in error.error_dict if name not in self.fields and name != NON_FIELD_ERRORS]
            moved = [problem for name in hidden for problem in error.error_dict.pop(name)]
            if moved:
                error.error_dict.setdefault(NON_FIELD_ERRORS, []).extend(moved)
        super().add_error(field, error)


def sources(row):
    """A figure is metered by a device only by taking it over."""
    return [
        (value, label)
        for value, label in [("", "–"), *Source.choices]
        if value != Source.DEVICE or row.source == Source.DEVICE
    ]


@lru_cache(maxsize=200)
def form_class(model, names):
    """A RowForm of these fields of the model."""
    return forms.modelform_factory(model, form=RowForm, fields=list(names), formfield_callback=form_field)


def form_of(row, names, lines, data=None, prefix=None, **options):
    return form_class(type(row), tuple(names))(data, instance=row, lines=lines, prefix=prefix, **options)


def full_form(row, lines, data=None, fixed=()):
    """Everything a person enters in a row, for its own page; `fixed` is settled already."""
    names = [name for name in row.about.field_names if name not in fixed]
    form = form_of(row, [*names, *COMMON], lines, data, dates_picked=True)
    for name, field in form.fields.items():
        field.help_text = ". ".join(filter(None, [field.help_text, needed_words(row.about, name)]))
    return form


def needed_words(register, name):
    """Needed for Form V, CBAM: so that nobody fills in what no report asks for."""
    reports = [SHORT[report] for report in SHORT if name in register.needed_by(report)]
    return f"Needed for {', '.join(reports)}" if reports else ""
