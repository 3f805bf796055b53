"""Senders that fall silent in the middle of a body: each holds a thread of this process for as long as it likes.

granian sets bodies no time limit, and a unit that loses power while it posts never closes its connection. Behind a
proxy that takes bodies in before it passes them on, as nginx does, none of this happens. Without one these threads add
up until nobody is answered; so when half of them are held this way the process ends, and granian starts another within
seconds. What was under way had not been acknowledged: devices send it again.
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
    """Since when which thread has been waiting for the next piece of a body."""

    def __init__(self, allowed_s, most, end):
        self.allowed_s, self.most, self.end = allowed_s, most, end
        self.since = {}

    def stalled(self, now) -> int:
        return sum(now - began > self.allowed_s for began in list(self.since.values()))

    def look(self, now):
        stalled = self.stalled(now)
        if stalled >= self.most:
            log.error("%d threads wait for senders that fell silent; this web process starts anew.", stalled)
            self.end()

    def run_forever(self):
        while True:
            time.sleep(CHECK_INTERVAL_S)
            self.look(time.monotonic())


class MonitoredBody:
    """`wsgi.input` under watch, read piece by piece."""

    def __init__(self, body, watch):
        self.body, self.watch = body, watch

    def read(self, size=-1):
        pieces, missing = [], size
        while missing:
            piece = self.waited(self.body.read, CHUNK_BYTES if size < 0 else min(missing, CHUNK_BYTES))
            if not piece:
                break
            pieces.append(piece)
            missing -= len(piece) if size >= 0 else 0
        return b"".join(pieces)

    def readline(self, size=-1):
        return self.waited(self.body.readline, size)

    def waited(self, read, size):
        thread = threading.get_ident()
        self.watch.since[thread] = time.monotonic()
        try:
            return read(size)
        finally:
            del self.watch.since[thread]


def with_watchdog(application):
    """The WSGI application, its process ended when too many of its threads are held."""
    watchdog = SlowClientWatchdog(
        settings.WEB_STALL_SECONDS, max(2, process_manager.threads() // 2), end=lambda: os._exit(1)
    )
    started = threading.Lock()  # taken by the first request, in the process that serves: the one before it forked

    def monitored_application(environ, start_response):
        if started.acquire(blocking=False):
            threading.Thread(target=watchdog.run_forever, daemon=True).start()
        environ["wsgi.input"] = MonitoredBody(environ["wsgi.input"], watchdog)
        return application(environ, start_response)

    return monitored_application
