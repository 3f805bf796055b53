"""Straight COPY into the readings, or COPY into a temporary table and INSERT … SELECT … ON CONFLICT from there?"""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from time import perf_counter

import psycopg2

from benchmarks import fleet
from benchmarks.benchmark import Question, Side
from benchmarks.databases import fetch, switch_database

CONNECTIONS = 8
PREPARE = "CREATE TEMP TABLE IF NOT EXISTS arriving (LIKE telemetry_reading) ON COMMIT DELETE ROWS"
INTO_TEMPORARY = "COPY arriving FROM STDIN (FORMAT binary)"
INSERT = (
    "INSERT INTO telemetry_reading SELECT * FROM arriving ORDER BY device_id, at "
    "ON CONFLICT DO NOTHING RETURNING device_id, at"
)


def copy_directly(cursor, batch):
    cursor.copy_expert("COPY telemetry_reading FROM STDIN (FORMAT binary)", BytesIO(batch))


def copy_through_temporary(cursor, batch):
    cursor.execute(PREPARE)
    cursor.copy_expert(INTO_TEMPORARY, BytesIO(batch))
    cursor.execute(INSERT)


def measure(run) -> list[str]:
    """Readings a second by rows in a transaction, each committed durably."""
    run.ensure("empty")
    lines = [
        "| rows in a transaction | straight COPY | temporary table, INSERT … ON CONFLICT | ratio |",
        "|---|---|---|---|",
    ]
    for rows, share in ((1, 40), (100, 4), (1000, 2)):
        batches = prepare_streams(run, rows, max(CONNECTIONS, run.size.batch_rows // share // rows))
        rounds = run.alternate(
            lambda way, b=batches: rate(run, b, copy_directly),
            lambda way, b=batches: rate(run, b, copy_through_temporary),
            warm_up=None,
            each=None,
        )
        ours, theirs = (Side(side, "readings/s") for side in rounds)
        lines.append(f"| {rows} | {ours.median:,.0f} | {theirs.median:,.0f} | {ours.median / theirs.median:.2f} |")
    run.delete_sent("empty")
    return lines


def prepare_streams(run, rows, count) -> list[list[bytes]]:
    """For each connection its COPY streams of `rows` readings."""
    from datetime import timedelta

    from telemetry.storage.binary_copy import pack_rows
    from telemetry.storage.writer import ReadingRow

    pks = [sender["pk"] for sender in run.ensure("empty")["senders"]]
    step, streams = timedelta(seconds=fleet.INTERVAL_S), [[] for _ in range(CONNECTIONS)]
    values = (850.5, 320.0, 2.1, 1.8, 2.3, 45.0, 1013.2, 32.5, None)
    next_at = dict.fromkeys(pks, run.filler.start)
    for number in range(count):
        pk = pks[number % len(pks)]
        streams[number % CONNECTIONS].append(
            pack_rows(
                [
                    ReadingRow(pk, 0, next_at[pk] + step * place, run.now, 0, 0, values, None, None)
                    for place in range(rows)
                ]
            )
        )
        next_at[pk] += step * rows
    return streams


def rate(run, streams, write) -> float:
    run.truncate("empty")
    run.checkpoint()
    connections = [psycopg2.connect(run.databases.url("empty")) for _ in streams]

    def write_all(connection, mine):
        with connection.cursor() as cursor:
            for batch in mine:
                write(cursor, batch)
                connection.commit()

    with ThreadPoolExecutor(len(streams)) as pool:
        began = perf_counter()
        list(pool.map(write_all, connections, streams))
        took = perf_counter() - began
    for connection in connections:
        connection.close()
    switch_database("empty")
    [[rows]] = fetch("SELECT count(*) FROM telemetry_reading")
    return rows / took


QUESTION = Question(
    "copying",
    "Straight COPY into the partition, or COPY into a temporary table and INSERT … SELECT … ON CONFLICT?",
    "So rows go straight into the partition, and the temporary table is the way back where a key is taken.",
    measure,
)
