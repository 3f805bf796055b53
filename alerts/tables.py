"""Lists of the alert pages: rules, maintenance windows, messages."""

from datetime import datetime
from typing import Any

from alerts.default_limits.basis_text import basis_text
from alerts.message_text import format_number, with_unit
from alerts.models import AlertRule, Delivery, MaintenanceWindow, Severity
from core.tables import ActionsColumn, ExportColumn, ListColumn, ListTable, MomentColumn

MOMENT = "alerts/cells/moment.html"


class RuleTable(ListTable):
    """Rules of one machine, or of every machine; with all of them, the export."""

    title = "alert rules"
    is_part = True
    row_attributes = "alerts/cells/rule_attributes.html"

    machine = ExportColumn("Machine", accessor="device")
    rule = ListColumn("Rule", accessor="title", is_heading=True, cell="alerts/cells/rule.html")
    condition = ExportColumn("Condition", accessor="default_title")
    kind = ExportColumn("Kind")
    metric = ExportColumn("Metric")
    level = ExportColumn("Limit")
    clear_level = ExportColumn("Over at")
    severity = ListColumn("Severity", order_by="severity_rank", cell="alerts/cells/rule_severity.html")
    hold = ListColumn("Hold", accessor="hold_seconds", unit="s", cell="alerts/cells/rule_hold.html")
    state = ListColumn("State", accessor="is_enabled", cell="alerts/cells/rule_state.html")
    basis = ExportColumn("Comes from", accessor="basis_text")
    actions = ActionsColumn("Change", css="", cell="alerts/cells/rule_actions.html")

    def __init__(self, data: Any, *, may_manage: bool, **options: Any) -> None:
        for rule in data:
            rule.severity_rank = Severity.values.index(rule.severity)
            rule.basis_text = basis_text(rule)
            if rule.clear_level is not None:
                rule.clear_text = with_unit(rule.metric, format_number(rule.clear_level))
        super().__init__(data, exclude=() if may_manage else ("actions",), **options)

    def export_machine(self, record: AlertRule) -> str:
        return record.device.label if record.device else "Every machine"

    def export_state(self, record: AlertRule) -> str:
        if record.learning_until and record.is_enabled:
            return "Learning"
        return "On" if record.is_enabled else "Off"


class MaintenanceTable(ListTable):
    """Maintenance windows now and to come; `now` tells which have begun."""

    title = "maintenance"

    machine = ListColumn(
        "Machine", accessor="device", order_by=("device__machine_name", "device__device_id"), is_heading=True,
        cell="alerts/cells/window_machine.html",
    )  # fmt: skip
    starts_at = MomentColumn("From", cell=MOMENT)
    ends_at = MomentColumn("Until", cell=MOMENT)
    reason = ListColumn("Why")
    made_by = ListColumn("Announced by", order_by=("made_by__full_name", "made_by__email"))
    actions = ActionsColumn("End", css="", cell="alerts/cells/window_actions.html")

    def __init__(self, *args: Any, now: datetime, **options: Any) -> None:
        self.now = now
        super().__init__(*args, **options)

    def render_made_by(self, record: MaintenanceWindow) -> str:
        return str(record.made_by or "a former member")

    export_made_by = render_made_by

    def export_machine(self, record: MaintenanceWindow) -> str:
        return record.device.label if record.device else "Every machine"


class PastMaintenanceTable(MaintenanceTable):
    """Those that are over: the newest on the page, all of them in the export."""

    title = "past maintenance"
    per_page = 50

    made_by = ExportColumn("Announced by")
    actions = None

    class Meta:
        prefix = "past-"


class DeliveryTable(ListTable):
    """Messages to one person: the newest on the page, all of them in the export."""

    title = "messages"
    per_page = 20

    alert = ListColumn("Alert", order_by="alert__title", is_heading=True, cell="alerts/cells/delivery_alert.html")
    factory = ExportColumn("Factory", accessor="alert__factory")
    by = ListColumn("By", accessor="channel_name", order_by="channel__kind", css="nowrap")
    state = ListColumn(
        "State", accessor="pk", order_by=("sent_at", "given_up_at"), cell="alerts/cells/delivery_state.html"
    )
    created_at = ExportColumn("Created", is_moment=True)
    sent_at = ExportColumn("Sent", is_moment=True)
    error = ExportColumn("Error")

    def export_alert(self, record: Delivery) -> str:
        return record.alert.title

    def export_state(self, record: Delivery) -> str:
        if record.sent_at:
            return "sent"
        if record.given_up_at:
            return "given up"
        return "waits" if record.next_attempt_at else "on its way"
