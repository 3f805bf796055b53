"""Lists of the telemetry pages: day files, quarantine."""

from datetime import timedelta

from core.tables import ActionsColumn, ExportColumn, ListColumn, ListTable, MomentColumn
from telemetry.models import DayFile, QuarantineItem
from telemetry.quarantine.selection import payload_text
from telemetry.quarantine.shift import describe_shift

COUNT = "telemetry/cells/import_count.html"  # shown once the file is imported


class DayFileTable(ListTable):
    """Day files of one machine."""

    title = "imports"
    per_page = 50
    empty = {
        "icon": "file-text",
        "title": "No file yet",
        "text": "Choose a card's day file above; nothing is stored before you have seen what would become of it.",
    }

    file = ListColumn("File", accessor="name", is_heading=True, cell="telemetry/cells/import_file.html")
    sha256 = ExportColumn("SHA-256")
    brought = MomentColumn("Brought", accessor="uploaded_at", cell="telemetry/cells/import_brought.html")
    by = ExportColumn("By", accessor="uploaded_by")
    state = ListColumn("State", cell="telemetry/cells/import_state.html")
    lines = ListColumn("Lines", css="num", cell="telemetry/cells/import_lines.html")
    accepted = ListColumn("Stored", css="num", cell=COUNT)
    duplicates = ListColumn("There already", css="num", cell=COUNT)
    quarantined = ListColumn("Held", css="num", cell=COUNT)
    refused = ListColumn("Refused", css="num", cell=COUNT)

    def export_by(self, record: DayFile) -> str:
        return str(record.uploaded_by or "the command line")

    def export_accepted(self, record: DayFile) -> int | None:
        return count_of(record, "accepted")

    def export_duplicates(self, record: DayFile) -> int | None:
        return count_of(record, "duplicates")

    def export_quarantined(self, record: DayFile) -> int | None:
        return count_of(record, "quarantined")

    def export_refused(self, record: DayFile) -> int | None:
        return count_of(record, "refused")


def count_of(day_file: DayFile, name: str) -> int | None:
    """None until the file is imported: before that the counts are of the check."""
    return getattr(day_file, name) if day_file.state == DayFile.State.DONE else None


class QuarantineTable(ListTable):
    """Quarantine items with the start of their payload; held ones can be ticked for the form `decide`."""

    title = "quarantine"
    per_page = 100
    empty = {
        "icon": "circle-check",
        "title": "Nothing is held",
        "text": "Readings that could not be stored show here until a person decides on them.",
    }

    tick = ActionsColumn("Choose", css="", cell="telemetry/cells/quarantine_tick.html")
    received = MomentColumn("Came", accessor="received_at", cell="telemetry/cells/quarantine_received.html")
    machine = ListColumn(
        "Machine", accessor="device__device_name", is_heading=True, cell="telemetry/cells/quarantine_machine.html"
    )
    reason = ListColumn("Why", cell="telemetry/cells/quarantine_reason.html")
    detail = ExportColumn("Detail")
    times = ListColumn("Times", css="num")
    payload = ListColumn("What it sent", accessor="pk", orderable=False, cell="telemetry/cells/quarantine_payload.html")
    state = ListColumn("Decision", accessor="state", cell="telemetry/cells/quarantine_state.html")
    decided_by = ExportColumn("Decided by")
    decided = ExportColumn("Decided", accessor="decided_at", is_moment=True)
    shift_seconds = ExportColumn("Moved by", unit="s")

    def render_payload(self, record: QuarantineItem) -> str:
        return payload_text(record)

    def render_state(self, record: QuarantineItem) -> str:
        """By how much its time was moved, if it was."""
        moved_s = record.shift_seconds
        return "" if moved_s is None else describe_shift(timedelta(seconds=moved_s))

    def export_machine(self, record: QuarantineItem) -> str:
        return record.device.label if record.device else ""

    def export_payload(self, record: QuarantineItem) -> str:
        return payload_text(record)
