"""Uptime of ingestion, from heartbeats: silence during an outage of the service is not the device's.

Each web process sends a heartbeat once a minute (`carbonseed.runtime.heartbeat`). Consecutive heartbeats make one
uptime interval; a pause longer than OUTAGE_AFTER is an outage, after which every device gets its full silence interval
again.
"""

from datetime import timedelta

from django.db import connection, transaction

from alerts.models import UptimeInterval

HEARTBEAT_INTERVAL = timedelta(minutes=1)
OUTAGE_AFTER = timedelta(minutes=3)  # two heartbeats may get lost on a busy machine
HEARTBEAT_LOCK = 7_261_003  # advisory lock: of several web processes, one begins an interval
RETENTION = timedelta(days=400)


@transaction.atomic
def record_heartbeat(now) -> None:
    """Record that readings are accepted at `now`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [HEARTBEAT_LOCK])
    newest = UptimeInterval.objects.last()
    if newest is None or now - newest.until_at > OUTAGE_AFTER:
        UptimeInterval.objects.create(since_at=now, until_at=now)
        UptimeInterval.objects.filter(until_at__lt=now - RETENTION).delete()
    elif now > newest.until_at:
        newest.until_at = now
        newest.save(update_fields=["until_at"])


def up_since(now):
    """Start of the current uptime interval, None during an outage.

    An installation without heartbeats counts as always up.
    """
    newest = UptimeInterval.objects.last()
    if newest is None:
        return now.min.replace(tzinfo=now.tzinfo)
    return newest.since_at if now - newest.until_at <= OUTAGE_AFTER else None
