"""What devices said, and which spans of it are to be summed and judged."""

from django.db import models
from django.db.models.functions import Now

from devices.models import Device
from factories.tenancy import FactoryScopedQuerySet
from telemetry.metrics import METRIC_NAMES


def device_reference():
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
    """An append-only log of which spans of which device were stored and still await the digest.

    Written in the same transaction as the readings, so a late commit is as visible as an early one; the digest
    deletes what it sees and rebuilds those quarters, and no transaction can slip past it.
    """

    device = device_reference()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    readings = models.PositiveIntegerField()
    received_at = models.DateTimeField(db_default=Now())
    key_prefix = models.CharField(max_length=12, blank=True)

    class Meta:
        indexes = [models.Index(fields=["device", "last_at"], name="arrivals_of_a_device")]  # latest, freshness


class Edition(models.Model):
    """How often a device's sums were made anew: a trigger counts whenever the digest takes its arrivals off the log.

    The log and this number together say exactly whether a device's readings or sums have changed
    (`telemetry.etags`); only the digest writes here, so that it costs no post anything.
    """

    device = models.OneToOneField(
        Device, on_delete=models.CASCADE, primary_key=True, db_constraint=False, related_name="edition"
    )
    number = models.PositiveBigIntegerField()


class ProcessedSpan(models.Model):
    """A span whose quarters are summed and which the floor above has not judged yet: it deletes what it judged."""

    device = device_reference()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    digested_at = models.DateTimeField(db_default=Now())


class DeviceReadings(Device):
    """A device as the door to its readings in the admin, which refuses rows with a composite key."""

    class Meta:
        proxy = True
        verbose_name = "readings of a device"
        verbose_name_plural = "readings"
