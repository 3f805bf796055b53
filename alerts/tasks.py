"""Celery tasks of alerts: one call each, idempotent."""

from celery import shared_task
from django.utils import timezone

from alerts.default_limits import learning
from alerts.notifications import dispatcher


@shared_task
def send_delivery(pk) -> None:
    dispatcher.send(pk, now=timezone.now())


@shared_task
def sweep_deliveries() -> None:
    dispatcher.sweep(timezone.now())


@shared_task
def learn_default_limits() -> None:
    now = timezone.now()
    learning.renew_where_a_profile_began(now)
    learning.finish_learning(now)
