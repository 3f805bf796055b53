"""Readings that came late are judged as if they had come in time: each rule again, around them, once per batch."""

from datetime import UTC, datetime

from django.db.models import Q

from alerts import maintenance_windows
from alerts.evaluation import unit_checks
from alerts.evaluation.breach_alerts import raise_new_alerts
from alerts.evaluation.history import INSTANT, History
from alerts.evaluation.quarter_hour_samples import budget_periods
from alerts.evaluation.rejudging import RuleJudge
from alerts.evaluation.sample_sources import QuarterHourSource, ReadingSource
from alerts.evaluation.samples import merge_spans, split_span
from alerts.evaluation.sensor_rejudging import SensorJudge
from alerts.lifecycle import SUSPECT
from alerts.models import Alert, RuleKind
from telemetry.analytics.baseline import WEEK, WEEKS
from telemetry.rollups import adjacent_readings
from telemetry.rollups.quarter_hours import QUARTER, floor, next_quarter
from telemetry.signal.profile_timeline import ProfileTimeline

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def split_late(contexts, spans) -> tuple[dict, dict]:
    """{device pk: [(first, last), …]} → the same of what was judged before or lies among it, and of what is new."""
    late, new = {}, {}
    boundaries = {context.device.pk: context.judged_until for context in contexts}
    for pk, device_spans in spans.items():
        boundary = boundaries[pk]
        new[pk] = [(max(first, boundary + INSTANT) if boundary else first, last) for first, last in device_spans]
        new[pk] = [(first, last) for first, last in new[pk] if first <= last]
        if boundary:
            late[pk] = merge_spans([(first, min(last, boundary)) for first, last in device_spans if first <= boundary])
    return {pk: device_spans for pk, device_spans in late.items() if device_spans}, new


def rejudge_late(contexts, late, now) -> None:
    """Judge the late spans of each device again, oldest first, and notify of what they show."""
    for context in contexts:
        if context.device.pk in late:
            rejudge(context, late[context.device.pk])
            raise_new_alerts([context], now)


def rejudge(context, spans) -> None:
    device = context.device
    windows = context.windows = maintenance_windows.windows_of([device], LONG_AGO)[device.pk]
    history = History(device, context.judged_until)
    alerts = standing_alerts(context, spans[0][0])
    judges = [SensorJudge(context, history, windows, [alert for alert in alerts if alert.alert_type == SUSPECT])]
    for rule in rules_to_rejudge(context):
        state = context.states[rule.pk]
        own = alerts_of(rule, state, alerts)
        if rule.is_streamed:
            source = ReadingSource(rule, history, windows, state.judged_since)
            judges.append(RuleJudge(context, rule, source, own))
        else:
            source = QuarterHourSource(rule, device, windows, state.judged_since, state.evaluated_until)
            judge = RuleJudge(context, rule, source, own)
            run([judge], clip(changed_quarters(rule, device, spans), state.evaluated_until))
    run(judges, spans)


def rules_to_rejudge(context) -> list:
    """Those that have judged readings of the device already."""
    return [
        rule
        for rule in context.rules
        if rule.pk in context.states
        and (rule.is_streamed or rule.is_quarter_hourly)
        and not unit_checks.is_in_question(context, rule)
    ]


def standing_alerts(context, since) -> list:
    """Alerts of the device that may differ: open ones, those that ended later, and those that did not end by readings.

    A crossing runs on behind an end that a person set.
    """
    may_differ = Q(resolved_at=None) | Q(resolved_at__gte=since) | Q(is_ended_by_readings=False)
    rows = Alert.objects.standing().filter(may_differ, device=context.device)
    rows = rows.filter(Q(rule__in=context.rules) | Q(alert_type=SUSPECT))
    return list(rows.order_by("triggered_at", "pk"))


def alerts_of(rule, state, alerts) -> list:
    """The alerts that the rule, as it is, has raised."""
    since = state.judged_since
    return [
        alert
        for alert in alerts
        if alert.rule_id == rule.pk and alert.terms == rule.terms and (since is None or alert.triggered_at > since)
    ]


def run(judges, spans) -> None:
    """All judges on one piece of the spans after the other, so that they share what is read."""
    pieces = [piece for span in spans for piece in split_span(*span)]
    stops = [first for first, _last in pieces[1:]] + [None]
    for judge in judges:
        judge.judgement = None
    for (first, last), stop in zip(pieces, stops, strict=True):
        for judge in judges:
            since = judge.source.floor
            if since is None or last > since:
                judge.run(first if since is None else max(first, since + INSTANT), last, stop)


def clip(spans, until) -> list:
    return merge_spans([(first, min(last, until)) for first, last in spans if first <= until])


def changed_quarters(rule, device, spans) -> list:
    """Spans of the samples, each at the end of its quarter hour, that late readings changed."""
    timeline = ProfileTimeline(device)
    changed = adjacent_readings.changed_spans([(timeline, *span) for span in spans])
    quarters = [(floor(start) + QUARTER, max(next_quarter(end), floor(end) + QUARTER)) for start, end in changed]
    if rule.kind == RuleKind.BASELINE:  # it is also the usual level of the weeks to come
        return [(first + week * WEEK, last + week * WEEK) for first, last in quarters for week in range(WEEKS + 1)]
    return [(first, period_end(rule, device, last)) for first, last in quarters]


def period_end(rule, device, at):
    """The last sample that the energy of the quarter hour before `at` counts in: the end of its day or shift."""
    period = rule.params.get("period", "day")
    periods = budget_periods(period, device.factory, at - QUARTER, at)
    return max([at, *(end for _start, end in periods)])
