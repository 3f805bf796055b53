"""Threshold rules as bounds, against which telemetry counts readings."""

from alerts.rule_set import rules_for
from telemetry.queries.limit_counts import Bound


def alert_bounds(devices) -> tuple:
    """([Bound per device and threshold rule in force], {key: its title}); a factory-wide rule binds each device."""
    bounds, titles = [], {}
    for pk, rules in rules_for(devices).items():
        for rule in rules:
            if rule.is_threshold:
                key = len(bounds)
                bounds.append(bound_of_rule(key, pk, rule))
                titles[key] = rule.title
    return bounds, titles


def bound_of_rule(key, pk, rule):
    limit = rule.limit
    if limit.kind == "outside":
        return Bound(key, pk, rule.metric, limit.low, limit.high)
    above = limit.kind == "above"
    return Bound(key, pk, rule.metric, None if above else limit.level, limit.level if above else None)
