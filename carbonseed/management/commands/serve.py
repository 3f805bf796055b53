"""`make serve`: web, worker and schedule in production mode against DATABASE_URL."""

import os
import sys

from django.conf import settings
from django.core import checks
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from carbonseed.runtime import process_manager

MIGRATION_LOCK_ID = 7_261_102  # advisory lock


class Command(BaseCommand):
    help = "Check, migrate, collect static files, then run web server, worker and schedule in production mode."
    requires_system_checks = []

    def add_arguments(self, parser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument(
            "--web-only", action="store_true", help="worker, messenger, printer and schedule run elsewhere"
        )

    def handle(self, host, port, web_only, **options) -> None:
        if not settings.PRODUCTION:
            raise CommandError("`serve` is for production: set CARBONSEED_MODE=production (make serve does).")
        self.refuse_unsafe_settings()
        if reason := process_manager.port_conflict(host, port):
            raise CommandError(f"Cannot listen on {host}:{port}: {reason}. Choose another with PORT=.")
        self.log("migrating")
        self.migrate()
        self.refuse_unsafe_settings(databases=["default"])
        self.log("collecting static files")
        call_command("collectstatic", verbosity=0, interactive=False)
        process_manager.prepare_folders()
        connection.close()
        self.log(f"listening on {process_manager.http_address(host, port)} (public: {settings.SITE_URL})")
        commands = {"web": process_manager.web(host, port)}
        if not web_only:
            commands |= {name: getattr(process_manager, name)() for name in ("worker", "messenger", "printer")}
        sys.exit(
            process_manager.run_all({name: process_manager.supervised(command) for name, command in commands.items()})
        )

    def refuse_unsafe_settings(self, databases=None) -> None:
        """Stop with what is wrong, each line naming the setting and what to put there."""
        messages = checks.run_checks(include_deployment_checks=True, databases=databases)
        errors = [message for message in messages if message.is_serious()]
        if errors:
            raise CommandError("Not started.\n" + "\n".join(f"  {error}" for error in errors))

    def migrate(self) -> None:
        if not os.environ.get("DATABASE_URL"):
            raise CommandError("DATABASE_URL is missing: production runs on a PostgreSQL of yours, from 15 on.")
        try:
            with connection.cursor() as cursor:  # several nodes starting at once migrate one after another
                cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK_ID])
            call_command("migrate", verbosity=1, interactive=False)
        except DatabaseError as error:
            raise CommandError(f"The database of DATABASE_URL cannot be used: {error}") from error

    def log(self, text) -> None:
        self.stdout.write(f"==> {text}")
        self.stdout.flush()
