"""A span and a width give buckets of min, max, mean and count: one function for page, API and PDF alike.

The finest source that is cheap serves: readings themselves, readings in buckets, quarter hours, quarters summed to
hours in the factory's zone, its kept days, or days summed to weeks and months. A bucket without valid readings is None
everywhere: gaps are shown, never filled.
"""

from datetime import UTC, datetime, timedelta

from django.db import connection

from devices.models import PowerKind
from telemetry import days, quarters, totals
from telemetry.days import midnight
from telemetry.energy import GAP_INTERVALS, segments
from telemetry.meaning import NORMALISED, PIECES, Meaning, parameters
from telemetry.metrics import STORED, SUMMED, SUSPECT_MASK
from telemetry.partitions import next_month

RESOLUTIONS = ("raw", "15m", "1h", "1d")
RAW_LIMIT = 20_000  # readings of one device read for one chart
RAW_STEPS_S = (10, 15, 20, 30, 60, 120, 180, 300)  # they divide a quarter hour
ZONE_STEPS_S = {"30m": 1800, "1h": 3600, "2h": 7200, "3h": 10_800, "6h": 21_600, "12h": 43_200}
DAY_STEPS_S = {"1d": 86_400, "1w": 604_800, "1mo": 2_629_746}  # of a month, the mean
QUARTERS_LIMIT = 10_000  # quarter hours of one device summed for one chart, where days would do
PARTS = ("min", "max", "sum", "count", "suspect")  # of a metric in a row that `filled` is given
ALL = [metric.name for metric in SUMMED]
EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001 a wall clock's origin


class TooManyReadings(ValueError):
    """The span holds more raw readings than one chart may ask for."""


def buckets(device, start, end, points=800, metrics=None, now=None, resolution=None) -> dict:
    """{resolution, step_s, t: [epoch s], series: {metric: {min, mean, max, count, suspect: [...]}}, expected: [...]}.

    `t` are starts of buckets (moments of readings when `step_s` is None). Power is mean kW whatever the device sends.
    `count` are the valid values behind a bucket, `suspect` those left out of it; `expected` is how many readings the
    device's interval promised in each bucket up to `now`.
    """
    metrics = list(metrics or ALL)
    meaning = Meaning(device)
    resolution, step_s = chosen(meaning, start, end, points, resolution)
    if start >= end:
        return filled(meaning, resolution, step_s, [], {}, metrics, end, now)
    if resolution == "raw":
        return raw(meaning, start, end, metrics)
    if step_s < 900:
        grid, found = from_readings(meaning, start, end, step_s, metrics)
    elif step_s == 900:
        grid, found = from_quarters(device, start, end, metrics)
    elif resolution in DAY_STEPS_S:
        grid, found = from_days(device, start, end, resolution, metrics)
    else:
        grid, found = in_zone(device, start, end, step_s, metrics)
    return filled(meaning, resolution, step_s, grid, found, metrics, end, now)


def chosen(meaning, start, end, points, resolution):
    """Which source serves → (name, step in seconds or None for the readings themselves)."""
    seconds = (end - start).total_seconds()
    if resolution == "raw":
        return "raw", None
    if resolution is not None:
        return resolution, {"15m": 900, **ZONE_STEPS_S, **DAY_STEPS_S}[resolution]
    promised = meaning.expected(start, end)
    if promised <= points * 1.5 and held(meaning.device, start, end, points * 2) <= points * 2:
        return "raw", None
    shortest = max(2 * min(p.interval_s for *_, p in meaning.spans(start, end)), seconds / points)
    is_register = any(profile.power_kind == PowerKind.REGISTER for *_, profile in meaning.spans(start, end))
    if not is_register and promised <= RAW_LIMIT and held(meaning.device, start, end, RAW_LIMIT) <= RAW_LIMIT:
        for step_s in RAW_STEPS_S:
            if step_s >= shortest:
                return f"{step_s}s" if step_s < 60 else f"{step_s // 60}m", step_s
    if seconds / 900 <= points:
        return "15m", 900
    coarser = DAY_STEPS_S if seconds / 900 > QUARTERS_LIMIT else ZONE_STEPS_S | DAY_STEPS_S
    return next((its for its in coarser.items() if seconds / its[1] <= points), ("1mo", DAY_STEPS_S["1mo"]))


def held(device, start, end, limit) -> int:
    """Readings in the span, counted no further than one beyond `limit`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT 1 FROM telemetry_reading WHERE device_id = %s AND at >= %s AND at < %s "
            "LIMIT %s) r",
            [device.pk, start, end, limit + 1],
        )
        return cursor.fetchone()[0]


def raw(meaning, start, end, metrics) -> dict:
    """The readings themselves, suspect values None; one None row inside each gap so that no line is drawn across it."""
    rows = valid_rows(meaning, start, end)
    names = ["at", "suspect", *STORED]
    power = register_power(meaning, start, end) if "power_consumption" in metrics else {}
    t, values, previous = [], {name: [] for name in metrics}, None
    suspect = {name: [] for name in metrics}
    for row in rows:
        reading = dict(zip(names, row, strict=True))
        at = reading["at"].timestamp()
        if previous is not None and at - previous > GAP_INTERVALS * meaning.at(reading["at"]).interval_s:
            t.append(previous + meaning.at(reading["at"]).interval_s)
            for name in metrics:
                values[name].append(None)
                suspect[name].append(0)
        axes = [reading[f"vibration_{axis}"] for axis in "xyz" if reading[f"vibration_{axis}"] is not None]
        reading["vibration"] = max(axes, default=None)
        reading["power_consumption"] = power.get(at, reading["power_consumption"])
        t.append(at)
        for name in metrics:
            values[name].append(reading[name])
            suspect[name].append(int(reading["suspect"] & SUSPECT_MASK[name] != 0))
        previous = at
    series = {
        name: {
            **dict.fromkeys(("min", "mean", "max"), column),
            "count": [0 if value is None else 1 for value in column],
            "suspect": suspect[name],
        }
        for name, column in values.items()
    }
    return {"resolution": "raw", "step_s": None, "t": t, "series": series, "expected": [1.0] * len(t)}


def valid_rows(meaning, start, end):
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH {PIECES} SELECT at, suspect, {', '.join(STORED)} FROM ({NORMALISED}) v ORDER BY at LIMIT %(most)s",
            {**parameters(meaning.pieces(start, end)), "most": RAW_LIMIT + 1},
        )
        rows = cursor.fetchall()
    if len(rows) > RAW_LIMIT:
        raise TooManyReadings(f"more than {RAW_LIMIT} readings; ask for a shorter span or a coarser resolution")
    return rows


def register_power(meaning, start, end) -> dict[float, float]:
    """Moment → mean kW since the reading before, for the readings of a power register."""
    if not any(profile.power_kind == PowerKind.REGISTER for *_, profile in meaning.spans(start, end)):
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT at, power_consumption, NULL, suspect FROM telemetry_reading WHERE device_id = %s AND at >= %s "
            "AND at < %s ORDER BY at",
            [meaning.device.pk, start - timedelta(hours=1), end],
        )
        samples = [meaning.sample(*row) for row in cursor]
    return {s.end: s.kwh * 3600 / (s.end - s.start) for s in segments(samples) if not s.bridged}


def from_readings(meaning, start, end, step_s, metrics):
    """Readings in buckets shorter than a quarter hour, aligned to the clock."""
    columns = [
        f"min({m}), max({m}), sum({m}), count({m}), count(*) FILTER (WHERE suspect & {SUSPECT_MASK[m]} <> 0)"
        for m in metrics
    ]
    begins = aligned(start, step_s)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH {PIECES} SELECT date_bin(make_interval(secs => %(step_s)s), at, '2000-01-01 00:00+00'), "
            f"{', '.join(columns)} FROM ({NORMALISED}) v GROUP BY 1",
            {**parameters(meaning.pieces(start, end)), "step_s": step_s},
        )
        found = {row[0]: row[1:] for row in cursor}
    return steps(begins, end, step_s), found


def together(metrics):
    """SQL: several quarters or days as one, in the order of PARTS."""
    return [f"min({m}_min), max({m}_max), sum({m}_sum), sum({m}_count), sum({m}_suspect)" for m in metrics]


def from_quarters(device, start, end, metrics):
    columns = [f"{m}_{part}" for m in metrics for part in PARTS]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT starts_at, {', '.join(columns)} FROM telemetry_quarterhour "
            "WHERE device_id = %s AND starts_at >= %s AND starts_at < %s",
            [device.pk, quarters.floor(start), end],
        )
        found = {row[0]: row[1:] for row in cursor}
    return steps(quarters.floor(start), end, 900), found


def in_zone(device, start, end, step_s, metrics):
    """Quarters summed to hours as the factory's clock counts them."""
    zone = device.factory.zone
    columns = together(metrics)
    grid = zone_steps(start, end, step_s, zone)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT date_bin(make_interval(secs => %s), starts_at AT TIME ZONE %s, '2000-01-01') AT TIME ZONE %s, "
            f"{', '.join(columns)} FROM telemetry_quarterhour "
            "WHERE device_id = %s AND starts_at >= %s AND starts_at < %s GROUP BY 1",
            [step_s, zone.key, zone.key, device.pk, grid[0], end],
        )
        found = {row[0]: row[1:] for row in cursor}
    return sorted({*grid, *found}), found


def from_days(device, start, end, resolution, metrics):
    """Days of the factory, alone or summed to its weeks (from Monday) and months."""
    zone = device.factory.zone
    grid = day_steps(start, end, resolution, zone)  # {first day: its first moment}
    columns, sums = [f"{m}_{part}" for m in metrics for part in PARTS], together(metrics)
    source, parameters = days.cover([device.pk], next(iter(grid.values())), end, columns, zone.key)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {FIRST_DAYS[resolution]}, {', '.join(sums)} FROM {source} c GROUP BY 1", parameters)
        found = {grid[row[0]]: row[1:] for row in cursor}
    return list(grid.values()), found


FIRST_DAYS = {"1d": totals.DAY, "1w": """date_trunc('week', "on"::timestamp)::date""", "1mo": totals.MONTH}


def day_steps(start, end, resolution, zone):
    """{first day: its first moment} of the buckets that touch the span."""
    on, grid = start.astimezone(zone).date(), {}
    if resolution == "1w":
        on -= timedelta(days=on.weekday())
    elif resolution == "1mo":
        on = on.replace(day=1)
    while (moment := midnight(on, zone)) < end:
        grid[on] = moment
        on = next_month(on) if resolution == "1mo" else on + timedelta(days=7 if resolution == "1w" else 1)
    return grid


def aligned(moment, step_s):
    return datetime.fromtimestamp(moment.timestamp() // step_s * step_s, UTC)


def steps(start, end, step_s):
    count = int(-(-(end - start).total_seconds() // step_s))
    return [start + timedelta(seconds=step_s * place) for place in range(count)]


def zone_steps(start, end, step_s, zone):
    """Starts of the buckets that touch the span, stepping on the wall clock of `zone`."""
    step = timedelta(seconds=step_s)
    local = start.astimezone(zone).replace(tzinfo=None)
    local = EPOCH + (local - EPOCH) // step * step
    grid = []
    while (moment := local.replace(tzinfo=zone).astimezone(UTC)) < end:
        grid.append(moment)
        local += step
    return grid


def filled(meaning, resolution, step_s, grid, found, metrics, end, now) -> dict:
    """The buckets as columns, None where nothing valid was said."""
    nothing = (None, None, None, 0, 0) * len(metrics)
    rows = [found.get(moment, nothing) for moment in grid]
    columns = iter(zip(*rows, strict=True) if rows else ((),) * len(nothing))
    series = {}
    for name in metrics:
        low, high, total, count, suspect = (list(next(columns)) for _ in PARTS)
        means = [s / n if n and s is not None else None for s, n in zip(total, count, strict=True)]
        series[name] = {"min": low, "mean": means, "max": high, "count": whole(count), "suspect": whole(suspect)}
    until = min(end, now) if now else end
    expected = [round(meaning.expected(a, min(b, until)), 3) for a, b in zip(grid, [*grid[1:], end], strict=False)]
    t = [moment.timestamp() for moment in grid]
    return {"resolution": resolution, "step_s": step_s, "t": t, "series": series, "expected": expected}


def whole(counts):
    return [int(count or 0) for count in counts]
