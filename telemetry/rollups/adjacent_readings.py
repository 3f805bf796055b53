"""Readings adjacent to a span: those its energy depends on, and those whose energy changes with it.

Queries take spans of many devices at once, (timeline, first, last) each; a `place` is a span's index in that list.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from telemetry.rollups.level_changes import ZERO_MEMORY, irregular_spans, rows_at_former_levels
from telemetry.rollups.nearest_readings import (
    COLUMN_INDEXES,
    ENERGY_COLUMNS,
    HAS_BRIDGE,
    LOOK_BACK,
    REGISTER_INDEX,
    ROWS_AFTER,
    ROWS_BEFORE,
    SPANS,
    Row,
    Spans,
    has_valid_value,
    mean_power_reach,
    reach_of,
    rows_around_edges,
    rows_in,
    rows_with_edges,
    sends_power_register,
    span_parameters,
    spans_with_bridge,
    unique_in_order,
)
from telemetry.signal.profile_timeline import ProfileTimeline, TimelineSpan
from telemetry.sql import fetch_all


def changed_spans(spans: Spans) -> list[tuple[datetime, datetime]]:
    """The time in which energy changes when the readings of each span are new → (start, end) each."""
    presence = energy_columns_present(spans)
    before, after = rows_around_edges(spans, presence)
    ranges, power_only = [], []
    for place, (timeline, first, last) in enumerate(spans):
        start, end = first, last
        for column, is_new in zip(ENERGY_COLUMNS, presence[place], strict=True):
            if is_new:
                reach = reach_of(timeline, column)
                earlier = [row[0] for row in before[place] if row[COLUMN_INDEXES[column]] is not None][-2:]
                later = [row[0] for row in after[place] if row[COLUMN_INDEXES[column]] is not None]
                start = min([start, *(at for at in earlier if first - at <= reach)])
                end = max([end, *(at for at in later if at - last <= reach)])
        has_power, has_register = presence[place]
        if has_power:
            start = min(start, first - timedelta(seconds=timeline.at(first).interval_s))
            end = max(end, last + timedelta(seconds=timeline.at(last).interval_s))
            if not has_register:
                power_only.append(place)
        ranges.append((start, end))
    return extend_to_former_levels(spans, extend_across_bridges(spans, ranges, power_only), presence)


def extend_to_former_levels(
    spans: Spans, ranges: list[tuple[datetime, datetime]], presence: Sequence[Sequence[bool]]
) -> list[tuple[datetime, datetime]]:
    """`ranges`, widened to where a register was before it was misread, when it has come back to that level."""
    wide_spans = [(timeline, *span) for (timeline, *_), span in zip(spans, ranges, strict=True)]
    for column in ENERGY_COLUMNS:
        places = counting_places(wide_spans, column, presence)
        irregular = sorted(irregular_spans(wide_spans, places, column)) if places else []
        if not irregular:
            continue
        inner_spans = [wide_spans[place] for place in irregular]
        rows = rows_with_edges(inner_spans)
        found = rows_at_former_levels(inner_spans, rows, column, spans_with_bridge(inner_spans), is_new=True)
        for index, place in enumerate(irregular):
            moments = [row[0] for row in found[index]]
            moments += ends_of_zero(spans[place], rows[index], column)
            start, end = ranges[place]
            ranges[place] = min([start, *moments]), max([end, *moments])
    return ranges


def ends_of_zero(span: TimelineSpan, rows: list[Row], column: str) -> list[datetime]:
    """Until when a register measures nothing that stands at zero after a new reading (of `span`) above zero."""
    timeline, first, last = span
    values = [(row[0], row[COLUMN_INDEXES[column]]) for row in rows if has_valid_value(row, column)]
    return [
        moment
        for (at, level), (_, value) in pairwise(values)
        if first <= at <= last and value <= 0 < level
        for moment in last_reading_until(timeline.device.pk, at + ZERO_MEMORY)
    ]


def last_reading_until(pk: int, moment: datetime) -> list[datetime]:
    return [
        at
        for (at,) in fetch_all(
            "SELECT at FROM telemetry_reading WHERE device_id = %s AND at <= %s ORDER BY at DESC LIMIT 1", [pk, moment]
        )
    ]


def counting_places(spans: Spans, column: str, presence: Sequence[Sequence[bool]]) -> list[int]:
    """Places of the spans that may hold values of a register in this column."""
    index = ENERGY_COLUMNS.index(column)
    return [
        place
        for place, (timeline, *_) in enumerate(spans)
        if presence[place][index] and (index or sends_power_register(timeline))
    ]


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
    instant = timedelta(microseconds=1)
    rows = rows_with_edges([(timeline, first, last - instant) for timeline, first, last in spans])
    bridged = spans_with_bridge(spans)
    for column in ENERGY_COLUMNS:
        presence = [[any(row[1] is not None for row in its), any(row[2] is not None for row in its)] for its in rows]
        places = counting_places(spans, column, presence)
        if not places:
            continue
        inner_spans, inner_rows = [spans[place] for place in places], [rows[place] for place in places]
        found = rows_at_former_levels(
            inner_spans, inner_rows, column, {index for index, place in enumerate(places) if place in bridged}
        )
        for place, more in zip(places, found, strict=True):
            rows[place] = unique_in_order([*rows[place], *more])
    return rows_inside_bridges(spans, rows)


def rows_inside_bridges(spans: Spans, rows: list[list[Row]]) -> list[list[Row]]:
    """`rows`, with all power inside a bridge that reaches out of its span: it is worth what power leaves of it."""
    wide_spans = []
    for place, (timeline, first, last) in enumerate(spans):
        moments = [row[0] for row in rows[place] if has_valid_value(row, "energy_kwh")]
        start = max((at for at in moments if at < first), default=first)
        end = min((at for at in moments if at >= last), default=last)
        wide_spans.append((timeline, start, end))
    needed = [
        place
        for place, (timeline, start, end) in enumerate(wide_spans)
        if (start, end) != spans[place][1:] and is_long_bridge(timeline, rows[place], *wide_spans[place][1:])
    ]
    if needed:
        for place, more in rows_in(wide_spans, needed).items():
            rows[place] = unique_in_order([*rows[place], *more])
    return rows


def is_long_bridge(timeline: ProfileTimeline, rows: list[Row], start: datetime, end: datetime) -> bool:
    """Whether power lies around a span whose register was silent across one of its edges."""
    has_power = any(row[1] is not None for row in rows)
    registers = [row[0] for row in rows if start <= row[0] <= end and row[REGISTER_INDEX] is not None]
    longest = max(((b - a) for a, b in pairwise(registers)), default=timedelta(0))
    return has_power and longest > mean_power_reach(timeline)


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
