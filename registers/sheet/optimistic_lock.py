"""Optimistic locking: saving a row fails if somebody changed it since it was read."""

from auditlog.models import LogEntry
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.dateparse import parse_datetime
from django.utils.timezone import localtime

from registers.sheet.cells import display_text


def check_form_version(form) -> None:
    """Raises ValidationError where the row was changed since the form was opened; call it inside a transaction.

    The form then takes the stored version: submitting it again overwrites the other change.
    """
    row, opened_version = form.instance, form.data.get(form.add_prefix("version"))
    if not row.pk or not opened_version:
        return
    stored = lock_row(row)
    if stored.version == opened_version:
        return
    row.changed_at = stored.changed_at
    differences = [
        f"{form.fields[name].label} is {display_text(stored, row._meta.get_field(name)) or 'blank'} there"
        for name, value in form.cleaned_data.items()
        if value != getattr(stored, name)
    ]
    raise ValidationError(
        f"{conflict_message(stored)}{': ' if differences else ''}{', '.join(differences)}. Save again to keep yours."
    )


def check_api_version(row, client_version) -> None:
    """The same for the API, with the `changed_at` that the client read. Raises ValidationError."""
    moment = parse_datetime(client_version) if isinstance(client_version, str) else None
    if moment is None or moment.tzinfo is None:
        raise ValidationError({"changed_at": "Send back what you were given, or leave it out."})
    stored = lock_row(row)
    if stored.changed_at != moment:
        raise ValidationError({"changed_at": f"{conflict_message(stored)}. Read the row again."})


def lock_row(row):
    stored = type(row)._base_manager.select_for_update().filter(pk=row.pk).first()
    if stored is None:
        raise ValidationError({NON_FIELD_ERRORS: "Somebody removed this row meanwhile."})
    return stored


def conflict_message(stored) -> str:
    entry = LogEntry.objects.get_for_object(stored).select_related("actor").first()
    who = str(entry.actor or "") if entry else ""
    return f"{who or 'Somebody'} changed this row at {localtime(stored.changed_at):%H:%M:%S}, after you opened it"
