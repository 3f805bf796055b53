"""Backtest of a rule over the last 30 days of stored data, shown while the rule is being edited.

Quarter-hour rollups tell where a limit may have been crossed; readings are fetched only there. Where these are deleted,
or too many for a quick answer, the quarter hour's minimum and maximum replace them, and the result says so.
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
    """`breaches`: (device, Breach) each, newest first. `unavailable_reason`: why nothing could be replayed."""

    breaches: list = field(default_factory=list)
    open_count: int = 0  # breaches that would still be open
    device_count: int = 0
    skipped_count: int = 0  # devices beyond MOST_DEVICES
    no_data_count: int = 0  # devices without stored data
    approximate_count: int = 0  # quarter hours evaluated by their extremes
    unavailable_reason: str = ""
    has_no_clear_level: bool = False  # a threshold rule without hysteresis

    @property
    def newest(self):
        return self.breaches[:MOST_SHOWN]

    @property
    def flapping_count(self):
        """How many began within FLAPPING_WINDOW of the previous end on the machine: a clear level would join them."""
        last_end, count = {}, 0
        for device, breach in sorted(self.breaches, key=lambda item: item[1].since):
            previous_end = last_end.get(device.pk)
            count += previous_end is not None and breach.since - previous_end < FLAPPING_WINDOW
            last_end[device.pk] = breach.ended_at
        return count if self.has_no_clear_level else 0


def preview_rule(rule, devices, now) -> RulePreview:
    """Backtest `rule` (it may be unsaved) on `devices`, those it would apply to."""
    if rule.kind in HOURLY_KINDS:
        return RulePreview(unavailable_reason="It looks at the last 24 hours once an hour; that is not replayed here.")
    if rule.kind in ("flat", "silence"):
        return RulePreview(
            unavailable_reason="Silences and flat lines are not replayed: a buffer that came late hides what was so."
        )
    devices = list(devices)
    has_no_clear_level = rule.kind in ("above", "below") and rule.clear_level is None
    result = RulePreview(skipped_count=max(0, len(devices) - MOST_DEVICES), has_no_clear_level=has_no_clear_level)
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
        result.no_data_count += not samples
        result.breaches += [(device, breach) for breach in evaluate(rule.limit, samples).breaches]
    result.breaches.sort(key=lambda item: item[1].since, reverse=True)
    result.open_count = sum(breach.ended_at is None for _, breach in result.breaches)
    return result


def replay_samples(rule, device, end, readings_left, result) -> tuple:
    """Samples of the last 30 days, from readings only around the limit → (samples, readings still allowed)."""
    rows = quarters_of(rule, device, end)
    candidate_starts = {rows[place][0] for place in candidate_quarters(rule, rows)}
    readings = sum(received for at, *_, received in rows if at in candidate_starts)
    by_quarter = {}
    if readings <= readings_left:
        readings_left -= readings
        spans = merge_spans([(at - rule.lookback, at + QUARTER - timedelta(microseconds=1)) for at in candidate_starts])
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


def quarters_of(rule, device, end) -> list:
    """(start, minimum, maximum, number of readings) of each quarter hour that has the metric."""
    names = [f"{rule.metric}_min", f"{rule.metric}_max"]
    rows = QuarterHour.objects.filter(device=device, starts_at__gte=end - SPAN, starts_at__lt=end)
    rows = rows.filter(**{f"{name}__isnull": False for name in names}).order_by("starts_at")
    return list(rows.values_list("starts_at", *names, "received"))


def candidate_quarters(rule, rows) -> list:
    """Indexes of the quarter hours in which the limit may have been crossed; not those wholly across it."""
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
    """Whether every value from `low` to `high` lies across the limit, on one side of it."""
    limit = rule.limit
    if rule.kind == "rate" or not (limit.is_across(low) and limit.is_across(high)):
        return False
    return rule.kind != "outside" or not (low < limit.low and high > limit.high)


def extreme_samples(rule, at, low, high) -> list:
    """Two samples for a quarter hour without readings: its value farthest across the limit, and farthest back."""
    if rule.kind == "rate":
        return [RuleSample(at, high - low)]
    worse, better = sorted((low, high), key=rule.limit.excess, reverse=True)
    return [RuleSample(at, worse), RuleSample(at + SECOND_EXTREME_OFFSET, better)]


def least_extreme_value(rule, low, high):
    """The sample value of a quarter hour within the limit: its value farthest back."""
    return 0.0 if rule.kind == "rate" else min(low, high, key=rule.limit.excess)
