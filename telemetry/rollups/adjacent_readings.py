"""Readings adjacent to a span: those its energy depends on, and those whose energy changes with it.

Queries take spans of many devices at once, (timeline, first, last) each; a `place` is a span's index in that list.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from telemetry.metrics import SUSPECT_BIT
from telemetry.signal.energy import GAP_INTERVALS, MAX_BRIDGE_S, MIN_GAP_S, REGISTER_WINDOW
from telemetry.signal.profile_timeline import ProfileTimeline, TimelineSpan
from telemetry.sql import fetch_all, unnest_columns

LOOK_BACK = timedelta(seconds=MAX_BRIDGE_S)  # no energy reaches across a longer gap
ROWS_BEFORE, ROWS_AFTER = REGISTER_WINDOW + 2, REGISTER_WINDOW
ENERGY_COLUMNS = ("power_consumption", "energy_kwh")
POWER_INDEX, REGISTER_INDEX = 1, 2  # in a row: (at, power_consumption, energy_kwh, suspect)
COLUMN_INDEXES = dict(zip(ENERGY_COLUMNS, (POWER_INDEX, REGISTER_INDEX), strict=True))
READING_COLUMNS = "r.at, r.power_consumption, r.energy_kwh, r.suspect"
SPANS = "unnest(%s::int[], %s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS s(place, device_id, first, last)"

Spans = Sequence[TimelineSpan]
Row = tuple[Any, ...]  # the READING_COLUMNS
RowsByPlace = dict[int, list[Row]]


def span_parameters(spans: Spans, places: Iterable[int] | None = None) -> list[list[Any]]:
    """The parameters of `SPANS`; of the spans at `places` only."""
    selection = range(len(spans)) if places is None else places
    return unnest_columns([(place, spans[place][0].device.pk, *spans[place][1:]) for place in selection], 4)


def mean_power_reach(timeline: ProfileTimeline) -> timedelta:
    """How long a mean power can hold at most: a later reading has a gap before it."""
    return timedelta(seconds=max(MIN_GAP_S, *(GAP_INTERVALS * p.interval_s for p in timeline.profiles)))


def changed_spans(spans: Spans) -> list[tuple[datetime, datetime]]:
    """The time in which energy changes when the readings of each span are new → (start, end) each."""
    presence = energy_columns_present(spans)
    before, after = rows_around_edges(spans, presence)
    ranges, power_only = [], []
    for place, (timeline, first, last) in enumerate(spans):
        start, end = first, last
        for column, is_new in zip(ENERGY_COLUMNS, presence[place], strict=True):
            if is_new:
                start = min([start, *[row[0] for row in before[place] if row[COLUMN_INDEXES[column]] is not None][-2:]])
                end = max([end, *(row[0] for row in after[place] if row[COLUMN_INDEXES[column]] is not None)])
        has_power, has_register = presence[place]
        if has_power:
            start = min(start, first - timedelta(seconds=timeline.at(first).interval_s))
            end = max(end, last + timedelta(seconds=timeline.at(last).interval_s))
            if not has_register:
                power_only.append(place)
        ranges.append((start, end))
    return extend_across_bridges(spans, ranges, power_only)


def extend_across_bridges(
    spans: Spans, ranges: list[tuple[datetime, datetime]], places: list[int]
) -> list[tuple[datetime, datetime]]:
    """`ranges`, those at `places` widened to the bridges they lie in: new power changes the remainder of a bridge."""
    wide_spans = [(timeline, *span) for (timeline, *_), span in zip(spans, ranges, strict=True)]
    places = sorted(spans_with_bridge(wide_spans, places)) if places else []
    if places:
        inner_spans = [spans[place] for place in places]
        registers = [(False, True)] * len(inner_spans)
        for place, before, after in zip(places, *rows_around_edges(inner_spans, registers), strict=True):
            start, end = ranges[place]
            moments = [row[0] for row in (*before, *after) if row[REGISTER_INDEX] is not None]
            ranges[place] = min([start, *moments]), max([end, *moments])
    return ranges


def readings_around(spans: Spans) -> list[list[Row]]:
    """Rows (at, power, register, suspect), oldest first, that the energy of each span [start, end) depends on."""
    rows_inside: RowsByPlace = defaultdict(list)
    for place, *row in fetch_all(
        f"SELECT s.place, r.* FROM {SPANS} CROSS JOIN LATERAL (SELECT {READING_COLUMNS} FROM telemetry_reading r "
        "WHERE r.device_id = s.device_id AND r.at >= s.first AND r.at < s.last "
        "AND (r.power_consumption IS NOT NULL OR r.energy_kwh IS NOT NULL) OFFSET 0) r ORDER BY s.place, r.at",
        span_parameters(spans),
    ):
        rows_inside[place].append(tuple(row))
    bridges = spans_with_bridge(spans)
    required = [
        (True, place in bridges or any(row[REGISTER_INDEX] is not None for row in rows_inside[place]))
        for place in range(len(spans))
    ]
    instant = timedelta(microseconds=1)
    before, after = rows_around_edges([(timeline, first, last - instant) for timeline, first, last in spans], required)
    return [[*before[place], *rows_inside[place], *after[place]] for place in range(len(spans))]


def energy_columns_present(spans: Spans) -> list[list[bool]]:
    """(has power, has a register) of each span, both ends included."""
    tests = ", ".join(
        "EXISTS (SELECT 1 FROM telemetry_reading r WHERE r.device_id = s.device_id AND r.at >= s.first "
        f"AND r.at <= s.last AND r.{column} IS NOT NULL)"
        for column in ENERGY_COLUMNS
    )
    return [
        present
        for *present, _ in fetch_all(f"SELECT {tests}, s.place FROM {SPANS} ORDER BY s.place", span_parameters(spans))
    ]


def spans_with_register(spans: Spans) -> set[int]:
    """Places of the spans [start, end) whose energy may depend on a register: one inside, near, or bridging."""
    near = f"""
    EXISTS (SELECT 1 FROM (SELECT r.energy_kwh FROM telemetry_reading r WHERE r.device_id = s.device_id
            AND r.at >= s.first - %s AND r.at < s.first ORDER BY r.at DESC LIMIT {ROWS_BEFORE}) b
            WHERE energy_kwh IS NOT NULL)
    OR EXISTS (SELECT 1 FROM (SELECT r.energy_kwh FROM telemetry_reading r WHERE r.device_id = s.device_id
               AND r.at >= s.last AND r.at < s.last + %s ORDER BY r.at LIMIT {ROWS_AFTER}) a
               WHERE energy_kwh IS NOT NULL)
    OR EXISTS (SELECT 1 FROM telemetry_reading r WHERE r.device_id = s.device_id AND r.at >= s.first
               AND r.at < s.last AND r.energy_kwh IS NOT NULL)"""
    rows = fetch_all(
        f"SELECT s.place FROM {SPANS} WHERE {near} OR {HAS_BRIDGE}", [*span_parameters(spans), LOOK_BACK, LOOK_BACK]
    )
    return {place for (place,) in rows}


HAS_BRIDGE = (
    "EXISTS (SELECT 1 FROM telemetry_quarterhour q WHERE q.device_id = s.device_id AND q.bridged_kwh IS NOT NULL "
    "AND q.starts_at > s.first - interval '15 minutes' AND q.starts_at < s.last)"
)


def spans_with_bridge(spans: Spans, places: Iterable[int] | None = None) -> set[int]:
    """Places of the spans into which a bridge reaches."""
    rows = fetch_all(f"SELECT s.place FROM {SPANS} WHERE {HAS_BRIDGE}", span_parameters(spans, places))
    return {place for (place,) in rows}


def rows_around_edges(spans: Spans, required: Sequence[Sequence[bool]]) -> list[list[list[Row]]]:
    """[rows before, rows after] each span: the last few before it and the first few after it.

    A `required` column (power, register) is looked up further away where the nearest rows lack it: a device may send
    one value a request, or its register once a day.
    """
    sides = nearest_rows(spans)
    for side, rows_by_place in enumerate(sides):
        for column, is_required in zip(ENERGY_COLUMNS, zip(*required, strict=True), strict=True):
            missing = [
                place
                for place, needs in enumerate(is_required)
                if needs and not any(has_valid_value(row, column) for row in rows_by_place[place])
            ]
            for place, *row in distant_rows(spans, missing, column, is_before=side == 0):
                rows_by_place[place].append(tuple(row))
    return [[unique_in_order(rows_by_place[place]) for place in range(len(spans))] for rows_by_place in sides]


def unique_in_order(rows: Iterable[Row]) -> list[Row]:
    """Oldest first, without duplicates."""
    return [row for _, row in sorted({row[0]: row for row in rows}.items())]


def has_valid_value(row: Row, column: str) -> bool:
    """Whether a row has a value of `column` that is not suspect."""
    return row[COLUMN_INDEXES[column]] is not None and not row[3] & SUSPECT_BIT[column]


def nearest_rows(spans: Spans) -> tuple[RowsByPlace, RowsByPlace]:
    """({place: rows before}, {place: rows after})"""
    result: tuple[RowsByPlace, RowsByPlace] = defaultdict(list), defaultdict(list)
    for side, place, *row in fetch_all(
        f"WITH s AS MATERIALIZED (SELECT * FROM {SPANS}) "
        f"SELECT 0, s.place, r.* FROM s CROSS JOIN LATERAL (SELECT {READING_COLUMNS} FROM telemetry_reading r "
        "WHERE r.device_id = s.device_id AND r.at >= s.first - %s AND r.at < s.first "
        f"ORDER BY r.at DESC LIMIT {ROWS_BEFORE}) r UNION ALL "
        f"SELECT 1, s.place, r.* FROM s CROSS JOIN LATERAL (SELECT {READING_COLUMNS} FROM telemetry_reading r "
        "WHERE r.device_id = s.device_id AND r.at > s.last AND r.at <= s.last + %s "
        f"ORDER BY r.at LIMIT {ROWS_AFTER}) r",
        [*span_parameters(spans), LOOK_BACK, LOOK_BACK],
    ):
        result[side][place].append(tuple(row))
    return result


def distant_rows(spans: Spans, places: list[int], column: str, is_before: bool) -> list[Row]:
    """Rows (place, …) with a value of `column`, far from the span: found by the quarter hours that counted one."""
    if not places:
        return []
    if is_before:
        quarters = "q.starts_at >= s.first - %s AND q.starts_at <= s.first"
        readings = "r.at >= q.starts_at - interval '2 hours' AND r.at < s.first"
        order, limit = "DESC", ROWS_BEFORE
    else:
        quarters = "q.starts_at >= s.last - interval '15 minutes' AND q.starts_at <= s.last + %s"
        readings = "r.at > s.last AND r.at <= q.starts_at + interval '2 hours'"
        order, limit = "ASC", ROWS_AFTER
    return fetch_all(
        f"SELECT s.place, r.* FROM {SPANS} CROSS JOIN LATERAL (SELECT q.starts_at FROM telemetry_quarterhour q "
        f"WHERE q.device_id = s.device_id AND {quarters} AND q.{column}_count > 0 "
        f"ORDER BY q.starts_at {order} LIMIT 1) q "
        f"CROSS JOIN LATERAL (SELECT {READING_COLUMNS} FROM telemetry_reading r "
        f"WHERE r.device_id = s.device_id AND {readings} AND r.{column} IS NOT NULL "
        f"AND r.suspect & {SUSPECT_BIT[column]} = 0 ORDER BY r.at {order} LIMIT {limit}) r",
        [*span_parameters(spans, places), LOOK_BACK],
    )
