"""Whether the service itself could hear: silence while it could not is its own, and no device's.

Each web process beats once a minute (`carbonseed.runtime.heartbeat`). Beats that follow one another make one
stretch; a pause longer than PAUSE is an outage, after which every device gets as much time to report again as a
silence may last.
"""

from datetime import timedelta

from django.db import connection, transaction

from alerts.models import UptimeInterval

HEARTBEAT_INTERVAL = timedelta(minutes=1)
OUTAGE_AFTER = timedelta(minutes=3)  # two beats may get lost on a busy machine
HEARTBEAT_LOCK = 7_261_003  # advisory lock: of several web processes, one begins a stretch
RETENTION = timedelta(days=400)


@transaction.atomic
def record_heartbeat(now):
    """Say that readings are taken in at `now`."""
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
    """Since when devices could be heard without a pause, None where they cannot be at `now`.

    An installation whose web server does not beat is taken to have listened always: it is watched by the clock alone.
    """
    newest = UptimeInterval.objects.last()
    if newest is None:
        return now.min.replace(tzinfo=now.tzinfo)
    return newest.since_at if now - newest.until_at <= OUTAGE_AFTER else None
