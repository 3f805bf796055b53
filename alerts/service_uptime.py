"""Whether the service itself could hear: silence while it could not is its own, and no device's.

Each web process beats once a minute (`carbonseed.runtime.heartbeat`). Beats that follow one another make one
stretch; a pause longer than PAUSE is an outage, after which every device gets as much time to report again as a
silence may last.
"""

from datetime import timedelta

from django.db import connection, transaction

from alerts.models import Listening

BEAT = timedelta(minutes=1)
PAUSE = timedelta(minutes=3)  # two beats may get lost on a busy machine
BEATING = 7_261_003  # advisory lock: of several web processes, one begins a stretch
KEPT = timedelta(days=400)


@transaction.atomic
def beat(now):
    """Say that readings are taken in at `now`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [BEATING])
    newest = Listening.objects.last()
    if newest is None or now - newest.until_at > PAUSE:
        Listening.objects.create(since_at=now, until_at=now)
        Listening.objects.filter(until_at__lt=now - KEPT).delete()
    elif now > newest.until_at:
        newest.until_at = now
        newest.save(update_fields=["until_at"])


def heard_since(now):
    """Since when devices could be heard without a pause, None where they cannot be at `now`.

    An installation whose web server does not beat is taken to have listened always: it is watched by the clock alone.
    """
    newest = Listening.objects.last()
    if newest is None:
        return now.min.replace(tzinfo=now.tzinfo)
    return newest.since_at if now - newest.until_at <= PAUSE else None
