"""`make serve`: web, worker and schedule in production mode against DATABASE_URL."""

import os
import sys

from django.conf import settings
from django.core import checks
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from carbonseed import processes
from carbonseed.tasks import MIGRATING, alone_in_turn


class Command(BaseCommand):
    help = "Check, migrate, collect static files, then run web server, worker and schedule in production mode."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, host, port, **options):
        if not settings.PRODUCTION:
            raise CommandError("`serve` is for production: set CARBONSEED_MODE=production (make serve does).")
        self.refuse_unsafe()
        if reason := processes.why_port_is_taken(host, port):
            raise CommandError(f"Cannot listen on {host}:{port}: {reason}. Choose another with PORT=.")
        self.migrate()
        self.refuse_unsafe(databases=["default"])
        call_command("collectstatic", verbosity=0, interactive=False)
        processes.prepare_metrics()
        connection.close()
        self.stdout.write(f"==> listening on {processes.address(host, port)} (public: {settings.SITE_URL})")
        self.stdout.flush()
        commands = {"web": processes.web(host, port), "worker": processes.worker(), "printer": processes.printer()}
        sys.exit(processes.run_together(commands))

    def refuse_unsafe(self, databases=None):
        """Stop with what is wrong, each line naming the setting and what to put there."""
        found = checks.run_checks(include_deployment_checks=True, databases=databases)
        errors = [message for message in found if message.is_serious()]
        if errors:
            raise CommandError("Not started.\n" + "\n".join(f"  {error}" for error in errors))

    def migrate(self):
        if not os.environ.get("DATABASE_URL"):
            raise CommandError("DATABASE_URL is missing: production runs on a PostgreSQL of yours, from 15 on.")
        try:
            with alone_in_turn(MIGRATING):  # several nodes starting at once migrate one after another
                call_command("migrate", verbosity=1, interactive=False)
        except DatabaseError as error:
            raise CommandError(f"The database of DATABASE_URL cannot be used: {error}") from error
