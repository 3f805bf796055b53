"""The lifecycle of a report: request, freeze, print, finalise, replace. Figures are computed and frozen once."""

import hashlib
import json
import logging
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q

from calculations import periods
from calculations.validation import BLOCKS
from registers import locks
from registers.month_ranges import months_of
from reports import documents
from reports.gathering import gather
from reports.issuing import enqueue, open_points, signatories, staleness
from reports.models import Document, Report
from reports.models.reports import FROZEN
from reports.printing import pdf

log = logging.getLogger(__name__)
STUCK_AFTER = timedelta(minutes=15)  # a report running longer was left by a killed worker
RECHECK_AFTER = timedelta(minutes=5)
FROZEN_PROGRESS = 60


class IssueError(ValueError):
    """The action is not possible in the report's state; the message says why."""


def request_report(factory, report_type, start, end, *, by, now) -> tuple:
    """Get or create the current report of this period → (report, whether it is new). Raises PeriodError."""
    periods.check(report_type, start, end, periods.today(now, factory.zone))
    key = {"factory": factory, "report_type": report_type, "period_start": start, "period_end": end}
    report = Report.objects.current().filter(**key).first()
    if report is None:
        try:
            with transaction.atomic():
                report = Report.objects.create(**key, generated_by=by)
        except IntegrityError:  # a concurrent request created it
            return Report.objects.current().get(**key), False
        enqueue.enqueue_print(report)
        return report, True
    if report.status == Report.Status.FAILED:
        retry(report)
    return report, False


def retry(report) -> None:
    """Queue a failed report again; of concurrent requests one wins."""
    failed = Report.objects.filter(pk=report.pk, status=Report.Status.FAILED)
    if failed.update(status=Report.Status.QUEUED, error="", progress=0):
        enqueue.enqueue_print(report)
    report.refresh_from_db()


def run(report, now) -> None:
    """Freeze if not frozen yet, print, store document and digest. Idempotent; resumes after a killed worker."""
    if not claim(report, now):
        return
    try:
        freeze(report, now)
        print_document(report, now)
    except (pdf.PdfError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        log.exception("Report %s could not be made", report.pk)
        fail(report, error)


def claim(report, now) -> bool:
    """True for the one worker that may process this report."""
    waiting = Q(status=Report.Status.QUEUED) | Q(status=Report.Status.RUNNING, started_at__lt=now - STUCK_AFTER)
    claimed = Report.objects.filter(waiting, pk=report.pk).update(
        status=Report.Status.RUNNING, started_at=now, progress=5, error=""
    )
    report.refresh_from_db()
    return claimed == 1


def fail(report, error) -> None:
    sentence = f"The report could not be made: {str(error) or type(error).__name__}"[:500]
    Report.objects.filter(pk=report.pk).update(status=Report.Status.FAILED, error=sentence)
    report.refresh_from_db()


def set_progress(report, percent) -> None:
    Report.objects.filter(pk=report.pk).update(progress=percent)


def freeze(report, now) -> None:
    """Gather inputs and compute figures into the row, once."""
    if report.figures is not None:
        return
    period = periods.check(
        report.report_type, report.period_start, report.period_end, periods.today(now, report.factory.zone)
    )
    inputs = gather.gather(
        report.report_type, report.factory, period, now, progress=lambda part: set_progress(report, 5 + int(50 * part))
    )
    figures = documents.figures_of(report.report_type, inputs)
    Report.objects.filter(pk=report.pk, figures__isnull=True).update(
        inputs=inputs,
        figures=figures,
        figures_sha256=figures_digest({"inputs": inputs, "figures": figures}),
        generated_at=now,
        progress=FROZEN_PROGRESS,
    )
    report.refresh_from_db()
    open_points.drop_filled_in(report)


def figures_digest(frozen):
    """SHA-256 of the figures as JSON with sorted keys: reproducible from `/reports/{id}/data`."""
    text = json.dumps(frozen, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def print_document(report, now) -> None:
    document = pdf.print_report(report)
    digest = hashlib.sha256(document.content).hexdigest()
    with transaction.atomic():
        Document.objects.update_or_create(
            report=report,
            is_final=report.is_final,
            defaults={"pdf": document.content, "pages": document.pages, "sha256": digest, "printed_at": now},
        )
        Report.objects.filter(pk=report.pk).update(sha256=digest, status=Report.Status.READY, progress=100)
    report.refresh_from_db()


def newest_document(report):
    """The final document where there is one, else the draft, else None."""
    return report.documents.order_by("-is_final").first()


def replacement_chain(report) -> list:
    """The report with its predecessors and successors, newest first."""
    rows = Report.objects.defer(*FROZEN).filter(
        factory=report.factory_id,
        report_type=report.report_type,
        period_start=report.period_start,
        period_end=report.period_end,
    )
    return list(rows.order_by("-pk"))


@transaction.atomic
def finalise(report, *, by, now, signatory=signatories.ACCOUNT):
    """Make a draft final in the name of its signatory, printed again without DRAFT. Raises IssueError.

    It must be complete or its open points waived, and rest on the inputs as they are now. Its months are locked.
    """
    report = Report.objects.select_for_update().get(pk=report.pk)
    if report.is_final:
        return report
    require_ready(report)
    require_gathered_rows(report)
    lock_months(report, by=by, now=now)  # first: what is compared below cannot change any more
    require_current_inputs(report, now)
    require_unblocked(report)
    if refusal := open_points.refusal(open_points.unwaived(report), report.number):
        raise IssueError(refusal)
    signs = signatories.signatory(report.factory, signatory, by)
    if signs is None:
        raise IssueError("The unit's particulars name no signatory: enter one, or sign with your own account.")
    report.is_final, report.finalised_at, report.finalised_by = True, now, by
    report.final_name, report.final_designation, report.final_place = signs.name, signs.designation, signs.place
    report.status, report.progress = Report.Status.QUEUED, FROZEN_PROGRESS
    report.save()
    enqueue.enqueue_print(report)
    return report


def require_gathered_rows(report) -> None:
    """A draft of a release that froze neither rows nor gaps cannot be held against them."""
    if report.report_type in gather.REGISTER_GATHERERS and "gaps" not in (report.inputs or {}):
        raise IssueError(f"{report.number} was made by an earlier release. Replace it before making it final.")


def require_current_inputs(report, now) -> None:
    mark_outdated(report, now)
    if report.outdated_at:
        changed = report.outdated_because or "Inputs"
        raise IssueError(
            f"{changed[:1].upper()}{changed[1:]} changed after the report was made. Replace it before making it final."
        )


def lock_months(report, *, by, now) -> None:
    """A final report locks the months whose entries it rests on."""
    if report.report_type in gather.REGISTER_GATHERERS:
        for month in months_of(gather.period_of(report.inputs)):
            locks.lock_month(report.factory, month, by=by, now=now)


@transaction.atomic
def replace(report, *, by, reason, now):
    """Replace by a new report of the same period; the old one is kept → the new report. Raises IssueError."""
    report = Report.objects.select_for_update().get(pk=report.pk)
    require_ready(report)
    report.replaced_at = now
    report.save(update_fields=["replaced_at"])
    correction = Report.objects.create(
        factory=report.factory,
        report_type=report.report_type,
        period_start=report.period_start,
        period_end=report.period_end,
        replaces=report,
        replacement_reason=reason,
        generated_by=by,
    )
    carry_waivers_over(report, correction)
    enqueue.enqueue_print(correction)
    return correction


def carry_waivers_over(report, correction) -> None:
    """What was waived stays so with its author and day, unless it is filled in once the correction is gathered."""
    for waiver in report.waivers.all():
        waiver.pk, waiver.report, waiver._state.adding = None, correction, True
        waiver.save(force_insert=True)


def require_ready(report) -> None:
    if report.replaced_at:
        raise IssueError(f"{report.number} has been replaced already.")
    if report.status != Report.Status.READY:
        raise IssueError(f"{report.number} is not ready yet.")


def blocking_findings(figures) -> list:
    """Findings that prevent finalising a report."""
    return [finding for finding in (figures or {}).get("findings", ()) if finding["severity"] == BLOCKS]


def require_unblocked(report) -> None:
    findings = blocking_findings(report.figures)
    if findings:
        summary = "; ".join(f"{finding['rule']}: {finding['sentence']}" for finding in findings[:3])
        more = f" … and {len(findings) - 3} more." if len(findings) > 3 else ""
        raise IssueError(f"{report.number} stays a draft until this is mended and the report replaced. {summary}{more}")


def mark_outdated(report, now):
    """Mark the report if any of its inputs changed since freezing → whether they did."""
    if report.outdated_at or not report.inputs:
        return False
    because = ", ".join(staleness.changes_since(report, now))[:300]
    report.checked_at, report.outdated_at, report.outdated_because = now, now if because else None, because
    Report.objects.filter(pk=report.pk, outdated_at=None).update(
        checked_at=now, outdated_at=report.outdated_at, outdated_because=because
    )
    return bool(because)


def recheck_if_due(report, now) -> None:
    """Check for changed inputs when a report is viewed, at most every RECHECK_AFTER."""
    is_fresh = report.checked_at is not None and now - report.checked_at < RECHECK_AFTER
    if report.status == Report.Status.READY and not report.replaced_at and not is_fresh:
        mark_outdated(report, now)


def last_complete_report(factory, report_type, *, by, now):
    """Get or create the report of the last complete period, with frozen figures."""
    period = periods.last_complete(report_type, periods.today(now, factory.zone))
    return report_with_figures(factory, report_type, period.start, period.end, by=by, now=now)


def report_with_figures(factory, report_type, start, end, *, by, now):
    """As `request_report`, with the figures frozen synchronously; the worker prints later."""
    report, _ = request_report(factory, report_type, start, end, by=by, now=now)
    freeze(report, now)
    recheck_if_due(report, now)
    return report
