"""Does it pay to CLUSTER an old month by device, or to give it a BRIN index?"""

import json
from statistics import median
from time import perf_counter

from benchmarks.benchmark import Question
from benchmarks.databases import fetch, switch_database

COLUMNS = "avg(temperature), max(power_consumption), count(*)"
A_MONTH = f"SELECT {COLUMNS} FROM {{table}} WHERE device_id = %s"
A_DAY = f"SELECT {COLUMNS} FROM {{table}} WHERE device_id = %s AND at >= %s::date + 10 AND at < %s::date + 11"
EVERYBODY = f"SELECT {COLUMNS} FROM {{table}} WHERE at >= %s::date + 10 AND at < %s::date + 11"

# name → what makes it from the month {month}: (statements, words)
LAYOUTS = {
    "kept": (["CREATE TABLE bench_{n} AS TABLE {m}", "ALTER TABLE bench_{n} ADD PRIMARY KEY (device_id, at)"],
             "in order of time, B-tree key (as it is)"),
    "clustered": (["CREATE TABLE bench_{n} AS SELECT * FROM {m} ORDER BY device_id, at",
                   "ALTER TABLE bench_{n} ADD PRIMARY KEY (device_id, at)"],
                  "clustered by device, B-tree key"),
    "brin": (["CREATE TABLE bench_{n} AS TABLE {m}", "CREATE INDEX ON bench_{n} USING brin (at)"],
             "in order of time, BRIN on the moment instead of the key"),
    "clustered_brin": (["CREATE TABLE bench_{n} AS SELECT * FROM {m} ORDER BY device_id, at",
                        "CREATE INDEX ON bench_{n} USING brin (device_id, at)"],
                       "clustered by device, BRIN on device and moment instead of the key"),
}  # fmt: skip


def measure(run) -> list[str]:
    note = run.ensure("large")
    switch_database("large")
    month, starts_on = middle_month()
    pk = note["devices"][0]
    questions = [(A_MONTH, [pk]), (A_DAY, [pk, starts_on, starts_on]), (EVERYBODY, [starts_on, starts_on])]
    lines = [
        "| one month of the large table | made in | heap | index | one device's month | its day | everybody's day |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, (statements, words) in LAYOUTS.items():
        fetch(f"DROP TABLE IF EXISTS bench_{name}")
        began = perf_counter()
        for statement in statements:
            fetch(statement.format(n=name, m=month))
        took = perf_counter() - began
        fetch(f"VACUUM ANALYZE bench_{name}")
        [[heap, index]] = fetch(f"SELECT pg_table_size('bench_{name}'), pg_indexes_size('bench_{name}')")
        answers = [time_query(sql.format(table=f"bench_{name}"), parameters) for sql, parameters in questions]
        lines.append(
            f"| {words} | {took:.0f} s | {heap / 1e6:,.0f} MB | {index / 1e6:,.1f} MB | {' | '.join(answers)} |"
        )
        fetch(f"DROP TABLE bench_{name}")
    return lines


def middle_month():
    """A partition that is full and no longer written: (its name, its first day)."""
    names = sorted(
        name
        for (name,) in fetch(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
            "WHERE i.inhparent = 'telemetry_reading'::regclass AND c.reltuples > 0"
        )
    )
    name = names[len(names) // 2]
    return name, f"{name[-7:].replace('_', '-')}-01"


def time_query(sql, parameters, times=5) -> str:
    """Median time when everything is in memory, and how many pages that takes: what a cold disk would have to read."""
    durations = []
    for _ in range(times):
        began = perf_counter()
        fetch(sql, parameters)
        durations.append(perf_counter() - began)
    [[plan]] = fetch(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", parameters)
    top = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
    pages = top["Shared Hit Blocks"] + top["Shared Read Blocks"]
    return f"{median(durations) * 1000:,.1f} ms, {pages:,} pages"


FOLLOWS = (
    "So months stay as they are: clustering makes one device's month three times as quick to read, which its quarter "
    "hours spare anyway, and a BRIN alone makes a device's day fifty times as slow."
)
QUESTION = Question("old_months", "CLUSTER an old month by device, or a BRIN instead of its key?", FOLLOWS, measure)
