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
from telemetry.metrics import BY_NAME, SUMMED
from telemetry.queries.totals import fetch
from telemetry.rollups import quarter_hours

WEEK = timedelta(days=7)
WEEKS, LEAST_WEEKS = 4, 3
LEAST_SHARE = 0.5  # of a quarter's promised readings
NORMAL = 1.4826  # 1 / Φ⁻¹(3/4)
UNUSUAL_Z = 3.5
LONGEST_BAND = timedelta(days=8)  # beyond it a bucket of a chart holds more than a quarter hour
BAND_PARTS = ("low", "median", "high")
LIKENED = [metric.name for metric in SUMMED if metric.least_spread]


@dataclass(frozen=True)
class Usual:
    """The usual level of one metric in one quarter hour, in its unit (power in kW)."""

    median: float
    mad: float
    weeks: int  # how many of the four it rests on
    deviation: float  # 1.4826 · MAD, or the floor where that is smaller
    possible: tuple[float, float]  # no vibration is negative, no humidity above 100 %

    @property
    def low(self):
        return max(self.possible[0], self.median - UNUSUAL_Z * self.deviation)

    @property
    def high(self):
        return min(self.possible[1], self.median + UNUSUAL_Z * self.deviation)

    def z(self, value) -> float:
        return (value - self.median) / self.deviation

    def is_unusual(self, value) -> bool:
        return abs(self.z(value)) > UNUSUAL_Z


def usual(metric: str, values) -> Usual | None:
    """What values of the same quarter of the week amount to; None from too few."""
    values = [value for value in values if value is not None]
    if len(values) < LEAST_WEEKS:
        return None
    middle = median(values)
    mad = median(abs(value - middle) for value in values)
    its = BY_NAME[metric]
    floor = max(its.least_spread, its.least_share * abs(middle))
    return Usual(middle, mad, len(values), max(NORMAL * mad, floor), (its.low, its.high))


@dataclass(frozen=True)
class Comparison:
    """A quarter hour of a machine beside its usual one."""

    device_pk: int
    metric: str
    at: datetime
    value: float | None  # None: too few valid readings in this quarter
    usual: Usual | None

    @property
    def z(self):
        return None if self.value is None or self.usual is None else self.usual.z(self.value)

    @property
    def is_unusual(self):
        return self.z is not None and abs(self.z) > UNUSUAL_Z


def compare(devices, moments, metrics=tuple(LIKENED)) -> list[Comparison]:
    """Each device's metrics in the quarter hours of `moments` beside the same quarter of the week before, one query.

    Only metrics of which there is a value or a usual level, no vibration that is raw acceleration; devices in order,
    then moments, then metrics.
    """
    devices, metrics = list(devices), list(metrics)
    prefetch_related_objects(devices, "profiles", "factory__shifts")
    targets = sorted({quarter_hours.floor(moment) for moment in moments})
    if not devices or not targets:
        return []
    wanted = {pk: sources(factory, targets) for pk, factory in {d.factory_id: d.factory for d in devices}.items()}
    means = quarter_means(wanted, devices, metrics)
    found = []
    for device in devices:
        its = means.get(device.pk, {})
        for target in targets:
            before = [its[moment] for moment in wanted[device.factory_id][target] if moment in its]
            found += compared(device, target, its.get(target), before, metrics)
    return found


def compared(device, target, row, before, metrics):
    for place, metric in enumerate(metrics):
        if metric.startswith("vibration") and device.profile_at(target).vibration_kind == VibrationKind.RAW:
            continue  # gravity is in it
        value = row[place] if row else None
        level = usual(metric, [earlier[place] for earlier in before])
        if value is not None or level is not None:
            yield Comparison(device.pk, metric, target, value, level)


def sources(factory, targets) -> dict[datetime, list[datetime]]:
    """{quarter: the same quarter of the week in the weeks before, newest first, of the same kind of time}."""
    is_working = calendar(factory, targets[0] - WEEKS * WEEK - timedelta(days=1), targets[-1] + quarter_hours.QUARTER)
    found = {}
    for target in targets:
        here = target.astimezone(factory.zone).replace(tzinfo=None)
        earlier = [(here - week * WEEK).replace(tzinfo=factory.zone).astimezone(UTC) for week in range(1, WEEKS + 1)]
        kind = is_working(target)
        found[target] = [moment for moment in earlier if is_working(moment) == kind]
    return found


def calendar(factory, start, end):
    """A function of a moment: whether the factory works then; always where it has told nobody its shifts."""
    spans = working_spans(factory, start, end)
    if spans is None:
        return lambda moment: True
    begins = [span[0] for span in spans]

    def is_working(moment):
        place = bisect_right(begins, moment) - 1
        return place >= 0 and moment < spans[place][1]

    return is_working


def quarter_means(wanted, devices, metrics) -> dict[int, dict[datetime, list]]:
    """{device: {quarter: [mean of each metric, or None where too few of its readings were valid]}}, in one query.

    `wanted`: {factory: {quarter: its earlier ones}}. OFFSET 0 keeps the look-ups by key: a plan that reads the whole
    table once is a hundred times slower than it expects.
    """
    moments = {(pk, at) for pk, its in wanted.items() for target, some in its.items() for at in (target, *some)}
    means = [
        f"CASE WHEN {name}_count >= GREATEST(1, {LEAST_SHARE} * expected) THEN {name}_sum / {name}_count END AS {name}"
        for name in metrics
    ]
    found = {}
    for pk, at, *values in fetch(
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
        found.setdefault(pk, {})[at] = values
    return found


def band(device, chart, start, end) -> dict:
    """{metric: {low, median, high: [...]}} for the buckets of a chart (`series.buckets`); {} where these are coarser.

    Between low and high a quarter hour's mean is usual; None where there is no baseline, and in a gap of single
    readings: a band drawn straight across it would claim what the quarter hours in between need not say.
    """
    if end - start > LONGEST_BAND or (chart["step_s"] or 0) > quarter_hours.QUARTER.total_seconds():
        return {}
    places = [quarter_hours.floor(datetime.fromtimestamp(t, UTC)) for t in chart["t"]]
    found = {(c.metric, c.at): c.usual for c in compare([device], places, [m for m in chart["series"] if m in LIKENED])}
    for place in gap_rows(chart):
        places[place] = None
    return {
        metric: {part: [getattr(found.get((metric, at)), part, None) for at in places] for part in BAND_PARTS}
        for metric in chart["series"]
        if any(level for (name, _), level in found.items() if name == metric)
    }


def gap_rows(chart) -> list[int]:
    """Places of the empty rows a chart of single readings has in gaps longer than a quarter hour (`series.raw`)."""
    columns, t = [series["mean"] for series in chart["series"].values()], chart["t"]
    longest = quarter_hours.QUARTER.total_seconds()
    return [
        place
        for place, following in enumerate(t[1:])
        if following - t[place] > longest and all(means[place] is None for means in columns)
    ]
