"""Data capture and health of the last 24 hours, looked at once an hour: a machine that says less and less says nothing
that could be judged as it comes. While the service could not listen, and for an hour after, nobody is blamed."""

from datetime import timedelta

from django.db import transaction

from alerts import maintenance_windows, service_uptime
from alerts.evaluation.conditions import Sample
from alerts.evaluation.context import Case
from alerts.evaluation.evaluator import judge_rule, keep, open_alerts_of, raise_found, watches_of
from alerts.models import Kind, Watch
from alerts.rules import rule_set
from devices.models import Device
from telemetry.analytics.health import healths
from telemetry.queries.summary import summarise_many
from telemetry.rollups.quarter_hours import floor

SPAN = timedelta(hours=24)
EVERY = timedelta(hours=1)
DEVICES_AT_ONCE = 100


def review(now) -> int:
    """Judge those that were not judged for an hour → how many machines. Safe to run twice and at once."""
    heard_since = service_uptime.heard_since(now)
    if heard_since is None or now - heard_since < EVERY:
        return 0
    pks = sorted(Device.objects.sending().filter(last_word__isnull=False).values_list("pk", flat=True))
    return sum(review_some(pks[at : at + DEVICES_AT_ONCE], now) for at in range(0, len(pks), DEVICES_AT_ONCE))


@transaction.atomic
def review_some(pks, now):
    rows = Device.objects.select_for_update(of=("self",), no_key=True, skip_locked=True).filter(pk__in=pks)
    devices = list(rows.select_related("factory").prefetch_related("profiles", "hardware").order_by("pk"))
    rules = rule_set.rules_for(devices, kind__in=[Kind.CAPTURE, Kind.HEALTH])
    watches, at = watches_of(devices), floor(now)
    windows = maintenance_windows.windows_of(
        devices, now - SPAN
    )  # a day with planned work in it says nothing of the machine
    devices = [device for device in devices if not windows[device.pk]]
    due = [device for device in devices if any(is_due(watches, rule, device, at) for rule in rules[device.pk])]
    if not due:
        return 0
    alerts, summaries = open_alerts_of(due), summarise_many(due, at - SPAN, at, now)
    scores = healths(due, at - SPAN, at, summaries)
    cases = [
        Case(device, now, rules[device.pk], watches.get(device.pk, {}), alerts.get(device.pk, {})) for device in due
    ]
    for case in cases:
        pk = case.device.pk
        figures = {Kind.CAPTURE: summaries[pk].capture_percent, Kind.HEALTH: scores[pk].score}
        for rule in case.rules:
            if is_due(watches, rule, case.device, at) and figures[rule.kind] is not None:
                before = Watch(rule=rule, device=case.device, judged_until=at - EVERY)
                case.watches.setdefault(rule.pk, before)
                judge_rule(case, rule, [Sample(at, figures[rule.kind])])
    raise_found(cases, now)
    keep([watch for case in cases for watch in case.changed.values()])
    return len(due)


def is_due(watches, rule, device, at):
    watch = watches.get(device.pk, {}).get(rule.pk)
    return watch is None or at - watch.judged_until >= EVERY
