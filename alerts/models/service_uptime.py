"""When the service itself was listening: who was not heard meanwhile was not silent."""

from django.db import models


class UptimeInterval(models.Model):
    """A stretch in which a web process said, minute by minute, that it takes readings in (`alerts.service_uptime`)."""

    since_at = models.DateTimeField()
    until_at = models.DateTimeField()

    class Meta:
        ordering = ["since_at"]
        verbose_name_plural = "listening"

    def __str__(self):
        return f"{self.since_at:%Y-%m-%d %H:%M} to {self.until_at:%Y-%m-%d %H:%M}"
