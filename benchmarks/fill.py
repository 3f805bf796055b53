"""Fills the databases in minutes, with roll-ups that are the product's own.

A few *model devices* get readings by SQL, and the product's digest sums them. Every other device is a copy of one of
them: its readings, and its rows in every roll-up table whatever columns that has, in the order in which time would
have written them. So a table filled here holds what a table filled by devices holds, without summing the same again.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import psycopg2

from benchmarks import fleet
from benchmarks.databases import close_connection, current, fetch, switch_database, telemetry_models

MODELS = 5  # devices whose readings are made; the others are their copies
MAX_AGE = timedelta(hours=20)  # a filled database serves a later run so long: pages ask for today

INSERT_READINGS = """
INSERT INTO telemetry_reading (device_id, at, received_at, temperature, gas_index, vibration_x, vibration_y,
    vibration_z, humidity, pressure, power_consumption)
SELECT %(pk)s, at, at + interval '1 second', 850 + 40 * sin(n / 97.0) + 5 * random(), 300 + 50 * random(),
    2 + random(), 1.5 + random(), 2.2 + random(), 45 + 10 * random(), 1013 + 4 * random(),
    30 + 8 * sin(n / 41.0) + 2 * random()
FROM (SELECT n, %(start)s::timestamptz + make_interval(secs => (n * %(step)s + %(offset)s)::float8) AS at
      FROM generate_series(0, %(count)s - 1) n) moments
"""
INSERT_ARRIVALS = """
INSERT INTO telemetry_dirtyspan (device_id, first_at, last_at, readings, received_at, key_prefix)
SELECT device_id, min(at), max(at), count(*), max(at), '' FROM telemetry_reading
WHERE device_id = %s GROUP BY device_id, at::date ORDER BY min(at)
"""
PRIMARY_KEY_OF = (
    "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'p'"
)


class Filler:
    """Makes what a figure needs, unless a run before left it."""

    def __init__(self, databases, size, now, log):
        self.databases, self.size, self.now, self.log = databases, size, now, log
        self.migrated = {"original"}  # databases seen in this run

    def ensure(self, name) -> dict:
        """What is noted of the database `name`, filled first where that is missing."""
        note = self.databases.metadata(name)
        if note and self.now - datetime.fromisoformat(note["until"]) < MAX_AGE:
            self.migrate(name)
            return note
        began = datetime.now(UTC)
        facts = getattr(self, f"fill_{name}")()
        close_connection()
        seconds = (datetime.now(UTC) - began).total_seconds()
        self.databases.save_metadata(name, until=self.now.isoformat(), fill_s=round(seconds, 1), **facts)
        self.migrated.add(name)
        self.log(f"filled {name} in {seconds:.0f} s")
        return self.databases.metadata(name)

    def migrate(self, name):
        """Bring a database of an earlier run up to date: tables of readings are as they were, others may have come."""
        from django.core.management import call_command

        if name not in self.migrated:
            switch_database(name)
            call_command("migrate", verbosity=0)
            self.migrated.add(name)

    @property
    def start(self) -> datetime:
        """Of the history: India's midnight at the start of this month a year ago, or `days` back."""
        if self.size.days:
            return (self.now - timedelta(days=self.size.days)).replace(minute=0, second=0, microsecond=0)
        return datetime(self.now.year - 1, self.now.month, 1, tzinfo=UTC) - timedelta(hours=5, minutes=30)

    def fill_empty(self):
        from django.core.management import call_command

        from telemetry.storage.partitions import ensure_span

        self.databases.create("empty")
        switch_database("empty")
        call_command("migrate", verbosity=0)
        ensure_span(self.start - timedelta(days=1), self.now + timedelta(days=31))
        fleet.make_people()
        return {"senders": fleet.register_senders(self.start)}

    def fill_original(self):
        from benchmarks.serving import make_original_tables

        senders = self.ensure("empty")["senders"]
        self.databases.create("original")
        make_original_tables(self.databases, [sender["device_id"] for sender in senders])
        return {}

    def fill_small(self):
        self.ensure("empty")
        self.databases.create("small", template="empty")
        switch_database("small")
        pks = self.register_factory(1)
        fleet.make_owner("Factory 1")
        models = pks[:MODELS]
        for place, pk in enumerate(models):
            self.make_readings(pk, fleet.INTERVAL_S, offset_s=7 + 11 * place)
        self.digest()
        Copier(self, models, pks).copy()
        vacuum()
        return {"devices": pks, "models": models, "start": self.start.isoformat(), **reading_count()}

    def fill_large(self):
        small = self.ensure("small")
        self.databases.create("large", template="small")
        switch_database("large")
        pks = [*small["devices"]]
        for number in range(2, self.size.factories + 1):
            pks += self.register_factory(number)
        self.log(f"copying {len(small['models'])} devices to {len(pks)}")
        Copier(self, small["models"], pks).copy(without_keys=True)
        [dense] = fleet.register("Dense", "ESP32-D", 1, self.start, self.size.dense_interval_s)
        self.make_readings(dense["pk"], self.size.dense_interval_s)
        self.log("summing the readings of the device that sends often")
        self.digest()
        [exported] = fleet.register("Exported", "ESP32-X", 1, self.start, 6)
        step_s = (self.now - self.start).total_seconds() / self.size.export_rows
        self.make_readings(exported["pk"], step_s, arrive=False)  # its roll-ups are in nobody's way
        vacuum()
        same = {name: small[name] for name in ("devices", "start")}
        return {**same, "dense": dense["pk"], "exported": exported["pk"], **reading_count()}

    def register_factory(self, number):
        registered = fleet.register(f"Factory {number}", f"ESP32-F{number}", self.size.devices, self.start)
        return [device["pk"] for device in registered]

    # How

    def make_readings(self, pk, step_s, offset_s=0.0, arrive=True):
        count = int((self.now - self.start).total_seconds() / step_s)
        fetch(
            INSERT_READINGS,
            {"pk": pk, "start": self.start, "step": step_s, "offset": offset_s % step_s, "count": count},
        )
        if arrive:
            fetch(INSERT_ARRIVALS, [pk])

    def digest(self):
        """The product's own; spans it queues for the alert rules are deleted."""
        from telemetry.rollups.digest import digest

        while digest(self.now):
            pass
        fetch("TRUNCATE telemetry_dirtyspan, telemetry_processedspan")

    def months(self):
        from telemetry.storage.partitions import months_between, next_month

        for month in months_between(self.start - timedelta(days=1), self.now + timedelta(days=1)):
            yield [datetime(m.year, m.month, 1, tzinfo=UTC) for m in (month, next_month(month))]


class Copier:
    """Readings and roll-ups of the model devices, written anew for every device, all those of a moment side by side."""

    def __init__(self, filler, models, pks):
        self.filler = filler
        self.copies = [models[place % len(models)] for place in range(len(pks))], pks
        self.models = models

    def copy(self, without_keys=False):
        """`without_keys`: primary keys are dropped meanwhile and built afterwards, which is many times faster."""
        for table, columns, moment in tables_of_devices():
            fetch(f"CREATE TABLE bench_models AS SELECT * FROM {table} WHERE device_id = ANY(%s)", [self.models])
            fetch(f"TRUNCATE {table}")
            [[key, key_columns]] = fetch(PRIMARY_KEY_OF, [table])
            if without_keys:
                fetch(f"ALTER TABLE {table} DROP CONSTRAINT {key}")
            spans = list(self.filler.months()) if moment else [None]
            with ThreadPoolExecutor(2) as pool:
                list(pool.map(lambda span, t=(table, columns, moment): self.write(*t, span), spans))
            if without_keys:
                fetch(f"ALTER TABLE {table} ADD CONSTRAINT {key} {key_columns}")
            fetch("DROP TABLE bench_models")
            fetch(f"ANALYZE {table}")

    def write(self, table, columns, moment, span):
        """A table's rows of one month, on a connection of its own."""
        into, from_model = (", ".join(f'{prefix}"{name}"' for name in columns) for prefix in ("", "t."))
        rows = f'SELECT * FROM bench_models WHERE "{moment}" >= %s AND "{moment}" < %s ORDER BY "{moment}"'
        with psycopg2.connect(self.filler.databases.url(current())) as connection, connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} (device_id, {into}) SELECT c.pk, {from_model} "
                f"FROM ({rows if moment else 'SELECT * FROM bench_models'} OFFSET 0) t "
                "JOIN unnest(%s::bigint[], %s::bigint[]) AS c(model, pk) ON c.model = t.device_id",
                [*(span or []), *self.copies],
            )
        connection.close()


def tables_of_devices() -> list[tuple]:
    """The product's tables with a row per device, or device and moment → (table, other columns, moment's column)."""
    from django.db import models

    tables = []
    for model in telemetry_models():
        fields = {field.column: field for field in model._meta.concrete_fields if field.column}
        if "device_id" not in fields or "id" in fields:
            continue
        keys = [field for field in getattr(model._meta.pk, "fields", []) if field.column != "device_id"]
        [moment] = [key.column for key in keys if isinstance(key, models.DateField)] or [None]
        tables.append((model._meta.db_table, [name for name in fields if name != "device_id"], moment))
    return tables


def vacuum():
    """Statistics and the visibility map, as autovacuum would have them."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("CHECKPOINT")


def reading_count() -> dict:
    [[readings]] = fetch("SELECT count(*) FROM telemetry_reading")
    return {"readings": readings}
