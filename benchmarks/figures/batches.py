"""Batches over HTTP against bare COPY, and into a full table against into an empty one."""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from time import perf_counter

import psycopg2

from benchmarks import serving
from benchmarks.benchmark import Benchmark, Measurement, Side
from benchmarks.databases import fetch, switch_database
from benchmarks.sending import cpu_note

CONNECTIONS, BATCH = 8, 100
COPY_TABLE = "bench_copied"
NO_TIME_LIMIT_S = 600  # a round of batches ends when its readings are sent


def post_batches(run, name, service, senders, rows):
    options = {"connections": CONNECTIONS, "batch": BATCH, "requests": rows // BATCH, "seconds": NO_TIME_LIMIT_S}
    if name == "empty":
        run.truncate(name)
    run.checkpoint()
    return run.send_round(name, service, senders, **options)


def measure_against_copy(run):
    senders, size = run.ensure("empty")["senders"], run.size
    run.delete_sent("empty")
    with serving.product(run.databases, "empty") as service:
        make_identical_table(run)
        streams = {}

        def ours(rows):
            done = post_batches(run, "empty", service, senders, rows)
            streams.update({form: rows_as_sent(run, senders, form) for form in ("binary", "text")})
            return done

        def theirs(_rows):
            return {form: copy(run, streams[form], form) for form in streams}

        posted, copied = run.alternate(ours, theirs, warm_up=size.batch_rows // 4, each=size.batch_rows)
        in_batches = copy_in_batches(run, streams["binary"])
    fastest = max(("binary", "text"), key=lambda form: Side([c[form] for c in copied], "").median)
    other = "text" if fastest == "binary" else "binary"
    notes = [
        cpu_note("Batches", posted),
        f"Bare COPY is {fastest} here, one stream a connection; {other}: "
        f"{Side([c[other] for c in copied], '').median:,.0f} readings/s; {in_batches}",
    ]
    return Measurement(
        Side([r.rate * BATCH for r in posted], "readings/s"), Side([c[fastest] for c in copied], "readings/s"), notes
    )


def make_identical_table(run):
    """Columns, key and months as the product's own, under another name."""
    switch_database("empty")
    fetch(f"DROP TABLE IF EXISTS {COPY_TABLE}")
    fetch(f"CREATE TABLE {COPY_TABLE} (LIKE telemetry_reading INCLUDING ALL) PARTITION BY RANGE (at)")
    months = fetch(
        "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
        "WHERE i.inhparent = 'telemetry_reading'::regclass"
    )
    for name, bound in months:
        fetch(f"CREATE TABLE {COPY_TABLE}_{name[-7:]} PARTITION OF {COPY_TABLE} {bound}")


def rows_as_sent(run, senders, form) -> list[bytes]:
    """What the round before stored, a COPY stream for each connection, in the order in which it came."""
    streams = []
    with psycopg2.connect(run.databases.url("empty")) as connection, connection.cursor() as cursor:
        for place in range(CONNECTIONS):
            pks = ", ".join(str(sender["pk"]) for sender in senders[place::CONNECTIONS])
            stream = BytesIO()
            cursor.copy_expert(
                f"COPY (SELECT * FROM telemetry_reading WHERE device_id IN ({pks}) "
                f"ORDER BY received_at, device_id, at) TO STDOUT (FORMAT {form})",
                stream,
            )
            streams.append(stream.getvalue())
    return streams


def copy(run, streams, form) -> float:
    """Rows a second, all connections together, from the first byte to the last commit."""
    fetch(f"TRUNCATE {COPY_TABLE}")
    run.checkpoint()
    connections = [psycopg2.connect(run.databases.url("empty")) for _ in streams]

    def copy_one(connection, stream):
        with connection, connection.cursor() as cursor:
            cursor.copy_expert(f"COPY {COPY_TABLE} FROM STDIN (FORMAT {form})", BytesIO(stream), size=1 << 18)

    with ThreadPoolExecutor(len(streams)) as pool:
        began = perf_counter()
        list(pool.map(copy_one, connections, streams))
        took = perf_counter() - began
    for connection in connections:
        connection.close()
    [[rows]] = fetch(f"SELECT count(*) FROM {COPY_TABLE}")
    return rows / took


def copy_in_batches(run, streams) -> str:
    """Bare COPY committing a hundred rows at a time, as the batches do: what is left when nothing is checked."""
    fetch(f"TRUNCATE {COPY_TABLE}")
    run.checkpoint()
    batches = [split_copy_stream(stream, BATCH) for stream in streams]
    connections = [psycopg2.connect(run.databases.url("empty")) for _ in streams]

    def copy_all(connection, mine):
        with connection.cursor() as cursor:
            for batch in mine:
                cursor.copy_expert(f"COPY {COPY_TABLE} FROM STDIN (FORMAT binary)", BytesIO(batch))
                connection.commit()

    with ThreadPoolExecutor(len(streams)) as pool:
        began = perf_counter()
        list(pool.map(copy_all, connections, batches))
        took = perf_counter() - began
    for connection in connections:
        connection.close()
    [[rows]] = fetch(f"SELECT count(*) FROM {COPY_TABLE}")
    return f"binary committed every {BATCH} rows: {rows / took:,.0f}."


HEAD, END = 19, b"\xff\xff"  # of a binary COPY stream


def split_copy_stream(stream, rows) -> list[bytes]:
    """A binary COPY stream → streams of so many rows."""
    head, position, batches, batch_start, count = stream[:HEAD], HEAD, [], HEAD, 0
    while stream[position : position + 2] != END:
        columns = int.from_bytes(stream[position : position + 2], "big")
        position += 2
        for _ in range(columns):
            length = int.from_bytes(stream[position : position + 4], "big", signed=True)
            position += 4 + max(0, length)
        count += 1
        if count % rows == 0:
            batches.append(head + stream[batch_start:position] + END)
            batch_start = position
    if batch_start < position:
        batches.append(head + stream[batch_start:position] + END)
    return batches


def measure_into_full(run):
    senders, size = run.ensure("empty")["senders"], run.size
    full = run.ensure("large")["readings"]
    run.delete_sent("empty")
    run.delete_sent("large")
    with serving.product(run.databases, "large") as large, serving.product(run.databases, "empty") as empty:
        into_full, into_empty = run.alternate(
            lambda rows: post_batches(run, "large", large, senders, rows),
            lambda rows: post_batches(run, "empty", empty, senders, rows),
            warm_up=size.batch_rows // 4,
            each=size.batch_rows,
        )
    run.delete_sent("large")
    notes = [f"The full table holds {full:,} readings.", cpu_note("Into the full table", into_full)]
    return Measurement(*(Side([r.rate * BATCH for r in side], "readings/s") for side in (into_full, into_empty)), notes)


BENCHMARKS = [
    Benchmark(
        "batches",
        "readings/s in batches of 100, 8 connections, worker and virtual devices stopped",
        "bare COPY of the same rows into an identical table with its key, 8 connections",
        0.25,
        "times the rate",
        "Bound by Python. In a profile at 31,000 readings/s a hundred cost the service 1.7 to 2.5 ms of a core (0.7 "
        "the request itself, 0.5 reading, checking and packing, the rest four round trips to the database and threads "
        "that wait for the interpreter) and PostgreSQL 0.9 with a commit of their own, where bare COPY needed 0.5 for "
        "both sides together and commits once. The goal allows four times that: a request through Django does not fit "
        "it, with as many processes as connections (0.12) neither.",
        measure_against_copy,
    ),
    Benchmark(
        "full",
        "the same, into a table that already holds 50 million rows",
        "into an empty one",
        0.8,
        "times the rate",
        "Bound as above; the key's upper pages stay in memory, so that a full table costs little more than an "
        "empty one.",
        measure_into_full,
    ),
]
