"""Quarantine: payloads that could not be stored as readings."""

from django.db import models

from devices.models import Device
from factories.models import Factory, User
from factories.tenancy import FactoryScopedQuerySet


class QuarantineItem(models.Model):
    """A payload of a known sender that could not be stored as a reading; held until a person decides."""

    class Reason(models.TextChoices):
        UNREADABLE = "unreadable", "could not be parsed"
        INVALID = "invalid", "nothing usable in it"
        FUTURE = "future", "more than 5 minutes in the future"
        TOO_OLD = "too_old", "older than what is kept"
        CONFLICT = "conflict", "contradicts a stored reading"
        OTHER_DEVICE = "other_device", "another device's reading"
        UNKNOWN_DEVICE = "unknown_device", "names a device this factory does not have"
        PAUSED = "paused", "its device is paused"

    class State(models.TextChoices):
        HELD = "held", "held"
        RELEASED = "released", "released"
        DISCARDED = "discarded", "discarded"

    factory_path = "factory"
    factory = models.ForeignKey(Factory, on_delete=models.CASCADE, related_name="quarantine_items")
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="quarantine_items", null=True, blank=True)
    received_at = models.DateTimeField(db_index=True)
    reason = models.CharField(max_length=20, choices=Reason)
    detail = models.CharField(max_length=500)
    payload = models.BinaryField()  # as received: bytes, since text and jsonb refuse some of it
    fingerprint = models.CharField(max_length=32, default="", editable=False)
    times = models.PositiveIntegerField(default=1, help_text="how often the same thing came")
    last_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.HELD)
    decided_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    shift_seconds = models.FloatField(
        null=True, blank=True, help_text="by how much the time sent was moved when it was released"
    )
    objects = FactoryScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at", "-pk"]
        verbose_name_plural = "quarantined"
        constraints = [
            models.UniqueConstraint(
                fields=["factory", "fingerprint"], condition=models.Q(state="held"), name="the_same_is_held_once"
            )
        ]
