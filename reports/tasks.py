"""Shells around the work: an id in, one call. Each is safe to run twice."""

from celery import shared_task
from django.utils import timezone

from reports.issuing import lifecycle, periodic
from reports.models import Report


@shared_task
def print_report(report_id):
    lifecycle.run(Report.objects.get(pk=report_id), now=timezone.now())


@shared_task
def sweep_reports():
    """Reports a killed worker left behind, and reports whose readings have changed since."""
    periodic.requeue_stuck(timezone.now())
    periodic.find_outdated(timezone.now())


@shared_task
def scheduled_reports():
    """Last week's and last month's report of every factory; those already made stay as they are."""
    periodic.request_periodic_reports(timezone.now())
