"""Rate limits of ingest: token buckets that allow debt, so that a day file always gets through in time.

A request passes while its bucket is positive and may take it far below zero; the next one waits until it is refilled.
The buckets live in this process: with N web workers a device may send up to N times its rate before all have noticed.
Time is passed in, in seconds that only go forward (`time.monotonic()`).
"""

from collections import OrderedDict
from ipaddress import IPv6Address, ip_address
from math import ceil
from threading import Lock

from django.conf import settings

MAX_BUCKETS = 20_000  # the least recently used one goes: it has had the longest time to fill up
UNKNOWN_KEY_BURST = 30  # rejected keys
FACTORY_BURST_SECONDS = 120  # seconds' worth of its rate


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


class IngestRateLimits:
    """The rate limits of one web process, from the settings."""

    def __init__(self):
        self.devices = TokenBuckets(settings.INGEST_DEVICE_RATE, settings.INGEST_DEVICE_BURST)
        self.factories = TokenBuckets(
            settings.INGEST_FACTORY_RATE, settings.INGEST_FACTORY_RATE * FACTORY_BURST_SECONDS
        )
        self.unknown_keys = TokenBuckets(settings.INGEST_STRANGER_RATE, UNKNOWN_KEY_BURST)

    def retry_after_devices(self, device_pks, now) -> int:
        """0 unless all of the devices are over their limit: one flooding unit behind a gateway slows no other."""
        return min((self.devices.retry_after(pk, now) for pk in device_pks), default=0)

    def retry_after_unknown_key(self, address: str, now) -> int:
        """Counts one rejected key from `address`; 0 while it is still answered with a 401."""
        network = network_of(address)
        wait_s = self.unknown_keys.retry_after(network, now)
        self.unknown_keys.consume(network, 0 if wait_s else 1, now)
        return wait_s


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
