"""One device floods: the others hardly notice, since refusing it costs next to nothing.

How much slower the others become is printed. On a busy machine clocks say little, so that bound is loose;
PROOF_FLOOD_RATIO=1.2 asks for what the service promises on a quiet one. What a refusal costs, in queries and in
processor time beside that of a reading, holds anywhere.
"""

import os
import statistics
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import NamedTuple

import pytest

from carbonseed.tests.processes import cpu_s
from carbonseed.tests.resilience.sending import DeviceConnection
from carbonseed.tests.resilience.service import Service

pytestmark = [pytest.mark.slow, pytest.mark.alone]
FLOOD_PER_S = 700
OTHERS = [f"D{number}" for number in range(8)]
OTHERS_PER_S = 4  # each, below their own limit
ROUNDS = int(os.environ.get("PROOF_FLOOD_ROUNDS", "2"))
ROUND_S = 4
RISING_S = 2
RATIO = float(os.environ.get("PROOF_FLOOD_RATIO", "5"))
TRANSACTIONS = "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"


class Responses(NamedTuple):
    """Statuses and latencies of the requests of one process."""

    statuses: Counter
    seconds: list

    def latency(self, share) -> float:
        """The latency, in s, that `share` of the answers stayed below."""
        return statistics.quantiles(self.seconds, n=100, method="inclusive")[round(share * 100) - 1]


@pytest.fixture(scope="module")
def limited(server):
    with Service(server, INGEST_DEVICE_RATE="5", INGEST_DEVICE_BURST="20") as running:
        yield running


def send_evenly(port, keys, per_s, seconds, start) -> Responses:
    """Each key on a connection of its own, `per_s` single readings a second; late answers are made up for."""
    responses = Responses(Counter(), [])
    threads = [
        threading.Thread(
            target=send_evenly_on, args=(DeviceConnection(port, key), per_s, seconds, start + 10_000 * place, responses)
        )
        for place, key in enumerate(keys)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return responses


def send_evenly_on(connection, per_s, seconds, start, responses):
    began, sent = time.monotonic(), 0
    while (due := began + sent / per_s) < began + seconds:
        if (now := time.monotonic()) > began + seconds:
            return
        time.sleep(max(0.0, due - now))
        asked_at = time.monotonic()
        responses.statuses[connection.status_of({"timestamp": start + sent, "temperature": 850.5})] += 1
        responses.seconds.append(time.monotonic() - asked_at)
        sent += 1


def merge_responses(several) -> Responses:
    return Responses(
        sum((one.statuses for one in several), Counter()), [second for one in several for second in one.seconds]
    )


class FloodTrial:
    """Quiet and flooded rounds in turn, and what the web processes and the database spent on either."""

    def __init__(self, service, keys, flood):
        self.service, self.keys, self.flood = service, keys, flood
        self.before, self.during, self.flooding = [], [], []
        self.quiet_cpu_s = self.flooded_cpu_s = 0.0
        self.transactions = 0

    def run(self):
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as senders:
            for number in range(ROUNDS):
                start = 1_760_000_000 + 200_000 * number
                self.quiet_round(senders, start)
                self.flooded_round(senders, start + 100_000)
        self.before, self.during, self.flooding = map(merge_responses, (self.before, self.during, self.flooding))
        return self

    def send(self, senders, keys, per_s, start, seconds=ROUND_S):
        return senders.submit(send_evenly, self.service.port, keys, per_s, seconds, start)

    def quiet_round(self, senders, start):
        began = cpu_s(self.service.web_workers())
        self.before.append(self.send(senders, self.keys, OTHERS_PER_S, start).result())
        self.quiet_cpu_s += cpu_s(self.service.web_workers()) - began

    def flooded_round(self, senders, start):
        began, transactions = cpu_s(self.service.web_workers()), self.service.query(TRANSACTIONS)[0][0]
        flooding = self.send(senders, self.flood, FLOOD_PER_S / len(self.flood), start, ROUND_S + RISING_S)
        time.sleep(RISING_S)  # what it may send at once is sent
        self.during.append(self.send(senders, self.keys, OTHERS_PER_S, start).result())
        self.flooding.append(flooding.result())
        self.flooded_cpu_s += cpu_s(self.service.web_workers()) - began
        time.sleep(1.1)  # backends report their counts once a second
        self.transactions += self.service.query(TRANSACTIONS)[0][0] - transactions

    @property
    def refused(self) -> int:
        return self.flooding.statuses[429]

    @property
    def reading_cpu_s(self) -> float:
        return self.quiet_cpu_s / len(self.before.seconds)

    @property
    def refusal_cpu_s(self) -> float:
        readings = len(self.during.seconds) + len(self.flooding.seconds) - self.refused
        return max(0.0, self.flooded_cpu_s - readings * self.reading_cpu_s) / self.refused

    def slower(self, share) -> float:
        return self.during.latency(share) / self.before.latency(share)

    def __str__(self):
        per_s = len(self.flooding.seconds) / (ROUNDS * (ROUND_S + RISING_S))
        lines = [f"flood: {per_s:.0f}/s, {dict(self.flooding.statuses)}"]
        for name, share in (("median", 0.5), ("p95", 0.95)):
            quiet_ms, flooded_ms = self.before.latency(share) * 1000, self.during.latency(share) * 1000
            lines.append(f"others' {name}: {quiet_ms:.1f} → {flooded_ms:.1f} ms, {self.slower(share):.2f} times")
        cost = (
            f"{self.reading_cpu_s * 1000:.2f} ms of a core for a reading, {self.refusal_cpu_s * 1000:.2f} for a refusal"
        )
        return "\n".join([*lines, cost, f"{self.transactions} transactions during {self.refused} refusals"])


def test_the_others_hardly_notice_a_flood(limited, capsys):
    keys = limited.register("Flood", *OTHERS, factory="A flood")
    flood = [keys.pop("Flood")] * 8
    trial = FloodTrial(limited, list(keys.values()), flood).run()
    with capsys.disabled():
        sys.stdout.write(f"\n{trial}\n")
    assert set(trial.before.statuses) | set(trial.during.statuses) == {201}
    assert set(trial.flooding.statuses) <= {200, 201, 429}
    assert trial.refused > 10 * (len(trial.flooding.seconds) - trial.refused)
    assert trial.transactions < trial.refused / 2, "refusals ask the database"
    if trial.reading_cpu_s:  # where the system reports it
        assert trial.refusal_cpu_s < trial.reading_cpu_s / 2
    assert trial.slower(0.5) < RATIO
