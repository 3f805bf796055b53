"""Readings in a span and nearest to its edges, for spans of many devices at once.

A span is (timeline, first, last); a `place` is its index in the list.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from telemetry.metrics import SUSPECT_BIT
from telemetry.signal.energy import GAP_INTERVALS, MEAN_POWER, MIN_GAP_S, REGISTER
from telemetry.signal.meter_registers import JITTER_INTERVALS, JITTER_MEMORY_S, MAX_BRIDGE_S
from telemetry.signal.profile_timeline import ProfileTimeline, TimelineSpan
from telemetry.sql import fetch_all, unnest_columns

LOOK_BACK = timedelta(days=31)  # readings further away are looked up where a quarter hour counted them
FAR_LOOK_BACK = timedelta(seconds=MAX_BRIDGE_S)  # no energy reaches across a longer gap
ROWS_BEFORE, ROWS_AFTER = 8, 6
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


def reach_of(timeline: ProfileTimeline, column: str) -> timedelta:
    """How far away a reading can be whose energy a new value changes: of a register, across a whole gap."""
    is_mean_power = all(profile.power_kind in MEAN_POWER for profile in timeline.profiles)
    return mean_power_reach(timeline) if column == "power_consumption" and is_mean_power else FAR_LOOK_BACK


def sends_power_register(timeline: ProfileTimeline) -> bool:
    return any(profile.power_kind == REGISTER for profile in timeline.profiles)


def jitter_reach(timeline: ProfileTimeline) -> timedelta:
    """How far around a span the readings of a register are needed that tell jitter from a gain."""
    longest_s = max(JITTER_INTERVALS * profile.interval_s for profile in timeline.profiles)
    return timedelta(seconds=max(JITTER_MEMORY_S, longest_s))


def rows_with_edges(spans: Spans) -> list[list[Row]]:
    """Rows with energy in each span, both ends included, in the hour of jitter around it, and the nearest."""
    wide_spans = [
        (timeline, first - jitter_reach(timeline), last + jitter_reach(timeline)) for timeline, first, last in spans
    ]
    rows_inside = rows_in(wide_spans)
    bridges = spans_with_bridge(spans)
    required = [
        (True, place in bridges or any(row[REGISTER_INDEX] is not None for row in rows_inside[place]))
        for place in range(len(spans))
    ]
    before, after = rows_around_edges(spans, required)
    return [unique_in_order([*before[place], *rows_inside[place], *after[place]]) for place in range(len(spans))]


def rows_in(spans: Spans, places: Iterable[int] | None = None) -> RowsByPlace:
    """{place: rows with energy}, both ends of the span included."""
    result: RowsByPlace = defaultdict(list)
    for place, *row in fetch_all(
        f"SELECT s.place, r.* FROM {SPANS} CROSS JOIN LATERAL (SELECT {READING_COLUMNS} FROM telemetry_reading r "
        "WHERE r.device_id = s.device_id AND r.at >= s.first AND r.at <= s.last "
        "AND (r.power_consumption IS NOT NULL OR r.energy_kwh IS NOT NULL) OFFSET 0) r ORDER BY s.place, r.at",
        span_parameters(spans, places),
    ):
        result[place].append(tuple(row))
    return result


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
    """Rows (place, …) with a valid value of `column`, far from the span.

    A mean power holds for a few intervals only. A counter's value is found by the quarter hours that counted one; a
    register sent as power leaves no count in them while its gain is unknown, so its readings are searched themselves.
    """
    counting = [place for place in places if column == "power_consumption" and is_counter(spans[place][0])]
    others = [place for place in places if place not in counting]
    return search_readings(spans, counting, column, is_before) + search_quarters(spans, others, column, is_before)


def is_counter(timeline: ProfileTimeline) -> bool:
    """Whether its power counts energy, at any time."""
    return any(profile.power_kind not in MEAN_POWER for profile in timeline.profiles)


def search_readings(spans: Spans, places: list[int], column: str, is_before: bool) -> list[Row]:
    if not places:
        return []
    side = "r.at >= s.first - %s AND r.at < s.first" if is_before else "r.at > s.last AND r.at <= s.last + %s"
    order, limit = ("DESC", ROWS_BEFORE) if is_before else ("ASC", ROWS_AFTER)
    return fetch_all(
        f"SELECT s.place, r.* FROM {SPANS} CROSS JOIN LATERAL (SELECT {READING_COLUMNS} FROM telemetry_reading r "
        f"WHERE r.device_id = s.device_id AND {side} AND r.{column} IS NOT NULL "
        f"AND r.suspect & {SUSPECT_BIT[column]} = 0 ORDER BY r.at {order} LIMIT {limit}) r",
        [*span_parameters(spans, places), FAR_LOOK_BACK],
    )


def search_quarters(spans: Spans, places: list[int], column: str, is_before: bool) -> list[Row]:
    if not places:
        return []
    if is_before:
        quarters = "q.starts_at >= s.first - reach AND q.starts_at <= s.first"
        readings = "r.at >= q.starts_at - interval '2 hours' AND r.at < s.first"
        order, limit = "DESC", ROWS_BEFORE
    else:
        quarters = "q.starts_at >= s.last - interval '15 minutes' AND q.starts_at <= s.last + reach"
        readings = "r.at > s.last AND r.at <= q.starts_at + interval '2 hours'"
        order, limit = "ASC", ROWS_AFTER
    reaches = [reach_of(spans[place][0], column) for place in places]
    return fetch_all(
        f"SELECT s.place, r.* FROM {SPANS} JOIN unnest(%s::int[], %s::interval[]) AS i(place, reach) USING (place) "
        "CROSS JOIN LATERAL (SELECT q.starts_at FROM telemetry_quarterhour q "
        f"WHERE q.device_id = s.device_id AND {quarters} AND q.{column}_count > 0 "
        f"ORDER BY q.starts_at {order} LIMIT 1) q "
        f"CROSS JOIN LATERAL (SELECT {READING_COLUMNS} FROM telemetry_reading r "
        f"WHERE r.device_id = s.device_id AND {readings} AND r.{column} IS NOT NULL "
        f"AND r.suspect & {SUSPECT_BIT[column]} = 0 ORDER BY r.at {order} LIMIT {limit}) r",
        [*span_parameters(spans, places), places, reaches],
    )
