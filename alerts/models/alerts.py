"""Alerts and their comments."""

from django.db import models
from django.db.models import Q

from alerts import message_text
from alerts.models.rules import AlertRule, Severity
from alerts.rules.conditions import THRESHOLD_KINDS
from devices.models import Device
from factories.models import Factory, User
from factories.tenancy import FactoryScopedQuerySet


class AlertQuerySet(FactoryScopedQuerySet):
    def open(self):
        return self.filter(resolved_at=None)

    def standing(self):
        """Those that were not withdrawn."""
        return self.filter(withdrawn_at=None)


class Alert(models.Model):
    """A process alert: a measured value crossed a limit set in the factory. Never a statement about compliance."""

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        RESOLVED = "resolved", "Resolved"
        WITHDRAWN = "withdrawn", "Withdrawn"

    factory_path = "factory"
    factory = models.ForeignKey(Factory, on_delete=models.CASCADE, related_name="alerts")
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="alerts")
    rule = models.ForeignKey(AlertRule, on_delete=models.SET_NULL, related_name="alerts", null=True)
    alert_type = models.CharField(max_length=40, help_text="the metric judged, or a fault of the device or its sensors")
    severity = models.CharField(max_length=10, choices=Severity)
    status = models.CharField(max_length=15, choices=Status, default=Status.ACTIVE)
    title = models.CharField(max_length=150)
    message = models.CharField(max_length=500)
    metric_value = models.FloatField(null=True)
    threshold_value = models.FloatField(null=True)
    peak_value = models.FloatField(null=True, help_text="farthest across the limit while open")
    peak_at = models.DateTimeField(null=True, blank=True, help_text="when, in event time")
    triggered_at = models.DateTimeField(help_text="event time")
    fired_at = models.DateTimeField(null=True, blank=True, help_text="when its hold was met, in event time")
    found_late = models.BooleanField(default=False)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    is_ended_by_readings = models.BooleanField(
        default=False, db_default=False, help_text="its end was read and not set: late readings may move it"
    )
    withdrawn_at = models.DateTimeField(
        null=True, blank=True, help_text="when late readings showed that there was nothing to alert of"
    )
    withdrawn_reason = models.CharField(max_length=300, blank=True, default="", db_default="")
    assignee = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    cause = models.CharField(max_length=500, blank=True)
    action = models.CharField("corrective action", max_length=500, blank=True)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    terms = models.JSONField(default=dict, blank=True, help_text="what it was judged by, as the rule stood then")
    created_at = models.DateTimeField(auto_now_add=True)
    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ["-triggered_at", "-pk"]
        indexes = [models.Index(fields=["factory", "-triggered_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "device"], condition=Q(resolved_at=None), name="one_open_alert_per_rule_and_device"
            ),
            models.UniqueConstraint(
                fields=["device"],
                condition=Q(resolved_at=None, alert_type="sensor_suspect"),
                name="one_open_sensor_alert_per_device",
            ),
            models.UniqueConstraint(
                fields=["device"],
                condition=Q(resolved_at=None, alert_type="counter_doubtful"),
                name="one_open_counter_alert_per_device",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.resolved_at is None

    @property
    def time_to_acknowledge(self):
        """Time from when it was noticed until it was acknowledged, as text; "" while nobody has."""
        return message_text.format_elapsed(self.acknowledged_at - self.created_at) if self.acknowledged_at else ""

    @property
    def time_to_resolve(self):
        """Time from its start to its end, in event time, as text; "" while it is open."""
        return message_text.format_elapsed(self.resolved_at - self.triggered_at) if self.resolved_at else ""

    @property
    def peak_text(self):
        """The peak with its unit: 947.2 °C; "" for kinds whose value is not the metric's own."""
        if self.peak_value is None or self.terms.get("kind") not in (*THRESHOLD_KINDS, "rate"):
            return ""
        return message_text.format_measurement(self.terms["metric"], self.peak_value)


class Comment(models.Model):
    factory_path = "alert__factory"
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.TextField(max_length=2000)
    created_at = models.DateTimeField(auto_now_add=True)
    objects = FactoryScopedQuerySet.as_manager()

    class Meta:
        ordering = ["created_at"]

    def __str__(self) -> str:
        return self.text[:60]
