"""A factory leaves the lists; its rows stay."""

from core.archive_guards import refuse_if_referenced


def archive_factory(factory, *, now):
    """Raises SomethingRests."""
    refuse_if_referenced(factory)
    factory.archived_at = now
    factory.save(update_fields=["archived_at"])
