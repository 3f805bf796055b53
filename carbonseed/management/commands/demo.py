"""`make demo`: the sample factories, everything that serves them, and virtual devices, under one command."""

import os
import shutil
import signal
import sys
from contextlib import ExitStack
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from carbonseed.runtime import process_manager
from carbonseed.runtime.postgres import PostgresError, Server

WELCOME = """
{line}
Carbonseed is running:  {url}

  admin            admin@carbonseed.io        admin123
  owner (forge)    owner@steelforge.in        password123
  operator         operator@steelforge.in     password123
  owner (chem)     owner@chemprocessing.in    password123
  auditor          auditor@carbonseed.io      password123

Post a reading:

  {curl}

Mail is written to {mail}. Ctrl-C stops everything; the data stay until `make demo-reset`.
{line}
"""


class Command(BaseCommand):
    help = "Run the demo: sample data, web server, worker, schedule and virtual devices."
    requires_system_checks = []

    def add_arguments(self, parser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--reset", action="store_true", help="throw the demo's data away and stop")
        parser.add_argument("--load-only", action="store_true", help="make the data, start nothing")

    def handle(self, host, port, reset, load_only, **options):
        if not settings.DEMO:
            raise CommandError("The demo runs with CARBONSEED_MODE=demo; `make demo` sets that.")
        if reset:
            return self.reset()
        if not load_only and (reason := process_manager.port_conflict(host, port)):
            raise CommandError(f"Cannot listen on {host}:{port}: {reason}. Choose another: make demo PORT={port + 1}")
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # run the clean-up below, as Ctrl-C does
        try:
            with ExitStack() as cleanup:
                self.start_database(cleanup)
                self.load()
                if not load_only:
                    sys.exit(self.run(host, port))
        except PostgresError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self.log("stopped")

    def start_database(self, cleanup):
        if os.environ.get("DATABASE_URL"):
            return self.log(f"using the database of DATABASE_URL ({settings.DATABASES['default']['NAME']})")
        self.log("starting the embedded PostgreSQL")
        server = Server(settings.VAR_DIR)
        lease_file = server.acquire()
        cleanup.callback(self.stop_database, server, lease_file)

    def stop_database(self, server, lease_file) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not leave the database running
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        connection.close()
        self.log("stopping the embedded PostgreSQL")
        server.release(lease_file)

    def load(self) -> None:
        self.log("migrating")
        call_command("migrate", verbosity=0, interactive=False)
        from carbonseed.demo import load

        load.load_once(now=timezone.now(), log=self.log)
        connection.close()

    def run(self, host, port):
        url = process_manager.http_address(host, port)
        for folder in ("mail", "broker"):
            (settings.VAR_DIR / folder).mkdir(parents=True, exist_ok=True)
        process_manager.prepare_folders()
        os.environ.setdefault("SITE_URL", url)
        self.log("starting web server, worker and virtual devices")
        commands = {
            "web": process_manager.web(host, port),
            "worker": process_manager.worker(),
            "messenger": process_manager.messenger(),
            "printer": process_manager.printer(),
            "devices": process_manager.virtual_devices(url),
        }
        return process_manager.run_all(commands, url=url, when_up=lambda: self.welcome(url))

    def welcome(self, url) -> None:
        from carbonseed.demo import keys

        device_id, key = keys.first_key()
        body = f'{{"device_id": "{device_id}", "temperature": 850.5, "gas_index": 320.0, "power_consumption": 32.5}}'
        curl = (
            f"curl -X POST {url}/ingest -H 'X-API-Key: {key}' \\\n    -H 'Content-Type: application/json' -d '{body}'"
        )
        self.log(WELCOME.format(line="─" * 78, url=url, curl=curl, mail=relative_path(settings.VAR_DIR / "mail")))

    def reset(self) -> None:
        server = Server(settings.VAR_DIR)
        if os.environ.get("DATABASE_URL"):
            raise CommandError("The demo's own database is meant, but DATABASE_URL names another; nothing was removed.")
        if process_manager.is_locked(settings.VAR_DIR / "postgres.held"):
            raise CommandError("A demo or a test run of this clone is running; stop it first (Ctrl-C).")
        server.stop()
        for name in ("postgres", "mail", "broker", "metrics"):
            shutil.rmtree(settings.VAR_DIR / name, ignore_errors=True)
        for path in settings.VAR_DIR.glob("schedule*"):
            path.unlink()
        (settings.VAR_DIR / "demo-keys.json").unlink(missing_ok=True)
        self.log("the demo's data are gone; the next `make demo` starts over")

    def log(self, text) -> None:
        self.stdout.write(text if text.startswith("\n") else f"==> {text}")
        self.stdout.flush()


def relative_path(path: Path):
    """The path as seen from here, where that is shorter."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
