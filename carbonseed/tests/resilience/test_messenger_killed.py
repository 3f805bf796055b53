"""`kill -9` of the messenger while a mail server keeps it waiting: the message is sent once, by the next one."""

import asyncio
import os
import shlex
import signal
import subprocess
import threading
from contextlib import contextmanager

import pytest
from aiosmtpd.controller import Controller

from carbonseed.runtime import process_manager
from carbonseed.tests.processes import ROOT, free_port, wait_until
from carbonseed.tests.resilience.service import Service

pytestmark = pytest.mark.slow
AN_ALERT = """
from django.utils import timezone
from alerts.models import AlertRule
from alerts.evaluation.evaluator import evaluate_new_readings
from devices.models import Device
from factories.models import Factory
from factories.membership_changes import enrol
from factories.roles import Role
from telemetry.rollups.digest import digest
from telemetry.tests.stored_readings import store_readings
factory = Factory.objects.get(name="Killed messenger")
enrol(email="owner@killed.example", password="long-enough-42-long", full_name="Owner", role=Role.OWNER, factory=factory)
now = timezone.now()
device = Device.objects.get(factory=factory)
AlertRule.objects.create(factory=factory, device=device, metric="humidity", kind="above", level=60, severity="critical")
store_readings(device, now, [61], metric="humidity")
while digest(now):
    pass
evaluate_new_readings(now)
"""
OWNER = "owner@killed.example"
OURS = "FROM alerts_delivery d JOIN factories_user u ON u.id = d.recipient_id WHERE u.email = %s"
DUE = f"""
from django.utils import timezone
from alerts.models import Delivery
print(Delivery.objects.due(timezone.now()).filter(recipient__email={OWNER!r}).count())
"""
SWEEP = "from django.utils import timezone; from alerts.notifications.dispatcher import sweep; sweep(timezone.now())"
SIX_MINUTES_LATER = (
    f"UPDATE alerts_delivery SET claimed_at = claimed_at - interval '6 minutes' WHERE id IN (SELECT d.id {OURS})"
)


class Mailbox:
    """A mail server that keeps the owner's first letter waiting, once it knows for whom it is. Others' go through."""

    def __init__(self):
        self.letters, self.is_waiting = [], threading.Event()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address == OWNER and not self.is_waiting.is_set():
            self.is_waiting.set()
            await asyncio.sleep(3600)
        envelope.rcpt_tos.append(address)
        return "250 known"

    async def handle_DATA(self, server, session, envelope):
        self.letters.append(envelope.rcpt_tos)
        return "250 stored"


def test_the_messenger_is_killed_between_claim_and_send(server, tmp_path):
    box = Mailbox()
    mail = Controller(box, hostname="127.0.0.1", port=free_port())
    mail.start()
    try:
        urls = {
            "EMAIL_URL": f"smtp://127.0.0.1:{mail.port}",
            "CELERY_BROKER_URL": f"filesystem://{tmp_path / 'broker'}",
        }
        service = Service(server, **urls)
        service.register("F1", factory="Killed messenger")
        with messenger(service) as first:
            service.run(AN_ALERT)
            assert box.is_waiting.wait(60), "nothing reached the mail server"
            os.kill(first.pid, signal.SIGKILL)
            first.wait(10)
        assert deliveries(service) == [(True, False, 1)]
        with messenger(service):
            assert service.run(DUE).split() == ["0"], "a claim is another's to break while it holds"
            service.query(SIX_MINUTES_LATER, OWNER)
            assert service.run(DUE).split() == ["1"]
            service.run(SWEEP)
            wait_until(lambda: deliveries(service) == [(True, True, 2)], 60)
            service.query(SIX_MINUTES_LATER, OWNER)
            assert service.run(DUE).split() == ["0"]
    finally:
        mail.stop()
    assert box.letters.count([OWNER]) == 1


@contextmanager
def messenger(service):
    process = subprocess.Popen(shlex.split(process_manager.messenger()), cwd=ROOT, env=service.environment)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(30)


def deliveries(service):
    """(claimed, sent, attempts) of every message to the owner, whatever others' tests left in this database."""
    return service.query(f"SELECT d.claimed_at IS NOT NULL, d.sent_at IS NOT NULL, d.attempts {OURS}", OWNER)
