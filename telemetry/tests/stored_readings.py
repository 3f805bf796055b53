"""Readings for tests, stored as ingest stores them: partition, rows, and a line in the log of arrivals."""

from datetime import timedelta

from telemetry.models import DirtySpan, Reading
from telemetry.storage.partitions import ensure_span


def store_readings(device, at, values, every_s=300, metric="power_consumption", log=True, **fields):
    """Store one reading per value from `at` on, `every_s` apart; None leaves that moment out. → the moments stored.

    Of a field given as a list, its values take turns: a sensor that says the same for hours is taken for broken.
    """
    rows = [
        Reading(
            device=device, at=at + timedelta(seconds=every_s * place), **{metric: value}, **cycle_fields(fields, place)
        )
        for place, value in enumerate(values)
        if value is not None
    ]
    ensure_span(rows[0].at, rows[-1].at)
    Reading.objects.bulk_create(rows)
    if log:
        add_dirty_span(device, rows[0].at, rows[-1].at, len(rows))
    return [row.at for row in rows]


def cycle_fields(fields, place):
    return {name: its[place % len(its)] if isinstance(its, list) else its for name, its in fields.items()}


def add_dirty_span(device, first_at, last_at, readings=1, **fields):
    return DirtySpan.objects.create(device=device, first_at=first_at, last_at=last_at, readings=readings, **fields)
