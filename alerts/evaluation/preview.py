"""How often a rule would have fired in the last 30 days, replayed from what is stored while it is being written.

Quarter hours tell where a limit may have been crossed; only there are readings fetched. Where these are gone, or too
many for a quick answer, a quarter hour's extremes stand for them, and the answer says so.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil

from django.db.models import prefetch_related_objects

from alerts.evaluation.quarter_hour_samples import quarter_samples
from alerts.evaluation.samples import merge_spans, readings_in, samples_for
from alerts.rules.conditions import RuleSample, evaluate
from alerts.rules.validation import HOURLY_KINDS
from telemetry.models import QuarterHour
from telemetry.rollups.quarter_hours import QUARTER, floor

SPAN = timedelta(days=30)
MOST_READINGS = 60_000
MOST_DEVICES = 20
MOST_SHOWN = 5
FLAPPING_WINDOW = timedelta(minutes=30)
SECOND_EXTREME_OFFSET = timedelta(minutes=7)  # where the other extreme of a quarter hour is put


@dataclass
class RulePreview:
    """`fired`: (device, Breach) each, newest first. `why_not` says why nothing could be replayed."""

    breaches: list = field(default_factory=list)
    open_count: int = 0  # of them would not be over yet
    device_count: int = 0  # machines
    left_out: int = 0
    silent: int = 0  # machines with nothing stored to replay
    approximate_count: int = 0  # quarter hours judged by their extremes
    unavailable_reason: str = ""
    has_no_clear_level: bool = False  # it has a level, and no other one at which it ends

    @property
    def newest(self):
        return self.breaches[:MOST_SHOWN]

    @property
    def flapping_count(self):
        """How many began so soon after the one before on the same machine that a level to end at would join them."""
        last, count = {}, 0
        for device, breach in sorted(self.breaches, key=lambda one: one[1].since):
            before = last.get(device.pk)
            count += (
                before is not None and before.ended_at is not None and breach.since - before.ended_at < FLAPPING_WINDOW
            )
            last[device.pk] = breach
        return count if self.has_no_clear_level else 0


def preview_rule(rule, devices, now) -> RulePreview:
    """`rule` need not be saved; `devices`: those it would hold for."""
    if rule.kind in HOURLY_KINDS:
        return RulePreview(unavailable_reason="It looks at the last 24 hours once an hour; that is not replayed here.")
    if rule.kind in ("flat", "silence"):
        return RulePreview(
            unavailable_reason="Silences and flat lines are not replayed: a buffer that came late hides what was so."
        )
    devices = list(devices)
    has_no_clear_level = rule.kind in ("above", "below") and rule.clear_level is None
    result = RulePreview(left_out=max(0, len(devices) - MOST_DEVICES), has_no_clear_level=has_no_clear_level)
    selected = devices[:MOST_DEVICES]
    prefetch_related_objects(selected, "profiles", "factory")
    end = floor(now)
    readings_left = MOST_READINGS
    for device in selected:
        if rule.is_quarter_hourly:
            [samples] = quarter_samples([(rule, device, end - SPAN, end)])
        else:
            samples, readings_left = replay_samples(rule, device, end, readings_left, result)
        result.device_count += 1
        result.silent += not samples
        result.breaches += [(device, breach) for breach in evaluate(rule.limit, samples).breaches]
    result.breaches.sort(key=lambda one: one[1].since, reverse=True)
    result.open_count = sum(breach.ended_at is None for _, breach in result.breaches)
    return result


def replay_samples(rule, device, end, readings_left, result):
    """Samples of the last 30 days, readings only where it matters → (samples, readings still allowed)."""
    rows = quarters_of(rule, device, end)
    candidate_starts = {rows[place][0] for place in candidate_quarters(rule, rows)}
    readings = sum(received for at, *_, received in rows if at in candidate_starts)
    by_quarter = {}
    if readings <= readings_left:
        readings_left -= readings
        spans = merge_spans([(at - rule.lead, at + QUARTER - timedelta(microseconds=1)) for at in candidate_starts])
        for sample in samples_for(rule, device, readings_in({device.pk: spans})[device.pk]):
            by_quarter.setdefault(floor(sample.at), []).append(sample)
    samples = []
    for at, low, high, _ in rows:
        if at in candidate_starts and at in by_quarter:
            samples += by_quarter[at]
        elif at in candidate_starts or is_wholly_across(rule, low, high):
            result.approximate_count += at in candidate_starts
            samples += extreme_samples(rule, at, low, high)
        else:
            samples.append(RuleSample(at, least_extreme_value(rule, low, high)))
    return samples, readings_left


def quarters_of(rule, device, end):
    """(start, lowest, highest, readings) of each quarter hour in which the metric came."""
    names = [f"{rule.metric}_min", f"{rule.metric}_max"]
    rows = QuarterHour.objects.filter(device=device, starts_at__gte=end - SPAN, starts_at__lt=end)
    rows = rows.filter(**{f"{name}__isnull": False for name in names}).order_by("starts_at")
    return list(rows.values_list("starts_at", *names, "received"))


def candidate_quarters(rule, rows):
    """Places of the quarter hours in which the limit may have been crossed; one wholly across it has no secret."""
    if rule.kind != "rate":
        return [
            place
            for place, (_, *ends, _) in enumerate(rows)
            if any(map(rule.limit.is_across, ends)) and not is_wholly_across(rule, *ends)
        ]
    reach, places = ceil(rule.params["window_seconds"] / QUARTER.total_seconds()), set()
    for place in range(len(rows)):
        first = max(0, place - reach)
        near = rows[first : place + 1]
        if max(high for *_, high, _ in near) - min(low for _, low, *_ in near) > rule.level:
            places.update(range(first, place + 1))
    return sorted(places)


def is_wholly_across(rule, low, high):
    """Whether every value between these lies across the limit, on one side of it."""
    limit = rule.limit
    if rule.kind == "rate" or not (limit.is_across(low) and limit.is_across(high)):
        return False
    return rule.kind != "outside" or not (low < limit.low and high > limit.high)


def extreme_samples(rule, at, low, high):
    """Two samples for a quarter hour whose readings are not at hand: how far it went, and how far back."""
    if rule.kind == "rate":
        return [RuleSample(at, high - low)]
    worse, better = sorted((low, high), key=rule.limit.beyond, reverse=True)
    return [RuleSample(at, worse), RuleSample(at + SECOND_EXTREME_OFFSET, better)]


def least_extreme_value(rule, low, high):
    """What stands for a quarter hour within the limit: its value farthest back."""
    return 0.0 if rule.kind == "rate" else min(low, high, key=rule.limit.beyond)
