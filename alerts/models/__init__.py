"""Rules, the alerts they raise, what people said about them, and what was sent to whom."""

from alerts.models.alerts import Alert, AlertQuerySet, Comment
from alerts.models.channels import Channel, Preference
from alerts.models.deliveries import CLAIM_LASTS, Delivery
from alerts.models.escalation import EscalationStep
from alerts.models.maintenance import Maintenance
from alerts.models.rules import JUDGED_METRICS, LONGEST_HOLD_S, SILENCE_TITLE, AlertRule, Kind, Severity, Watch
from alerts.models.service_uptime import Listening

__all__ = [
    "CLAIM_LASTS",
    "JUDGED_METRICS",
    "LONGEST_HOLD_S",
    "SILENCE_TITLE",
    "Alert",
    "AlertQuerySet",
    "AlertRule",
    "Channel",
    "Comment",
    "Delivery",
    "EscalationStep",
    "Kind",
    "Listening",
    "Maintenance",
    "Preference",
    "Severity",
    "Watch",
]
