"""All rows of a database as text, written with COPY, and the migrations it had: enough to make it again.

A snapshot is {"migrations": [[app, name], …], "tables": {table: {"columns": [name, …], "rows": "COPY text"}}}.
"""

import gzip
import io
import json
from pathlib import Path

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from telemetry.models import Reading
from telemetry.storage.partitions import ensure_span

FOLDER = Path(__file__).parent
TABLES = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> 'django_migrations'
ORDER BY c.relname
"""
SEQUENCES = """
SELECT setval(pg_get_serial_sequence(%(table)s, 'id'), greatest((SELECT max(id) FROM "{table}"), 1))
WHERE pg_get_serial_sequence(%(table)s, 'id') IS NOT NULL
"""


def take() -> dict:
    """A snapshot of the default connection's database."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        names = [row[0] for row in cursor.fetchall()]
        tables = {name: {"columns": columns_of(cursor, name)} for name in names}
        for name, table in tables.items():
            table["rows"] = rows_of(cursor, name, table["columns"])
    migrations = sorted(MigrationRecorder(connection).applied_migrations())
    return {"migrations": [list(each) for each in migrations], "tables": tables}


def columns_of(cursor, table: str) -> list[str]:
    query = "SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position"
    cursor.execute(query, [table])
    return [row[0] for row in cursor.fetchall()]


def rows_of(cursor, table: str, columns: list[str]) -> str:
    """The rows of `columns` as COPY writes them, sorted, so that equal contents are equal texts."""
    buffer = io.StringIO()
    cursor.copy_expert(f'COPY (SELECT {quoted(columns)} FROM "{table}") TO STDOUT', buffer)
    return "".join(sorted(buffer.getvalue().splitlines(keepends=True)))


def quoted(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def restore(snapshot: dict) -> None:
    """Migrates an empty database as far as `snapshot` was, and stores its rows there."""
    executor = MigrationExecutor(connection)
    executor.migrate(newest_of_each_app(executor.loader.graph, {tuple(each) for each in snapshot["migrations"]}))
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute(
            "SET session_replication_role = replica"
        )  # rows come in any order: no key, no trigger is checked
        for name, table in snapshot["tables"].items():
            insert(cursor, name, table)
        cursor.execute("SET session_replication_role = DEFAULT")


def newest_of_each_app(graph, migrations: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those of `migrations` that no other of the same app builds on."""
    followed = {
        parent.key for key in migrations for parent in graph.node_map[key].parents if parent.key[0] == key[0]
    }  # fmt: skip
    return sorted(migrations - followed)


def insert(cursor, name: str, table: dict) -> None:
    cursor.execute(f'DELETE FROM "{name}"')  # what a migration itself put there
    if name == Reading._meta.db_table:
        place = table["columns"].index("at")
        moments = sorted(line.split("\t")[place] for line in table["rows"].splitlines())
        ensure_span(*(parsed(cursor, moment) for moment in (moments[0], moments[-1])))
    cursor.copy_expert(f'COPY "{name}" ({quoted(table["columns"])}) FROM STDIN', io.StringIO(table["rows"]))
    if "id" in table["columns"]:
        cursor.execute(SEQUENCES.format(table=name), {"table": name})


def parsed(cursor, moment: str):
    cursor.execute("SELECT %s::timestamptz", [moment])
    return cursor.fetchone()[0]


def write(release: str, snapshot: dict) -> Path:
    path = FOLDER / f"{release}.json.gz"
    path.write_bytes(gzip.compress(json.dumps(snapshot, ensure_ascii=False).encode(), mtime=0))
    return path


def read(release: str) -> dict:
    return json.loads(gzip.decompress((FOLDER / f"{release}.json.gz").read_bytes()))


def releases() -> list[str]:
    """Names of the recorded releases, oldest first."""
    names = [path.name.removesuffix(".json.gz") for path in FOLDER.glob("*.json.gz")]
    return sorted(names, key=lambda name: [int(part) for part in name.split(".")])
