"""Devices on machines, the keys they send with, and what their figures mean from which date on."""

from functools import reduce
from operator import or_

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from factories.history import remembered
from factories.models import Factory, User
from factories.names import ONE_LINE
from factories.scoping import FactoryScopedQuerySet, unexpired

DEFAULT_INTERVAL_S = 300


class DeviceQuerySet(FactoryScopedQuerySet):
    def current(self):
        return self.filter(archived_at=None)

    def sending(self):
        """Devices from which readings are expected: neither archived nor paused."""
        return self.current().filter(is_active=True)

    def matching(self, text):
        """Devices whose id, name, machine or place contains `text`."""
        columns = ("device_id", "device_name", "machine_name", "location")
        return self.filter(reduce(or_, (Q(**{f"{column}__icontains": text}) for column in columns)))


@remembered()
class Device(models.Model):
    """A measuring point on a machine, and the ESP32 that serves it now.

    Readings hang on this row, so the hardware can be swapped (`devices.swap`) and the machine keeps its history;
    `Hardware` remembers which unit served when.
    """

    factory_path = "factory"
    factory = models.ForeignKey(Factory, on_delete=models.PROTECT, related_name="devices")
    device_id = models.CharField("device id", max_length=64, help_text="What the firmware sends, such as ESP32-SF-001")
    device_name = models.CharField("name", max_length=120, validators=[ONE_LINE])
    device_type = models.CharField("type", max_length=60, default="ESP32", blank=True)
    machine_name = models.CharField("machine", max_length=120, validators=[ONE_LINE], blank=True)
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

    def __str__(self):
        return f"{self.machine_name or self.device_name} ({self.device_id})"

    @property
    def label(self):
        """What people call it: the machine's name where there is one."""
        return self.machine_name or self.device_name

    def profile_at(self, moment):
        """The profile that held at `moment`; before the first one, the first one."""
        profiles = sorted(self.profiles.all(), key=lambda profile: profile.valid_from)
        held = [profile for profile in profiles if profile.valid_from <= moment]
        return held[-1] if held else (profiles[0] if profiles else DeviceProfile(device=self))


@remembered()
class Hardware(models.Model):
    """Which physical unit served a measuring point, and when."""

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

    def __str__(self):
        return self.unit


class PowerKind(models.TextChoices):
    KW = "kW", "kW, mean power"
    W = "W", "W, mean power"
    KWH_PER_READING = "kWh", "kWh since the last reading"
    REGISTER = "register", "kWh meter register"


class VibrationKind(models.TextChoices):
    RMS = "rms", "RMS without gravity"
    RAW = "raw", "raw acceleration with gravity"


@remembered()
class DeviceProfile(models.Model):
    """What a device's figures mean from `valid_from` on. A change never rewrites what went before."""

    MEANING = ("power_kind", "interval_s", "rated_kw", "exports_power", "vibration_kind", "temperature_max")
    factory_path = "device__factory"
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="profiles")
    valid_from = models.DateTimeField()
    power_kind = models.CharField("power_consumption is", max_length=10, choices=PowerKind, default=PowerKind.KW)
    interval_s = models.PositiveIntegerField(
        "reporting interval (s)",
        default=DEFAULT_INTERVAL_S,
        validators=[MinValueValidator(1), MaxValueValidator(86_400)],
    )
    rated_kw = models.FloatField("rated power (kW)", null=True, blank=True, validators=[MinValueValidator(0)])
    exports_power = models.BooleanField(
        "feeds power back", default=False, help_text="Negative power is then plausible."
    )
    vibration_kind = models.CharField(max_length=5, choices=VibrationKind, default=VibrationKind.RMS)
    temperature_max = models.FloatField(
        "sensor's highest temperature (°C)",
        null=True,
        blank=True,
        help_text="80 for a DHT22; above it values are suspect",
    )
    objects = FactoryScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["device", "valid_from"], name="one_profile_per_device_and_moment")
        ]

    def __str__(self):
        return f"{self.device} from {self.valid_from:%Y-%m-%d}"

    def as_new(self):
        """The same meaning, not yet saved and from no moment yet: what a form starts from."""
        return DeviceProfile(device=self.device, **{name: getattr(self, name) for name in self.MEANING})


class DeviceKeyQuerySet(FactoryScopedQuerySet):
    def live(self, now=None):
        return self.filter(unexpired(now or timezone.now()), revoked_at=None)


@remembered(exclude=["secret_hash"])
class DeviceKey(models.Model):
    """A key of one device or, without a device, a gateway key of the whole factory. Only a hash is kept."""

    factory_path = "factory"
    factory = models.ForeignKey(Factory, on_delete=models.CASCADE, related_name="device_keys")
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="keys", null=True, blank=True)
    prefix = models.CharField(max_length=12, unique=True)
    secret_hash = models.CharField(max_length=64, editable=False)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    objects = DeviceKeyQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at=None) | Q(expires_at__gt=F("created_at")), name="key_expires_after_creation"
            )
        ]

    def __str__(self):
        return f"cs_{self.prefix}_…"

    def is_live(self, now):
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)
