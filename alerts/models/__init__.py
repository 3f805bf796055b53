"""Models: rules, alerts, comments, channels, preferences, deliveries, escalation, maintenance, uptime."""

from alerts.models.alerts import Alert, AlertQuerySet, Comment
from alerts.models.channels import Channel, Preference
from alerts.models.deliveries import CLAIM_LEASE, Delivery
from alerts.models.escalation import EscalationStep
from alerts.models.maintenance import MaintenanceWindow
from alerts.models.rules import (
    LONGEST_HOLD_S,
    RULE_METRIC_CHOICES,
    SILENCE_TITLE,
    AlertRule,
    EvaluationState,
    Origin,
    RuleKind,
    Severity,
)
from alerts.models.service_uptime import UptimeInterval

__all__ = [
    "CLAIM_LEASE",
    "LONGEST_HOLD_S",
    "RULE_METRIC_CHOICES",
    "SILENCE_TITLE",
    "Alert",
    "AlertQuerySet",
    "AlertRule",
    "Channel",
    "Comment",
    "Delivery",
    "EscalationStep",
    "EvaluationState",
    "MaintenanceWindow",
    "Origin",
    "Preference",
    "RuleKind",
    "Severity",
    "UptimeInterval",
]
