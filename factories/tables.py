"""Lists of the factory pages: audit log, members, invitations."""

from datetime import datetime
from typing import Any

from auditlog.models import LogEntry

from core.audit_log import AuditEntry, describe_entry
from core.tables import ActionsColumn, ExportColumn, ListColumn, ListTable, MomentColumn
from factories.models import Tariff


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


class ShiftTable(ListTable):
    """Shifts of a factory."""

    title = "shifts"

    name = ListColumn("Shift", is_heading=True)
    starts_at = ListColumn("From", cell="factories/cells/clock.html")
    ends_at = ListColumn("To", cell="factories/cells/clock.html")
    days = ListColumn("Days", orderable=False)
    actions = ActionsColumn(css="text-end text-nowrap", cell="factories/cells/shift_actions.html")

    class Meta:
        prefix = "shift-"


class HolidayTable(ListTable):
    """Holidays of a factory."""

    title = "holidays"

    on = ListColumn("Day", is_heading=True, cell="cells/day.html")
    name = ListColumn("Holiday")
    actions = ActionsColumn("Action", cell="factories/cells/holiday_actions.html")

    class Meta:
        prefix = "holiday-"


class TariffTable(ListTable):
    """Tariffs of a factory; the export has every rate."""

    title = "tariffs"

    name = ListColumn("Tariff", is_heading=True)
    valid_from = ListColumn("Holds from", cell="cells/day.html")
    energy_rs_per_kwh = ListColumn("₹/kWh", css="num", cell="factories/cells/rate.html")
    times_of_day = ListColumn("Times of day", accessor="pk", orderable=False, cell="factories/cells/tariff_bands.html")
    demand_rs_per_kva = ExportColumn("Demand charge, ₹/kVA a month")
    contract_demand_kva = ExportColumn("Contract demand, kVA")
    least_billed_percent = ExportColumn("Least billed share of it, %")
    power_factor = ExportColumn("Power factor of the last bill")
    factor_target = ExportColumn("Power factor without penalty")
    factor_percent = ExportColumn("Penalty for each 0.01 below, % of the energy charge")
    bonus_percent = ExportColumn("Incentive for each 0.01 above, % of the energy charge")
    actions = ActionsColumn(css="", cell="factories/cells/tariff_actions.html")

    def export_times_of_day(self, record: Tariff) -> str:
        return ", ".join(f"{band} ({band.change_rs_per_kwh:+f})" for band in record.bands.all())
