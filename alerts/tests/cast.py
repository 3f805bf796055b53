"""Readings for tests of alerts: stored, digested and evaluated as the product does it."""

from datetime import timedelta

from alerts.evaluation.evaluator import evaluate_new_readings
from telemetry.metrics import SUSPECT_BIT
from telemetry.models import LastSeen, ProcessedSpan, Reading
from telemetry.storage.partitions import ensure_span


def store_reading(device, at, suspect=(), **values):
    """A stored and digested reading of `device` at `at`; `suspect`: names of its implausible metrics."""
    store_readings(device, [(at, values)], suspect)


def store_readings(device, rows, suspect=()):
    """One batch of (at, values), stored and digested together."""
    moments = [at for at, _ in rows]
    ensure_span(min(moments), max(moments))
    bits = sum(SUSPECT_BIT[name] for name in suspect)
    Reading.objects.bulk_create([Reading(device=device, at=at, suspect=bits, **values) for at, values in rows])
    ProcessedSpan.objects.create(device=device, first_at=min(moments), last_at=max(moments))


def set_last_seen(device, at):
    """The last reading of `device` came at `at`."""
    LastSeen.objects.update_or_create(device=device, defaults={"heard_at": at, "reading_at": at})


def minutes(count):
    return timedelta(minutes=count)


def fire_alert(device, now, **values):
    """A reading of `device` at `now` across its default limit, evaluated."""
    store_reading(device, now, **(values or {"temperature": 950}))
    evaluate_new_readings(now)
