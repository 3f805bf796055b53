"""The Celery application: background work and its schedule (what it calls is in `carbonseed/tasks.py`)."""

import os
import warnings

from celery import Celery
from celery.exceptions import SecurityWarning
from celery.signals import beat_init, worker_init
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carbonseed.settings")
TRANSPORT_ALIASES["filesystem"] = "carbonseed.runtime.broker:Transport"
if os.environ.get("CARBONSEED_MODE") == "demo":  # a container's only user is often root, and messages are JSON
    warnings.simplefilter("ignore", SecurityWarning)
app = Celery("carbonseed")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def refuse_unsafe_settings(**kwargs) -> None:
    from carbonseed.checks import refuse_unsafe_settings

    refuse_unsafe_settings()
