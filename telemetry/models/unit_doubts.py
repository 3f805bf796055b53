"""Doubts about the unit of what a device sends, and what people answered."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Q

from core.audit_log import audited
from devices.models import Device
from factories.models import User
from factories.tenancy import FactoryScopedQuerySet


class UnitDoubtQuerySet(FactoryScopedQuerySet):
    def open(self) -> Any:
        return self.filter(state=UnitDoubt.State.OPEN)

    def devices_asked(self, kind: str, pks: Iterable[int]) -> set[int]:
        """Those of the devices `pks` of which a question of this kind is open."""
        return set(self.open().filter(kind=kind, device__in=list(pks)).values_list("device_id", flat=True))


@audited(exclude=["seen", "seen_at", "typical", "expected", "opened_at"])
class UnitDoubt(models.Model):
    """A question about the meaning of a device's values. While it is open, no limit on them notifies anybody."""

    class Kind(models.TextChoices):  # telemetry.analytics.unit_questions.QuestionKind
        POWER_UNIT = "power_unit", "Unit of power"
        POWER_SIGN = "power_sign", "Direction of power"
        REGISTER_UNIT = "register_unit", "Unit of a register"
        GRAVITY = "vibration_gravity", "Gravity in vibration"
        FAHRENHEIT = "temperature_fahrenheit", "Unit of temperature"

    class State(models.TextChoices):
        OPEN = "open", "not answered"
        CORRECTED = "corrected", "profile corrected"
        KEPT = "kept", "right as it is"
        PASSED = "passed", "later values answered it"

    factory_path = "device__factory"
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="unit_doubts")
    kind = models.CharField(max_length=30, choices=Kind)
    metric = models.CharField(max_length=30)
    seen = models.FloatField(help_text="the value that raised it; of power and registers kW")
    seen_at = models.DateTimeField()
    typical = models.FloatField()
    expected = models.FloatField(null=True, blank=True)
    against = models.CharField(max_length=10, help_text="what expected is: rating, size, power, direction, …")
    since = models.DateTimeField(help_text="from which moment another meaning would have to hold")
    suggested = models.JSONField(default=dict, blank=True, help_text="fields of a profile that would explain it")
    opened_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    decided_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    corrected_since = models.DateTimeField(null=True, blank=True, help_text="from when the profile was corrected")
    note = models.CharField(max_length=300, blank=True)
    objects = UnitDoubtQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["device", "kind"], condition=Q(state="open"), name="one_open_doubt_per_device_and_kind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.device}"

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN
