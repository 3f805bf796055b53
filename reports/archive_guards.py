"""Reports refer to their factory, so it cannot be archived from under them."""

from core.archive_guards import archive_guard
from factories.models import Factory
from reports.models import Report


@archive_guard(Factory)
def report_archive_guard(factory):
    return f"Reports rest on {factory}." if Report.objects.filter(factory=factory).exists() else None
