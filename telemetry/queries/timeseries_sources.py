"""Where a chart's buckets come from: readings, quarter hours or kept days, as columns over a grid of moments."""

from datetime import UTC, datetime, timedelta

import msgspec
from django.db import connection

from telemetry.metrics import SUSPECT_MASK
from telemetry.queries import totals
from telemetry.rollups import days, quarter_hours
from telemetry.rollups.days import midnight
from telemetry.signal.profile_timeline import NORMALISED, PIECES, parameters
from telemetry.storage.partitions import next_month

PARTS = ("min", "max", "mean", "count", "suspect")  # of a metric in a bucket, in the order `gathered` asks for them
EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001 a wall clock's origin


def from_readings(meaning, start, end, step_s, metrics):
    """Readings in buckets shorter than a quarter hour, aligned to the clock."""
    parts = [
        part
        for m in metrics
        for part in (
            f"min({m})", f"max({m})", f"sum({m}) / NULLIF(count({m}), 0)", f"count({m})",
            f"count(*) FILTER (WHERE suspect & {SUSPECT_MASK[m]} <> 0)",
        )
    ]  # fmt: skip
    keys, columns = gathered(
        epoch("date_bin(make_interval(secs => %(step_s)s), at, '2000-01-01 00:00+00')"),
        parts,
        f"({NORMALISED}) v",
        {**parameters(meaning.pieces(start, end)), "step_s": step_s},
        given=f"WITH {PIECES}",
    )
    grid = steps(aligned(start, step_s), end, step_s)
    return grid, placed(keys, columns, stamps(grid))


def together(metrics):
    """SQL: several quarters or days as one, in the order of PARTS."""
    return [
        part
        for m in metrics
        for part in (
            f"min({m}_min)", f"max({m}_max)", f"sum({m}_sum) / NULLIF(sum({m}_count), 0)",
            f"COALESCE(sum({m}_count), 0)::bigint", f"COALESCE(sum({m}_suspect), 0)::bigint",
        )
    ]  # fmt: skip


def from_quarters(device, start, end, metrics):
    keys, columns = gathered(
        epoch("starts_at"),
        together(metrics),
        "telemetry_quarterhour WHERE device_id = %(pk)s AND starts_at >= %(start)s AND starts_at < %(end)s",
        {"pk": device.pk, "start": quarter_hours.floor(start), "end": end},
    )
    grid = steps(quarter_hours.floor(start), end, 900)
    return grid, placed(keys, columns, stamps(grid))


def in_zone(device, start, end, step_s, metrics):
    """Quarters summed to hours as the factory's clock counts them."""
    zone = device.factory.zone
    grid = zone_steps(start, end, step_s, zone)
    bucket = (
        "date_bin(make_interval(secs => %(step_s)s), starts_at AT TIME ZONE %(zone)s, '2000-01-01') "
        "AT TIME ZONE %(zone)s"
    )
    keys, columns = gathered(
        epoch(bucket),
        together(metrics),
        "telemetry_quarterhour WHERE device_id = %(pk)s AND starts_at >= %(start)s AND starts_at < %(end)s",
        {"step_s": step_s, "zone": zone.key, "pk": device.pk, "start": grid[0], "end": end},
    )
    grid = sorted({*grid, *(datetime.fromtimestamp(key, UTC) for key in keys)})
    return grid, placed(keys, columns, stamps(grid))


def from_days(device, start, end, resolution, metrics):
    """Days of the factory, alone or summed to its weeks (from Monday) and months."""
    zone = device.factory.zone
    grid = day_steps(start, end, resolution, zone)  # {first day: its first moment}
    names = [f"{m}_{part}" for m in metrics for part in ("min", "max", "sum", "count", "suspect")]
    source, their = days.cover([device.pk], next(iter(grid.values())), end, names, zone.key)
    keys, columns = gathered(FIRST_DAYS[resolution], together(metrics), f"{source} c", their)
    return list(grid.values()), placed(keys, columns, [on.isoformat() for on in grid])


def gathered(key, parts, source, their, given=""):
    """Rows of `source` grouped by `key` → (keys in order, a list a part). As one JSON text: reading a year's values one
    by one took longer than finding them."""
    names = [f"c{place}" for place in range(len(parts))]
    asked = ", ".join(f"{part} AS {name}" for part, name in zip(parts, names, strict=True))
    lists = ", ".join(f"array_agg({name})" for name in ["key", *names])
    with connection.cursor() as cursor:
        cursor.execute(
            f"{given} SELECT json_build_array({lists})::text "
            f"FROM (SELECT {key} AS key, {asked} FROM {source} GROUP BY 1 ORDER BY 1) g",
            their,
        )
        keys, *columns = msgspec.json.decode(cursor.fetchone()[0])
    return (keys, columns) if keys else ([], [[]] * len(parts))


def epoch(moment):
    return f"extract(epoch FROM {moment})::bigint"


def stamps(grid):
    return [int(moment.timestamp()) for moment in grid]


def placed(keys, columns, grid):
    """The columns over `grid`: None, and a count of zero, where there is no such key."""
    if keys == grid:
        return columns
    place = {key: number for number, key in enumerate(keys)}
    places = [place.get(key) for key in grid]
    nothing = (None, None, None, 0, 0)
    return [
        [nothing[number % len(PARTS)] if at is None else column[at] for at in places]
        for number, column in enumerate(columns)
    ]


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
