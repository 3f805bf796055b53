"""How often a rule would have fired in the last 30 days, replayed from what is stored while it is being written.

Quarter hours tell where a limit may have been crossed; only there are readings fetched. Where these are gone, or too
many for a quick answer, a quarter hour's extremes stand for them, and the answer says so.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil

from django.db.models import prefetch_related_objects

from alerts.evaluation.conditions import Sample, judge
from alerts.evaluation.quarter_hour_samples import quarter_samples
from alerts.evaluation.samples import joined, readings_in, samples_for
from alerts.rules.validation import REVIEWED
from telemetry.models import QuarterHour
from telemetry.rollups.quarter_hours import QUARTER, floor

SPAN = timedelta(days=30)
MOST_READINGS = 60_000
MOST_DEVICES = 20
MOST_SHOWN = 5
RESTLESS = timedelta(minutes=30)
LATER_HALF = timedelta(minutes=7)  # where the other extreme of a quarter hour is put


@dataclass
class Preview:
    """`fired`: (device, Breach) each, newest first. `why_not` says why nothing could be replayed."""

    fired: list = field(default_factory=list)
    still: int = 0  # of them would not be over yet
    looked_at: int = 0  # machines
    left_out: int = 0
    silent: int = 0  # machines with nothing stored to replay
    coarse: int = 0  # quarter hours judged by their extremes
    why_not: str = ""
    can_clear_later: bool = False  # it has a level, and no other one at which it ends

    @property
    def newest(self):
        return self.fired[:MOST_SHOWN]

    @property
    def restless(self):
        """How many began so soon after the one before on the same machine that a level to end at would join them."""
        last, count = {}, 0
        for device, breach in sorted(self.fired, key=lambda one: one[1].since):
            before = last.get(device.pk)
            count += before is not None and before.ended_at is not None and breach.since - before.ended_at < RESTLESS
            last[device.pk] = breach
        return count if self.can_clear_later else 0


def preview(rule, devices, now) -> Preview:
    """`rule` need not be saved; `devices`: those it would hold for."""
    if rule.kind in REVIEWED:
        return Preview(why_not="It looks at the last 24 hours once an hour; that is not replayed here.")
    if rule.kind in ("flat", "silence"):
        return Preview(why_not="Silences and flat lines are not replayed: a buffer that came late hides what was so.")
    devices = list(devices)
    can_clear_later = rule.kind in ("above", "below") and rule.clear_level is None
    found = Preview(left_out=max(0, len(devices) - MOST_DEVICES), can_clear_later=can_clear_later)
    some = devices[:MOST_DEVICES]
    prefetch_related_objects(some, "profiles", "factory")
    end = floor(now)
    room = MOST_READINGS
    for device in some:
        if rule.is_quarterly:
            [samples] = quarter_samples([(rule, device, end - SPAN, end)])
        else:
            samples, room = replayed(rule, device, end, room, found)
        found.looked_at += 1
        found.silent += not samples
        found.fired += [(device, breach) for breach in judge(rule.limit, samples).breaches]
    found.fired.sort(key=lambda one: one[1].since, reverse=True)
    found.still = sum(breach.ended_at is None for _, breach in found.fired)
    return found


def replayed(rule, device, end, room, found):
    """Samples of the last 30 days, readings only where it matters → (samples, readings still allowed)."""
    rows = quarters_of(rule, device, end)
    wanted = {rows[place][0] for place in candidates(rule, rows)}
    readings = sum(received for at, *_, received in rows if at in wanted)
    by_quarter = {}
    if readings <= room:
        room -= readings
        spans = joined([(at - rule.lead, at + QUARTER - timedelta(microseconds=1)) for at in wanted])
        for sample in samples_for(rule, device, readings_in({device.pk: spans})[device.pk]):
            by_quarter.setdefault(floor(sample.at), []).append(sample)
    samples = []
    for at, low, high, _ in rows:
        if at in wanted and at in by_quarter:
            samples += by_quarter[at]
        elif at in wanted or is_wholly_across(rule, low, high):
            found.coarse += at in wanted
            samples += extremes(rule, at, low, high)
        else:
            samples.append(Sample(at, quiet(rule, low, high)))
    return samples, room


def quarters_of(rule, device, end):
    """(start, lowest, highest, readings) of each quarter hour in which the metric came."""
    names = [f"{rule.metric}_min", f"{rule.metric}_max"]
    rows = QuarterHour.objects.filter(device=device, starts_at__gte=end - SPAN, starts_at__lt=end)
    rows = rows.filter(**{f"{name}__isnull": False for name in names}).order_by("starts_at")
    return list(rows.values_list("starts_at", *names, "received"))


def candidates(rule, rows):
    """Places of the quarter hours in which the limit may have been crossed; one wholly across it has no secret."""
    if rule.kind != "rate":
        return [
            place
            for place, (_, *ends, _) in enumerate(rows)
            if any(map(rule.limit.is_across, ends)) and not is_wholly_across(rule, *ends)
        ]
    reach, found = ceil(rule.params["window_seconds"] / QUARTER.total_seconds()), set()
    for place in range(len(rows)):
        first = max(0, place - reach)
        near = rows[first : place + 1]
        if max(high for *_, high, _ in near) - min(low for _, low, *_ in near) > rule.level:
            found.update(range(first, place + 1))
    return sorted(found)


def is_wholly_across(rule, low, high):
    """Whether every value between these lies across the limit, on one side of it."""
    limit = rule.limit
    if rule.kind == "rate" or not (limit.is_across(low) and limit.is_across(high)):
        return False
    return rule.kind != "outside" or not (low < limit.low and high > limit.high)


def extremes(rule, at, low, high):
    """Two samples for a quarter hour whose readings are not at hand: how far it went, and how far back."""
    if rule.kind == "rate":
        return [Sample(at, high - low)]
    worse, better = sorted((low, high), key=rule.limit.beyond, reverse=True)
    return [Sample(at, worse), Sample(at + LATER_HALF, better)]


def quiet(rule, low, high):
    """What stands for a quarter hour within the limit: its value farthest back."""
    return 0.0 if rule.kind == "rate" else min(low, high, key=rule.limit.beyond)
