"""Celery tasks of alerts: one call each, idempotent."""

from celery import shared_task
from django.utils import timezone

from alerts.notifications import dispatcher


@shared_task
def send_delivery(pk) -> None:
    dispatcher.send(pk, now=timezone.now())


@shared_task
def sweep_deliveries() -> None:
    dispatcher.sweep(timezone.now())
