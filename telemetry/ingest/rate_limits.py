"""How fast one may send: token buckets that allow debt, so that a day file always gets through in time.

A request passes while its bucket is positive and may take it far below zero; the next one waits until that is paid.
The buckets live in this process: with N web workers a device may send up to N times its rate before all have noticed.
Time is passed in, in seconds that only go forward (`time.monotonic()`).
"""

from collections import OrderedDict
from ipaddress import IPv6Address, ip_address
from math import ceil
from threading import Lock

from django.conf import settings

MAX_BUCKETS = 20_000  # the least recently used one goes: it has had the longest time to fill up
UNKNOWN_KEY_BURST = 30  # refused keys
FACTORY_BURST_SECONDS = 120  # seconds' worth of its rate


class TokenBuckets:
    """One bucket per key, each filling at `rate` a second up to `burst`. A rate of 0 is no limit."""

    def __init__(self, rate: float, burst: float, most: int = MAX_BUCKETS):
        self.rate, self.burst, self.most = rate, burst, most
        self.levels = OrderedDict()  # key → (level, when it was that)
        self.lock = Lock()

    def wait(self, key, now: float) -> int:
        """Whole seconds until a request of `key` may pass; 0 for at once."""
        if self.rate <= 0:
            return 0
        with self.lock:
            level = self.level(key, now)
        return 0 if level > 0 else max(1, ceil(-level / self.rate))

    def consume(self, key, amount: float, now: float):
        if self.rate <= 0:
            return
        with self.lock:
            self.levels[key] = (self.level(key, now) - amount, now)
            self.levels.move_to_end(key)
            if len(self.levels) > self.most:
                self.levels.popitem(last=False)

    def level(self, key, now):
        level, then = self.levels.get(key, (self.burst, now))
        return min(self.burst, level + max(0.0, now - then) * self.rate)


class IngestRateLimits:
    """The limits of one web process, as the settings say."""

    def __init__(self):
        self.devices = TokenBuckets(settings.INGEST_DEVICE_RATE, settings.INGEST_DEVICE_BURST)
        self.factories = TokenBuckets(
            settings.INGEST_FACTORY_RATE, settings.INGEST_FACTORY_RATE * FACTORY_BURST_SECONDS
        )
        self.unknown_keys = TokenBuckets(settings.INGEST_STRANGER_RATE, UNKNOWN_KEY_BURST)

    def retry_after_devices(self, device_pks, now) -> int:
        """0 unless every one of the devices must wait: one flooding unit behind a gateway slows no other."""
        return min((self.devices.wait(pk, now) for pk in device_pks), default=0)

    def retry_after_unknown_key(self, address: str, now) -> int:
        """Counts one refused key of `address`; 0 while it is still worth an answer of its own."""
        network = network_of(address)
        wait = self.unknown_keys.wait(network, now)
        self.unknown_keys.consume(network, 0 if wait else 1, now)
        return wait


def network_of(address: str) -> str:
    """An IPv6 customer has 2⁶⁴ addresses: they count as one."""
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


def reset():
    """Start afresh, with the settings of now (tests)."""
    global _limits
    _limits = None
