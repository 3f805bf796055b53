"""Rollups of readings: quarter hours and days."""

from django.db import models

from devices.models import Device
from factories.tenancy import FactoryScopedQuerySet
from telemetry.metrics import ROLLED_UP_METRICS
from telemetry.models.readings import device_reference


class Sums(models.Model):
    """Aggregates of the readings of an interval: counts, min, max and sum per metric, and energy.

    Suspect values are excluded and counted. Wide columns come first, and a count of zero is NULL, which takes no space
    in a row: the rows of sparse devices would be mostly zeros.
    """

    expected = models.FloatField(help_text="readings the device's interval promises")
    energy_kwh = models.FloatField(null=True, help_text="measured, taken from the supply")
    exported_kwh = models.FloatField(null=True, help_text="measured, fed back; never subtracted from energy_kwh")
    bridged_kwh = models.FloatField(null=True, help_text="known from the meter register across a gap")
    covered_s = models.FloatField(default=0, help_text="seconds for which energy is measured")
    received = models.PositiveIntegerField(help_text="readings stored")
    suspect = models.PositiveIntegerField(default=0, help_text="readings with at least one suspect value")

    class Meta:
        abstract = True


for name in [f"{metric.name}_{part}" for metric in ROLLED_UP_METRICS for part in ("min", "max", "sum")]:
    Sums.add_to_class(name, models.FloatField(null=True))
for name in [f"{metric.name}_{part}" for metric in ROLLED_UP_METRICS for part in ("count", "suspect")]:
    Sums.add_to_class(name, models.PositiveIntegerField(null=True))


class QuarterHour(Sums):
    """A device's quarter hour; its boundaries are the same in UTC and IST."""

    factory_path = "device__factory"
    pk = models.CompositePrimaryKey("device_id", "starts_at")
    device = device_reference()
    starts_at = models.DateTimeField()
    objects = FactoryScopedQuerySet.as_manager()

    class Meta:
        ordering = ["device_id", "starts_at"]


class Day(Sums):
    """A device's day in its factory's own zone, summed from its quarter hours (`telemetry.rollups.days`)."""

    factory_path = "device__factory"
    pk = models.CompositePrimaryKey("device_id", "on")
    device = device_reference()
    on = models.DateField()
    heard = models.PositiveSmallIntegerField(help_text="quarter hours with a reading")
    bridged_s = models.FloatField(null=True, help_text="seconds not measured, of quarter hours with bridged energy")
    objects = FactoryScopedQuerySet.as_manager()

    class Meta:
        ordering = ["device_id", "on"]


class DayTimeZone(models.Model):
    """The time zone of a device's days. Where it differs from its factory's, the days await recalculation."""

    device = models.OneToOneField(
        Device, on_delete=models.CASCADE, primary_key=True, db_constraint=False, related_name="day_time_zone"
    )
    time_zone = models.CharField(max_length=50)


class DeviceQuarterHours(Device):
    class Meta:
        proxy = True
        verbose_name = "quarter hours of a device"
        verbose_name_plural = "quarter hours"
