"""Profiles: the meaning of a device's readings, valid from a time on."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from core.audit_log import audited
from factories.tenancy import FactoryScopedQuerySet

DEFAULT_INTERVAL_S = 300


class PowerKind(models.TextChoices):
    KW = "kW", "kW, mean power"
    W = "W", "W, mean power"
    KWH_PER_READING = "kWh", "kWh since the last reading"
    REGISTER = "register", "kWh meter register"


class EnergyUnit(models.TextChoices):
    KWH = "kWh", "kWh"
    WH = "Wh", "Wh"
    MWH = "MWh", "MWh"


class VibrationKind(models.TextChoices):
    RMS = "rms", "RMS without gravity"
    RAW = "raw", "raw acceleration with gravity"


@audited()
class DeviceProfile(models.Model):
    """Meaning of a device's readings from `valid_from` until the next profile."""

    MEANING_FIELDS = (
        "power_kind",
        "interval_s",
        "rated_kw",
        "exports_power",
        "energy_unit",
        "register_width",
        "vibration_kind",
        "temperature_max",
    )
    factory_path = "device__factory"
    device = models.ForeignKey("devices.Device", on_delete=models.CASCADE, related_name="profiles")
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
    energy_unit = models.CharField(
        "registers count in", max_length=3, choices=EnergyUnit, default=EnergyUnit.KWH, db_default=EnergyUnit.KWH
    )
    register_width = models.FloatField(
        "register starts again at 0 after",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="100000 for five digits, in the unit of the register; empty: a fall is a reset, nothing is added",
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

    def __str__(self) -> str:
        return f"{self.device} from {self.valid_from:%Y-%m-%d}"

    def unsaved_copy(self):
        """An unsaved copy without `valid_from`, as initial instance of a form."""
        return DeviceProfile(device=self.device, **{name: getattr(self, name) for name in self.MEANING_FIELDS})
