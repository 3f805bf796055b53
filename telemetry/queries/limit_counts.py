"""Exact counts of readings beyond limits, which read only the quarter hours whose extremes lie beyond them."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from devices.models import PowerKind
from telemetry.metrics import AXES, BY_NAME, VIBRATION
from telemetry.signal.profile_timeline import ProfileTimeline, valid_expression
from telemetry.sql import fetch_all


class Bound(NamedTuple):
    """A limit of a rule: beyond it is below `low` or above `high` (power in kW)."""

    key: int
    device_pk: int
    metric: str
    low: float | None
    high: float | None


def count_violations(
    bounds: Iterable[Bound], timelines: dict[int, ProfileTimeline], start: datetime, end: datetime
) -> tuple[dict[int, int], int]:
    """({key: readings beyond it}, readings beyond at least one), suspect values left out."""
    by_metric: dict[str, list[tuple[Any, ...]]] = {}
    for bound in bounds:
        if bound.metric in BY_NAME and bound.device_pk in timelines:
            by_metric.setdefault(bound.metric, []).extend(bound_segments(bound, timelines[bound.device_pk], start, end))
    selects: list[str] = []
    parameters: list[list[Any]] = []
    for metric, rows in by_metric.items():
        if rows:
            selects.append(violations_sql(metric))
            parameters += [list(column) for column in zip(*rows, strict=True)]
    if not selects:
        return {}, 0
    rows = fetch_all(
        f"WITH hits AS MATERIALIZED ({' UNION ALL '.join(selects)}) "
        "SELECT key, count(*) FROM hits GROUP BY key "
        "UNION ALL SELECT NULL, count(DISTINCT (device_id, at)) FROM hits",
        parameters,
    )
    counts = dict(rows)
    return counts, counts.pop(None, 0)


def bound_segments(
    bound: Bound, timeline: ProfileTimeline, start: datetime, end: datetime
) -> Iterator[tuple[Any, ...]]:
    """(key, device, low, high, factor, from, until): one per profile, since the factor to kW changes with it."""
    for since, until, profile in timeline.spans(start, end):
        factor = 1.0
        if bound.metric == "power_consumption":
            if profile.power_kind == PowerKind.REGISTER:
                continue  # a single value of a register is no power
            factor = {"W": 0.001, "kWh": 3600 / profile.interval_s}.get(profile.power_kind, 1.0)
        yield bound.key, bound.device_pk, bound.low, bound.high, factor, since, until


def violations_sql(metric: str) -> str:
    """SQL: (key, device, at) of the readings beyond, found through the minima and maxima of their quarters.

    OFFSET 0 keeps the look-ups by key: as a join, all readings of each device would be read.
    """
    value = valid_expression(metric) if metric != VIBRATION.name else worst_axis_sql()
    return f"""
    SELECT b.key, b.pk AS device_id, r.at
    FROM unnest(%s::bigint[], %s::bigint[], %s::float8[], %s::float8[], %s::float8[], %s::timestamptz[],
                %s::timestamptz[]) AS b(key, pk, low, high, factor, since, until)
    CROSS JOIN LATERAL (SELECT starts_at FROM telemetry_quarterhour
                        WHERE device_id = b.pk AND starts_at >= b.since - interval '15 minutes' AND starts_at < b.until
                        AND ({metric}_max > b.high OR {metric}_min < b.low) OFFSET 0) q
    JOIN LATERAL (SELECT r.at, {value} AS value FROM telemetry_reading r
                  WHERE r.device_id = b.pk AND r.at >= GREATEST(q.starts_at, b.since)
                  AND r.at < LEAST(q.starts_at + interval '15 minutes', b.until) OFFSET 0) r
         ON r.value * b.factor > b.high OR r.value * b.factor < b.low
    """


def worst_axis_sql() -> str:
    return f"GREATEST({', '.join(valid_expression(axis) for axis in AXES)})"
