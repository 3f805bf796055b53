"""Reports rest on their factory."""

from factories.models import Factory
from factories.resting import rests_on
from reports.models import Report


@rests_on(Factory)
def reports_of_factory(factory):
    return f"Reports rest on {factory}." if Report.objects.filter(factory=factory).exists() else None
