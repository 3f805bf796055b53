"""Archiving of a factory: it leaves the lists; its rows stay."""

from core.archive_guards import refuse_if_referenced


def archive_factory(factory, *, now) -> None:
    """Raises StillReferenced."""
    refuse_if_referenced(factory)
    factory.archived_at = now
    factory.save(update_fields=["archived_at"])
