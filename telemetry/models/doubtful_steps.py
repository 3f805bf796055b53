"""Doubtful steps: gains of a counter that could not have flowed, and what a person decided about them."""

from datetime import datetime
from typing import Any

from django.db import models

from core.audit_log import audited
from devices.models import Device
from factories.models import User
from factories.tenancy import FactoryScopedQuerySet


class DoubtfulStepQuerySet(FactoryScopedQuerySet):
    def open(self) -> Any:
        return self.filter(decision=DoubtfulStep.Decision.OPEN)

    def decided(self) -> Any:
        return self.exclude(decision=DoubtfulStep.Decision.OPEN)


@audited(exclude=["before_value", "after_value", "gained_kwh", "possible_kwh", "found_at"])
class DoubtfulStep(models.Model):
    """A gain between two readings of a counter, or a run of such gains, that is in no figure until a person decides.

    Open rows are written and removed by the digest, from stored readings alone; those that are decided stay, and the
    energy of their time is computed by the decision (`telemetry.doubtful_steps`). The span is (before_at, after_at]:
    of a run of impossible gains one after the other, from the reading before the first to the last.
    """

    class Metric(models.TextChoices):
        ENERGY = "energy_kwh", "Energy register"
        POWER = "power_consumption", "Power"

    class Reason(models.TextChoices):
        RISE = "rise", "more than could have flowed"
        UNIT = "unit", "looks like another unit"
        REPEATED = "repeated", "looks sent twice"
        VOIDED = "voided", "declared wrong by a person"

    class Decision(models.TextChoices):
        OPEN = "open", "not decided"
        METER_SWAPPED = "meter_swapped", "meter swapped"
        GLITCH = "glitch", "glitch, ignored"
        REAL = "real", "real"

    factory_path = "device__factory"
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="doubtful_steps")
    metric = models.CharField(max_length=20, choices=Metric)
    before_at = models.DateTimeField(null=True, blank=True)
    before_value = models.FloatField(null=True, blank=True)
    after_at = models.DateTimeField()
    after_value = models.FloatField()
    gained_kwh = models.FloatField(null=True, blank=True, help_text="what was left out; None where a person voided it")
    possible_kwh = models.FloatField(null=True, blank=True, help_text="the most that could have flowed in the time")
    reason = models.CharField(max_length=10, choices=Reason, default=Reason.RISE)
    suggested_unit = models.CharField(max_length=5, blank=True, help_text="that would explain it: Wh")
    found_at = models.DateTimeField()
    decision = models.CharField(max_length=15, choices=Decision, default=Decision.OPEN)
    decided_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    effective_at = models.DateTimeField(null=True, blank=True, help_text="of a swap: from when the new meter counts")
    ignored_until = models.DateTimeField(
        null=True, blank=True, help_text="of a glitch: the last reading that is ignored, where it is not after_at"
    )
    note = models.CharField(max_length=300, blank=True)
    objects = DoubtfulStepQuerySet.as_manager()

    class Meta:
        ordering = ["-after_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["device", "metric", "after_at"], name="one_doubt_per_counter_and_reading")
        ]

    def __str__(self) -> str:
        return f"{self.get_metric_display()} of {self.device}, {self.after_at:%Y-%m-%d %H:%M}"

    @property
    def is_open(self) -> bool:
        return self.decision == self.Decision.OPEN

    @property
    def takes_effect_at(self) -> datetime:
        """Of a swap: the moment from which the new meter counts."""
        return self.effective_at or self.after_at
