"""The list of reports."""

from decimal import Decimal
from typing import Any

from django.db.models import FloatField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from core.tables import ExportColumn, ListColumn, ListTable, MomentColumn
from reports.models import Report

PER_PAGE = 25


class ReportTable(ListTable):
    """Reports of a factory; the row of one that is being made refreshes itself."""

    title = "reports"
    per_page = PER_PAGE
    row_attributes = "reports/cells/row_attributes.html"

    report = ListColumn("Report", accessor="report_type", is_heading=True, cell="reports/cells/report.html")
    number = ExportColumn("Number")
    period = ListColumn("Period", accessor="period_start", cell="reports/cells/period.html")
    period_end = ExportColumn("Last day")
    status = ListColumn("Status", order_by=("status", "is_final"), cell="reports/cells/status.html")
    electricity = ListColumn(
        "Electricity", accessor="summary_figures", order_by="energy_kwh", css="num", unit="kWh",
        cell="reports/cells/electricity.html",
    )  # fmt: skip
    made = MomentColumn("Made", accessor="generated_at")
    document = ListColumn("Document", accessor="pk", is_exported=False, cell="reports/cells/document.html")
    sha256 = ExportColumn("SHA-256 of the document")

    def __init__(self, data: Any, **options: Any) -> None:
        energy_kwh = Cast(KT("figures__summary__energy_kwh__value"), FloatField())  # for sorting
        super().__init__(data.annotate(energy_kwh=energy_kwh), **options)

    def export_status(self, record: Report) -> str:
        return status_word(record)

    def export_electricity(self, record: Report) -> Decimal | None:
        value = ((record.summary_figures or {}).get("energy_kwh") or {}).get("value")
        return None if value is None else Decimal(str(value))


def status_word(report: Report) -> str:
    """The status as the list shows it."""
    if report.is_being_made or report.status == Report.Status.FAILED:
        return report.get_status_display()
    if report.replaced_at:
        return "Replaced"
    if report.outdated_at:
        return "Outdated"
    return "Final" if report.is_final else "Draft"
