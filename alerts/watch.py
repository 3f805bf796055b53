"""Rules over what was stored: in event time, device by device, from where they stood.

Late is told from now in two ways. What is older than a rule has judged (`Watch.judged_until`) can raise no alarm
about now: it makes at most an alert that is over already. What comes in order but late, as an offline buffer does,
is judged like any stream and marked `found_late`; it is news to nobody's phone unless it still holds at a fresh sample.
"""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, connection, transaction

from alerts import life, notify, quiet, rulebook, silence
from alerts.models import Alert, Watch
from alerts.rules import Standing, judge
from alerts.samples import readings_in, samples_around, samples_of, slices, suspect_names
from devices.models import Device
from telemetry.models import Digested

FRESH = timedelta(minutes=15)  # older than this when it is judged, an alert was found late
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
    rules = rulebook.rules_for(devices)
    watches, alerts = watches_of(devices), open_alerts_of(devices)
    windows = quiet.windows_of(devices, min((first for its in spans.values() for first, _last in its), default=now))
    cases = [
        Case(device, now, rules[device.pk], watches.get(device.pk, {}), alerts.get(device.pk, {}), windows[device.pk])
        for device in devices
    ]
    for case in cases:
        end_orphans(case)
    for some in slices(spans):
        readings = readings_in(some)
        for case in cases:
            judge_case(case, readings[case.device.pk])
    keep([watch for case in cases for watch in case.changed.values()])
    silence.end_heard(Device.objects.filter(pk__in=[device.pk for device in devices]))
    return len(devices)


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


@dataclass
class Case:
    """One device before the judge: its rules and where they stand, what is open, what it said."""

    device: Device
    now: datetime
    rules: list
    watches: dict  # {rule pk or None: Watch}
    alerts: dict  # {rule pk or alert type: Alert}, open ones
    windows: list  # (start, end) of planned work
    changed: dict = field(default_factory=dict)  # {rule pk or None: Watch}, to be kept
    readings: list = field(default_factory=list)
    sampled: dict = field(default_factory=dict)

    def hear(self, readings):
        self.readings, self.sampled = quiet.spoken_outside(self.windows, readings), {}

    def samples(self, metric):
        if metric not in self.sampled:
            self.sampled[metric] = samples_of(self.device, metric, self.readings)
        return self.sampled[metric]

    def watch(self, rule, first_at):
        """The watch of `rule`; a new rule starts where the device's own watch stands, or just before `first_at`."""
        if rule not in self.watches:
            own = self.watches.get(None)
            start = own.judged_until if own and rule is not None else first_at - timedelta(microseconds=1)
            self.watches[rule] = Watch(rule_id=rule, device=self.device, judged_until=start)
        return self.watches[rule]

    def move(self, watch, *, until, standing):
        moved = (max(until, watch.judged_until), standing.crossed_since, standing.has_fired)
        if moved != (watch.judged_until, watch.crossed_since, watch.has_fired) or watch.pk is None:
            watch.judged_until, watch.crossed_since, watch.has_fired = moved
            self.changed[watch.rule_id] = watch


def keep(watches):
    Watch.objects.bulk_create(
        watches,
        update_conflicts=True,
        unique_fields=["rule", "device"],
        update_fields=["judged_until", "crossed_since", "has_fired"],
    )


def judge_case(case, readings):
    if not readings:
        return
    case.hear(readings)
    if not case.readings:
        return
    for rule in case.rules:
        if rule.is_threshold and (samples := case.samples(rule.metric)):
            judge_rule(case, rule, samples)
    judge_sensors(case)


def end_orphans(case):
    """Open alerts whose rule no longer holds here as it did: an edit behind the judge's back."""
    terms = {rule.pk: rule.terms for rule in case.rules}
    for key, alert in list(case.alerts.items()):
        if alert.rule_id and terms.get(alert.rule_id) != alert.terms:
            life.close(alert, now=case.now, why=life.RULE_CHANGED)
            del case.alerts[key]
            if alert.rule_id in case.watches:
                watch = case.watches[alert.rule_id]
                case.move(watch, until=watch.judged_until, standing=Standing())


def judge_rule(case, rule, samples):
    watch = case.watch(rule.pk, samples[0].at)
    boundary = watch.judged_until
    coming = [sample for sample in samples if sample.at > boundary]
    judgement = judge(rule.limit, coming, Standing(watch.crossed_since, watch.has_fired))
    for breach in judgement.breaches:
        follow(case, rule, breach) if breach.is_continued else report(case, rule, breach)
    look_back(case, rule, [sample for sample in samples if sample.at <= boundary], boundary)
    case.move(watch, until=samples[-1].at, standing=judgement.standing)


def report(case, rule, breach):
    """A breach that fired just now in event time: an alert, and word to the owners unless it is old news."""
    found_late = case.now - breach.fired_at > FRESH
    alert = life.raise_threshold(rule, case.device, breach, ended_at=breach.ended_at, found_late=found_late)
    if alert is None:  # somebody raised it already
        follow(case, rule, breach)
        return
    if alert.is_open:
        case.alerts[rule.pk] = alert
    if not found_late or is_news(case, breach):
        notify.announce(alert, now=case.now)


def follow(case, rule, breach):
    """A breach reported before goes on or ends. Where a person resolved its alert meanwhile, nothing is left to do."""
    alert = case.alerts.get(rule.pk)
    if alert is None:
        return
    peak = rule.limit.farther(alert.peak_value, breach.peak)
    if peak != alert.peak_value:
        alert.peak_value = peak
        alert.save(update_fields=["peak_value"])
    if breach.ended_at:
        life.end(case.alerts.pop(rule.pk), at=breach.ended_at, device=case.device)
    elif alert.found_late and is_news(case, breach):
        notify.announce(alert, now=case.now)


def is_news(case, breach):
    """Whether it still holds at a sample fresh enough to be about now."""
    return breach.ended_at is None and breach.last_at is not None and case.now - breach.last_at <= FRESH


def look_back(case, rule, late, boundary):
    """Samples older than what is judged: a breach nobody knew of becomes an alert that is over, and rings no bell."""
    if not any(rule.limit.is_across(sample.value) for sample in late):
        return
    first, last = late[0].at - rule.limit.hold, late[-1].at + rule.limit.hold
    samples = quiet.spoken_outside(case.windows, samples_around(case.device, rule.metric, first, last, until=boundary))
    for breach in judge(rule.limit, samples).breaches:
        ended_at = breach.ended_at or breach.last_at
        if not is_known(case, rule, breach.since, ended_at):
            life.raise_threshold(rule, case.device, breach, ended_at=ended_at, found_late=True)


def is_known(case, rule, since, until):
    """Whether an alert of this rule speaks of that time already."""
    told = Alert.objects.filter(rule=rule, device=case.device, triggered_at__lte=until)
    return told.open().exists() or told.filter(resolved_at__gte=since).exists()


def judge_sensors(case):
    """Suspect values: one sensor alert per device, which ends when every metric it names is plausible again."""
    watch = case.watch(None, case.readings[0].at)
    for reading in case.readings:
        if reading.at > watch.judged_until:
            judge_plausibility(case, reading)
    case.move(watch, until=case.readings[-1].at, standing=Standing())


def judge_plausibility(case, reading):
    names, alert = suspect_names(reading), case.alerts.get(life.SUSPECT)
    if alert is None and names:
        raise_suspect(case, reading, names)
    elif alert is not None:
        healed = {name for name in alert.terms["metrics"] if name not in names and getattr(reading, name) is not None}
        still = sorted((set(alert.terms["metrics"]) | set(names)) - healed)
        if not still:
            life.end(case.alerts.pop(life.SUSPECT), at=reading.at, device=case.device)
        elif still != alert.terms["metrics"]:
            alert.terms = {"metrics": still}
            alert.save(update_fields=["terms"])


def raise_suspect(case, reading, names):
    found_late = case.now - reading.at > FRESH
    alert = life.raise_suspect(case.device, reading, names, found_late=found_late)
    if alert is not None:
        case.alerts[life.SUSPECT] = alert
        if not found_late:
            notify.announce(alert, now=case.now)
