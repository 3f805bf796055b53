"""What goes round by the clock: standing reports, reports left behind by a killed worker, outdated ones."""

from django.db.models import Q

from factories.models import Factory
from reports import issue, periods, queue
from reports.models import Report

STANDING = ["weekly", "monthly"]


def make_standing_reports(now):
    """The last complete week's and month's report of each factory that has a device → reports newly made."""
    made = []
    for factory in Factory.objects.current().filter(devices__isnull=False).distinct():
        for report_type in STANDING:
            period = periods.last_complete(report_type, periods.today(now, factory.zone))
            report, is_new = issue.request_report(factory, report_type, period.start, period.end, by=None, now=now)
            made += [report] if is_new else []
    return made


def resume_stuck(now):
    """Queue again what a lost message or a killed worker left → reports queued. `issue.run` settles races."""
    stuck = Report.objects.filter(
        Q(status=Report.Status.QUEUED, requested_at__lt=now - issue.STUCK_AFTER)
        | Q(status=Report.Status.RUNNING, started_at__lt=now - issue.STUCK_AFTER)
    )
    for report in stuck:
        queue.print_soon(report)
    return list(stuck)


def find_outdated(now):
    """Current reports whose readings changed after they were made → those newly marked."""
    fresh = Report.objects.current().filter(status=Report.Status.READY, outdated_at=None).select_related("factory")
    return [report for report in fresh.iterator(chunk_size=50) if issue.mark_outdated(report, now)]
