"""Who did what in a factory: models whose changes are remembered, and the entries an owner may read."""

from auditlog.models import LogEntry
from auditlog.registry import auditlog


def remembered(*, exclude=()):
    """Class decorator: log every change to this factory-scoped model, except to the fields in `exclude`.

    Each entry carries the id of the row's factory, so that owners can read it after the row is gone.
    Higher floors use it for their models and appear on the history page without being known here.
    """

    def remember(model):
        model.get_additional_data = lambda row: {"factory_id": factory_id_of(row)}
        auditlog.register(model, exclude_fields=list(exclude))
        return model

    return remember


def factory_id_of(row):
    """The id of the row's factory, along `factory_path`."""
    *steps, last = type(row).factory_path.split("__")
    for step in steps:
        row = getattr(row, step)
    return row.pk if last == "pk" else getattr(row, f"{last}_id")


def entries_of(factory):
    """Log entries of one factory, newest first."""
    return (
        LogEntry.objects.filter(additional_data__factory_id=factory.pk)
        .select_related("actor", "content_type")
        .order_by("-timestamp", "-pk")
    )
