"""PostgreSQL stops for ten seconds under load: 503 meanwhile, no 500, nothing acknowledged lost, recovery by itself."""

import os
import subprocess
import sys
import threading
import time
from collections import Counter

import psycopg2
import pytest
import requests

from carbonseed.runtime.postgres import Server
from carbonseed.tests.processes import ROOT, free_port, is_up, manage, wait_until

AWAY_S = 10
SENDERS = 4
FIRST_EPOCH_S = 1_760_000_000  # each reading has a second of its own

REGISTER = """
from django.utils import timezone
from devices.provisioning import register_device
from factories.models import Factory, User
factory = Factory.objects.create(name="Steel Forge")
User.objects.create_superuser("root@carbonseed.io", "a-long-enough-password-42")
for number in range(%d):
    print(register_device(factory, device_id=f"D{number}", device_name="Furnace", now=timezone.now())[1])
"""


@pytest.fixture
def service(tmp_path, migrate_server):
    """A server of its own with granian in front of it → (Server, url, keys)."""
    server = Server(tmp_path / "var")
    port = free_port()
    with server.lease():
        environment = {**os.environ, "DATABASE_URL": server.url(), "INGEST_DEVICE_RATE": "10000", "LOG_LEVEL": "ERROR"}
        migrate_server(server)
        keys = manage(environment, "shell", "-v0", "-c", REGISTER % SENDERS).split()[-SENDERS:]
        granian = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--no-access-log"]
        granian += ["--workers", "1", "--blocking-threads", "4", "carbonseed.wsgi:application"]
        web = subprocess.Popen(granian, cwd=ROOT, env=environment)
        url = f"http://127.0.0.1:{port}"
        try:
            wait_until(lambda: is_up(f"{url}/ready"), 90)
            yield server, url, keys
        finally:
            web.terminate()
            web.wait(30)


class BackgroundLoad:
    """Devices that post one reading after the other and remember which were acknowledged; a person who looks on."""

    def __init__(self, url, keys):
        self.url, self.statuses, self.acknowledged, self.stopping = url, Counter(), set(), threading.Event()
        self.retry_after = set()
        self.threads = [threading.Thread(target=self.send, args=sender) for sender in enumerate(keys)]
        self.threads.append(threading.Thread(target=self.browse))

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)

    def send(self, number, key):
        session, at = requests.Session(), FIRST_EPOCH_S
        while not self.stopping.is_set():
            at += 1
            reading = {"timestamp": at, "temperature": 850.5, "power_consumption": 32.5}
            answer = self.request(session.post, "/ingest", json=reading, headers={"X-API-Key": key})
            if answer is not None and answer.status_code < 300:
                self.acknowledged.add((f"D{number}", at))

    def browse(self):
        session = requests.Session()
        while not self.stopping.is_set():
            self.request(session.get, "/", headers={"Accept": "text/html"})
            self.request(session.post, "/auth/login", json={"email": "root@carbonseed.io", "password": "wrong"})
            time.sleep(0.2)

    def request(self, method, path, **options):
        try:
            answer = method(self.url + path, timeout=30, **options)
        except requests.RequestException as error:
            self.statuses[type(error).__name__] += 1
            return None
        self.statuses[answer.status_code] += 1
        if answer.status_code == 503:
            self.retry_after.add(answer.headers.get("Retry-After", "missing"))
        return answer


def stored_keys(server):
    connection = psycopg2.connect(server.url())
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.device_id, extract(epoch FROM r.at)::bigint "
            "FROM telemetry_reading r JOIN devices_device d ON d.id = r.device_id"
        )
        return set(cursor.fetchall())


@pytest.mark.slow
def test_the_database_is_away_for_ten_seconds(service):
    server, url, keys = service
    with BackgroundLoad(url, keys) as load:
        wait_until(lambda: len(load.acknowledged) > 20 and load.statuses[200], 60)  # devices and people are served
        before = len(load.acknowledged)
        server.stop()
        time.sleep(AWAY_S)
        server.start()
        back_at = len(load.acknowledged)
        wait_until(lambda: len(load.acknowledged) > back_at + 20, 60)
    assert before > 0
    assert load.statuses[503] > 0
    assert {status for status in load.statuses if status == 500 or not isinstance(status, int)} == set()
    assert all(seconds.isdigit() for seconds in load.retry_after)
    assert load.acknowledged <= stored_keys(server)
    assert is_up(f"{url}/ready")
