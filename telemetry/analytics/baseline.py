"""What is usual for a machine at this time of the week: median and MAD of the same quarter hour in four weeks before.

A quarter of the week is one on the factory's own clock: Tuesday 14:15 stays Tuesday 14:15 when the clocks change.
It is compared only with quarters of its kind, working time with working time and stops with stops, so that a holiday
is nobody's baseline and a Sunday's silence no working day's. Of a quarter at least half the promised readings must be
valid, of the four weeks at least three must have one: else there is no baseline, and nothing is said.

Robust z = (x - median) / (1.4826 · MAD): 1.4826 makes the MAD of normal data its standard deviation, and beyond 3.5 a
value is unusual (Iglewicz & Hoaglin, How to Detect and Handle Outliers, ASQC 1993). Four values may agree by chance or
because a sensor is coarse: the deviation 1.4826 · MAD is taken as no less than the metric's `least_spread` and its
`least_share` of the median (`telemetry.metrics`), which also keeps a constant series from giving infinities.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median

from django.db.models import prefetch_related_objects

from devices.models import VibrationKind
from factories.models.working_time import working_spans
from telemetry.metrics import BY_NAME, ROLLED_UP_METRICS
from telemetry.rollups import quarter_hours
from telemetry.sql import fetch_all

WEEK = timedelta(days=7)
WEEKS, MIN_WEEKS = 4, 3
MIN_VALID_SHARE = 0.5  # of a quarter's promised readings
MAD_TO_SIGMA = 1.4826  # 1 / Φ⁻¹(3/4)
UNUSUAL_Z = 3.5
MAX_BAND_SPAN = timedelta(days=8)  # beyond it a bucket of a chart holds more than a quarter hour
BAND_PARTS = ("low", "median", "high")
BASELINE_METRICS = [metric.name for metric in ROLLED_UP_METRICS if metric.min_spread]


@dataclass(frozen=True)
class UsualLevel:
    """The usual level of one metric in one quarter hour, in its unit (power in kW)."""

    median: float
    mad: float
    weeks: int  # how many of the four it rests on
    deviation: float  # 1.4826 · MAD, or the floor where that is smaller
    plausible_range: tuple[float, float]  # no vibration is negative, no humidity above 100 %

    @property
    def low(self):
        return max(self.plausible_range[0], self.median - UNUSUAL_Z * self.deviation)

    @property
    def high(self):
        return min(self.plausible_range[1], self.median + UNUSUAL_Z * self.deviation)

    def z(self, value) -> float:
        return (value - self.median) / self.deviation

    def is_unusual(self, value) -> bool:
        return abs(self.z(value)) > UNUSUAL_Z


def usual_level(metric: str, values) -> UsualLevel | None:
    """What values of the same quarter of the week amount to; None from too few."""
    values = [value for value in values if value is not None]
    if len(values) < MIN_WEEKS:
        return None
    middle = median(values)
    mad = median(abs(value - middle) for value in values)
    definition = BY_NAME[metric]
    floor = max(definition.min_spread, definition.min_spread_share * abs(middle))
    return UsualLevel(middle, mad, len(values), max(MAD_TO_SIGMA * mad, floor), (definition.low, definition.high))


@dataclass(frozen=True)
class Comparison:
    """A quarter hour of a machine beside its usual one."""

    device_pk: int
    metric: str
    at: datetime
    value: float | None  # None: too few valid readings in this quarter
    usual: UsualLevel | None

    @property
    def z(self):
        return None if self.value is None or self.usual is None else self.usual.z(self.value)

    @property
    def is_unusual(self):
        return self.z is not None and abs(self.z) > UNUSUAL_Z


def compare(devices, moments, metrics=tuple(BASELINE_METRICS)) -> list[Comparison]:
    """Each device's metrics in the quarter hours of `moments` beside the same quarter of the week before, one query.

    Only metrics of which there is a value or a usual level, no vibration that is raw acceleration; devices in order,
    then moments, then metrics.
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
    result = []
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


def compare_quarter(device, target, row, before, metrics):
    for index, metric in enumerate(metrics):
        if metric.startswith("vibration") and device.profile_at(target).vibration_kind == VibrationKind.RAW:
            continue  # gravity is in it
        value = row[index] if row else None
        level = usual_level(metric, [earlier[index] for earlier in before])
        if value is not None or level is not None:
            yield Comparison(device.pk, metric, target, value, level)


def baseline_quarters(factory, targets) -> dict[datetime, list[datetime]]:
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


def working_time_predicate(factory, start, end):
    """A function of a moment: whether the factory works then; always where it has told nobody its shifts."""
    spans = working_spans(factory, start, end)
    if spans is None:
        return lambda moment: True
    begins = [span[0] for span in spans]

    def is_working(moment):
        place = bisect_right(begins, moment) - 1
        return place >= 0 and moment < spans[place][1]

    return is_working


def quarter_means(quarters_by_factory, devices, metrics) -> dict[int, dict[datetime, list]]:
    """{device: {quarter: [mean of each metric, or None where too few of its readings were valid]}}, in one query.

    `wanted`: {factory: {quarter: its earlier ones}}. OFFSET 0 keeps the look-ups by key: a plan that reads the whole
    table once is a hundred times slower than it expects.
    """
    moments = {
        (pk, at)
        for pk, quarters in quarters_by_factory.items()
        for target, earlier in quarters.items()
        for at in (target, *earlier)
    }
    means = [
        f"CASE WHEN {name}_count >= GREATEST(1, {MIN_VALID_SHARE} * expected) THEN {name}_sum / {name}_count END AS {name}"
        for name in metrics
    ]
    result = {}
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


def band(device, chart, start, end) -> dict:
    """{metric: {low, median, high: [...]}} for the buckets of a chart (`series.buckets`); {} where these are coarser.

    Between low and high a quarter hour's mean is usual; None where there is no baseline, and in a gap of single
    readings: a band drawn straight across it would claim what the quarter hours in between need not say.
    """
    if end - start > MAX_BAND_SPAN or (chart["step_s"] or 0) > quarter_hours.QUARTER.total_seconds():
        return {}
    quarters = [quarter_hours.floor(datetime.fromtimestamp(t, UTC)) for t in chart["t"]]
    levels = {
        (c.metric, c.at): c.usual
        for c in compare([device], quarters, [m for m in chart["series"] if m in BASELINE_METRICS])
    }
    for index in gap_rows(chart):
        quarters[index] = None
    return {
        metric: {part: [getattr(levels.get((metric, at)), part, None) for at in quarters] for part in BAND_PARTS}
        for metric in chart["series"]
        if any(level for (name, _), level in levels.items() if name == metric)
    }


def gap_rows(chart) -> list[int]:
    """Places of the empty rows a chart of single readings has in gaps longer than a quarter hour (`series.raw`)."""
    columns, t = [series["mean"] for series in chart["series"].values()], chart["t"]
    max_step_s = quarter_hours.QUARTER.total_seconds()
    return [
        index
        for index, following in enumerate(t[1:])
        if following - t[index] > max_step_s and all(means[index] is None for means in columns)
    ]
