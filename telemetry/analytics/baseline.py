"""Baseline of a machine by time of the week: median and MAD of the same quarter hour in the four weeks before.

A quarter of the week is one on the factory's own clock: Tuesday 14:15 stays Tuesday 14:15 when the clocks change.
It is compared only with quarters of its kind, working time with working time and stops with stops, so that a holiday or
an idle Sunday is no baseline of a working day. At least half the expected readings of a quarter must be valid, and at
least three of the four weeks must have such a quarter; otherwise there is no baseline.

Robust z = (x - median) / (1.4826 · MAD): 1.4826 makes the MAD of normal data its standard deviation, and beyond 3.5 a
value is unusual (Iglewicz & Hoaglin, How to Detect and Handle Outliers, ASQC 1993). Four values may agree by chance or
because a sensor is coarse: the deviation 1.4826 · MAD is at least the metric's `min_spread` and its `min_spread_share`
of the median (`telemetry.metrics`), which also avoids infinities for a constant series.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import prefetch_related_objects

from devices.models import Device, VibrationKind
from factories.models import Factory
from factories.models.working_time import working_spans
from telemetry.metrics import BY_NAME, ROLLED_UP_METRICS
from telemetry.rollups import quarter_hours
from telemetry.sql import fetch_all

WEEK = timedelta(days=7)
WEEKS, MIN_WEEKS = 4, 3
MIN_VALID_SHARE = 0.5  # of a quarter's expected readings
MAD_TO_SIGMA = 1.4826  # 1 / Φ⁻¹(3/4)
UNUSUAL_Z = 3.5
MAX_BAND_SPAN = timedelta(days=8)  # beyond it a chart has coarser buckets than quarter hours
BAND_PARTS = ("low", "median", "high")
BASELINE_METRICS = [metric.name for metric in ROLLED_UP_METRICS if metric.min_spread]


@dataclass(frozen=True)
class UsualLevel:
    """The usual level of one metric in one quarter hour, in its unit (power in kW)."""

    median: float
    mad: float
    weeks: int  # number of the four weeks with a value
    deviation: float  # 1.4826 · MAD, or the floor where that is smaller
    plausible_range: tuple[float, float]  # no vibration is negative, no humidity above 100 %

    @property
    def low(self) -> float:
        return max(self.plausible_range[0], self.median - UNUSUAL_Z * self.deviation)

    @property
    def high(self) -> float:
        return min(self.plausible_range[1], self.median + UNUSUAL_Z * self.deviation)

    def z(self, value: float) -> float:
        return (value - self.median) / self.deviation

    def is_unusual(self, value: float) -> bool:
        return abs(self.z(value)) > UNUSUAL_Z


def usual_level(metric: str, values: Iterable[float | None]) -> UsualLevel | None:
    """The usual level by values of the same quarter of the week; None from too few."""
    known = [value for value in values if value is not None]
    if len(known) < MIN_WEEKS:
        return None
    middle = median(known)
    mad = median(abs(value - middle) for value in known)
    definition = BY_NAME[metric]
    floor = max(definition.min_spread, definition.min_spread_share * abs(middle))
    return UsualLevel(middle, mad, len(known), max(MAD_TO_SIGMA * mad, floor), (definition.low, definition.high))


@dataclass(frozen=True)
class Comparison:
    """A quarter hour of a machine beside its usual one."""

    device_pk: int
    metric: str
    at: datetime
    value: float | None  # None: too few valid readings in this quarter
    usual: UsualLevel | None

    @property
    def z(self) -> float | None:
        return None if self.value is None or self.usual is None else self.usual.z(self.value)

    @property
    def is_unusual(self) -> bool:
        return self.z is not None and abs(self.z) > UNUSUAL_Z


Means = Sequence[float | None]  # of each metric in a quarter hour
Quarters = dict[datetime, list[datetime]]  # each with the same quarter of the weeks before


def compare(
    devices: Iterable[Device], moments: Iterable[datetime], metrics: Iterable[str] = tuple(BASELINE_METRICS)
) -> list[Comparison]:
    """Each device's metrics in the quarter hours of `moments` beside the same quarter of the week before, one query.

    Only metrics with a value or a usual level, no vibration that is raw acceleration; by device in the given order,
    then moment, then metric.
    """
    devices, metrics = list(devices), list(metrics)
    prefetch_related_objects(devices, "profiles", "factory__shifts")
    targets = sorted({quarter_hours.floor(moment) for moment in moments})
    if not devices or not targets:
        return []
    quarters_by_factory = {
        pk: baseline_quarters(factory, targets) for pk, factory in {d.factory_id: d.factory for d in devices}.items()
    }
    means = quarter_means(quarters_by_factory, devices, metrics)
    result: list[Comparison] = []
    for device in devices:
        device_means = means.get(device.pk, {})
        for target in targets:
            before = [
                device_means[moment]
                for moment in quarters_by_factory[device.factory_id][target]
                if moment in device_means
            ]
            result += compare_quarter(device, target, device_means.get(target), before, metrics)
    return result


def compare_quarter(
    device: Device, target: datetime, row: Means | None, before: list[Means], metrics: list[str]
) -> Iterator[Comparison]:
    for index, metric in enumerate(metrics):
        if metric.startswith("vibration") and device.profile_at(target).vibration_kind == VibrationKind.RAW:
            continue  # gravity is in it
        value = row[index] if row else None
        level = usual_level(metric, [earlier[index] for earlier in before])
        if value is not None or level is not None:
            yield Comparison(device.pk, metric, target, value, level)


def baseline_quarters(factory: Factory, targets: list[datetime]) -> Quarters:
    """{quarter: the same quarter of the week in the weeks before, newest first, of the same kind of time}."""
    is_working = working_time_predicate(
        factory, targets[0] - WEEKS * WEEK - timedelta(days=1), targets[-1] + quarter_hours.QUARTER
    )
    result = {}
    for target in targets:
        here = target.astimezone(factory.zone).replace(tzinfo=None)
        earlier = [(here - week * WEEK).replace(tzinfo=factory.zone).astimezone(UTC) for week in range(1, WEEKS + 1)]
        kind = is_working(target)
        result[target] = [moment for moment in earlier if is_working(moment) == kind]
    return result


def working_time_predicate(factory: Factory, start: datetime, end: datetime) -> Callable[[datetime], bool]:
    """A function of a moment: whether the factory works then; always where it has entered no shifts."""
    spans = working_spans(factory, start, end)
    if spans is None:
        return lambda moment: True
    begins = [span[0] for span in spans]

    def is_working(moment: datetime) -> bool:
        index = bisect_right(begins, moment) - 1
        return index >= 0 and moment < spans[index][1]

    return is_working


def quarter_means(
    quarters_by_factory: dict[int, Quarters], devices: list[Device], metrics: list[str]
) -> dict[int, dict[datetime, Means]]:
    """{device: {quarter: [mean of each metric, or None where too few of its readings were valid]}}, in one query.

    OFFSET 0 keeps the look-ups by key: a plan that reads the whole table once is a hundred times slower than its
    estimate.
    """
    moments = {
        (pk, at)
        for pk, quarters in quarters_by_factory.items()
        for target, earlier in quarters.items()
        for at in (target, *earlier)
    }
    means = [
        f"CASE WHEN {name}_count >= GREATEST(1, {MIN_VALID_SHARE} * expected) "
        f"THEN {name}_sum / {name}_count END AS {name}"
        for name in metrics
    ]
    result: dict[int, dict[datetime, Means]] = {}
    for pk, at, *values in fetch_all(
        "SELECT d.pk, m.at, q.* FROM unnest(%s::bigint[], %s::bigint[]) AS d(pk, factory) "
        "JOIN unnest(%s::bigint[], %s::timestamptz[]) AS m(factory, at) ON m.factory = d.factory "
        f"CROSS JOIN LATERAL (SELECT {', '.join(means)} FROM telemetry_quarterhour "
        "WHERE device_id = d.pk AND starts_at = m.at OFFSET 0) q",
        [
            [device.pk for device in devices],
            [device.factory_id for device in devices],
            [pk for pk, _ in moments],
            [at for _, at in moments],
        ],
    ):
        result.setdefault(pk, {})[at] = values
    return result


def band(device: Device, chart: dict[str, Any], start: datetime, end: datetime) -> dict[str, dict[str, list]]:
    """{metric: {low, median, high: [...]}} for the buckets of a chart (`timeseries.buckets`); {} for coarser ones.

    Between low and high a quarter hour's mean is usual; None where there is no baseline, and in a gap of single
    readings, across which no band may be drawn.
    """
    if end - start > MAX_BAND_SPAN or (chart["step_s"] or 0) > quarter_hours.QUARTER.total_seconds():
        return {}
    quarters: list[datetime | None] = [quarter_hours.floor(datetime.fromtimestamp(t, UTC)) for t in chart["t"]]
    levels = {
        (c.metric, c.at): c.usual
        for c in compare([device], filter(None, quarters), [m for m in chart["series"] if m in BASELINE_METRICS])
    }
    for index in gap_rows(chart):
        quarters[index] = None
    return {
        metric: {
            part: [getattr(levels.get((metric, at)) if at else None, part, None) for at in quarters]
            for part in BAND_PARTS
        }
        for metric in chart["series"]
        if any(level for (name, _), level in levels.items() if name == metric)
    }


def gap_rows(chart: dict[str, Any]) -> list[int]:
    """Indexes of the empty rows that `timeseries.raw_series` puts into gaps, where these exceed a quarter hour."""
    columns, t = [series["mean"] for series in chart["series"].values()], chart["t"]
    max_step_s = quarter_hours.QUARTER.total_seconds()
    return [
        index
        for index, following in enumerate(t[1:])
        if following - t[index] > max_step_s and all(means[index] is None for means in columns)
    ]
