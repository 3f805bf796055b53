"""How often limits that are still learning would have alerted, replayed from stored readings."""

from datetime import datetime

from alerts.evaluation.preview import preview_rule
from alerts.models import AlertRule


def count_silent_alerts(rules: list[AlertRule], now: datetime) -> dict[int, int]:
    """{rule pk: how often it would have alerted since it was made}, of the learning ones of one device."""
    return {
        rule.pk: sum(breach.since >= rule.created_at for _, breach in preview_rule(rule, [rule.device], now).breaches)
        for rule in rules
        if rule.learning_until is not None
    }
