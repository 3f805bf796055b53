"""Memory and disk: a long export against an idle worker, a reading with its roll-ups against the reading alone."""

import threading
import time
from datetime import datetime, timedelta

from benchmarks import fleet, serving
from benchmarks.benchmark import Benchmark, Measurement, Side
from benchmarks.browsing import Browser
from benchmarks.databases import fetch, switch_database, telemetry_models
from benchmarks.figures.digest import ONE_ARRIVAL_EACH, ONE_EACH

MB = 1e6
CHUNK = 1 << 20


# Memory


class PeakMemory:
    """The highest resident memory of some processes for the length of a `with`."""

    def __init__(self, processes):
        self.processes, self.peak, self.stopping = processes, 0, threading.Event()
        self.thread = threading.Thread(target=self.sample)

    def sample(self):
        while not self.stopping.wait(0.02):
            self.peak = max(self.peak, resident_bytes(self.processes))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join()


def resident_bytes(processes):
    return max(process.memory_info().rss for process in processes)


def measure_csv(run):
    return measure_export(run, "csv", run.size.export_rows)


def measure_xlsx(run):
    return measure_export(run, "xlsx", run.size.xlsx_rows)


def measure_export(run, kind, rows):
    note = run.ensure("large")
    start, until = (datetime.fromisoformat(note[name]) for name in ("start", "until"))
    span = {"device_id": note["exported"], "format": kind, "start_time": start.isoformat()}
    share = (until - start) * (rows / run.size.export_rows) + timedelta(seconds=1)
    with serving.product(run.databases, "large", 1) as service:
        switch_database("large")
        browser = Browser(service, fleet.session_cookie(fleet.ADMIN))
        browser.get("/data/export", **span, end_time=(start + timedelta(hours=1)).isoformat())  # all is imported
        time.sleep(1)
        idle = resident_bytes(service.workers())
        with PeakMemory(service.workers()) as peak_memory:
            summary, began, size = "", time.perf_counter(), 0
            answer = browser.open("/data/export", **span, end_time=(start + share).isoformat())
            lines = 0
            while chunk := answer.read(CHUNK):
                size += len(chunk)
                lines += chunk.count(b"\n")
            took = time.perf_counter() - began
    exported = lines - 1 if kind == "csv" else rows
    if kind == "csv" and not rows * 0.99 <= exported <= rows:
        raise RuntimeError(f"{exported} of {rows} rows came")
    summary = f"{exported:,} rows, {size / MB:,.0f} MB in {took:.0f} s ({exported / took:,.0f} rows/s)."
    return Measurement(Side([peak_memory.peak / MB], "MB"), Side([idle / MB], "MB"), [summary])


# Disk


SIZES = """
SELECT c.relname, sum(pg_total_relation_size(t.relid)) FROM pg_class c, LATERAL pg_partition_tree(c.oid) t
WHERE c.relname = ANY(%s) AND t.isleaf GROUP BY 1
UNION ALL SELECT c.relname, pg_total_relation_size(c.oid) FROM pg_class c WHERE c.relname = ANY(%s) AND c.relkind = 'r'
"""


def measure_disk(run):
    note = run.ensure("small")
    switch_database("small")
    total, raw, parts = bytes_by_table()
    summary = ", ".join(f"{name.removeprefix('telemetry_')} {size / note['readings']:.1f}" for name, size in parts)
    live_summary = simulate_live_ingest(run)
    return Measurement(
        Side([total / note["readings"]], "bytes"),
        Side([raw / note["readings"]], "bytes"),
        [f"{summary}.", live_summary],
    )


def bytes_by_table():
    """(all telemetry tables, readings alone, [(table, bytes)] of those that hold something worth a word)."""
    tables = [model._meta.db_table for model in telemetry_models()]
    sizes = {name: int(size) for name, size in fetch(SIZES, [tables, tables])}
    total = sum(sizes.values())
    parts = sorted(((n, s) for n, s in sizes.items() if s > total / 1000), key=lambda part: -part[1])
    return total, sizes["telemetry_reading"], parts


def simulate_live_ingest(run) -> str:
    """Readings that come every five minutes and are digested at once rewrite their quarter: what that costs."""
    from telemetry.rollups.digest import digest

    pks = [sender["pk"] for sender in run.ensure("empty")["senders"]]
    run.delete_sent("empty")
    first, now = run.filler.start, run.now
    for moment in range(run.size.live_moments):
        at = first + timedelta(seconds=moment * fleet.INTERVAL_S)
        fetch(ONE_EACH, [at, pks])
        fetch(ONE_ARRIVAL_EACH, [at, at, at, pks])
        while digest(now):
            pass
    fetch("TRUNCATE telemetry_processedspan, telemetry_dirtyspan")
    total, raw, _ = bytes_by_table()
    return (
        f"Lived through ({len(pks)} devices, {run.size.live_moments} moments, each digested at once, never vacuumed): "
        f"{total / raw:.2f} × raw."
    )


BENCHMARKS = [
    Benchmark(
        "export",
        "export of 5 million rows as CSV: highest memory of the web worker",
        "memory of an idle worker",
        1.3,
        "times as much",
        "Bound by the network buffer: PostgreSQL prints the rows, the worker passes them on.",
        measure_csv,
    ),
    Benchmark(
        "xlsx",
        "export of a tenth of them as XLSX: highest memory of the web worker",
        "memory of an idle worker",
        1.3,
        "times as much",
        "Bound by zipping: a sheet is compressed while it is made.",
        measure_xlsx,
    ),
    Benchmark(
        "disk",
        "bytes per reading on disk, raw with index and all roll-ups",
        "raw with index alone",
        1.9,
        "times as much",
        "Bound by the quarter hours, wide rows of which a five-minute device fills one with three readings.",
        measure_disk,
    ),
]
