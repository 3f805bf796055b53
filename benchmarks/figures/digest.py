"""The digest's rate against the rate at which batches come in, and the statements of a pass over live readings."""

from datetime import timedelta
from time import perf_counter

from benchmarks import serving
from benchmarks.benchmark import Benchmark, Measurement, Side
from benchmarks.databases import fetch, switch_database
from benchmarks.figures.batches import BATCH, post_batches

ONE_EACH = (
    "INSERT INTO telemetry_reading (device_id, at, temperature, gas_index, vibration_x, vibration_y, vibration_z, "
    "humidity, pressure, power_consumption) "
    "SELECT pk, %s, 850, 300, 2, 2, 2, 45, 1013, 32 FROM unnest(%s::bigint[]) AS d(pk)"
)
ONE_ARRIVAL_EACH = (
    "INSERT INTO telemetry_dirtyspan (device_id, first_at, last_at, readings, received_at, key_prefix) "
    "SELECT pk, %s, %s, 1, %s, '' FROM unnest(%s::bigint[]) AS d(pk)"
)


def measure_digest(run):
    """The digest of what a round of batches left, worker stopped meanwhile, against that round's rate."""
    senders, size = run.ensure("empty")["senders"], run.size
    run.delete_sent("empty")
    with serving.product(run.databases, "empty") as service:
        posted, digested = run.alternate(
            lambda rows: post_batches(run, "empty", service, senders, rows),
            lambda _rows: digest_all(run),
            warm_up=size.batch_rows // 4,
            each=size.batch_rows,
        )
    notes = [live_pass(run, senders)]
    return Measurement(Side(digested, "readings/s"), Side([r.rate * BATCH for r in posted], "readings/s"), notes)


def digest_all(run) -> float:
    """Readings rolled up a second, until the log of arrivals is empty."""
    from telemetry.rollups.digest import digest

    switch_database("empty")
    [[readings]] = fetch("SELECT sum(readings) FROM telemetry_dirtyspan")
    now, began = run.now, perf_counter()
    while fetch("SELECT 1 FROM telemetry_dirtyspan LIMIT 1"):
        if not digest(now):
            raise RuntimeError("the digest leaves arrivals it cannot sum")
    return float(readings) / (perf_counter() - began)


def live_pass(run, senders) -> str:
    """Every device has sent one reading since the last digest: statements and time."""
    from django.db import connection

    from telemetry.rollups.digest import digest

    statements = []
    run.delete_sent("empty")
    for minute in (0, 5):  # the first pass also begins the days
        at, pks = run.filler.start + timedelta(minutes=minute), [sender["pk"] for sender in senders]
        fetch(ONE_EACH, [at, pks])
        fetch(ONE_ARRIVAL_EACH, [at, at, at, pks])
        statements.clear()
        began = perf_counter()
        with connection.execute_wrapper(lambda execute, *arguments: statements.append(1) or execute(*arguments)):
            digest(run.now)
        took = perf_counter() - began
    summary = f"{len(statements)} statements, {1000 * took:.0f} ms"
    return f"A pass over one reading of each of {len(senders)} devices: {summary}."


BENCHMARKS = [
    Benchmark(
        "digest",
        "digest rate: readings rolled up a second",
        "the batch ingest rate of the round before",
        1.5,
        "times the rate",
        "Bound by PostgreSQL's aggregates over 45 columns; few statements a pass, however many devices it has.",
        measure_digest,
    ),
]
