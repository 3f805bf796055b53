"""How soon after its 201 does a reading beyond a limit have its alert, and what does judging cost?"""

import contextlib
import json
import os
import shlex
import subprocess
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from math import ceil
from pathlib import Path
from statistics import median

from benchmarks import fleet, serving
from benchmarks.benchmark import Question
from benchmarks.databases import ROOT, close_connection, fetch, switch_database
from benchmarks.sending import send

CONNECTIONS = 64
MAX_POSTS_A_SECOND = 4_000  # made ready; more than are ever sent
BETWEEN_S = 0.37  # between probes: no multiple of the digest's interval, so that they meet it at every phase
BUFFER_DAYS, BUFFER_BATCH, BUFFER_BATCHES = 300, 30, 4  # of a device of another factory that was offline for so long
BETWEEN_BUFFERED_S = 1.13  # probes beside such buffers come while they are sent and while they are worked off
PATIENCE_S = 60
LIMIT, BEYOND = 900, 950.0  # °C
JUDGED_METRICS = ["temperature", "gas_index", "vibration", "humidity", "pressure", "power_consumption"]


def measure(run) -> list[str]:
    run.ensure("empty")
    run.databases.create("alerting", template="empty")
    switch_database("alerting")
    try:
        return [*table_of(latencies(run)), "", *cost(run)]
    finally:
        close_connection()
        run.databases.drop("alerting")


# From the answer to the alert


def latencies(run) -> list[tuple]:
    """[(what else came, posts a second, sorted seconds of the probes)]"""
    senders = run.ensure("empty")["senders"]
    probes = [probe(run, number) for number in range(3 * run.size.probes)]
    alone, beside_posts, beside_buffers = (probes[place::3] for place in range(3))
    buffered = fleet.register("Buffered", "ESP32-B", run.size.buffer_devices, run.now)
    results = []
    close_connection()  # the services have the server's connections to themselves while they start
    with serving.product(run.databases, "alerting") as service, run_worker(run):
        switch_database("alerting")
        results.append(("nothing", 0.0, probe_latencies(service, alone)))
        seconds = run.size.probes * (BETWEEN_S + 0.2) + 2
        with ThreadPoolExecutor(1) as pool:
            load = pool.submit(live_load, run, service, senders, seconds)
            time.sleep(1)
            latencies_s = probe_latencies(service, beside_posts)
        results.append((f"single posts of {len(senders)} devices, as many as fit", load.result().rate, latencies_s))
        wait_until_judged()
        with ThreadPoolExecutor(1) as pool:
            load = pool.submit(buffer_load, run, service, buffered)
            time.sleep(1)
            latencies_s = probe_latencies(service, beside_buffers, BETWEEN_BUFFERED_S)
        results.append((buffer_text(run, load.result()), load.result().rate, latencies_s))
    return results


def buffer_load(run, service, senders):
    """Each post a part of a device's buffer: its readings lie days apart, and each touches a day of its own."""
    readings = BUFFER_BATCH * BUFFER_BATCHES
    load = {"connections": min(CONNECTIONS, len(senders)), "batch": BUFFER_BATCH, "seconds": run.size.buffer_s}
    load |= {"requests": BUFFER_BATCHES * len(senders), "step_s": BUFFER_DAYS * 86_400 // readings}
    first = int(time.time()) - BUFFER_DAYS * 86_400
    return send(run.databases, service, senders, first_epoch_s=first, **load)


def buffer_text(run, load) -> str:
    [[waiting]] = fetch("SELECT COALESCE(sum(readings), 0) FROM telemetry_dirtyspan WHERE NOT is_present")
    sent = load.requests * BUFFER_BATCH
    return (
        f"buffers over {BUFFER_DAYS} days of another factory's {run.size.buffer_devices:,} devices: {sent:,} readings, "
        f"of which {sent - waiting:,} were worked off when the last alert came"
    )


def wait_until_judged():
    deadline = time.monotonic() + PATIENCE_S
    while fetch("SELECT 1 FROM telemetry_dirtyspan LIMIT 1") and time.monotonic() < deadline:
        time.sleep(0.2)


def probe(run, number):
    from alerts.models import AlertRule
    from devices.models import Device

    [row] = fleet.register("Probes", f"ESP32-P{number}", 1, run.now)
    device = Device.objects.get(pk=row["pk"])
    AlertRule.objects.filter(device=device).delete()
    rule = {"metric": "temperature", "kind": "above", "level": LIMIT, "severity": "critical"}
    AlertRule.objects.create(factory=device.factory, device=device, **rule)
    return row


def live_load(run, service, senders, seconds):
    """Readings a second apart that end about now: evaluated like live ones."""
    requests = int(MAX_POSTS_A_SECOND * seconds)
    first = int(time.time()) - ceil(requests / len(senders)) - 1
    load = {"connections": CONNECTIONS, "batch": 1, "requests": requests, "seconds": seconds, "step_s": 1}
    return send(run.databases, service, senders, first_epoch_s=first, **load)


def probe_latencies(service, probes, between_s=BETWEEN_S) -> list[float]:
    """Each probe posts once; seconds from its answer until its alert can be read."""
    answered_at, alerted_at = {}, {}
    for probe_row in probes:
        post(service.port, probe_row, BEYOND)
        answered_at[probe_row["pk"]] = time.perf_counter()
        next_probe_at = time.perf_counter() + between_s
        poll_alerts(answered_at, alerted_at, until=next_probe_at)
        time.sleep(max(0.0, next_probe_at - time.perf_counter()))
    poll_alerts(answered_at, alerted_at, until=time.perf_counter() + PATIENCE_S)
    if missing := len(answered_at) - len(alerted_at):
        raise RuntimeError(f"{missing} of {len(answered_at)} alerts did not come within {PATIENCE_S} s")
    return sorted(alerted_at[pk] - at for pk, at in answered_at.items())


def poll_alerts(answered_at, alerted_at, until):
    """Note when alerts of these devices are first seen, until then or until all are."""
    while time.perf_counter() < until and len(alerted_at) < len(answered_at):
        waiting = [pk for pk in answered_at if pk not in alerted_at]
        for (pk,) in fetch("SELECT device_id FROM alerts_alert WHERE device_id = ANY(%s)", [waiting]):
            alerted_at[pk] = time.perf_counter()
        time.sleep(0.03)


def post(port, device, temperature):
    body = json.dumps({"device_id": device["device_id"], "temperature": temperature}).encode()
    headers = {"Content-Type": "application/json", "X-API-Key": device["key"]}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/ingest", body, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        if answer.status != 201:
            raise RuntimeError(f"a probe was answered {answer.status}")


@contextlib.contextmanager
def run_worker(run):
    """The worker as production starts it, with a broker and a schedule of its own."""
    from django.conf import settings

    from carbonseed.runtime.process_manager import worker

    folder, var_dir = Path(run.databases.folder) / "worker", settings.VAR_DIR
    folder.mkdir(exist_ok=True)
    settings.VAR_DIR = folder
    try:
        command = shlex.split(worker())
    finally:
        settings.VAR_DIR = var_dir
    own = {"DATABASE_URL": run.databases.url("alerting"), "CELERY_BROKER_URL": f"filesystem://{folder / 'broker'}"}
    environment = {**os.environ, **serving.BASE_ENVIRONMENT, **own, "EMAIL_URL": "dummymail://"}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(run.size.worker_starts_s)
        yield
    finally:
        process.terminate()
        process.wait(60)


def table_of(results) -> list[str]:
    lines = ["| what else came | posts/s | from the 201 to the alert: median | 95 of 100 within | longest |"]
    lines.append("|---|---|---|---|---|")
    for what, rate, latencies_s in results:
        late = latencies_s[min(len(latencies_s) - 1, len(latencies_s) * 95 // 100)]
        lines.append(f"| {what} | {rate:,.0f} | {median(latencies_s):.1f} s | {late:.1f} s | {latencies_s[-1]:.1f} s |")
    return lines


# What judging costs


def cost(run) -> list[str]:
    """Every machine has a new reading and ten rules, none of which fires."""
    from alerts.evaluation.evaluator import evaluate_new_readings
    from alerts.models import AlertRule, EvaluationState
    from telemetry.storage.partitions import ensure_span

    devices = fleet.register("Judged", "ESP32-J", run.size.rule_machines, run.now)
    pks = [device["pk"] for device in devices]
    AlertRule.objects.filter(device__in=pks).delete()
    AlertRule.objects.bulk_create(rule for pk in pks for rule in ten_rules(pk))
    EvaluationState.objects.all().delete()
    fetch("TRUNCATE telemetry_processedspan")
    ensure_span(run.now, run.now + timedelta(hours=1))
    rates = []
    for minute in range(run.size.rounds + 1):
        at = run.now + timedelta(minutes=minute)
        insert_readings(pks, at, minute)
        began, left = time.perf_counter(), len(pks)
        while left > 0 and (judged_count := evaluate_new_readings(at)):
            left -= judged_count
        rates.append(10 * len(pks) / (time.perf_counter() - began))
    rates = sorted(rates[1:])  # the first begins ten watches a machine, once
    middle, spread = median(rates), f"{rates[0]:,.0f} to {rates[-1]:,.0f}"
    seconds = f"{10 * len(pks) / middle:.1f} s"
    return [
        f"{len(pks):,} machines with ten rules each and a new reading: {middle:,.0f} rules/s ({spread}), {seconds}."
    ]


def ten_rules(pk):
    from alerts.models import AlertRule
    from devices.models import Device

    factory = Device.objects.values_list("factory_id", flat=True).get(pk=pk)
    shared = {"factory_id": factory, "device_id": pk, "severity": "warning"}
    for metric in JUDGED_METRICS:
        yield AlertRule(metric=metric, kind="above", level=1e5, **shared)
    yield AlertRule(metric="temperature", kind="below", level=-100, hold_seconds=600, **shared)
    yield AlertRule(metric="humidity", kind="outside", params={"low": -1, "high": 101}, **shared)
    rate = {"window_seconds": 600, "direction": "any"}
    yield AlertRule(metric="temperature", kind="rate", level=500, params=rate, **shared)
    yield AlertRule(metric="gas_index", kind="flat", level=None, hold_seconds=3600, **shared)


def insert_readings(pks, at, minute):
    fetch(
        "INSERT INTO telemetry_reading (device_id, at, temperature, gas_index, vibration_x, vibration_y, vibration_z, "
        "humidity, pressure, power_consumption) "
        "SELECT pk, %s, 850 + %s, 300 + %s, 2, 2, 2, 45, 1013, 32 FROM unnest(%s::bigint[]) AS d(pk)",
        [at, minute, minute, pks],
    )
    fetch(
        "INSERT INTO telemetry_processedspan (device_id, first_at, last_at) "
        "SELECT pk, %s, %s FROM unnest(%s::bigint[]) AS d(pk)",
        [at, at, pks],
    )


FOLLOWS = (
    "So judging stays with the digest's pass: no rule holds up an answer to a device. With nothing else coming, an "
    "alert waits for the next pass and for that to end; under load a pass has more to sum. Present readings are summed "
    "and judged before any backlog, of which a slice of half a second is worked off beside them: the goal is an alert "
    "within 10 s beside any backfill."
)
QUESTION = Question(
    "alerting", "How soon after its 201 has a reading its alert, and what do rules cost?", FOLLOWS, measure
)
