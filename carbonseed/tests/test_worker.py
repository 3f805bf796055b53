"""From a stored reading to a mail, with a real worker, its schedule and a real broker between them."""

import os
import subprocess
import sys

import pytest

from carbonseed.runtime.postgres import Server
from carbonseed.tests.processes import ROOT, manage, wait_until

STORE_950 = """
from django.utils import timezone
from devices.tests.cast import make_device
from factories.models import Factory, Membership, User
from telemetry.ingest.validation import validate
from telemetry.models import Clock
from telemetry.storage.writer import ReadingRow, store
from telemetry.metrics import METRIC_NAMES
factory = Factory.objects.create(name="Steel Forge")
owner = User.objects.create_user("asha@steelforge.in", "a-long-enough-password-42")
Membership.objects.create(user=owner, factory=factory, role="factory_owner")
device = make_device(factory, "D1", device_name="Furnace", now=timezone.now())
values = tuple(950.0 if name == "temperature" else None for name in METRIC_NAMES)
now = timezone.now()
store([ReadingRow(device.pk, factory.pk, now, now, Clock.SERVER, 0, values, None, {})], now=now)
"""
OPEN = "from alerts.models import Alert; print(Alert.objects.open().filter(alert_type='temperature').count())"


@pytest.fixture
def environment(tmp_path, migrate_server):
    server = Server(tmp_path / "var")
    with server.lease():
        migrate_server(server)
        yield {
            **os.environ,
            "DATABASE_URL": server.url(),
            "CELERY_BROKER_URL": f"filesystem://{tmp_path / 'broker'}",
            "EMAIL_URL": f"filemail:///{tmp_path / 'mail'}",  # the third slash ends the host, the path has its own
            "DIGEST_SECONDS": "1",
            "CARBONSEED_MODE": "development",
        }


@pytest.fixture
def worker(environment, tmp_path):
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "carbonseed", "worker", "--beat", "--pool=threads"]
    command += [
        "--concurrency=2",
        "--queues=celery,messages,reports",
        f"--schedule={tmp_path / 'schedule'}",
        "--loglevel=error",
    ]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    yield process
    process.terminate()
    process.wait(30)


@pytest.mark.slow
def test_a_worker_judges_what_was_stored_and_writes_to_the_owner(worker, environment, tmp_path):
    manage(environment, "shell", "-v0", "-c", STORE_950)
    wait_until(lambda: "900" in "".join(mail.read_text() for mail in (tmp_path / "mail").glob("*.log")), 120)
    assert manage(environment, "shell", "-v0", "-c", OPEN).strip().endswith("1")
