"""One run: databases that are filled when first needed, rounds of A and B in turn, readings that never repeat."""

from datetime import UTC, datetime
from math import ceil
from statistics import median
from time import perf_counter

from benchmarks.databases import fetch, switch_database, telemetry_models
from benchmarks.fill import Filler
from benchmarks.sending import STEP_S, send


class Run:
    def __init__(self, databases, size, log):
        self.databases, self.size, self.log = databases, size, log
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.filler = Filler(databases, size, self.now, log)
        self.epochs_s = {}  # database → the time of the next reading that is sent there

    def ensure(self, name) -> dict:
        return self.filler.ensure(name)

    def alternate(self, ours, theirs, *, warm_up, each):
        """A B A B … after a warm-up of both → (results of A, results of B)."""
        ours(warm_up)
        theirs(warm_up)
        results = [], []
        for number in range(self.size.rounds):
            results[0].append(ours(each))
            results[1].append(theirs(each))
            self.log(f"round {number + 1} of {self.size.rounds}")
        return results

    def interleave(self, ours, theirs):
        """Seconds that single calls take, A B A B … after one of each to warm up → (medians of A, of B) per round."""
        ours()
        theirs()
        results = [], []
        for _ in range(self.size.rounds):
            took = [(seconds_of(ours), seconds_of(theirs)) for _ in range(self.size.repeats)]
            for place in (0, 1):
                results[place].append(median(pair[place] for pair in took))
        return results

    # Sending

    def send_round(self, name, service, senders, **options):
        """A round of requests with readings of their own: nothing is a duplicate."""
        first = self.next_epoch(name, max_readings(len(senders), **options))
        return send(self.databases, service, senders, first_epoch_s=first, **options)

    def next_epoch(self, name, readings) -> int:
        """Where a round of so many readings of each sender begins."""
        first = self.epochs_s.get(name, int(self.filler.start.timestamp()))
        self.epochs_s[name] = first + readings * STEP_S
        if self.epochs_s[name] > self.now.timestamp():
            self.delete_sent(name)
            first = self.epochs_s[name]
            self.epochs_s[name] = first + readings * STEP_S
        return first

    def delete_sent(self, name):
        """Take away what the senders sent."""
        self.epochs_s[name] = int(self.filler.start.timestamp())
        if name == "empty":
            self.truncate(name)
            return
        switch_database(name)
        pks = [sender["pk"] for sender in self.ensure("empty")["senders"]]
        for model in telemetry_models():
            if any(field.column == "device_id" for field in model._meta.concrete_fields):
                fetch(f"DELETE FROM {model._meta.db_table} WHERE device_id = ANY(%s)", [pks])
        fetch("VACUUM telemetry_reading")

    def truncate(self, name):
        """The product's telemetry tables, empty again."""
        switch_database(name)
        fetch(f"TRUNCATE {', '.join(model._meta.db_table for model in telemetry_models())}")

    def checkpoint(self):
        """So that no round pays for the one before."""
        self.databases.admin("CHECKPOINT")


def seconds_of(call) -> float:
    began = perf_counter()
    call()
    return perf_counter() - began


def max_readings(senders, *, connections, batch, requests, **_) -> int:
    """Of one sender in a round: connections share the requests, and the senders of each take turns."""
    return ceil(ceil(requests / connections) / (senders // connections)) * batch
