"""Alert rules, and their evaluation state on each device."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models

from alerts import message_text
from alerts.rules import conditions, validation
from core.audit_log import audited
from core.validators import ONE_LINE
from devices.models import Device
from factories.models import Factory
from factories.tenancy import FactoryScopedQuerySet
from telemetry.analytics.baseline import UNUSUAL_Z

LONGEST_HOLD_S = 31 * 86_400


class Severity(models.TextChoices):
    INFO = "info", "Info"
    WARNING = "warning", "Warning"
    CRITICAL = "critical", "Critical"


class RuleKind(models.TextChoices):
    """Kinds of rules; `alerts.rules.validation.AVAILABLE_KINDS` are those that are implemented."""

    ABOVE = "above", "above a level"
    BELOW = "below", "below a level"
    OUTSIDE = "outside", "outside a band"
    RATE = "rate", "changing too fast"
    BASELINE = "baseline", "away from its usual level"
    FLAT = "flat", "flat line"
    SILENCE = "silence", "silent"
    BUDGET = "budget", "energy over a budget"
    CAPTURE = "capture", "data capture under a floor"
    HEALTH = "health", "health score under a level"


class Origin(models.TextChoices):
    """Who made a rule."""

    PERSON = "person", "A person"
    DEFAULT = "default", "Default limit of this kind of machine"
    EDITED = "edited", "Default limit, changed by a person"
    EARLIER = "earlier", "Default limit of an earlier release"


RULE_METRIC_CHOICES = [(metric.name, metric.label) for metric in conditions.RULE_METRICS]
SILENCE_TITLE = "Device is silent"
FLAT_LINE_LOOKBACK = timedelta(minutes=30)  # a flat line does not continue across a longer gap


class AlertRuleQuerySet(FactoryScopedQuerySet):
    def current(self):
        return self.filter(archived_at=None)

    def in_force(self):
        """Those that are evaluated: a default limit that is still being learned raises nothing."""
        return self.current().filter(is_enabled=True, learning_until=None)


@audited(exclude=["basis"])
class AlertRule(models.Model):
    """A limit on one metric, for one device or, without a device, for every device of the factory.

    A device's own enabled rule overrides a factory-wide one of the same kind, metric and severity.
    """

    factory_path = "factory"
    factory = models.ForeignKey(Factory, on_delete=models.CASCADE, related_name="alert_rules")
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="alert_rules", null=True, blank=True)
    metric = models.CharField(
        max_length=30, blank=True, help_text="empty for budget, capture, health and the silence of a whole device"
    )
    kind = models.CharField(max_length=10, choices=RuleKind, default=RuleKind.ABOVE)
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
    params = models.JSONField(default=dict, blank=True, help_text="what its kind alone needs: alerts.rules.validation")
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.PERSON, db_default=Origin.PERSON)
    basis = models.JSONField(
        default=dict, db_default={}, blank=True, help_text="what a default limit was computed from"
    )
    learning_until = models.DateTimeField(
        null=True,
        blank=True,
        help_text="until then a default limit is silent: it only counts what it would have raised",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    objects = AlertRuleQuerySet.as_manager()

    class Meta:
        ordering = ["metric", "level", "pk"]

    def __str__(self) -> str:
        return self.title

    def save(self, **kwargs) -> None:
        self.title = self.title or self.default_title
        super().save(**kwargs)

    def clean(self) -> None:
        if self.device_id and self.device.factory_id != self.factory_id:
            raise ValidationError({"device": "This factory has no such device."})
        errors = validation.problems(
            kind=self.kind,
            metric=self.metric,
            level=self.level,
            clear_level=self.clear_level,
            params=self.params,
            hold_seconds=self.hold_seconds or 0,
        )
        if errors:
            raise ValidationError(errors)

    @property
    def is_threshold(self) -> bool:
        return self.kind in conditions.THRESHOLD_KINDS

    @property
    def is_streamed(self):
        """Whether it is evaluated on each reading; the silence of a whole device needs the clock."""
        return (
            not self.is_quarter_hourly
            and self.kind not in validation.HOURLY_KINDS
            and (self.kind != RuleKind.SILENCE or bool(self.metric))
        )

    @property
    def is_quarter_hourly(self) -> bool:
        """Whether it is evaluated on quarter-hour rollups (`alerts.evaluation.quarter_hour_samples`)."""
        return self.kind in validation.QUARTER_HOUR_KINDS

    @property
    def lookback(self):
        """How far before a reading its evaluation needs earlier ones."""
        if self.kind == RuleKind.RATE:
            return timedelta(seconds=self.params["window_seconds"])
        return FLAT_LINE_LOOKBACK if self.kind == RuleKind.FLAT else timedelta(0)

    @property
    def limit(self):
        """The limit evaluated, on a derived series (`alerts.rules.derived_series`) where the kind has one."""
        if self.kind in (RuleKind.FLAT, RuleKind.SILENCE):
            return conditions.Limit("above", 0.5, hold=timedelta(seconds=self.hold_seconds))
        if self.kind == RuleKind.BASELINE:
            return conditions.Limit("above", self.params.get("z", UNUSUAL_Z), hold=timedelta(seconds=self.hold_seconds))
        if self.kind in validation.HOURLY_KINDS:
            return conditions.Limit("below", self.level, self.clear_level, hold=timedelta(seconds=self.hold_seconds))
        kind = "above" if self.kind in (RuleKind.RATE, RuleKind.BUDGET) else self.kind
        if kind not in conditions.THRESHOLD_KINDS:
            raise NotImplementedError(f"rules of kind {self.kind} have no limit")
        return conditions.Limit(
            kind,
            self.level,
            self.clear_level,
            self.params.get("low"),
            self.params.get("high"),
            timedelta(seconds=self.hold_seconds),
        )

    def severity_at(self, value):
        """Critical beyond the second level, where the rule has one."""
        second = self.params.get("second_level")
        if second is None or value is None:
            return self.severity
        kind = "below" if self.kind == RuleKind.BELOW else "above"
        return Severity.CRITICAL if conditions.Limit(kind, second).is_across(value) else self.severity

    @property
    def default_title(self):
        if self.is_threshold:
            return message_text.threshold_title(self.metric, self.limit)
        return (
            SILENCE_TITLE if self.kind == RuleKind.SILENCE and not self.metric else message_text.kind_title(self.terms)
        )

    @property
    def terms(self) -> dict:
        """What the rule evaluates by, as JSON: stored with each alert, since a rule may change later."""
        return {
            "kind": self.kind,
            "metric": self.metric,
            "level": self.level,
            "clear_level": self.clear_level,
            "hold_seconds": self.hold_seconds,
            **self.params,
        }


class EvaluationState(models.Model):
    """How far a rule was evaluated on a device, in event time; readings that come later but are older are late.

    `crossed_since`, `has_fired`, `peak_value`, `peak_at` and `last_across_at` are the breach state. They outlive the
    alert: one that a person resolved while the value is still across fires again only after the value has cleared and
    crossed anew. The state without a rule is the device's own: up to when its readings were judged, and which of its
    sensors are suspect (`alerts.rules.sensor_faults`).
    """

    rule = models.ForeignKey(
        AlertRule, on_delete=models.CASCADE, related_name="evaluation_states", null=True, blank=True
    )
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="+")
    evaluated_until = models.DateTimeField()
    crossed_since = models.DateTimeField(null=True, blank=True)
    has_fired = models.BooleanField(default=False)
    peak_value = models.FloatField(null=True, blank=True, help_text="farthest across since then")
    peak_at = models.DateTimeField(null=True, blank=True)
    last_across_at = models.DateTimeField(null=True, blank=True)
    judged_since = models.DateTimeField(
        null=True, blank=True, help_text="the rule is new or changed since then: older readings are not judged by it"
    )
    sensor_faults = models.JSONField(default=dict, db_default={}, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "device"], nulls_distinct=False, name="one_watch_per_rule_and_device"
            )
        ]

    def __str__(self) -> str:
        return f"{self.rule or 'sensors'} on {self.device}"

    @property
    def breach_state(self) -> conditions.BreachState:
        return conditions.BreachState(
            self.crossed_since, self.has_fired, self.peak_value, self.peak_at, self.last_across_at
        )

    @breach_state.setter
    def breach_state(self, state: conditions.BreachState) -> None:
        self.crossed_since, self.has_fired, self.peak_value, self.peak_at, self.last_across_at = state
