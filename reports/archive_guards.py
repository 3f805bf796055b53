"""Reports refer to their factory, so it cannot be archived from under them."""

from core.archive_guards import rests_on
from factories.models import Factory
from reports.models import Report


@rests_on(Factory)
def reports_of_factory(factory):
    return f"Reports rest on {factory}." if Report.objects.filter(factory=factory).exists() else None
