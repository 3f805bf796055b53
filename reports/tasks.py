"""Celery tasks of reports; each is idempotent."""

from celery import shared_task
from django.utils import timezone

from reports.issuing import lifecycle, periodic
from reports.models import Report


@shared_task
def print_report(report_id) -> None:
    lifecycle.run(Report.objects.get(pk=report_id), now=timezone.now())


@shared_task
def sweep_reports() -> None:
    """Requeue reports left by a killed worker, and mark reports whose readings have changed."""
    periodic.requeue_stuck(timezone.now())
    periodic.find_outdated(timezone.now())


@shared_task
def scheduled_reports() -> None:
    """Request last week's and last month's report of every factory, unless it exists."""
    periodic.request_periodic_reports(timezone.now())
