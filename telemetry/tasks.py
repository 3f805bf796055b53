"""Shells around day files: an id in, one call. Each is safe to run twice."""

from celery import shared_task
from django.utils import timezone

from telemetry import day_file_life


@shared_task
def work_on_day_file(pk):
    day_file_life.work(pk, timezone.now())


@shared_task
def sweep_day_files():
    day_file_life.sweep(timezone.now())
