"""Since when this installation has been listening: what it cannot have heard is nobody's silence."""

from datetime import timedelta

from django.db import models

MISSED_LOOKS = timedelta(minutes=5)  # the look for silent devices comes every minute


class Listening(models.Model):
    """One row. `since` is the end of the installation's own last absence, `looked_at` the last look at silences."""

    since = models.DateTimeField(null=True)
    looked_at = models.DateTimeField()

    def __str__(self):
        return f"listening since {self.since or 'ever'}"


def listen(now):
    """Note a look → the moment our own last absence ended, or None where none is known.

    Looks that are missing mean that the service was down, or its worker: devices may have spoken to nobody.
    """
    row = Listening.objects.select_for_update().order_by("pk").first()
    if row is None:
        return Listening.objects.create(looked_at=now).since
    if now - row.looked_at > MISSED_LOOKS:
        row.since = now
    row.looked_at = max(now, row.looked_at)
    row.save()
    return row.since
