"""Lists of the factory pages: audit log, members, invitations."""

from typing import Any

from auditlog.models import LogEntry

from core.audit_log import AuditEntry, describe_entry
from core.tables import ListColumn, ListTable, MomentColumn


class AuditLogTable(ListTable):
    """Log entries of a factory."""

    title = "history"
    empty = {"icon": "history", "title": "Nothing has been changed yet"}
    per_page = 50

    when = MomentColumn("When", accessor="timestamp", css="text-nowrap")
    who = ListColumn("Who", accessor="actor", order_by=("actor__full_name", "actor__email"))
    what = ListColumn(
        "What",
        accessor="object_repr",
        order_by=("content_type__model", "object_repr"),
        cell="factories/cells/audited_object.html",
    )
    changes = ListColumn("Changes", orderable=False, cell="factories/cells/audited_changes.html")

    def render_who(self, record: LogEntry) -> str:
        return describe_entry(record).actor

    def render_what(self, record: LogEntry) -> AuditEntry:
        return describe_entry(record)

    def render_changes(self, record: LogEntry) -> list:
        return describe_entry(record).changes

    export_who = render_who

    def export_what(self, record: LogEntry) -> str:
        entry = describe_entry(record)
        return f"{entry.action} {entry.model_name} {entry.object_name}"

    def export_changes(self, record: LogEntry) -> str:
        return "; ".join(change_text(*change) for change in describe_entry(record).changes)


def change_text(label: str, before: Any, after: Any) -> str:
    value = "–" if after is None else after
    return f"{label}: {value}" if before is None else f"{label}: {before} → {value}"
