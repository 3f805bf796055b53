"""Background work of alerts: shells around one call each, safe to run twice."""

from celery import shared_task
from django.utils import timezone

from alerts import notify


@shared_task
def send_delivery(pk):
    notify.send(pk, now=timezone.now())


@shared_task
def sweep_deliveries():
    notify.sweep(timezone.now())
