"""When devices and keys were last seen, and how often and since when their requests were refused."""

from django.db import models

from devices.models import Device, DeviceKey
from factories.tenancy import FactoryScopedQuerySet


class LastSeen(models.Model):
    """When a device was last seen, updated by the digest: not on the device's own row and not on the hot path."""

    factory_path = "device__factory"
    device = models.OneToOneField(
        Device, on_delete=models.CASCADE, primary_key=True, db_constraint=False, related_name="last_seen"
    )
    heard_at = models.DateTimeField()  # server time of the newest accepted request
    reading_at = models.DateTimeField()  # event time of the newest reading
    objects = FactoryScopedQuerySet.as_manager()


class KeyUse(models.Model):
    """When a key last sent something that was stored, updated by the digest."""

    key = models.OneToOneField(
        DeviceKey, on_delete=models.CASCADE, primary_key=True, db_constraint=False, related_name="use"
    )
    used_at = models.DateTimeField()


class UnreadStreak(models.Model):
    """Requests of a key, one after the other, of which nothing could be stored, and the last of them.

    It is over once the key sends something that is stored (`KeyUse`); the next one then begins anew.
    """

    factory_path = "key__factory"
    key = models.OneToOneField(
        DeviceKey, on_delete=models.CASCADE, primary_key=True, db_constraint=False, related_name="unread"
    )
    since = models.DateTimeField()
    requests = models.PositiveBigIntegerField(default=0)
    last_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(help_text="of the last answer")
    detail = models.CharField(max_length=500, help_text="why, as the last answer said it")
    payload = models.TextField(blank=True, help_text="how the last body began, without keys")
    objects = FactoryScopedQuerySet.as_manager()


class RefusalCount(models.Model):
    """How often requests of a known device were refused on a day (UTC), by the status of the answer."""

    factory_path = "device__factory"
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="refusals")
    on = models.DateField()
    status = models.PositiveSmallIntegerField()
    count = models.PositiveBigIntegerField(default=0)
    last_at = models.DateTimeField()
    objects = FactoryScopedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["device", "on", "status"], name="one_refusal_count_per_day")]
