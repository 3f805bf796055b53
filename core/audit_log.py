"""Audit log of a factory: which models are audited, and their entries in readable form."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from auditlog.models import LogEntry
from auditlog.registry import auditlog
from django.db.models import DateTimeField
from django.utils.dateparse import parse_datetime

from core.dates import format_moment


def audited(*, exclude: Iterable[str] = ()) -> Callable[[type], type]:
    """Class decorator: log every change to this factory-scoped model, except to the fields in `exclude`.

    Each entry carries the id of the row's factory, so that owners can read it after the row is gone.
    Higher apps use it for their models, which then appear on the history page without being imported here.
    """

    def register(model: Any) -> type:
        model.get_additional_data = lambda row: {"factory_id": factory_id_of(row)}
        auditlog.register(model, exclude_fields=list(exclude))
        return model

    return register


def factory_id_of(row: Any) -> int:
    """The id of the row's factory, along `factory_path`."""
    *steps, last = type(row).factory_path.split("__")
    for step in steps:
        row = getattr(row, step)
    return row.pk if last == "pk" else getattr(row, f"{last}_id")


def entries_of(factory: Any) -> Any:
    """Log entries of one factory, newest first."""
    return (
        LogEntry.objects.filter(additional_data__factory_id=factory.pk)
        .select_related("actor", "content_type")
        .order_by("-timestamp", "-pk")
    )


class AuditEntry(NamedTuple):
    """A log entry in readable form: `changes` are (field label, before, after)."""

    at: datetime
    actor: str
    action: str
    model_name: str
    object_name: str
    changes: list


ACTION_LABELS = {LogEntry.Action.CREATE: "added", LogEntry.Action.UPDATE: "changed", LogEntry.Action.DELETE: "removed"}
HIDDEN_FIELDS = {
    "id",
    "created_by",
    "invited_by",
    "factory",
    "device",
    "user",
    "created_at",
    "sent_at",
    "taken_over",
}  # redundant beside the name of the object


def describe_entry(entry: LogEntry) -> AuditEntry:
    model = entry.content_type.model_class()
    return AuditEntry(
        at=entry.timestamp,
        actor=str(entry.actor or entry.actor_email or "the system"),
        action=ACTION_LABELS.get(entry.action, "looked at"),
        model_name=model._meta.verbose_name if model else entry.content_type.model,
        object_name=entry.object_repr,
        changes=[] if entry.action == LogEntry.Action.DELETE else list(describe_changes(entry, model)),
    )


def describe_changes(entry: LogEntry, model: Any) -> Iterator[tuple[str, str | None, str | None]]:
    """(label, before, after) of each changed column; related rows have entries of their own."""
    columns = {field.name: field for field in model._meta.concrete_fields} if model else {}
    for name, values in (entry.changes or {}).items():
        if name in HIDDEN_FIELDS or name not in columns or not isinstance(values, list) or len(values) != 2:
            continue
        before, after = (display_value(columns[name], value) for value in values)
        if before is not None or after is not None:
            yield columns[name].verbose_name, before, after


def display_value(field: Any, value: Any) -> str | None:
    """A logged value for display: the label of a choice, yes or no, None for an empty one."""
    if value in (None, "None", ""):
        return None
    if value in ("True", "False"):
        return "yes" if value == "True" else "no"
    if isinstance(field, DateTimeField):  # logged in UTC without an offset
        moment = parse_datetime(value)
        return format_moment(moment.replace(tzinfo=UTC)) if moment else value
    return str(dict(field.flatchoices).get(value, value))
