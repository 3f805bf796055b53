"""The periodic work: each task one call, safe to run twice, safe to lose (the next round finds its rows)."""

from celery import shared_task
from django.core.management import call_command
from django.utils import timezone


@shared_task
def digest():
    """Sum what has arrived, then judge what was summed."""
    from alerts.evaluation.evaluator import judge_digested
    from telemetry.rollups.digest import digest

    digest(timezone.now())
    judge_digested(timezone.now())


@shared_task
def find_silent():
    from alerts.evaluation.hourly_checks import review
    from alerts.evaluation.silence import find_silent
    from alerts.notifications.escalation import escalate

    find_silent(timezone.now())
    review(timezone.now())
    escalate(timezone.now())


@shared_task
def make_partitions_ahead():
    """Partitions of the next three months: a reading never waits for one to be made."""
    from telemetry.storage.partitions import ensure_ahead

    ensure_ahead(timezone.now())


@shared_task
def drop_old_readings():
    call_command("drop_old_readings")
