"""Validators of names: a single line each, since they appear in mail subjects, file names and table cells."""

from django.core.validators import RegexValidator

ONE_LINE = RegexValidator(r"^[^\x00-\x1f\x7f]*\Z", "A line break or control character cannot stand here.")
