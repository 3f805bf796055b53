"""Rules, the alerts they raise, what people said about them, and what was sent to whom."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q

from alerts import rules, sentences
from devices.models import Device
from factories.history import remembered
from factories.models import Factory, User
from factories.names import ONE_LINE
from factories.scoping import FactoryScopedQuerySet

LONGEST_HOLD_S = 31 * 86_400
CLAIM_LASTS = timedelta(minutes=5)  # longer than any mail server is waited for


class Severity(models.TextChoices):
    INFO = "info", "Info"
    WARNING = "warning", "Warning"
    CRITICAL = "critical", "Critical"


class Kind(models.TextChoices):
    """What a rule watches for. `alerts.rules.AVAILABLE` names those that are judged today."""

    ABOVE = "above", "above a level"
    BELOW = "below", "below a level"
    OUTSIDE = "outside", "outside a band"
    RATE = "rate", "changing too fast"
    BASELINE = "baseline", "away from its usual level"
    FLAT = "flat", "flat line"
    SILENCE = "silence", "device is silent"
    BUDGET = "budget", "energy over a budget"
    CAPTURE = "capture", "data capture under a floor"
    HEALTH = "health", "health score under a level"


JUDGED_METRICS = [(metric.name, metric.label) for metric in rules.JUDGED]
SILENCE_TITLE = "Device is silent"


class AlertRuleQuerySet(FactoryScopedQuerySet):
    def current(self):
        return self.filter(archived_at=None)

    def in_force(self):
        return self.current().filter(is_enabled=True)


@remembered()
class AlertRule(models.Model):
    """A limit on one metric, for one device or, without a device, for every device of the factory.

    A device's own enabled rule stands in for a factory-wide one of the same kind, metric and severity.
    """

    factory_path = "factory"
    factory = models.ForeignKey(Factory, on_delete=models.CASCADE, related_name="alert_rules")
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="alert_rules", null=True, blank=True)
    metric = models.CharField(max_length=30, blank=True, help_text="empty for silence")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.ABOVE)
    level = models.FloatField(null=True, blank=True)
    clear_level = models.FloatField(null=True, blank=True, help_text="where the alert ends; the level itself if empty")
    hold_seconds = models.PositiveIntegerField(
        default=0, validators=[MaxValueValidator(LONGEST_HOLD_S)], help_text="how long a value must stay across"
    )
    severity = models.CharField(max_length=10, choices=Severity, default=Severity.WARNING)
    title = models.CharField(
        max_length=150, blank=True, validators=[ONE_LINE], help_text="of the alert; made from the limit if empty"
    )
    is_enabled = models.BooleanField(default=True)
    params = models.JSONField(default=dict, blank=True, help_text="low and high of a band")
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    objects = AlertRuleQuerySet.as_manager()

    class Meta:
        ordering = ["metric", "level", "pk"]

    def __str__(self):
        return self.title

    def save(self, **kwargs):
        self.title = self.title or self.default_title
        super().save(**kwargs)

    def clean(self):
        if self.device_id and self.device.factory_id != self.factory_id:
            raise ValidationError({"device": "This factory has no such device."})
        wrong = rules.problems(
            kind=self.kind, metric=self.metric, level=self.level, clear_level=self.clear_level, params=self.params
        )
        if wrong:
            raise ValidationError(wrong)

    @property
    def is_threshold(self):
        return self.kind in rules.THRESHOLDS

    @property
    def limit(self):
        """The pure limit of a threshold rule."""
        return rules.Limit(
            self.kind,
            self.level,
            self.clear_level,
            self.params.get("low"),
            self.params.get("high"),
            timedelta(seconds=self.hold_seconds),
        )

    @property
    def default_title(self):
        return sentences.title(self.metric, self.limit) if self.is_threshold else SILENCE_TITLE

    @property
    def terms(self):
        """What the rule judges by, as JSON: kept with each alert, since a rule may change later."""
        return {
            "kind": self.kind,
            "metric": self.metric,
            "level": self.level,
            "clear_level": self.clear_level,
            "hold_seconds": self.hold_seconds,
            **self.params,
        }


class Watch(models.Model):
    """How far a rule has judged a device, in event time: what comes later but is older raises no alarm about now.

    `crossed_since` and `has_fired` are the rule's standing. They outlive the alert: one that a person resolved while
    the value is still across comes again only after the value has cleared and crossed anew. The watch without a rule
    is the device's own: how far its readings were looked through for suspect values.
    """

    rule = models.ForeignKey(AlertRule, on_delete=models.CASCADE, related_name="watches", null=True, blank=True)
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="+")
    judged_until = models.DateTimeField()
    crossed_since = models.DateTimeField(null=True, blank=True)
    has_fired = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "watches"
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "device"], nulls_distinct=False, name="one_watch_per_rule_and_device"
            )
        ]

    def __str__(self):
        return f"{self.rule or 'sensors'} on {self.device}"


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
    alert_type = models.CharField(max_length=40, help_text="the metric judged, device_offline or sensor_suspect")
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
        ]

    def __str__(self):
        return self.title

    @property
    def is_open(self):
        return self.resolved_at is None

    @property
    def farthest(self):
        """The peak as people read it: 947.2 °C."""
        if self.peak_value is None or "metric" not in self.terms:
            return ""
        return sentences.measured(self.terms["metric"], self.peak_value)


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
        return self.filter(sent_at=None, given_up_at=None)

    def due(self, now):
        """Those a worker may take now: not in another's hands, and not waiting for their next attempt."""
        free = Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIM_LASTS)
        return self.unsent().filter(free, Q(next_attempt_at=None) | Q(next_attempt_at__lte=now))


class Delivery(models.Model):
    """One message about one alert to one person; claimed by the one worker that sends it.

    A claim lasts CLAIM_LASTS: the message of a worker killed in between is sent by another. So a message arrives at
    least once; twice only if a worker dies between the mail server's answer and writing it down.
    """

    factory_path = "alert__factory"
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="deliveries")
    recipient = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name_plural = "deliveries"
        constraints = [models.UniqueConstraint(fields=["alert", "recipient"], name="one_message_per_alert_and_person")]

    def __str__(self):
        return f"{self.alert} to {self.recipient}"
