"""Prevents archiving a factory that has reports."""

from core.archive_guards import archive_guard
from factories.models import Factory
from reports.models import Report


@archive_guard(Factory)
def report_archive_guard(factory) -> str | None:
    return f"Reports rest on {factory}." if Report.objects.filter(factory=factory).exists() else None
