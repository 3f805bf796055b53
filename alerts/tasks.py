"""Background work of alerts: shells around one call each, all safe to run twice."""

from celery import shared_task
from django.utils import timezone

from alerts import notify, silence, watch


@shared_task
def judge_digested():
    watch.judge_digested(timezone.now())


@shared_task
def find_silent():
    silence.find_silent(timezone.now())


@shared_task
def send_delivery(pk):
    notify.send(pk, now=timezone.now())


@shared_task
def sweep_deliveries():
    notify.sweep(timezone.now())
