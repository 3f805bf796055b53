"""Rules, the alerts they raise, what people said about them, and what was sent to whom."""

from django.db import models
from django.db.models import Q

from devices.models import Device
from factories.models import Factory, User
from factories.scoping import FactoryScopedQuerySet


class Severity(models.TextChoices):
    INFO = "info", "Info"
    WARNING = "warning", "Warning"
    CRITICAL = "critical", "Critical"


class Kind(models.TextChoices):
    ABOVE = "above", "above a level"
    BELOW = "below", "below a level"
    SILENCE = "silence", "device is silent"


class AlertRule(models.Model):
    """A limit on one metric, for one device or, without a device, for every device of the factory."""

    factory_path = "factory"
    factory = models.ForeignKey(Factory, on_delete=models.CASCADE, related_name="alert_rules")
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="alert_rules", null=True, blank=True)
    metric = models.CharField(max_length=30, blank=True, help_text="empty for silence")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.ABOVE)
    level = models.FloatField(null=True, blank=True)
    clear_level = models.FloatField(null=True, blank=True)
    hold_seconds = models.PositiveIntegerField(default=0)
    severity = models.CharField(max_length=10, choices=Severity, default=Severity.WARNING)
    title = models.CharField(max_length=150)
    is_enabled = models.BooleanField(default=True)
    params = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    objects = FactoryScopedQuerySet.as_manager()

    class Meta:
        ordering = ["metric", "level", "pk"]

    def __str__(self):
        return self.title


class Watch(models.Model):
    """How far a rule has judged a device, in event time: what comes later but is older raises no alarm about now."""

    rule = models.ForeignKey(AlertRule, on_delete=models.CASCADE, related_name="watches")
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="+")
    judged_until = models.DateTimeField()
    crossed_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "watches"
        constraints = [models.UniqueConstraint(fields=["rule", "device"], name="one_watch_per_rule_and_device")]


class AlertQuerySet(FactoryScopedQuerySet):
    def open(self):
        return self.filter(resolved_at=None)


class Alert(models.Model):
    """A process alert: something a sensor said crossed a limit somebody set. Never a statement about compliance."""

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        RESOLVED = "resolved", "Resolved"

    factory_path = "factory"
    factory = models.ForeignKey(Factory, on_delete=models.CASCADE, related_name="alerts")
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="alerts")
    rule = models.ForeignKey(AlertRule, on_delete=models.SET_NULL, related_name="alerts", null=True)
    alert_type = models.CharField(max_length=40, help_text="the metric judged, or device_offline")
    severity = models.CharField(max_length=10, choices=Severity)
    status = models.CharField(max_length=15, choices=Status, default=Status.ACTIVE)
    title = models.CharField(max_length=150)
    message = models.CharField(max_length=500)
    metric_value = models.FloatField(null=True)
    threshold_value = models.FloatField(null=True)
    peak_value = models.FloatField(null=True, help_text="farthest across the limit while open")
    triggered_at = models.DateTimeField(help_text="event time")
    found_late = models.BooleanField(default=False)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ["-triggered_at", "-pk"]
        indexes = [models.Index(fields=["factory", "-triggered_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "device"], condition=Q(resolved_at=None), name="one_open_alert_per_rule_and_device"
            )
        ]

    def __str__(self):
        return self.title


class Comment(models.Model):
    factory_path = "alert__factory"
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.TextField(max_length=2000)
    created_at = models.DateTimeField(auto_now_add=True)
    objects = FactoryScopedQuerySet.as_manager()

    class Meta:
        ordering = ["created_at"]

    def __str__(self):
        return self.text[:60]


class DeliveryQuerySet(FactoryScopedQuerySet):
    def unsent(self):
        return self.filter(sent_at=None, claimed_at=None, given_up_at=None)


class Delivery(models.Model):
    """One message about one alert to one person; claimed by the one worker that sends it."""

    factory_path = "alert__factory"
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="deliveries")
    recipient = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [models.UniqueConstraint(fields=["alert", "recipient"], name="one_message_per_alert_and_person")]
