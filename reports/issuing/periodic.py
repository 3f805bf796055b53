"""Scheduled work: periodic reports, requeueing stuck reports, detecting outdated ones."""

from datetime import timedelta

from django.db.models import F, Q

from calculations import periods
from factories.models import Factory
from reports.issuing import enqueue, lifecycle
from reports.models import Report

PERIODIC_TYPES = ["weekly", "monthly"]
LATE_READINGS_GRACE = timedelta(hours=6)  # for readings that devices buffered overnight
CHECK_EVERY = timedelta(hours=6)
CHECK_BATCH_SIZE = 20


def request_periodic_reports(now):
    """The last complete week's and month's report of each factory that has a device → the new reports."""
    new_reports = []
    for factory in Factory.objects.current().filter(devices__isnull=False).distinct():
        for report_type in PERIODIC_TYPES:
            period = periods.last_complete(report_type, periods.today(now - LATE_READINGS_GRACE, factory.zone))
            report, is_new = lifecycle.request_report(factory, report_type, period.start, period.end, by=None, now=now)
            new_reports += [report] if is_new else []
    return new_reports


def requeue_stuck(now) -> list:
    """Requeue reports after a lost message or a killed worker → those queued. `lifecycle.claim` settles races."""
    stuck = Report.objects.filter(
        Q(status=Report.Status.QUEUED, requested_at__lt=now - lifecycle.STUCK_AFTER)
        | Q(status=Report.Status.RUNNING, started_at__lt=now - lifecycle.STUCK_AFTER)
    )
    for report in stuck:
        enqueue.enqueue_print(report)
    return list(stuck)


def find_outdated(now) -> list:
    """Mark current reports whose inputs changed → those newly marked; a batch per run, longest unchecked first."""
    due = Q(checked_at=None) | Q(checked_at__lt=now - CHECK_EVERY)
    reports = Report.objects.current().filter(due, status=Report.Status.READY, outdated_at=None)
    reports = reports.select_related("factory").order_by(F("checked_at").asc(nulls_first=True))
    return [report for report in reports[:CHECK_BATCH_SIZE] if lifecycle.mark_outdated(report, now)]
