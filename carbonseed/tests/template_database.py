"""Databases for tests, copied from a template: migrations run once for each of their versions, not in each run.

The template is named after what a migrated database is made from, and stays on the server until another replaces it.
"""

import hashlib
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.backends.postgresql.client import DatabaseClient

from carbonseed.runtime.postgres import Server
from registers.factors import loader

PREFIX = "tmpl_"
LOCK = 0x63617262  # one process makes the template while the others of its server wait for it
FACTOR_FILES = (".py", ".csv", ".toml")


def create_database() -> str:
    """Django's default connection leads to a fresh database from now on → the name of the one before."""
    before, name = connection.settings_dict["NAME"], connection.creation._get_test_db_name()
    with template() as (cursor, source):
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')  # left behind by a run that was killed
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}" STRATEGY FILE_COPY')
    connect_to(name)
    return before


def drop_database(before: str):
    """The default connection leads to `before` again, and the database of the tests is gone."""
    name = connection.settings_dict["NAME"]
    connect_to(before)
    with connection._nodb_cursor() as cursor:  # a thread that a test left behind may still be connected
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def migrate_server(server: Server):
    """The started `server` gets what migrations would make there, without the quarter of a minute they take."""
    with template() as (_cursor, source):
        (_psql, *address), environment = DatabaseClient.settings_to_cmd_args_env(
            {**connection.settings_dict, "NAME": source}, []
        )
        command = [server.bin / "pg_dump", *address]
        dump = subprocess.run(command, env={**os.environ, **(environment or {})}, check=True, capture_output=True)
    restore = [server.bin / "psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", server.url()]
    subprocess.run(restore, input=dump.stdout, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def template():
    """(cursor, name of the template), while no other process may use it. Other versions' templates are dropped."""
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])  # let go when the connection ends
        name = PREFIX + fingerprint()
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
        there = {row[0] for row in cursor.fetchall()}
        for stale in there - {name}:
            cursor.execute(f'DROP DATABASE "{stale}"')
        if name not in there:
            migrate(f"{name}_unfinished")
            cursor.execute(f'ALTER DATABASE "{name}_unfinished" RENAME TO "{name}"')
        yield cursor, name


def migrate(name: str):
    """A database `name` as Django makes it for tests."""
    before, test = connection.settings_dict["NAME"], connection.settings_dict["TEST"]
    usual, test["NAME"] = test["NAME"], name
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    finally:
        test["NAME"] = usual
        connect_to(before)


def connect_to(name: str):
    connection.close()
    settings.DATABASES[connection.alias]["NAME"] = connection.settings_dict["NAME"] = name


def fingerprint() -> str:
    """Another one whenever migrated databases might differ: in tables, factors, content types or permissions."""
    digest = hashlib.sha256(django.get_version().encode())
    for path in sorted(sources()):
        digest.update(f"{path.name}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def sources() -> set[Path]:
    """Files of migrations, of models and their fields' classes, and of all that is loaded after migrating."""
    migrations = {path for app in apps.get_app_configs() for path in Path(app.path).glob("migrations/*.py")}
    factors = {path for path in Path(loader.__file__).parent.rglob("*") if path.suffix in FACTOR_FILES}
    return migrations | factors | {Path(sys.modules[one.__module__].__file__) for one in classes()}


def classes() -> set[type]:
    """Whatever a model or one of its fields inherits from."""
    models = apps.get_models(include_auto_created=True)
    fields = {type(field) for model in models for field in model._meta.get_fields()}
    return {base for one in (*models, *fields) for base in one.__mro__ if base.__module__ != "builtins"}
