"""Samples for rules from stored readings: plausible values only, worst axis of vibration, power in kW."""

from collections import defaultdict, namedtuple
from collections.abc import Iterator
from datetime import timedelta
from itertools import zip_longest

from django.db import connection
from django.db.models import Q

from alerts.maintenance_windows import outside_windows
from alerts.rules import derived_series
from alerts.rules.conditions import RuleSample
from devices.models import PowerKind, VibrationKind
from telemetry.metrics import AXES, BY_NAME, IMPLAUSIBLE_BIT, METRIC_NAMES, SUSPECT_BIT
from telemetry.models import Reading
from telemetry.signal.energy import MIN_GAP_S, mean_kw
from telemetry.signal.profile_timeline import UNITS_PER_KWH

# A Reading without the overhead of a model instance.
ReadingRow = namedtuple("ReadingRow", ["device_id", "at", "suspect", *METRIC_NAMES])
SLICE_LENGTH = timedelta(hours=6)
PRESENCE_LOOKBACK = timedelta(days=31)


def merge_spans(spans):
    """Spans (first, last) of one device, oldest first, overlapping ones merged."""
    merged = []
    for first, last in sorted(spans):
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged


def time_slices(spans) -> Iterator:
    """{device pk: [(first, last), …]} → the same in rounds of at most SLICE_LENGTH per device, oldest first.

    A backlog of a year is evaluated as a stream and not loaded into memory at once.
    """
    pieces_by_device = {
        pk: [piece for span in merge_spans(device_spans) for piece in split_span(*span)]
        for pk, device_spans in spans.items()
    }
    for round_spans in zip_longest(*pieces_by_device.values()):
        yield {pk: [span] for pk, span in zip(pieces_by_device, round_spans, strict=True) if span}


def split_span(first, last) -> Iterator:
    while last - first >= SLICE_LENGTH:
        yield first, first + SLICE_LENGTH - timedelta(microseconds=1)
        first += SLICE_LENGTH
    yield first, last


def readings_in(spans):
    """{device pk: [(first, last), …]} → {device pk: [ReadingRow, …]}, oldest first, in one query.

    OFFSET 0 is an optimisation fence: flattened to a join, the planner would scan everybody's readings for a minute.
    """
    rows = [(pk, first, last) for pk, device_spans in spans.items() for first, last in device_spans]
    readings = defaultdict(list)
    if not rows:
        return readings
    columns = ", ".join(f"r.{name}" for name in ReadingRow._fields)
    query = (
        f"SELECT {columns} FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS s(device_id, first, last)"
        " CROSS JOIN LATERAL (SELECT * FROM telemetry_reading"
        " WHERE device_id = s.device_id AND at BETWEEN s.first AND s.last OFFSET 0) r"
        " ORDER BY r.device_id, r.at"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [list(column) for column in zip(*rows, strict=True)])
        for row in cursor:
            readings[row[0]].append(ReadingRow._make(row))
    return readings


def samples_for(rule, device, readings, windows=()):
    """The samples `rule` evaluates: the values of `readings`, or the series its kind derives from them.

    Readings within the maintenance `windows` are left out, as if none had come.
    """
    if rule.kind == "rate":
        window = timedelta(seconds=rule.params["window_seconds"])
        return derived_series.changes(
            samples_of(device, rule.metric, readings, windows), window, rule.params.get("direction", "any")
        )
    if rule.kind not in ("flat", "silence"):
        return samples_of(device, rule.metric, readings, windows)
    readings = outside_windows(windows, readings)
    if rule.kind == "flat":
        values = ((reading.at, value_in_range(reading, rule.metric)) for reading in readings)
        samples = [RuleSample(at, value) for at, value in values if value is not None]
        return derived_series.repeats(samples, timedelta(seconds=MIN_GAP_S), BY_NAME[rule.metric].flat.rest_range)
    return derived_series.absences((reading.at, has_metric(reading, rule.metric)) for reading in readings)


def value_in_range(reading, name):
    """A value in its plausible range, also one already marked as stuck: a flat-line rule needs it."""
    return None if reading.suspect & IMPLAUSIBLE_BIT[name] else getattr(reading, name)


def has_metric(reading, metric) -> bool:
    names = AXES if metric == "vibration" else (metric,)
    return any(getattr(reading, name) is not None for name in names)


def has_reported(device, metric, before, windows=()):
    """Whether `device` sent the metric in the month before `before`: a sensor it does not have is not silent.

    Not within the maintenance `windows`: somebody may have tried one on.
    """
    condition = Q()
    for name in AXES if metric == "vibration" else (metric,):
        condition |= Q(**{f"{name}__isnull": False})
    rows = Reading.objects.filter(condition, device=device, at__lt=before, at__gte=before - PRESENCE_LOOKBACK)
    for start, end in windows:
        rows = rows.exclude(at__gte=start, at__lt=end)
    return rows.exists()


def samples_of(device, metric, readings, windows=()):
    """The samples of `metric` in `readings` of `device` (its profiles prefetched); suspect values left out."""
    profiles = sorted(device.profiles.all(), key=lambda profile: profile.valid_from)
    if metric == "power_consumption":
        return outside_windows(windows, power_samples(readings, profiles))
    readings = outside_windows(windows, readings)
    value_of = worst_axis if metric == "vibration" else plausible_value
    values = ((reading.at, value_of(reading, metric, profiles)) for reading in readings)
    return [RuleSample(at, value) for at, value in values if value is not None]


def plausible_value(reading, name, profiles=()):
    return None if reading.suspect & SUSPECT_BIT[name] else getattr(reading, name)


def worst_axis(reading, _metric, profiles):
    if profile_of(profiles, reading.at).vibration_kind == VibrationKind.RAW:
        return None  # includes gravity: no limit applies
    return max((value for name in AXES if (value := plausible_value(reading, name)) is not None), default=None)


def power_samples(readings, profiles):
    """Mean power in kW. "kWh since the last reading" is averaged over the time since then: a gap makes no peak.

    The last reading is the one before in time, also where that is suspect or within a maintenance window.
    """
    samples, previous_at = [], None
    for reading in readings:
        if reading.power_consumption is None:
            continue
        value = plausible_value(reading, "power_consumption")
        profile = profile_of(profiles, reading.at)
        seconds = profile.interval_s
        if profile.power_kind == PowerKind.KWH_PER_READING:
            previous_at = previous_at or previous_power_at(reading)
            seconds = max(seconds, (reading.at - previous_at).total_seconds() if previous_at else 0)
        power_kw = mean_kw(profile.power_kind, value, seconds, UNITS_PER_KWH[profile.energy_unit])
        if power_kw is not None:
            samples.append(RuleSample(reading.at, power_kw))
        previous_at = reading.at
    return samples


def previous_power_at(reading):
    rows = Reading.objects.filter(device_id=reading.device_id, at__lt=reading.at, power_consumption__isnull=False)
    return rows.order_by("-at").values_list("at", flat=True).first()


def profile_of(profiles, at):
    """The profile valid at `at` (`profiles`: oldest first); before the first one, the first one."""
    for profile in reversed(profiles):
        if profile.valid_from <= at:
            return profile
    return profiles[0]
