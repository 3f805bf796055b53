"""Model fields and field factories of the registers: quantities with units, codes with a fixed format."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models

from core.validators import ONE_LINE
from registers import parsers

NO_CONTROL_CHARACTERS = RegexValidator(
    r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*\Z", "A control character cannot stand here."
)


class Quantity(models.DecimalField):
    """A decimal of at most 14 integer and 6 fractional digits; blank means not known yet.

    `unit` is its unit; where that depends on the line (tonnes of one product, pieces of another), `unit_of` names the
    foreign key whose row has it. `low` and `high` are the inclusive limits.
    """

    def __init__(self, verbose_name=None, unit="", *, unit_of="", low=0, high=None, **options) -> None:
        self.unit, self.unit_of, self.low, self.high = unit, unit_of, low, high
        places = {"max_digits": 20, "decimal_places": 6, "null": True, "blank": True}
        super().__init__(verbose_name, **{**places, **options})

    def deconstruct(self) -> tuple:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.DecimalField", args, kwargs  # units are not part of the database schema

    def validate(self, value, instance) -> None:
        super().validate(value, instance)
        if value is None:
            return
        if self.low is not None and value < self.low:
            below = "cannot be negative" if self.low == 0 else f"cannot be below {self.low}{self.unit_label()}"
            raise ValidationError(f"{field_label(self)} {below}.")
        if self.high is not None and value > self.high:
            raise ValidationError(f"{field_label(self)} cannot be above {self.high}{self.unit_label()}.")

    def unit_label(self) -> str:
        return f" {self.unit}" if self.unit else ""


class Code(models.CharField):
    """A short code matching the regular expression `shape`; normalised to capitals without spaces and dots."""

    def __init__(self, verbose_name=None, *, shape="", example="", **options) -> None:
        self.shape, self.example = shape, example
        super().__init__(verbose_name, **{"max_length": 12, "blank": True, **options})

    def deconstruct(self) -> tuple:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def to_python(self, value):
        value = super().to_python(value)
        return re.sub(r"[\s.]", "", value).upper() if value else value

    def validate(self, value, instance) -> None:
        super().validate(value, instance)
        if value and not re.fullmatch(self.shape, value):
            raise ValidationError(f"{field_label(self)}: {self.example}")


class ResultField(models.CharField):
    """A laboratory result in the normal form of `parsers.parse_result`: a number, <5, BDL or ND."""

    def __init__(self, verbose_name=None, **options) -> None:
        super().__init__(verbose_name, **{"max_length": 30, **options})

    def deconstruct(self) -> tuple:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def to_python(self, value):
        value = super().to_python(value)
        try:
            return parsers.parse_result(value) if value else value
        except parsers.ParseError as error:
            raise ValidationError(f"{field_label(self)}: {error}") from error


def field_label(field) -> str:
    """The verbose name with a capital first letter, without unit: Energy billed."""
    label = str(field.verbose_name)
    return label[:1].upper() + label[1:]


def heading(field) -> str:
    """The field's name and unit: Energy billed (kWh)."""
    unit = getattr(field, "unit", "")
    return f"{field_label(field)} ({unit})" if unit else field_label(field)


def cn_code_field(label="CN code", **options) -> Code:
    shape = {
        "shape": r"\d{8}",
        "example": "8 digits are expected, such as 73261910; an HS code of 4 or 6 is too short.",
    }
    return Code(label, **shape, **options)


def country_field(label="country", **options) -> Code:
    return Code(label, shape=r"[A-Z]{2}", example="two letters are expected, such as IN or CN.", **options)


def un_locode_field(label="UN/LOCODE", **options) -> Code:
    return Code(label, shape=r"[A-Z]{2}[A-Z2-9]{3}", example="5 characters are expected, such as INPNQ.", **options)


def char_field(label, length=120, **options):
    return models.CharField(label, max_length=length, validators=[ONE_LINE], **{"blank": True, **options})


def text_field(label, **options):
    return models.TextField(label, max_length=4000, blank=True, validators=[NO_CONTROL_CHARACTERS], **options)


def choice_field(label, choices, **options):
    return models.CharField(label, max_length=30, choices=choices, **{"blank": True, **options})


def bool_field(label, **options):
    """Yes, no, or null for not answered yet."""
    return models.BooleanField(label, null=True, blank=True, **options)


def date_field(label, **options):
    return models.DateField(label, **{"null": True, "blank": True, **options})


def required_fk(model, label, **options):
    """A row of another register; it cannot be removed while rows refer to it."""
    return models.ForeignKey(model, models.PROTECT, verbose_name=label, related_name="+", **options)


def optional_fk(model, label, **options):
    return required_fk(model, label, null=True, blank=True, **options)


def unique_per(table, *fields):
    """Unique constraint on `fields` per factory; nulls count as equal."""
    return models.UniqueConstraint(
        fields=["factory", *fields],
        name="_per_".join(filter(None, [f"one_{table}", "_and_".join(fields)]))[:63],
        nulls_distinct=False,
        violation_error_message="There is such a row already.",
    )
