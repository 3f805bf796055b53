"""The Celery application: background work and its schedule."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carbonseed.settings")
app = Celery("carbonseed")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
