"""Uptime intervals of ingestion: silence during an outage is not the device's."""

from django.db import models


class UptimeInterval(models.Model):
    """A time in which web processes sent a heartbeat every minute (`alerts.service_uptime`)."""

    since_at = models.DateTimeField()
    until_at = models.DateTimeField()

    class Meta:
        ordering = ["since_at"]
        verbose_name_plural = "listening"

    def __str__(self) -> str:
        return f"{self.since_at:%Y-%m-%d %H:%M} to {self.until_at:%Y-%m-%d %H:%M}"
