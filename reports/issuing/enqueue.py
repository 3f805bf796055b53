"""Hands a report to the worker. Work that is lost with a broker or a killed worker is found again by the sweep."""

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)
PRINT_TASK = "reports.tasks.print_report"


def enqueue_print(report):
    """Ask the worker to print `report` once this transaction is committed."""
    transaction.on_commit(lambda: send_print_task(report.pk))


def send_print_task(report_pk):
    try:
        current_app.send_task(PRINT_TASK, [report_pk])
    except (OperationalError, OSError) as error:  # the row stays queued, the sweep asks again
        log.warning("Report %s waits for the sweep: the broker is away (%s)", report_pk, error)
