"""Celery tasks of day files and detectors: an id in, one call. Each is idempotent."""

import logging

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from devices.models import Device
from telemetry.imports import workflow

log = logging.getLogger(__name__)


@shared_task
def work_on_day_file(pk) -> None:
    workflow.claim_and_run(pk, timezone.now())


@shared_task
def sweep_day_files() -> None:
    workflow.sweep(timezone.now())


@shared_task
def look_for_findings() -> None:
    """Queue every active machine for the detectors, one task each."""
    for pk in Device.objects.current().filter(is_active=True).values_list("pk", flat=True):
        look_at_machine.delay(pk)
        if settings.HOSTED_DETECTOR_URL:
            ask_about_machine.delay(pk)


@shared_task
def look_at_machine(pk) -> None:
    from telemetry.analytics.detectors.nearest import NearestNeighbourDetector
    from telemetry.analytics.detectors.robust import RobustBaselineDetector
    from telemetry.analytics.recommendations import examine

    if device := Device.objects.filter(pk=pk).first():
        examine(device, [RobustBaselineDetector(), NearestNeighbourDetector()], timezone.now())


@shared_task
def ask_about_machine(pk) -> None:
    """Query the hosted model in a task of its own, so that its delays and failures affect nothing else."""
    from pybreaker import CircuitBreakerError

    from telemetry.analytics.detectors.hosted import HostedDetector, HostedModelError
    from telemetry.analytics.recommendations import examine

    if not settings.HOSTED_DETECTOR_URL or not (device := Device.objects.filter(pk=pk).first()):
        return
    try:
        examine(device, [HostedDetector()], timezone.now())
    except (HostedModelError, CircuitBreakerError) as error:
        log.warning("The hosted model gave no answer about %s: %s", device, error)
