"""Sources of time series: buckets from readings, quarter hours or days, as columns over a grid of moments."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.db import connection

from devices.models import Device
from telemetry.metrics import SUSPECT_MASK
from telemetry.queries import totals
from telemetry.rollups import days, quarter_hours
from telemetry.rollups.days import midnight
from telemetry.signal.profile_timeline import NORMALISED_READINGS, PROFILE_SEGMENTS, ProfileTimeline, segment_parameters
from telemetry.storage.partitions import next_month

BUCKET_AGGREGATES = ("min", "max", "mean", "count", "suspect")  # of a metric in a bucket, in the order of the columns
REPEATED_S = 3600  # what a clock change repeats
CLOCK_ORIGIN = datetime(2000, 1, 1)  # noqa: DTZ001 a wall clock's origin

Metrics = Sequence[str]
Series = tuple[list[datetime], list[list[Any]]]  # grid, and BUCKET_AGGREGATES of each metric over it


def from_readings(timeline: ProfileTimeline, start: datetime, end: datetime, step_s: int, metrics: Metrics) -> Series:
    """Readings in buckets shorter than a quarter hour, aligned to the clock."""
    parts = [
        part
        for m in metrics
        for part in (
            f"min({m})", f"max({m})", f"sum({m}) / NULLIF(count({m}), 0)", f"count({m})",
            f"count(*) FILTER (WHERE suspect & {SUSPECT_MASK[m]} <> 0)",
        )
    ]  # fmt: skip
    keys, columns = fetch_grouped(
        epoch_sql("date_bin(make_interval(secs => %(step_s)s), at, '2000-01-01 00:00+00')"),
        parts,
        f"({NORMALISED_READINGS}) v",
        {**segment_parameters(timeline.profile_segments(start, end)), "step_s": step_s},
        with_clause=f"WITH {PROFILE_SEGMENTS}",
    )
    grid = steps(floor_to_step(start, step_s), end, step_s)
    return grid, align_to_grid(keys, columns, epoch_seconds(grid))


def aggregate_expressions(metrics: Metrics) -> list[str]:
    """SQL: several quarters or days as one, in the order of BUCKET_AGGREGATES."""
    return [
        part
        for m in metrics
        for part in (
            f"min({m}_min)", f"max({m}_max)", f"sum({m}_sum) / NULLIF(sum({m}_count), 0)",
            f"COALESCE(sum({m}_count), 0)::bigint", f"COALESCE(sum({m}_suspect), 0)::bigint",
        )
    ]  # fmt: skip


def from_quarters(device: Device, start: datetime, end: datetime, metrics: Metrics) -> Series:
    keys, columns = fetch_grouped(
        epoch_sql("starts_at"),
        aggregate_expressions(metrics),
        "telemetry_quarterhour WHERE device_id = %(pk)s AND starts_at >= %(start)s AND starts_at < %(end)s",
        {"pk": device.pk, "start": quarter_hours.floor(start), "end": end},
    )
    grid = steps(quarter_hours.floor(start), end, 900)
    return grid, align_to_grid(keys, columns, epoch_seconds(grid))


def from_quarters_in_zone(device: Device, start: datetime, end: datetime, step_s: int, metrics: Metrics) -> Series:
    """Quarters summed to hours of the factory's wall clock, by moments: at a clock change an hour may come twice."""
    grid = zone_steps(start, end, step_s, device.factory.zone)
    keys, columns = fetch_grouped(
        epoch_sql("(%(grid)s::timestamptz[])[width_bucket(starts_at, %(grid)s::timestamptz[])]"),
        aggregate_expressions(metrics),
        "telemetry_quarterhour WHERE device_id = %(pk)s AND starts_at >= %(start)s AND starts_at < %(end)s",
        {"pk": device.pk, "start": grid[0], "end": end, "grid": grid},
    )
    return grid, align_to_grid(keys, columns, epoch_seconds(grid))


def from_days(device: Device, start: datetime, end: datetime, resolution: str, metrics: Metrics) -> Series:
    """Days of the factory, alone or summed to its weeks (from Monday) and months."""
    zone = device.factory.zone
    grid = day_steps(start, end, resolution, zone)  # {first day: its first moment}
    names = [f"{m}_{part}" for m in metrics for part in ("min", "max", "sum", "count", "suspect")]
    source, query_parameters = days.rollup_source([device.pk], next(iter(grid.values())), end, names, zone.key)
    keys, columns = fetch_grouped(
        BUCKET_DATES[resolution], aggregate_expressions(metrics), f"{source} c", query_parameters
    )
    return list(grid.values()), align_to_grid(keys, columns, [on.isoformat() for on in grid])


def fetch_grouped(
    key: str, parts: Sequence[str], source: str, query_parameters: Mapping[str, Any], with_clause: str = ""
) -> tuple[list, list[list]]:
    """Rows of `source` grouped by `key` → (keys in order, a column for each part).

    As one JSON text: converting a year's values one by one took longer than the query.
    """
    names = [f"c{index}" for index in range(len(parts))]
    selects = ", ".join(f"{part} AS {name}" for part, name in zip(parts, names, strict=True))
    lists = ", ".join(f"array_agg({name})" for name in ["key", *names])
    with connection.cursor() as cursor:
        cursor.execute(
            f"{with_clause} SELECT json_build_array({lists})::text "
            f"FROM (SELECT {key} AS key, {selects} FROM {source} GROUP BY 1 ORDER BY 1) g",
            query_parameters,
        )
        keys, *columns = msgspec.json.decode(cursor.fetchone()[0])
    return (keys, columns) if keys else ([], [[]] * len(parts))


def epoch_sql(moment: str) -> str:
    return f"extract(epoch FROM {moment})::bigint"


def epoch_seconds(grid: Iterable[datetime]) -> list[int]:
    return [int(moment.timestamp()) for moment in grid]


def align_to_grid(keys: Sequence[Any], columns: list[list], grid: Sequence[Any]) -> list[list]:
    """The columns over `grid`: None, and a count of zero, where a key is missing."""
    if keys == grid:
        return columns
    index_by_key = {key: number for number, key in enumerate(keys)}
    indexes = [index_by_key.get(key) for key in grid]
    empty = (None, None, None, 0, 0)
    return [
        [empty[number % len(BUCKET_AGGREGATES)] if at is None else column[at] for at in indexes]
        for number, column in enumerate(columns)
    ]


BUCKET_DATES = {"1d": totals.DAY, "1w": """date_trunc('week', "on"::timestamp)::date""", "1mo": totals.MONTH}


def day_steps(start: datetime, end: datetime, resolution: str, zone: ZoneInfo) -> dict[date, datetime]:
    """{first day: its first moment} of the buckets that touch the span."""
    grid: dict[date, datetime] = {}
    on = start.astimezone(zone).date()
    if resolution == "1w":
        on -= timedelta(days=on.weekday())
    elif resolution == "1mo":
        on = on.replace(day=1)
    while (moment := midnight(on, zone)) < end:
        grid[on] = moment
        on = next_month(on) if resolution == "1mo" else on + timedelta(days=7 if resolution == "1w" else 1)
    return grid


def floor_to_step(moment: datetime, step_s: int) -> datetime:
    return datetime.fromtimestamp(moment.timestamp() // step_s * step_s, UTC)


def steps(start: datetime, end: datetime, step_s: int) -> list[datetime]:
    count = int(-(-(end - start).total_seconds() // step_s))
    return [start + timedelta(seconds=step_s * index) for index in range(count)]


def zone_steps(start: datetime, end: datetime, step_s: int, zone: ZoneInfo) -> list[datetime]:
    """Starts of the buckets that touch the span, stepping on the wall clock of `zone`.

    An hour that a clock change repeats is two buckets of one name, one that it leaves out is none. A longer bucket
    begins where its name is read first.
    """
    step = timedelta(seconds=step_s)
    local = start.astimezone(zone).replace(tzinfo=None)
    local = CLOCK_ORIGIN + (local - CLOCK_ORIGIN) // step * step
    grid: set[datetime] = set()
    while (moment := local.replace(tzinfo=zone).astimezone(UTC)) < end:
        again = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
        grid.add(moment)
        if moment < again < end and step_s <= REPEATED_S:
            grid.add(again)
        local += step
    moments = sorted(grid)
    begun = sum(moment <= start for moment in moments)
    return moments[max(0, begun - 1) :]
