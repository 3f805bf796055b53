"""The periodic work: each task one call, safe to run twice, safe to lose (the next round finds its rows).

A task that must not run beside itself takes an advisory lock; the second one goes home instead of waiting.
"""

from contextlib import contextmanager
from datetime import timedelta

from celery import shared_task
from django.db import connection
from django.utils import timezone

from telemetry.partitions import ensure_span

DIGESTING, WATCHING, MIGRATING = 7_261_101, 7_261_102, 7_261_103  # advisory locks


@contextmanager
def alone(lock):
    """True inside for the one process that holds `lock` now, False for every other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [lock])
        is_ours = cursor.fetchone()[0]
    try:
        yield is_ours
    finally:
        if is_ours:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [lock])


@contextmanager
def alone_in_turn(lock):
    """Waits until no other process is inside."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [lock])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [lock])


@shared_task
def digest():
    """Sum what has arrived, then judge what was summed."""
    from alerts.watch import judge_digested
    from telemetry.rollups import digest

    with alone(DIGESTING) as is_ours:
        if is_ours:
            digest(timezone.now())
            judge_digested(timezone.now())


@shared_task
def find_silent():
    from alerts.silence import find_silent

    with alone(WATCHING) as is_ours:
        if is_ours:
            find_silent(timezone.now())


@shared_task
def make_partitions_ahead():
    """Partitions of the next three months: a reading never waits for one to be made."""
    now = timezone.now()
    ensure_span(now - timedelta(days=31), now + timedelta(days=92))
