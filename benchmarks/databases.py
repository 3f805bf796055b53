"""The scratch PostgreSQL of a run and its databases, between which Django is switched.

| database | holds |
|---|---|
| empty | the product's tables and the senders, nothing else |
| small | one factory of fifty devices, a year of readings every five minutes |
| large | nine such factories, a device that sends every ten seconds, one to be exported |
| original | the tables of the minimal service that is compared with |
"""

import hashlib
import json
import os
from contextlib import contextmanager
from pathlib import Path

from carbonseed.runtime.postgres import Server

ROOT = Path(__file__).resolve().parent.parent
CHECKPOINTS = {"max_wal_size": "8GB", "checkpoint_timeout": "15min"}
MEMORY = {"effective_cache_size": "8GB", "maintenance_work_mem": "512MB"}


class Databases:
    """`folder` holds the cluster and the filled databases; `server` runs for the length of a `with running()`."""

    def __init__(self, folder: Path, size):
        self.folder, self.size = folder, size
        options = {"shared_buffers": size.shared_buffers, **CHECKPOINTS, **MEMORY}
        self.server = Server(folder, options=options)
        self.notes = folder / "filled.json"

    @contextmanager
    def running(self):
        with self.server.lease():
            os.environ["DATABASE_URL"] = self.server.url("postgres")
            yield self

    def url(self, name):
        return self.server.url(name)

    def admin(self, sql, *parameters):
        """Run one statement outside every transaction, as CREATE DATABASE and VACUUM want it."""
        import psycopg2

        connection = psycopg2.connect(self.url("postgres"))
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(sql, parameters)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def exists(self, name):
        return bool(self.admin("SELECT 1 FROM pg_database WHERE datname = %s", name))

    def create(self, name, template=None):
        """Afresh, with the rows of `template`, nobody being connected to either."""
        close_connection()
        self.drop(name)
        self.admin(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}" STRATEGY FILE_COPY' if template else ""))

    def drop(self, name):
        self.admin(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    # What was filled, and by which schema

    def metadata(self, name) -> dict | None:
        """Saved when `name` was filled; None when it is missing, or its tables or size have changed since."""
        if not (self.notes.exists() and self.exists(name)):
            return None
        note = json.loads(self.notes.read_text()).get(name)
        return note if note and note["schema"] == schema_digest() and note["size"] == list(self.size) else None

    def save_metadata(self, name, **facts):
        notes = json.loads(self.notes.read_text()) if self.notes.exists() else {}
        notes[name] = {"schema": schema_digest(), "size": list(self.size), **facts}
        self.notes.write_text(json.dumps(notes, indent=1, default=str))


def schema_digest() -> str:
    """Changes with the tables: data filled for others cannot be used again."""
    texts = [
        path.read_bytes()
        for app in ("devices", "telemetry")
        for path in sorted(ROOT.glob(f"{app}/migrations/*"))
        if path.suffix == ".py"
    ]
    return hashlib.sha256(b"".join(texts)).hexdigest()[:16]


def switch_database(name):
    """Connect Django to this database."""
    from django.db import connection

    connection.close()
    connection.settings_dict["NAME"] = name


def current() -> str:
    """The database to which Django is connected."""
    from django.db import connection

    return connection.settings_dict["NAME"]


def close_connection():
    from django.db import connection

    connection.close()


def fetch(sql, parameters=()):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []


def telemetry_models():
    """Of the tables of readings and of what is made from them."""
    from django.apps import apps

    return [model for model in apps.get_app_config("telemetry").get_models() if not model._meta.proxy]
