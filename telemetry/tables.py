"""Lists of the telemetry pages: day files."""

from core.tables import ExportColumn, ListColumn, ListTable, MomentColumn
from telemetry.models import DayFile

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
