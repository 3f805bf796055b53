"""Rate limits of ingest: token buckets that allow debt, so that a day file always gets through in time.

A request passes while its bucket is positive and may take it far below zero; the next one waits until it is refilled.
Live readings and backfill have buckets of their own: after a night's buffer the live reading passes at once.
Which of them a request needs is known once its readings are parsed. So that a flood is refused before that, each
device may only have so many requests parsed and refused.

The buckets live in this process: with N web workers a device may send up to N times its rate before all have noticed.
Time is passed in, in seconds that only go forward (`time.monotonic()`).
"""

from collections import Counter, OrderedDict
from collections.abc import Mapping
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from math import ceil
from threading import Lock
from typing import NamedTuple

from django.conf import settings

from telemetry.storage.writer import ReadingRow

MAX_BUCKETS = 20_000  # the least recently used one goes: it has had the longest time to fill up
UNKNOWN_KEY_BURST = 30  # rejected keys
FACTORY_BURST_SECONDS = 120  # seconds' worth of its rate
PARSED_REFUSALS_PER_S, PARSED_REFUSALS_BURST = 1, 10  # requests of a device whose body is read, only to be refused


class Demand(NamedTuple):
    """The readings of a request, by the budget that they are taken from."""

    live: int
    backfill: int


ONE_LIVE_READING = Demand(1, 0)  # also what cannot be read at all counts as


class TokenBuckets:
    """One bucket per key, each filling at `rate` a second up to `burst`. A rate of 0 is no limit."""

    def __init__(self, rate: float, burst: float, max_buckets: int = MAX_BUCKETS):
        self.rate, self.burst, self.max_buckets = rate, burst, max_buckets
        self.levels = OrderedDict()  # key → (level, at that time)
        self.lock = Lock()

    def retry_after(self, key, now: float) -> int:
        """Whole seconds until a request of `key` may pass; 0 for at once."""
        if self.rate <= 0:
            return 0
        with self.lock:
            level = self.level(key, now)
        return 0 if level > 0 else max(1, ceil(-level / self.rate))

    def consume(self, key, amount: float, now: float) -> None:
        if self.rate <= 0:
            return
        with self.lock:
            self.levels[key] = (self.level(key, now) - amount, now)
            self.levels.move_to_end(key)
            if len(self.levels) > self.max_buckets:
                self.levels.popitem(last=False)

    def level(self, key, now) -> float:
        level, updated_at = self.levels.get(key, (self.burst, now))
        return min(self.burst, level + max(0.0, now - updated_at) * self.rate)


class Budget:
    """Live readings and backfill of each device (or factory): neither ever waits for the other's debt."""

    def __init__(self, live: TokenBuckets, backfill: TokenBuckets):
        self.live, self.backfill = live, backfill

    def retry_after(self, key, demand: Demand, now: float) -> int:
        """Whole seconds until a request with this demand may pass: until each bucket that it needs is positive."""
        live_s = self.live.retry_after(key, now) if demand.live else 0
        return max(live_s, self.backfill.retry_after(key, now) if demand.backfill else 0)

    def retry_after_any(self, key, now: float) -> int:
        """Whole seconds until some request may pass: 0 while one of the two is positive."""
        return min(self.live.retry_after(key, now), self.backfill.retry_after(key, now))

    def consume(self, key, demand: Demand, now: float) -> None:
        if demand.live:
            self.live.consume(key, demand.live, now)
        if demand.backfill:
            self.backfill.consume(key, demand.backfill, now)


class IngestRateLimits:
    """The rate limits of one web process, from the settings."""

    def __init__(self):
        self.devices = Budget(
            TokenBuckets(settings.INGEST_DEVICE_RATE, settings.INGEST_DEVICE_BURST),
            TokenBuckets(settings.INGEST_BACKFILL_RATE, settings.INGEST_BACKFILL_BURST),
        )
        factory_rate = settings.INGEST_FACTORY_RATE
        self.factories = Budget(
            TokenBuckets(factory_rate, factory_rate * FACTORY_BURST_SECONDS),
            TokenBuckets(factory_rate, factory_rate * FACTORY_BURST_SECONDS),
        )
        self.parsed_refusals = TokenBuckets(PARSED_REFUSALS_PER_S, PARSED_REFUSALS_BURST)
        self.unknown_keys = TokenBuckets(settings.INGEST_STRANGER_RATE, UNKNOWN_KEY_BURST)
        self.live_span = timedelta(minutes=settings.INGEST_LIVE_MINUTES)

    def retry_after_unparsed(self, sender, factory_pk: int, now: float) -> int:
        """Before the body is read: 0 unless whatever it holds would be refused, or too many were read for nothing.

        In the latter case a device whose live readings flood waits for that bucket; one that only backfills too fast
        is looked at again a second later, since its next request may be a live reading.
        """
        if wait_s := self.factories.retry_after_any(factory_pk, now) or self.devices.retry_after_any(sender, now):
            return wait_s
        if not (pause_s := self.parsed_refusals.retry_after(sender, now)):
            return 0
        live_s = max(self.devices.live.retry_after(sender, now), self.factories.live.retry_after(factory_pk, now))
        backfill_s = max(
            self.devices.backfill.retry_after(sender, now), self.factories.backfill.retry_after(factory_pk, now)
        )
        return live_s or (pause_s if backfill_s else 0)

    def retry_after_parsed(self, demands: Mapping[object, Demand], factory_pk: int, now: float) -> int:
        """0 unless the factory, or each of the devices (or senders), is over its limit in what it sends: one flooding
        unit behind a gateway slows no other."""
        total = Demand(sum(each.live for each in demands.values()), sum(each.backfill for each in demands.values()))
        if wait_s := self.factories.retry_after(factory_pk, total, now):
            return wait_s
        return min((self.devices.retry_after(key, demand, now) for key, demand in demands.items()), default=0)

    def count_parsed_refusal(self, sender, now: float) -> None:
        self.parsed_refusals.consume(sender, 1, now)

    def consume(self, demands: Mapping[object, Demand], factory_pk: int, now: float) -> None:
        for key, demand in demands.items():
            self.devices.consume(key, demand, now)
            self.factories.consume(factory_pk, demand, now)

    def retry_after_unknown_key(self, address: str, now) -> int:
        """Counts one rejected key from `address`; 0 while it is still answered with a 401."""
        network = network_of(address)
        wait_s = self.unknown_keys.retry_after(network, now)
        self.unknown_keys.consume(network, 0 if wait_s else 1, now)
        return wait_s


def demands_of(
    rows: list[ReadingRow], reading_counts: Mapping[int | None, int], prefix: str, live_span: timedelta, now: datetime
) -> dict[object, Demand]:
    """Device pk → its Demand; the key's `prefix` stands for readings of no known device.

    Backfill is what was measured longer than `live_span` ago. What is not stored, but held, counts as live.
    """
    live_from = now - live_span
    backfill = Counter(row.device_pk for row in rows if row.at < live_from)
    return {
        device_pk or prefix: Demand(count - backfill[device_pk], backfill[device_pk])
        for device_pk, count in reading_counts.items()
    }


def network_of(address: str) -> str:
    """The /64 of an IPv6 address: one customer has 2⁶⁴ of them, which count as one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(IPv6Address(int(parsed) >> 64 << 64)) if parsed.version == 6 else address


_limits = None


def process_limits() -> IngestRateLimits:
    global _limits
    if _limits is None:
        _limits = IngestRateLimits()
    return _limits


def reset() -> None:
    """Forget all buckets and read the settings again (tests)."""
    global _limits
    _limits = None
