"""Production's web processes in front of a PostgreSQL of their own, for the tests to kill, flood and query."""

import os
import shlex
import subprocess

import psycopg2
from django.test import override_settings

from carbonseed.runtime import process_manager
from carbonseed.tests.processes import ROOT, children, free_port, is_up, manage, wait_until

REGISTER = """
from django.utils import timezone
from devices.tests.cast import make_device
from factories.models import Factory
factory = Factory.objects.create(name={factory!r})
for name in {names!r}:
    print(make_device(factory, name, device_name="Furnace", now=timezone.now()).key_text)
"""


class Service:
    def __init__(self, server, **settings):
        self.server, self.port = server, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {**os.environ, "DATABASE_URL": server.url(), "LOG_LEVEL": "ERROR", **settings}
        self.environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # the browser tests' own; production refuses it

    def __enter__(self):
        self.web = subprocess.Popen(self.command(), cwd=ROOT, env=self.environment)
        wait_until(self.is_ready, 90)
        return self

    def __exit__(self, *_):
        self.web.terminate()
        self.web.wait(30)

    def command(self):
        """As `make serve` has it with these settings."""
        sizes = {name: int(self.environment.get(name, 0)) for name in ("WEB_WORKERS", "WEB_THREADS")}
        with override_settings(**sizes):
            return shlex.split(process_manager.web("127.0.0.1", self.port))

    def is_ready(self):
        return is_up(f"{self.url}/ready")

    def web_workers(self) -> set[int]:
        return children(self.web.pid)

    def register(self, *names, factory) -> dict[str, str]:
        """Devices of a new factory → the key of each by name."""
        keys = self.run(REGISTER.format(factory=factory, names=names)).split()[-len(names) :]
        return dict(zip(names, keys, strict=True))

    def run(self, code) -> str:
        return manage(self.environment, "shell", "-v0", "-c", code)

    def query(self, sql, *parameters) -> list[tuple]:
        connection = psycopg2.connect(self.server.url())
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sql, parameters)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def stored(self, factory) -> dict[tuple, float]:
        """What became of a factory's readings: (device id, epoch in s) → temperature."""
        rows = self.query(
            "SELECT d.device_id, extract(epoch FROM r.at)::bigint, r.temperature FROM telemetry_reading r "
            "JOIN devices_device d ON d.id = r.device_id JOIN factories_factory f ON f.id = d.factory_id "
            "WHERE f.name = %s",
            factory,
        )
        return {(device, at): temperature for device, at, temperature in rows}

    def stored_count(self, factory) -> int:
        """Rows of a factory's readings: several of one device may lie within a second."""
        return self.query(
            "SELECT count(*) FROM telemetry_reading r JOIN devices_device d ON d.id = r.device_id "
            "JOIN factories_factory f ON f.id = d.factory_id WHERE f.name = %s",
            factory,
        )[0][0]

    def logged_arrivals(self, factory) -> int:
        """Readings in the log from which the digest works."""
        return self.query(
            "SELECT coalesce(sum(a.readings), 0) FROM telemetry_dirtyspan a "
            "JOIN devices_device d ON d.id = a.device_id "
            "JOIN factories_factory f ON f.id = d.factory_id WHERE f.name = %s",
            factory,
        )[0][0]
