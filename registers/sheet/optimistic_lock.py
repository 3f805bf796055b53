"""Two people at the same row: whoever saves second is told before anything of the first is undone."""

from auditlog.models import LogEntry
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.dateparse import parse_datetime
from django.utils.timezone import localtime

from registers.sheet.cells import shown


def refuse_overtaken(form):
    """Raises ValidationError where the row was saved by somebody since this form was opened; inside a transaction.

    The form then counts as opened now: saved once more, it stands in the place of the other's.
    """
    row, opened = form.instance, form.data.get(form.add_prefix("version"))
    if not row.pk or not opened:
        return
    stored = locked(row)
    if stored.version == opened:
        return
    row.changed_at = stored.changed_at
    there = [
        f"{form.fields[name].label} is {shown(stored, row._meta.get_field(name)) or 'blank'} there"
        for name, entered in form.cleaned_data.items()
        if entered != getattr(stored, name)
    ]
    raise ValidationError(f"{overtaken(stored)}{': ' if there else ''}{', '.join(there)}. Save again to keep yours.")


def refuse_other_version(row, said):
    """The same for the API, where a client sends back the `changed_at` it saw. Raises ValidationError."""
    moment = parse_datetime(said) if isinstance(said, str) else None
    if moment is None or moment.tzinfo is None:
        raise ValidationError({"changed_at": "Send back what you were given, or leave it out."})
    stored = locked(row)
    if stored.changed_at != moment:
        raise ValidationError({"changed_at": f"{overtaken(stored)}. Read the row again."})


def locked(row):
    stored = type(row)._base_manager.select_for_update().filter(pk=row.pk).first()
    if stored is None:
        raise ValidationError({NON_FIELD_ERRORS: "Somebody removed this row meanwhile."})
    return stored


def overtaken(stored) -> str:
    entry = LogEntry.objects.get_for_object(stored).select_related("actor").first()
    who = str(entry.actor or "") if entry else ""
    return f"{who or 'Somebody'} changed this row at {localtime(stored.changed_at):%H:%M:%S}, after you opened it"
