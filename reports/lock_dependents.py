"""The final reports that rest on a locked month: unlocking it names them."""

from calculations.periods import months_later
from registers.locks import names_dependents
from reports.gathering.gather import REGISTER_GATHERERS
from reports.models import Report
from reports.models.reports import FROZEN


@names_dependents
def final_reports(factory, month) -> list[str]:
    """Those of periods that the month belongs to, current ones only."""
    rows = (
        Report.objects.current()
        .for_factory(factory)
        .filter(
            is_final=True,
            report_type__in=REGISTER_GATHERERS,
            period_start__lt=months_later(month, 1),
            period_end__gte=month,
        )
    )
    return [f"{row.number}, {row.get_report_type_display()}" for row in rows.defer(*FROZEN).order_by("pk")]
