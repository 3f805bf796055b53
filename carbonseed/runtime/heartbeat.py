"""Heartbeat of a web process, once a minute: an outage of the service must not count as a device's silence."""

import logging
import threading
import time

from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from alerts import service_uptime

log = logging.getLogger(__name__)


def start() -> None:
    """Start the heartbeat in a daemon thread of this process."""
    threading.Thread(target=beat_forever, name="heartbeat", daemon=True).start()


def beat_forever() -> None:
    while True:
        beat_once()
        time.sleep(service_uptime.HEARTBEAT_INTERVAL.total_seconds())


def beat_once() -> None:
    """While the database is unavailable no reading is stored either: no heartbeat is right then."""
    try:
        service_uptime.record_heartbeat(timezone.now())
    except (DatabaseError, InterfaceError) as error:
        log.warning("No heartbeat: %s", error)
    finally:
        connection.close()  # a minute of rest is no reason to hold one
