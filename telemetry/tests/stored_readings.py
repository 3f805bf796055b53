"""Readings for tests, stored as ingest stores them: partition, rows, and a row in the log of dirty spans."""

from datetime import timedelta

from django.db import connection
from psycopg2.extras import Json, execute_values

from telemetry.models import DirtySpan, Reading
from telemetry.storage.partitions import ensure_span


def store_readings(device, at, values, every_s=300, metric="power_consumption", log=True, **fields):
    """Store one reading per value from `at` on, `every_s` apart; None leaves that moment out. → the moments stored.

    Of a field given as a list, its values take turns: a sensor that says the same for hours is taken for broken.
    """
    rows = [
        {"at": at + timedelta(seconds=every_s * place), metric: value, **cycle_fields(fields, place)}
        for place, value in enumerate(values)
        if value is not None
    ]
    moments = [row["at"] for row in rows]
    ensure_span(moments[0], moments[-1])
    insert(device, rows)
    if log:
        add_dirty_span(device, moments[0], moments[-1], len(rows))
    return moments


def insert(device, rows: list[dict]):
    """Readings of `device`, each with the fields of the first, in one statement: ten times as fast as instances."""
    columns = ["device_id", *(Reading._meta.get_field(name).column for name in rows[0])]
    values = [(device.pk, *(Json(its) if isinstance(its, dict) else its for its in row.values())) for row in rows]
    with connection.cursor() as cursor:
        query = f"INSERT INTO telemetry_reading ({', '.join(columns)}) VALUES %s"
        execute_values(cursor.cursor, query, values, page_size=len(values))


def cycle_fields(fields, place):
    return {name: its[place % len(its)] if isinstance(its, list) else its for name, its in fields.items()}


def add_dirty_span(device, first_at, last_at, readings=1, **fields):
    fields = {"factory_id": device.factory_id, **fields}
    return DirtySpan.objects.create(device=device, first_at=first_at, last_at=last_at, readings=readings, **fields)
