"""Recommendations: findings of the detectors, stored once each."""

from django.db import models

from devices.models import Device
from factories.models import User
from factories.tenancy import FactoryScopedQuerySet


class Recommendation(models.Model):
    """A finding of a detector about a machine; never a statement about compliance."""

    class Kind(models.TextChoices):
        MAINTENANCE = "maintenance", "Maintenance"
        ENERGY = "energy", "Energy"

    factory_path = "device__factory"
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="recommendations")
    detector = models.CharField(max_length=30)
    kind = models.CharField(max_length=12, choices=Kind)
    signature = models.CharField(max_length=40)
    since = models.DateTimeField()
    until = models.DateTimeField()
    confidence = models.FloatField()
    evidence = models.JSONField(help_text="metric, value, usual and deviations of each, the weightiest first")
    words = models.CharField(max_length=600)
    advice = models.CharField(max_length=200)
    is_opinion = models.BooleanField(default=False, help_text="of a model elsewhere")
    coverage_percent = models.FloatField(help_text="quarter hours with data, of the day looked at")
    found_at = models.DateTimeField()
    dismissed_at = models.DateTimeField(null=True, blank=True)
    dismissed_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    why_dismissed = models.CharField(max_length=300, blank=True)
    objects = FactoryScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-until", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["device", "detector", "signature", "since"], name="a_finding_is_kept_once")
        ]

    def __str__(self):
        return self.words

    @property
    def confidence_percent(self) -> float:
        return 100 * self.confidence
