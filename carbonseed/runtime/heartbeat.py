"""A web process says once a minute that it takes readings in, so that an outage of ours is no device's silence."""

import logging
import threading
import time

from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from alerts import service_uptime

log = logging.getLogger(__name__)


def start():
    """Begin in a thread of this process; it ends with it."""
    threading.Thread(target=beat_forever, name="heartbeat", daemon=True).start()


def beat_forever():
    while True:
        beat_once()
        time.sleep(service_uptime.HEARTBEAT_INTERVAL.total_seconds())


def beat_once():
    """A database that is away takes no reading in either: no beat is the truth then."""
    try:
        service_uptime.record_heartbeat(timezone.now())
    except (DatabaseError, InterfaceError) as error:
        log.warning("No heartbeat: %s", error)
    finally:
        connection.close()  # a minute of rest is no reason to hold one
