"""Drop raw readings older than RETENTION_MONTHS, but none that an issued report rests on."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand
from django.db.models import Min
from django.utils import timezone

from reports.models import Report
from telemetry.storage.partitions import retention_floor
from telemetry.storage.retention import drop_old_readings, droppable_months


class Command(BaseCommand):
    help = (
        "Drop whole months of raw readings older than RETENTION_MONTHS. Quarter hours stay, and so do the readings "
        "below the period of any report. With --dry-run only says which months would go."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="name the months, drop nothing")

    def handle(self, *, dry_run, **options) -> None:
        limits = retention_floor(timezone.now()), earliest_report_start()
        if dry_run:
            months = droppable_months(*limits)
        else:
            months = drop_old_readings(*limits, on_drop=lambda month: self.stdout.write(f"{month:%B %Y} dropped"))
        self.stdout.write(f"{len(months)} month(s) {'would be ' if dry_run else ''}dropped: {month_list(months)}")


def earliest_report_start():
    """The first moment of the oldest period any report speaks of, in its factory's zone; None without reports."""
    starts = Report.objects.values("factory", "factory__time_zone").annotate(first=Min("period_start"))
    moments = [datetime.combine(row["first"], time(), ZoneInfo(row["factory__time_zone"])) for row in starts]
    return min(moments, default=None)


def month_list(months):
    return ", ".join(f"{month:%Y-%m}" for month in months) or "none is old enough"
