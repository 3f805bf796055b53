"""Measuring points on machines, and the hardware units that serve them."""

from functools import reduce
from operator import or_

from django.db import models
from django.db.models import Q

from core.audit_log import audited
from core.validators import ONE_LINE
from devices.models.machine_kinds import MachineKind, TemperaturePoint
from devices.models.profiles import DeviceProfile
from factories.models import Factory
from factories.tenancy import FactoryScopedQuerySet


class DeviceQuerySet(FactoryScopedQuerySet):
    def current(self):
        return self.filter(archived_at=None)

    def sending(self):
        """Devices from which readings are expected: neither archived nor paused."""
        return self.current().filter(is_active=True)

    def matching(self, text):
        """Devices whose id, name, machine or location contains `text`."""
        columns = ("device_id", "device_name", "machine_name", "location")
        return self.filter(reduce(or_, (Q(**{f"{column}__icontains": text}) for column in columns)))


@audited()
class Device(models.Model):
    """A measuring point on a machine, and the ESP32 that serves it now.

    Readings refer to this row, so the unit can be swapped (`devices.provisioning`) without losing history; `Hardware`
    records which unit served when.
    """

    factory_path = "factory"
    factory = models.ForeignKey(Factory, on_delete=models.PROTECT, related_name="devices")
    device_id = models.CharField("device id", max_length=64, help_text="What the firmware sends, such as ESP32-SF-001")
    device_name = models.CharField("name", max_length=120, validators=[ONE_LINE])
    device_type = models.CharField("type", max_length=60, default="ESP32", blank=True)
    machine_name = models.CharField("machine", max_length=120, validators=[ONE_LINE], blank=True)
    machine_kind = models.CharField(
        "kind of machine",
        max_length=24,
        choices=MachineKind,
        default="",
        db_default="",
        blank=True,
        help_text="Its default limits follow from it; empty: not said",
    )
    temperature_point = models.CharField(
        "temperature is measured at",
        max_length=24,
        choices=TemperaturePoint,
        default="",
        db_default="",
        blank=True,
        help_text="Limits on temperature are proposed only where this is said",
    )
    location = models.CharField(
        max_length=120, validators=[ONE_LINE], blank=True, help_text="Where in the factory: Bay A"
    )
    firmware_version = models.CharField(max_length=40, blank=True)
    is_active = models.BooleanField(default=True, help_text="A paused device is told to wait and keeps its buffer.")
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    objects = DeviceQuerySet.as_manager()

    class Meta:
        ordering = ["device_name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["factory", "device_id"], condition=Q(archived_at=None), name="device_id_unique_within_a_factory"
            )
        ]

    def __str__(self) -> str:
        return f"{self.machine_name or self.device_name} ({self.device_id})"

    @property
    def label(self):
        """Display name: the machine's, else the device's."""
        return self.machine_name or self.device_name

    def profile_at(self, moment):
        """The profile valid at `moment`; before the first one, the first one."""
        profiles = sorted(self.profiles.all(), key=lambda profile: profile.valid_from)
        started = [profile for profile in profiles if profile.valid_from <= moment]
        return started[-1] if started else (profiles[0] if profiles else DeviceProfile(device=self))


@audited()
class Hardware(models.Model):
    """A physical unit at a measuring point, with its time of service."""

    factory_path = "device__factory"
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="hardware")
    unit = models.CharField("device id", max_length=64)
    fitted_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)
    objects = FactoryScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-fitted_at"]
        verbose_name_plural = "hardware"
        constraints = [
            models.UniqueConstraint(fields=["device"], condition=Q(removed_at=None), name="one_unit_at_a_time")
        ]

    def __str__(self) -> str:
        return self.unit
