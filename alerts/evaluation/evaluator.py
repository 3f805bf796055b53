"""Rules over what was stored: in event time, device by device, from where they stood.

Late is told from now in two ways. What is older than a rule has judged (`Watch.judged_until`) can raise no alarm
about now: it makes at most an alert that is over already. What comes in order but late, as an offline buffer does,
is judged like any stream and marked `found_late`; it is news to nobody's phone unless it still holds at a fresh sample.
"""

import logging
from collections import defaultdict
from dataclasses import replace

from django.db import InterfaceError, OperationalError, connection, transaction

from alerts import maintenance_windows
from alerts.evaluation import sensor_checks, silence
from alerts.evaluation.conditions import Standing, judge
from alerts.evaluation.context import Case
from alerts.evaluation.quarter_hour_samples import quarter_samples
from alerts.evaluation.samples import has_ever_said, readings_in, samples_around, slices
from alerts.lifecycle import transitions
from alerts.lifecycle.transitions import FRESH
from alerts.models import Alert, Kind, Watch
from alerts.notifications import outbox
from alerts.rules import rule_set
from devices.models import Device
from telemetry.models import Digested
from telemetry.rollups.quarter_hours import floor

DEVICES_AT_ONCE = 100

log = logging.getLogger(__name__)


def judge_digested(now):
    """Judge what the digest has summed since the last time → how many devices. Safe to run twice and at once."""
    waiting = sorted(Digested.objects.values_list("device_id", flat=True).distinct())
    return sum(judge_devices(list(some), now) for some in batches(waiting, DEVICES_AT_ONCE))


def batches(rows, size):
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def judge_devices(pks, now):
    """Judge these together; where that fails, by halves, so that one device's trouble is its own."""
    try:
        with transaction.atomic():
            return judge_together(pks, now)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        if len(pks) == 1:
            log.exception("Device %s could not be judged; it is tried again with the next digest.", pks[0])
            return 0
        half = len(pks) // 2
        return judge_devices(pks[:half], now) + judge_devices(pks[half:], now)


def judge_together(pks, now):
    # Whoever holds a device's row judges it; another judge leaves it to them.
    rows = Device.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    devices = list(rows.filter(pk__in=pks).select_related("factory").prefetch_related("profiles").order_by("pk"))
    spans = take_spans([device.pk for device in devices])
    rules = rule_set.rules_for(devices)
    watches, alerts = watches_of(devices), open_alerts_of(devices)
    windows = maintenance_windows.windows_of(
        devices, min((first for its in spans.values() for first, _last in its), default=now)
    )
    cases = [
        Case(device, now, rules[device.pk], watches.get(device.pk, {}), alerts.get(device.pk, {}), windows[device.pk])
        for device in devices
    ]
    for case in cases:
        end_orphans(case)
    leads = {case.device.pk: case.lead for case in cases}
    for some in slices(spans):
        readings = readings_in({pk: [(first - leads[pk], last) for first, last in its] for pk, its in some.items()})
        for case in cases:
            if its := some.get(case.device.pk):
                case.hear(readings[case.device.pk], its[0][0])
        judge_cases([case for case in cases if case.device.pk in some and case.readings])
        raise_found(cases, now)
    keep([watch for case in cases for watch in case.changed.values()])
    silence.end_heard(Device.objects.filter(pk__in=[device.pk for device in devices]))
    return len(devices)


def raise_found(cases, now):
    """The alerts of all cases together: when two thousand rules fire at once, that is no two thousand statements."""
    made = transitions.raise_all([alert for case in cases for alert in case.raised])
    there = {id(alert) for alert in made}
    news = {id(alert) for case in cases for alert in case.news}
    outbox.announce_all([alert for alert in made if id(alert) in news], now=now)
    outbox.announce_late([alert for alert in made if id(alert) not in news], now=now)
    for case in cases:
        case.alerts.update({alert.rule_id: alert for alert in case.raised if id(alert) in there and alert.is_open})
        case.raised, case.news = [], []


def take_spans(pks):
    """{device pk: [(first, last), …]}, deleted here: they come back if this transaction fails."""
    spans = {pk: [] for pk in pks}
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {Digested._meta.db_table} WHERE device_id = ANY(%s) RETURNING device_id, first_at, last_at",
            [list(pks)],
        )
        for device_id, first, last in cursor:
            spans[device_id].append((first, last))
    return spans


def watches_of(devices):
    """{device pk: {rule pk or None: Watch}}"""
    found = {}
    for watch in Watch.objects.filter(device__in=devices):
        found.setdefault(watch.device_id, {})[watch.rule_id] = watch
    return found


def open_alerts_of(devices):
    """{device pk: {rule pk or alert type: Alert}}"""
    found = {}
    for alert in Alert.objects.open().filter(device__in=devices):
        found.setdefault(alert.device_id, {})[alert.rule_id or alert.alert_type] = alert
    return found


def keep(watches):
    Watch.objects.bulk_create(
        watches,
        update_conflicts=True,
        unique_fields=["rule", "device"],
        update_fields=["judged_until", "crossed_since", "has_fired"],
    )


def judge_cases(cases):
    """What was heard of each; what their rules ask of quarter hours is looked up for all together."""
    asked = [
        (case, rule, span)
        for case in cases
        for rule in case.rules
        if rule.is_quarterly
        for span in case.quarters_to_judge(rule)
    ]
    summed = defaultdict(list)
    found = quarter_samples([(rule, case.device, *span) for case, rule, span in asked])
    for (case, rule, _), samples in zip(asked, found, strict=True):
        summed[case.device.pk, rule.pk] += samples
    for case in cases:
        for rule in case.rules:
            if rule.is_streamed and (samples := case.samples(rule)):
                judge_rule(case, rule, samples)
            elif rule.is_quarterly:
                judge_quarters(case, rule, summed[case.device.pk, rule.pk])
        sensor_checks.judge_sensors(case)


def end_orphans(case):
    """Open alerts whose rule no longer holds here as it did: an edit behind the judge's back."""
    terms = {rule.pk: rule.terms for rule in case.rules}
    for key, alert in list(case.alerts.items()):
        if alert.rule_id and terms.get(alert.rule_id) != alert.terms:
            transitions.close(alert, now=case.now, why=transitions.RULE_CHANGED)
            del case.alerts[key]
            if alert.rule_id in case.watches:
                watch = case.watches[alert.rule_id]
                case.move(watch, until=watch.judged_until, standing=Standing())


def judge_rule(case, rule, samples):
    watch = case.watch(rule.pk, samples[0].at)
    boundary = watch.judged_until
    coming = [sample for sample in samples if sample.at > boundary]
    judgement = judge(limit_on(rule, case.device, case.now), coming, Standing(watch.crossed_since, watch.has_fired))
    for breach in judgement.breaches:
        follow(case, rule, breach) if breach.is_continued else report(case, rule, breach)
    look_back(case, rule, [sample for sample in samples if sample.at <= boundary], boundary)
    case.move(watch, until=samples[-1].at, standing=judgement.standing)


def judge_quarters(case, rule, samples):
    watch = case.watch(rule.pk, case.readings[0].at)
    standing = Standing(watch.crossed_since, watch.has_fired)
    samples = maintenance_windows.spoken_outside(case.windows, samples)
    if samples:
        judge_rule(case, rule, samples)
        standing = Standing(watch.crossed_since, watch.has_fired)
    case.move(watch, until=floor(case.readings[-1].at), standing=standing)


def limit_on(rule, device, now):
    """The rule's limit; a sensor's silence without a hold of its own lasts as long as its device's may."""
    limit = rule.limit
    if rule.kind == Kind.SILENCE and not rule.hold_seconds:
        return replace(limit, hold=silence.longest_silence(rule, device, now))
    return limit


def report(case, rule, breach):
    """A breach that fired just now in event time: an alert, and word to the owners unless it is old news."""
    if not is_fitted(case, rule, breach):
        return
    found_late = case.now - breach.fired_at > FRESH
    if rule.pk in case.alerts and not breach.ended_at:  # raised already
        follow(case, rule, breach)
        return
    alert = transitions.alert_of(rule, case.device, breach, ended_at=breach.ended_at, found_late=found_late)
    case.raised.append(alert)
    if not found_late or is_news(case, breach):
        case.news.append(alert)


def follow(case, rule, breach):
    """A breach reported before goes on or ends. Where a person resolved its alert meanwhile, nothing is left to do."""
    alert = case.alerts.get(rule.pk)
    if alert is None:
        return
    peak = rule.limit.farther(alert.peak_value, breach.peak)
    if peak != alert.peak_value:
        alert.peak_value = peak
        alert.save(update_fields=["peak_value"])
    is_worse = alert.severity == rule.severity != rule.severity_at(peak)
    if is_worse:
        transitions.escalate(alert, rule.severity_at(peak))
    if breach.ended_at:
        transitions.end(case.alerts.pop(rule.pk), at=breach.ended_at, device=case.device)
    elif is_worse and is_news(case, breach):
        outbox.announce_again(alert, now=case.now)
    elif alert.found_late and is_news(case, breach):
        outbox.announce(alert, now=case.now)


def is_news(case, breach):
    """Whether it still holds at a sample fresh enough to be about now."""
    return breach.ended_at is None and breach.last_at is not None and case.now - breach.last_at <= FRESH


def look_back(case, rule, late, boundary):
    """Samples older than what is judged: a breach nobody knew of becomes an alert that is over, and rings no bell."""
    if not any(rule.limit.is_across(sample.value) for sample in late):
        return
    limit = limit_on(rule, case.device, case.now)
    first, last = late[0].at - limit.hold, late[-1].at + limit.hold
    samples = maintenance_windows.spoken_outside(
        case.windows, samples_around(case.device, rule, first, last, until=boundary)
    )
    for breach in judge(limit, samples).breaches:
        ended_at = breach.ended_at or breach.last_at
        if is_fitted(case, rule, breach) and not is_known(case, rule, breach.since, ended_at):
            case.raised.append(transitions.alert_of(rule, case.device, breach, ended_at=ended_at, found_late=True))


def is_fitted(case, rule, breach):
    """No sensor is silent that the device never had."""
    return rule.kind != Kind.SILENCE or has_ever_said(case.device, rule.metric, breach.since)


def is_known(case, rule, since, until):
    """Whether an alert of this rule speaks of that time already."""
    if any(its.rule_id == rule.pk and (its.is_open or its.resolved_at >= since) for its in case.raised):
        return True
    told = Alert.objects.filter(rule=rule, device=case.device, triggered_at__lte=until)
    return told.open().exists() or told.filter(resolved_at__gte=since).exists()
