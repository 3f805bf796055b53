"""The limits that people of the tests' factories have set on each machine: without clear level and hold."""

from alerts.models import AlertRule, RuleKind, Severity

PROCESS_LIMITS = [  # (metric, level, severity)
    ("temperature", 900, Severity.CRITICAL),
    ("gas_index", 400, Severity.WARNING),
    ("vibration", 5, Severity.WARNING),
    ("vibration", 8, Severity.CRITICAL),
    ("power_consumption", 50, Severity.WARNING),
]


def set_process_limits(device) -> None:
    rules = [
        AlertRule(
            factory_id=device.factory_id, device=device, metric=metric, kind=RuleKind.ABOVE, level=level,
            severity=severity,
        )
        for metric, level, severity in PROCESS_LIMITS
    ]  # fmt: skip
    for rule in rules:
        rule.title = rule.default_title
    AlertRule.objects.bulk_create(rules)
