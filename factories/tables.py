"""Lists of the factory pages: audit log, members, invitations."""

from datetime import datetime
from typing import Any

from auditlog.models import LogEntry

from core.audit_log import AuditEntry, describe_entry
from core.tables import ActionsColumn, ExportColumn, ListColumn, ListTable, MomentColumn


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


class MemberTable(ListTable):
    """Members of a factory. `now` tells which memberships have ended."""

    title = "team"

    name = ListColumn(
        "Name",
        accessor="user",
        order_by=("user__full_name", "user__email"),
        is_heading=True,
        cell="factories/cells/member.html",
    )
    email = ExportColumn("E-mail", accessor="user__email")
    role = ListColumn("Role")
    since = MomentColumn("Since", accessor="created_at", cell="cells/day.html")
    until = MomentColumn("Until", accessor="expires_at", cell="factories/cells/member_until.html")
    account = ExportColumn("Account open", accessor="user__is_active")
    actions = ActionsColumn(css="text-end text-nowrap", cell="factories/cells/member_actions.html")

    class Meta:
        empty_text = "Nobody yet. Invite the owner below."

    def __init__(self, *args: Any, now: datetime, **options: Any) -> None:
        self.now = now
        super().__init__(*args, **options)


class InvitationTable(ListTable):
    """Open invitations. The links of those sent before `dead_before` have expired."""

    title = "invitations"

    email = ListColumn("E-mail", is_heading=True)
    role = ListColumn("Role")
    sent = MomentColumn("Sent", accessor="sent_at", cell="factories/cells/invitation_sent.html")
    by = ListColumn("By", accessor="invited_by", order_by=("invited_by__full_name", "invited_by__email"))
    actions = ActionsColumn(css="text-end text-nowrap", cell="factories/cells/invitation_actions.html")

    class Meta:
        prefix = "invitation-"

    def __init__(self, *args: Any, dead_before: datetime, **options: Any) -> None:
        self.dead_before = dead_before
        super().__init__(*args, **options)
