"""Enqueues the print task of a report. Tasks lost with the broker or a killed worker are requeued by the sweep."""

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)
PRINT_TASK = "reports.tasks.print_report"


def enqueue_print(report) -> None:
    """Enqueue printing `report` on commit of this transaction."""
    transaction.on_commit(lambda: send_print_task(report.pk))


def send_print_task(report_pk) -> None:
    try:
        current_app.send_task(PRINT_TASK, [report_pk])
    except (OperationalError, OSError) as error:  # the row stays queued, the sweep retries
        log.warning("Report %s waits for the sweep: the broker is away (%s)", report_pk, error)
