"""Readings, and the logs of spans that await the digest and the alert evaluation."""

from django.db import models
from django.db.models.functions import Now

from devices.models import Device
from factories.tenancy import FactoryScopedQuerySet
from telemetry.metrics import METRIC_NAMES


def device_reference() -> models.ForeignKey:
    """A device column without a database-level key: partitions stay detachable, and the table distributable."""
    return models.ForeignKey(Device, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")


class Clock(models.IntegerChoices):
    """Whose clock a reading's time comes from."""

    DEVICE = 0, "device"
    SERVER = 1, "server"  # no time was sent
    SHIFTED = 2, "shifted"  # age_ms or sent_at, counted back from the server's clock


class Reading(models.Model):
    """One row per device and moment; a column per metric. Partitioned by month (`telemetry.storage.partitions`)."""

    factory_path = "device__factory"
    pk = models.CompositePrimaryKey("device_id", "at")
    device = device_reference()
    at = models.DateTimeField()
    received_at = models.DateTimeField(db_default=Now())
    clock = models.SmallIntegerField(choices=Clock, default=Clock.DEVICE, db_default=Clock.DEVICE)
    suspect = models.IntegerField(default=0, db_default=0, help_text="a bit per metric (metrics.SUSPECT_BIT)")
    extra = models.JSONField(null=True, blank=True)
    objects = FactoryScopedQuerySet.as_manager()

    class Meta:
        ordering = ["device_id", "at"]


for name in METRIC_NAMES:
    Reading.add_to_class(name, models.FloatField(null=True, blank=True))


class DirtySpan(models.Model):
    """An append-only log of the stored spans of each device that await the digest.

    Written in the same transaction as the readings, so a late commit is as visible as an early one; the digest
    deletes what it sees and rebuilds those quarters, and no transaction can slip past it.
    """

    device = device_reference()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    readings = models.PositiveIntegerField()
    received_at = models.DateTimeField(db_default=Now())
    key_prefix = models.CharField(max_length=12, blank=True)
    # The digest takes present readings first, and from each factory in turn (`telemetry.rollups.lanes`).
    is_present = models.BooleanField(default=False, db_default=False)
    factory_id = models.PositiveBigIntegerField(default=0, db_default=0)  # of its device; 0: not noted

    class Meta:
        indexes = [
            models.Index(fields=["device", "last_at"], name="arrivals_of_a_device"),  # latest, freshness
            models.Index(fields=["is_present", "factory_id", "id"], name="arrivals_of_a_lane"),
        ]


class Edition(models.Model):
    """The version of a device's rollups: a trigger increments it whenever the digest deletes its dirty spans.

    The log and this number together tell whether a device's readings or rollups have changed (`telemetry.etags`);
    only the digest writes here, so that ingest pays nothing for it.
    """

    device = models.OneToOneField(
        Device, on_delete=models.CASCADE, primary_key=True, db_constraint=False, related_name="edition"
    )
    number = models.PositiveBigIntegerField()


class ProcessedSpan(models.Model):
    """A span whose quarter hours are summed and which awaits alert evaluation, which deletes it."""

    device = device_reference()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    received_at = models.DateTimeField(db_default=Now())  # of the reading in it that came first
    digested_at = models.DateTimeField(db_default=Now())
    is_present = models.BooleanField(default=False, db_default=False)


class DeviceReadings(Device):
    """A proxy to list a device's readings in the admin, which does not support composite primary keys."""

    class Meta:
        proxy = True
        verbose_name = "readings of a device"
        verbose_name_plural = "readings"
