"""Register rows refer to their factory, so it cannot be archived from under them."""

from core.archive_guards import rests_on
from factories.models import Factory
from registers.models import ROWS


@rests_on(Factory)
def registers_of_factory(factory):
    kept = any(model.objects.filter(factory=factory).exists() for model in ROWS)
    return f"Registers rest on {factory}." if kept else None
