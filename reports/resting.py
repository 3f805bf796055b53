"""Reports and registers rest on their factory."""

from factories.models import Factory
from factories.resting import rests_on
from reports.models import Report
from reports.registers.models import ROWS


@rests_on(Factory)
def reports_of_factory(factory):
    return f"Reports rest on {factory}." if Report.objects.filter(factory=factory).exists() else None


@rests_on(Factory)
def registers_of_factory(factory):
    kept = any(model.objects.filter(factory=factory).exists() for model in ROWS)
    return f"Registers rest on {factory}." if kept else None
