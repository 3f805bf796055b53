"""The periodic work: each task one call, safe to run twice, safe to lose (the next round finds its rows)."""

from celery import shared_task
from django.core.management import call_command
from django.utils import timezone


@shared_task
def digest() -> None:
    """Digest new readings and evaluate the alert rules on them, present readings first."""
    from carbonseed.runtime.digest_rounds import Rounds

    Rounds().run()


@shared_task
def find_silent() -> None:
    from alerts.evaluation.hourly_checks import run_hourly_checks
    from alerts.evaluation.silence import check_silent_devices
    from alerts.notifications.escalation import escalate

    check_silent_devices(timezone.now())
    run_hourly_checks(timezone.now())
    escalate(timezone.now())


@shared_task
def make_partitions_ahead() -> None:
    """Partitions of the next three months: a reading never waits for one to be made."""
    from telemetry.storage.partitions import ensure_future_months

    ensure_future_months(timezone.now())


@shared_task
def drop_old_readings() -> None:
    call_command("drop_old_readings")
