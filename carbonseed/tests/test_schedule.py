"""The schedule: every line names a task there is, and none waits for a queue nobody reads."""

import pytest
from django.apps import apps
from django.conf import settings

from carbonseed import tasks
from carbonseed.celery import app
from carbonseed.runtime import process_manager
from telemetry.models import DirtySpan, QuarterHour, Reading
from telemetry.storage.partitions import ensure_span, existing_months

QUEUES = {"celery", "messages", "reports", "findings"}


@pytest.mark.parametrize("line", settings.CELERY_BEAT_SCHEDULE.values(), ids=settings.CELERY_BEAT_SCHEDULE.keys())
def test_every_line_names_a_task_on_a_queue_somebody_reads(line):
    app.loader.import_default_modules()
    assert line["task"] in app.tasks
    assert app.amqp.router.route({}, line["task"])["queue"].name in QUEUES
    assert line["options"]["expires"] >= 10


def test_worker_messenger_and_printer_read_every_queue():
    commands = " ".join([process_manager.worker(), process_manager.messenger(), process_manager.printer()])
    read = {queue for part in commands.split() if part.startswith("--queues=") for queue in part[9:].split(",")}
    assert read == QUEUES


def test_the_web_server_writes_no_log_of_addresses():
    assert "--no-access-log" in process_manager.web("127.0.0.1", 8000)


def test_the_digest_sums_what_arrived(device, now):
    ensure_span(now, now)
    Reading.objects.create(device_id=device.pk, at=now, temperature=850.5)
    DirtySpan.objects.create(device=device, first_at=now, last_at=now, readings=1)
    tasks.digest()
    assert QuarterHour.objects.get(device_id=device.pk).temperature_max == 850.5


@pytest.mark.parametrize("task", [tasks.find_silent, tasks.make_partitions_ahead, tasks.drop_old_readings])
def test_periodic_work_may_run_twice_over_nothing(db, task):
    task()
    before = rows_and_months()
    task()
    assert rows_and_months() == before


def rows_and_months():
    """How many rows each model has, and the months that have a partition."""
    counts = {model._meta.label: model._default_manager.count() for model in apps.get_models()}
    return counts, existing_months()
