"""A round of load: the generator's process beside the service, and where the CPU time went meanwhile."""

import json
import os
import subprocess
import sys
from typing import NamedTuple

from benchmarks.databases import ROOT
from benchmarks.serving import postgres_cpu_s

STEP_S = 300  # between a sender's readings


class Round(NamedTuple):
    rate: float  # requests a second, all of them answered with success
    requests: int
    p50_ms: float
    p95_ms: float
    cpu: dict  # {load, service, PostgreSQL}: cores


def send(databases, service, senders, *, first_epoch_s, connections, batch, requests, seconds, step_s=STEP_S) -> Round:
    """Post `requests`, or as many as `seconds` allow. Raises where one was refused: it would be no measurement."""
    load = {
        "port": service.port,
        "senders": senders,
        "first_epoch_s": first_epoch_s,
        "step_s": step_s,
        "connections": connections,
        "batch": batch,
        "requests": requests,
        "seconds": seconds,
    }
    before = service.cpu_s(), postgres_cpu_s(databases.server)
    result = json.loads(
        subprocess.run(
            [sys.executable, "-m", "benchmarks.load"],
            input=json.dumps(load).encode(),
            stdout=subprocess.PIPE,
            check=True,
            cwd=ROOT,
            env=os.environ,
        ).stdout
    )
    seconds_taken = result["seconds"]
    failures = {status: n for status, n in result["statuses"].items() if status not in ("200", "201")}
    if failures:
        raise RuntimeError(f"the service refused some of {result['sent']} requests: {failures}")
    return Round(
        result["sent"] / seconds_taken,
        result["sent"],
        result["p50_ms"],
        result["p95_ms"],
        {
            "load": result["load_cpu"],
            "service": (service.cpu_s() - before[0]) / seconds_taken,
            "PostgreSQL": (postgres_cpu_s(databases.server) - before[1]) / seconds_taken,
        },
    )


def cpu_note(label, rounds) -> str:
    """One line: cores taken by the generator, the service and the database, and how long an answer takes."""
    shares = {name: sum(r.cpu[name] for r in rounds) / len(rounds) for name in rounds[0].cpu}
    cores = ", ".join(f"{name} {share:.2f}" for name, share in shares.items())
    p50, p95 = (sorted(getattr(r, name) for r in rounds)[len(rounds) // 2] for name in ("p50_ms", "p95_ms"))
    return f"{label}: cores taken by {cores}; answers after {p50:.1f} ms (median), {p95:.1f} ms (95th percentile)."
