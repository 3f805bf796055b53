"""Single readings over HTTP, against the minimal service that does the original's work."""

import os

from benchmarks import serving
from benchmarks.benchmark import Benchmark, Measurement, Side
from benchmarks.sending import cpu_note, send

CONNECTIONS = 64


def measure(run):
    senders, size = run.ensure("empty")["senders"], run.size
    run.ensure("original")
    run.delete_sent("empty")
    workers = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    options = {"connections": CONNECTIONS, "batch": 1, "requests": size.posts}
    with serving.product(run.databases, "empty", workers) as ours, serving.original(run.databases, workers) as theirs:
        rounds = run.alternate(
            lambda seconds: run.send_round("empty", ours, senders, seconds=seconds, **options),
            lambda seconds: send(
                run.databases,
                theirs,
                keyless(senders),
                first_epoch_s=int(run.filler.start.timestamp()),
                seconds=seconds,
                **options,
            ),
            warm_up=size.posts_s / 2,
            each=size.posts_s,
        )
    notes = [cpu_note("Carbonseed", rounds[0]), cpu_note("The original's work", rounds[1])]
    return Measurement(*(Side([r.rate for r in side], "posts/s") for side in rounds), notes)


def keyless(senders):
    return [{"device_id": sender["device_id"]} for sender in senders]


BENCHMARKS = [
    Benchmark(
        "posts",
        "single POST/s through the DRF view, 64 connections, keyed, checked, durable",
        "a minimal FastAPI + SQLAlchemy service doing the original's work",
        4,
        "times the rate",
        "Bound by Python: the service takes several times the CPU of PostgreSQL, whose commit is shared by those "
        "that came together. In a profile most of it was Django's and DRF's dispatch and the interpreter switching "
        "between threads, packing and sending the row under a tenth.",
        measure,
    )
]
