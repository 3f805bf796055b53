"""Rule evaluation of stored readings: in event time, device by device, on from the saved state.

Late readings are handled in two ways. Those older than a rule's `EvaluationState.evaluated_until` cannot raise an open
alert: they make at most one that is already resolved. Those that come in order but late, as from an offline buffer, are
evaluated like any stream and marked `found_late`; nobody is notified at once unless the breach still holds at a fresh
sample.
"""

import logging
from collections import defaultdict
from dataclasses import replace

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Exists, OuterRef

from alerts import lifecycle, maintenance_windows, rule_set
from alerts.evaluation import sensor_checks, silence
from alerts.evaluation.context import EvaluationContext
from alerts.evaluation.quarter_hour_samples import quarter_samples
from alerts.evaluation.samples import has_reported, readings_in, samples_around, time_slices
from alerts.lifecycle import LATE_AFTER
from alerts.models import Alert, EvaluationState, RuleKind
from alerts.notifications import outbox
from alerts.rules.conditions import BreachState, evaluate
from devices.models import Device
from telemetry.models import ProcessedSpan
from telemetry.rollups.quarter_hours import floor

DEVICES_AT_ONCE = 100

log = logging.getLogger(__name__)


def evaluate_new_readings(now, *, is_present: bool | None = None, max_spans: int | None = None) -> int:
    """Evaluate what was digested since the last run → number of devices. Idempotent, safe to run concurrently.

    `is_present`: of one lane (`telemetry.rollups.lanes`) instead of both; `max_spans`: at most so many, oldest first.
    """
    waiting = ProcessedSpan.objects.filter(Exists(Device.objects.filter(pk=OuterRef("device_id")))).order_by("pk")
    if is_present is not None:
        waiting = waiting.filter(is_present=is_present)
    span_pks = defaultdict(list)
    for span_pk, device_pk in waiting.values_list("pk", "device_id")[:max_spans]:
        span_pks[device_pk].append(span_pk)
    device_batches = batches(sorted(span_pks), DEVICES_AT_ONCE)
    return sum(evaluate_devices({pk: span_pks[pk] for pk in batch}, now) for batch in device_batches)


def batches(rows, size) -> list:
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def evaluate_devices(span_pks, now):
    """Evaluate a batch; where that fails, its halves, so that one device's error does not stop the others.

    `span_pks`: {device pk: [ProcessedSpan pk, …]}
    """
    try:
        with transaction.atomic():
            return evaluate_batch(span_pks, now)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        if len(span_pks) == 1:
            [(pk, spans)] = span_pks.items()
            log.exception("Device %s could not be judged; it is tried again with the next digest.", pk)
            requeue_spans(spans)
            return 0
    devices, half = list(span_pks.items()), len(span_pks) // 2
    return evaluate_devices(dict(devices[:half]), now) + evaluate_devices(dict(devices[half:]), now)


def evaluate_batch(span_pks, now) -> int:
    """Evaluate devices in one transaction → how many; those locked by another worker are left to it."""
    rows = Device.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    devices = list(rows.filter(pk__in=span_pks).select_related("factory").prefetch_related("profiles").order_by("pk"))
    spans = consume_spans({device.pk: span_pks[device.pk] for device in devices})
    rules = rule_set.rules_for(devices)
    states, alerts = states_of(devices), open_alerts_of(devices)
    windows = maintenance_windows.windows_of(
        devices, min((first for device_spans in spans.values() for first, _last in device_spans), default=now)
    )
    contexts = [
        EvaluationContext(
            device, now, rules[device.pk], states.get(device.pk, {}), alerts.get(device.pk, {}), windows[device.pk]
        )
        for device in devices
    ]
    for context in contexts:
        close_stale_alerts(context)
    lookbacks = {context.device.pk: context.lookback for context in contexts}
    for time_slice in time_slices(spans):
        readings = readings_in(
            {
                pk: [(first - lookbacks[pk], last) for first, last in device_spans]
                for pk, device_spans in time_slice.items()
            }
        )
        for context in contexts:
            if device_spans := time_slice.get(context.device.pk):
                context.set_readings(readings[context.device.pk], device_spans[0][0])
        evaluate_contexts([context for context in contexts if context.device.pk in time_slice and context.readings])
        raise_new_alerts(contexts, now)
    upsert_states([state for context in contexts for state in context.changed_states.values()])
    silence.resolve_ended_silences(Device.objects.filter(pk__in=[device.pk for device in devices]))
    return len(devices)


def raise_new_alerts(contexts, now) -> None:
    """Insert and notify the new alerts of all contexts together: a few statements even when two thousand rules fire."""
    created = lifecycle.raise_alerts([alert for context in contexts for alert in context.new_alerts])
    created_ids = {id(alert) for alert in created}
    notify_ids = {id(alert) for context in contexts for alert in context.alerts_to_notify}
    outbox.notify_all([alert for alert in created if id(alert) in notify_ids], now=now)
    outbox.notify_late([alert for alert in created if id(alert) not in notify_ids], now=now)
    for context in contexts:
        context.alerts.update(
            {alert.rule_id: alert for alert in context.new_alerts if id(alert) in created_ids and alert.is_open}
        )
        context.new_alerts, context.alerts_to_notify = [], []


def consume_spans(span_pks):
    """Delete and return these digested spans of devices, {pk: [(first, last), …]}; a rollback restores them."""
    spans = {pk: [] for pk in span_pks}
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {ProcessedSpan._meta.db_table} WHERE id = ANY(%s) RETURNING device_id, first_at, last_at",
            [[span_pk for its_spans in span_pks.values() for span_pk in its_spans]],
        )
        for device_id, first, last in cursor:
            spans[device_id].append((first, last))
    return spans


def requeue_spans(span_pks) -> None:
    """Move spans that could not be judged behind all others, where they delay no present reading."""
    table, columns = ProcessedSpan._meta.db_table, "device_id, first_at, last_at, received_at, digested_at"
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH gone AS (DELETE FROM {table} WHERE id = ANY(%s) RETURNING {columns}) "
            f"INSERT INTO {table} ({columns}, is_present) SELECT *, false FROM gone",
            [span_pks],
        )


def states_of(devices):
    """{device pk: {rule pk or None: EvaluationState}}"""
    states_by_device = {}
    for state in EvaluationState.objects.filter(device__in=devices):
        states_by_device.setdefault(state.device_id, {})[state.rule_id] = state
    return states_by_device


def open_alerts_of(devices):
    """{device pk: {rule pk or alert type: Alert}}"""
    alerts_by_device = {}
    for alert in Alert.objects.open().filter(device__in=devices):
        alerts_by_device.setdefault(alert.device_id, {})[alert.rule_id or alert.alert_type] = alert
    return alerts_by_device


def upsert_states(states) -> None:
    EvaluationState.objects.bulk_create(
        states,
        update_conflicts=True,
        unique_fields=["rule", "device"],
        update_fields=["evaluated_until", "crossed_since", "has_fired"],
    )


def evaluate_contexts(contexts) -> None:
    """Evaluate the loaded readings of each context; quarter-hour rollups are queried for all of them together."""
    requests = [
        (context, rule, span)
        for context in contexts
        for rule in context.rules
        if rule.is_quarter_hourly
        for span in context.quarters_to_evaluate(rule)
    ]
    samples_by_rule = defaultdict(list)
    sample_lists = quarter_samples([(rule, context.device, *span) for context, rule, span in requests])
    for (context, rule, _), samples in zip(requests, sample_lists, strict=True):
        samples_by_rule[context.device.pk, rule.pk] += samples
    for context in contexts:
        for rule in context.rules:
            if rule.is_streamed and (samples := context.samples(rule)):
                evaluate_rule(context, rule, samples)
            elif rule.is_quarter_hourly:
                evaluate_quarter_hours(context, rule, samples_by_rule[context.device.pk, rule.pk])
        sensor_checks.check_sensors(context)


def close_stale_alerts(context) -> None:
    """Close open alerts whose rule changed without `rule_set.revise` or no longer applies to the device."""
    terms = {rule.pk: rule.terms for rule in context.rules}
    for key, alert in list(context.alerts.items()):
        if alert.rule_id and terms.get(alert.rule_id) != alert.terms:
            lifecycle.close(alert, now=context.now, reason=lifecycle.RULE_CHANGED)
            del context.alerts[key]
            if alert.rule_id in context.states:
                state = context.states[alert.rule_id]
                context.advance(state, until=state.evaluated_until, breach_state=BreachState())


def evaluate_rule(context, rule, samples) -> None:
    """Evaluate one rule on new samples and, apart, on those older than what it has evaluated."""
    state = context.state_of(rule.pk, samples[0].at)
    boundary = state.evaluated_until
    new_samples = [sample for sample in samples if sample.at > boundary]
    result = evaluate(
        limit_on(rule, context.device, context.now), new_samples, BreachState(state.crossed_since, state.has_fired)
    )
    for breach in result.breaches:
        update_alert(context, rule, breach) if breach.is_continued else add_alert(context, rule, breach)
    evaluate_late_samples(context, rule, [sample for sample in samples if sample.at <= boundary], boundary)
    context.advance(state, until=samples[-1].at, breach_state=result.state)


def evaluate_quarter_hours(context, rule, samples) -> None:
    """Evaluate a rule on quarter-hour samples; its state advances also where there are none."""
    state = context.state_of(rule.pk, context.readings[0].at)
    breach_state = BreachState(state.crossed_since, state.has_fired)
    samples = maintenance_windows.outside_windows(context.windows, samples)
    if samples:
        evaluate_rule(context, rule, samples)
        breach_state = BreachState(state.crossed_since, state.has_fired)
    context.advance(state, until=floor(context.readings[-1].at), breach_state=breach_state)


def limit_on(rule, device, now):
    """The rule's limit; a sensor silence rule without a hold uses the hold of its device's silence."""
    limit = rule.limit
    if rule.kind == RuleKind.SILENCE and not rule.hold_seconds:
        return replace(limit, hold=silence.longest_silence(rule, device, now))
    return limit


def add_alert(context, rule, breach) -> None:
    """Add the alert of a breach that fired in this batch; notified at once unless it is late and over."""
    if not has_sensor(context, rule, breach):
        return
    found_late = context.now - breach.fired_at > LATE_AFTER
    if rule.pk in context.alerts and not breach.ended_at:  # raised already
        update_alert(context, rule, breach)
        return
    alert = lifecycle.alert_from_breach(rule, context.device, breach, ended_at=breach.ended_at, found_late=found_late)
    context.new_alerts.append(alert)
    if not found_late or is_ongoing(context, breach):
        context.alerts_to_notify.append(alert)


def update_alert(context, rule, breach) -> None:
    """Update the open alert of a breach that continues or ends; nothing to do where a person resolved it meanwhile."""
    alert = context.alerts.get(rule.pk)
    if alert is None:
        return
    peak = rule.limit.worse_of(alert.peak_value, breach.peak)
    if peak != alert.peak_value:
        alert.peak_value = peak
        alert.save(update_fields=["peak_value"])
    is_worse = alert.severity == rule.severity != rule.severity_at(peak)
    if is_worse:
        lifecycle.raise_severity(alert, rule.severity_at(peak))
    if breach.ended_at:
        lifecycle.mark_resolved(context.alerts.pop(rule.pk), at=breach.ended_at, device=context.device)
    elif is_worse and is_ongoing(context, breach):
        outbox.renotify(alert, now=context.now)
    elif alert.found_late and is_ongoing(context, breach):
        outbox.notify(alert, now=context.now)


def is_ongoing(context, breach):
    """Whether the breach still holds at a sample no older than LATE_AFTER."""
    return breach.ended_at is None and breach.last_at is not None and context.now - breach.last_at <= LATE_AFTER


def evaluate_late_samples(context, rule, late_samples, boundary) -> None:
    """Evaluate samples older than `boundary`: an unknown breach becomes a resolved alert, without notification."""
    if not any(rule.limit.is_across(sample.value) for sample in late_samples):
        return
    limit = limit_on(rule, context.device, context.now)
    first, last = late_samples[0].at - limit.hold, late_samples[-1].at + limit.hold
    samples = maintenance_windows.outside_windows(
        context.windows, samples_around(context.device, rule, first, last, until=boundary)
    )
    for breach in evaluate(limit, samples).breaches:
        ended_at = breach.ended_at or breach.last_at
        if has_sensor(context, rule, breach) and not overlaps_alert(context, rule, breach.since, ended_at):
            context.new_alerts.append(
                lifecycle.alert_from_breach(rule, context.device, breach, ended_at=ended_at, found_late=True)
            )


def has_sensor(context, rule, breach):
    """Whether the device ever sent the metric: a sensor it does not have is not silent."""
    return rule.kind != RuleKind.SILENCE or has_reported(context.device, rule.metric, breach.since)


def overlaps_alert(context, rule, since, until):
    """Whether an alert of this rule covers part of that time already."""
    if any(alert.rule_id == rule.pk and (alert.is_open or alert.resolved_at >= since) for alert in context.new_alerts):
        return True
    alerts = Alert.objects.filter(rule=rule, device=context.device, triggered_at__lte=until)
    return alerts.open().exists() or alerts.filter(resolved_at__gte=since).exists()
