"""Hourly evaluation of data capture and health score over the last 24 hours.

Readings that stop coming cannot be evaluated as they come, so these kinds run by the clock. During an outage of the
service, and for an hour after, nothing is evaluated.
"""

from datetime import timedelta

from django.db import transaction

from alerts import maintenance_windows, rule_set, service_uptime
from alerts.evaluation.breach_alerts import raise_new_alerts
from alerts.evaluation.context import EvaluationContext
from alerts.evaluation.evaluator import evaluate_rule, open_alerts_of, states_of, upsert_states
from alerts.models import EvaluationState, RuleKind
from alerts.rules.conditions import RuleSample
from devices.models import Device
from telemetry.analytics.health import health_by_device
from telemetry.queries.summary import summarise_many
from telemetry.rollups.quarter_hours import floor

SPAN = timedelta(hours=24)
INTERVAL = timedelta(hours=1)
DEVICES_AT_ONCE = 100


def run_hourly_checks(now) -> int:
    """Evaluate the machines that are due → how many. Idempotent, safe to run concurrently."""
    up_since = service_uptime.up_since(now)
    if up_since is None or now - up_since < INTERVAL:
        return 0
    pks = sorted(Device.objects.sending().filter(last_seen__isnull=False).values_list("pk", flat=True))
    return sum(
        check_devices(pks[start : start + DEVICES_AT_ONCE], now) for start in range(0, len(pks), DEVICES_AT_ONCE)
    )


@transaction.atomic
def check_devices(pks, now) -> int:
    """Evaluate the hourly rules of a batch of devices; those in a maintenance window within the day are skipped."""
    rows = Device.objects.select_for_update(of=("self",), no_key=True, skip_locked=True).filter(pk__in=pks)
    devices = list(rows.select_related("factory").prefetch_related("profiles", "hardware").order_by("pk"))
    rules = rule_set.rules_for(devices, kind__in=[RuleKind.CAPTURE, RuleKind.HEALTH])
    states, at = states_of(devices), floor(now)
    windows = maintenance_windows.windows_of(devices, now - SPAN)
    devices = [device for device in devices if not windows[device.pk]]
    due = [device for device in devices if any(is_due(states, rule, device, at) for rule in rules[device.pk])]
    if not due:
        return 0
    alerts, summaries = open_alerts_of(due), summarise_many(due, at - SPAN, at, now)
    scores = health_by_device(due, at - SPAN, at, summaries)
    contexts = [
        EvaluationContext(device, now, rules[device.pk], states.get(device.pk, {}), alerts.get(device.pk, {}))
        for device in due
    ]
    for context in contexts:
        pk = context.device.pk
        values = {RuleKind.CAPTURE: summaries[pk].capture_percent, RuleKind.HEALTH: scores[pk].score}
        for rule in context.rules:
            if is_due(states, rule, context.device, at) and values[rule.kind] is not None:
                initial_state = EvaluationState(rule=rule, device=context.device, evaluated_until=at - INTERVAL)
                context.states.setdefault(rule.pk, initial_state)
                evaluate_rule(context, rule, [RuleSample(at, values[rule.kind])])
    raise_new_alerts(contexts, now)
    upsert_states([state for context in contexts for state in context.changed_states.values()])
    return len(due)


def is_due(states, rule, device, at):
    state = states.get(device.pk, {}).get(rule.pk)
    return state is None or at - state.evaluated_until >= INTERVAL
