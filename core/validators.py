"""Limits of what comes in: names are a single line, since they appear in mail subjects, file names and table cells."""

from django.core.validators import RegexValidator

ONE_LINE = RegexValidator(r"^[^\x00-\x1f\x7f]*\Z", "A line break or control character cannot stand here.")
MAX_ID = 2**63 - 1  # the largest primary key of a bigint column
