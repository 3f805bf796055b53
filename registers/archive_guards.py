"""Prevents archiving a factory that has register rows."""

from core.archive_guards import archive_guard
from factories.models import Factory
from registers.models import ROWS


@archive_guard(Factory)
def register_archive_guard(factory) -> str | None:
    has_rows = any(model.objects.filter(factory=factory).exists() for model in ROWS)
    return f"Registers rest on {factory}." if has_rows else None
