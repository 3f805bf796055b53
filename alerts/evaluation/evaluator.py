"""Rule evaluation of stored readings: in event time, device by device, on from the saved state.

Late readings are handled in two ways. Those older than what was judged of their device are judged again with what is
around them, and the alerts of that time are revised (`late_readings`). Those that come in order but late, as from an
offline buffer, are evaluated like any stream. What either finds late is marked `found_late`, and nobody is notified at
once unless the breach still holds at a fresh sample.
"""

import json
import logging
from collections import defaultdict

from django.db import InterfaceError, OperationalError, connection, transaction

from alerts import lifecycle, maintenance_windows, rule_set
from alerts.evaluation import counter_checks, late_readings, sensor_checks, silence, silence_revisions, unit_checks
from alerts.evaluation.breach_alerts import add_alert, limit_on, raise_new_alerts, update_alert
from alerts.evaluation.context import EvaluationContext
from alerts.evaluation.quarter_hour_samples import quarter_samples
from alerts.evaluation.samples import PRESENCE_LOOKBACK, readings_in, time_slices
from alerts.models import Alert, EvaluationState
from alerts.rules.conditions import BreachState, evaluate
from devices.models import Device
from telemetry.analytics.unit_doubts import doubts_by_device
from telemetry.models import ProcessedSpan
from telemetry.rollups.quarter_hours import floor
from telemetry.sql import unnest_columns

DEVICES_AT_ONCE = 100
LONGEST_LOOKBACK = PRESENCE_LOOKBACK  # of a rule: of the others, the window of a rate is the longest, with a day
STATE_COLUMNS = {  # in the order of `BreachState`, and their types
    **{"rule_id": "bigint", "device_id": "bigint", "evaluated_until": "timestamptz", "crossed_since": "timestamptz"},
    **{"has_fired": "bool", "peak_value": "float8", "peak_at": "timestamptz", "last_across_at": "timestamptz"},
    **{"judged_since": "timestamptz", "sensor_faults": "jsonb"},
}
UPSERT_STATES = (
    f"INSERT INTO {EvaluationState._meta.db_table} ({', '.join(STATE_COLUMNS)}) "
    f"SELECT * FROM unnest({', '.join(f'%s::{kind}[]' for kind in STATE_COLUMNS.values())}) "
    "ON CONFLICT (rule_id, device_id) DO UPDATE SET "
    + ", ".join(f"{name} = EXCLUDED.{name}" for name in list(STATE_COLUMNS)[2:])
)

log = logging.getLogger(__name__)


def evaluate_new_readings(now, *, is_present: bool | None = None, max_spans: int | None = None) -> int:
    """Evaluate what was digested since the last run → number of devices. Idempotent, safe to run concurrently.

    `is_present`: of one lane (`telemetry.rollups.lanes`) instead of both; `max_spans`: at most so many, oldest first.
    """
    counter_checks.close_decided(now)
    waiting = ProcessedSpan.objects.order_by("pk")
    if is_present is not None:
        waiting = waiting.filter(is_present=is_present)
    span_pks = defaultdict(list)
    for span_pk, device_pk in waiting.values_list("pk", "device_id")[:max_spans]:
        span_pks[device_pk].append(span_pk)
    drop_spans_without_device(span_pks)
    device_batches = batches(sorted(span_pks), DEVICES_AT_ONCE)
    return sum(evaluate_devices({pk: span_pks[pk] for pk in batch}, now) for batch in device_batches)


def drop_spans_without_device(span_pks) -> None:
    """Take the spans of devices that are deleted out of {device pk: [ProcessedSpan pk, …]}, and out of the log.

    Not by a join: after the log was analysed while empty, the planner would compare every span with every device.
    """
    known = set(Device.objects.filter(pk__in=list(span_pks)).values_list("pk", flat=True))
    orphans = [span for pk in span_pks.keys() - known for span in span_pks.pop(pk)]
    if orphans:
        ProcessedSpan.objects.filter(pk__in=orphans).delete()


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
    states, alerts, unit_doubts = states_of(devices), open_alerts_of(devices), doubts_by_device(devices)
    first_at = min((first for device_spans in spans.values() for first, _last in device_spans), default=now)
    windows = maintenance_windows.windows_of(devices, first_at - LONGEST_LOOKBACK)
    contexts = [
        EvaluationContext(
            device,
            now,
            rules[device.pk],
            states.get(device.pk, {}),
            alerts.get(device.pk, {}),
            windows[device.pk],
            unit_doubts[device.pk],
        )
        for device in devices
    ]
    for context in contexts:
        close_stale_alerts(context)
    came, (late_spans, spans) = spans, late_readings.split_late(contexts, spans)
    revisable = [one for one in contexts if silence_revisions.may_be_revised(one, late_spans.get(one.device.pk))]
    late_readings.rejudge_late(contexts, late_spans, now)
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
        in_slice = [context for context in contexts if context.device.pk in time_slice and context.readings]
        unit_checks.review_units(in_slice, now)
        evaluate_contexts(in_slice)
        raise_new_alerts(contexts, now)
    upsert_states([state for context in contexts for state in context.changed_states.values()])
    counter_checks.check_counters(contexts, now)
    silence.resolve_ended_silences(Device.objects.filter(pk__in=[device.pk for device in devices]))
    silence_revisions.revise_silences(revisable, came)
    return len(devices)


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
    """Insert or update states, as arrays: ten thousand parameters would take longer to write than to run."""
    if not states:
        return
    rows = [
        (
            *(state.rule_id, state.device_id, state.evaluated_until, *state.breach_state, state.judged_since),
            json.dumps(state.sensor_faults),
        )
        for state in states
    ]
    with connection.cursor() as cursor:
        cursor.execute(UPSERT_STATES, unnest_columns(rows, len(STATE_COLUMNS)))


def evaluate_contexts(contexts) -> None:
    """Evaluate the loaded readings of each context; quarter-hour rollups are queried for all of them together."""
    requests = [
        (context, rule, span)
        for context in contexts
        for rule in context.rules
        if rule.is_quarter_hourly and not unit_checks.is_in_question(context, rule)
        for span in context.quarters_to_evaluate(rule)
    ]
    samples_by_rule = defaultdict(list)
    sample_lists = quarter_samples([(rule, context.device, *span) for context, rule, span in requests])
    for (context, rule, _), samples in zip(requests, sample_lists, strict=True):
        samples_by_rule[context.device.pk, rule.pk] += samples
    for context in contexts:
        for rule in context.rules:
            if unit_checks.is_in_question(context, rule):
                continue
            if rule.is_streamed:
                context.begin(rule)
                if samples := context.samples(rule):
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
                state.judged_since = state.evaluated_until
                context.advance(state, until=state.evaluated_until, breach_state=BreachState())


def evaluate_rule(context, rule, samples) -> None:
    """Evaluate one rule on new samples; those that are not newer than what it has evaluated are left out."""
    state = context.state_of(rule.pk, samples[0].at)
    boundary = state.evaluated_until
    new_samples = [sample for sample in samples if sample.at > boundary]
    result = evaluate(limit_on(rule, context.device, context.now), new_samples, state.breach_state)
    for breach in result.breaches:
        update_alert(context, rule, breach) if breach.is_continued else add_alert(context, rule, breach)
    context.advance(state, until=samples[-1].at, breach_state=result.state)


def evaluate_quarter_hours(context, rule, samples) -> None:
    """Evaluate a rule on quarter-hour samples; its state advances also where there are none."""
    state = context.state_of(rule.pk, context.readings[0].at)
    breach_state = state.breach_state
    samples = maintenance_windows.outside_windows(context.windows, samples)
    if samples:
        evaluate_rule(context, rule, samples)
        breach_state = state.breach_state
    context.advance(state, until=floor(context.readings[-1].at), breach_state=breach_state)
