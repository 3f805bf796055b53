"""Watchdog for stalled request bodies: each blocks a thread of this process without limit.

granian sets bodies no time limit, and a unit that loses power while it posts never closes its connection. Behind a
proxy that buffers bodies, as nginx does, none of this happens. Without one blocked threads add up until no request is
served; so when half of them are blocked the process exits, and granian starts another within seconds. Requests in
progress had not been acknowledged: devices send them again.
"""

import logging
import os
import threading
import time

from django.conf import settings

from carbonseed.runtime import process_manager

CHUNK_BYTES = 4096  # so many within the time allowed, or the rest if that is less
CHECK_INTERVAL_S = 1
log = logging.getLogger(__name__)


class SlowClientWatchdog:
    """Thread id → monotonic time since which it has waited for the next chunk of a body."""

    def __init__(self, allowed_s, max_stalled, terminate) -> None:
        self.allowed_s, self.max_stalled, self.terminate = allowed_s, max_stalled, terminate
        self.waiting_since = {}

    def stalled_count(self, now) -> int:
        return sum(now - began > self.allowed_s for began in list(self.waiting_since.values()))

    def check(self, now) -> None:
        stalled = self.stalled_count(now)
        if stalled >= self.max_stalled:
            log.error("%d threads wait for senders that fell silent; this web process starts anew.", stalled)
            self.terminate()

    def run_forever(self) -> None:
        while True:
            time.sleep(CHECK_INTERVAL_S)
            self.check(time.monotonic())


class MonitoredBody:
    """`wsgi.input`, read in chunks that the watchdog times."""

    def __init__(self, body, watchdog) -> None:
        self.body, self.watchdog = body, watchdog

    def read(self, size=-1) -> str:
        chunks, remaining = [], size
        while remaining:
            chunk = self.tracked_read(self.body.read, CHUNK_BYTES if size < 0 else min(remaining, CHUNK_BYTES))
            if not chunk:
                break
            chunks.append(chunk)
            remaining -= len(chunk) if size >= 0 else 0
        return b"".join(chunks)

    def readline(self, size=-1):
        return self.tracked_read(self.body.readline, size)

    def tracked_read(self, read, size):
        thread = threading.get_ident()
        self.watchdog.waiting_since[thread] = time.monotonic()
        try:
            return read(size)
        finally:
            del self.watchdog.waiting_since[thread]


def with_watchdog(application):
    """The WSGI application, its process ended when too many of its threads are blocked."""
    watchdog = SlowClientWatchdog(
        settings.WEB_STALL_SECONDS, max(2, process_manager.threads() // 2), terminate=lambda: os._exit(1)
    )
    started = threading.Lock()  # taken by the first request, in the process that serves: the one before it forked

    def monitored_application(environ, start_response):
        if started.acquire(blocking=False):
            threading.Thread(target=watchdog.run_forever, daemon=True).start()
        environ["wsgi.input"] = MonitoredBody(environ["wsgi.input"], watchdog)
        return application(environ, start_response)

    return monitored_application
