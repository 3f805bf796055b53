"""Readings before and after a span that decide its energy: who speaks into it, and whose energy it changes.

Spans are asked for together, whatever their devices: (meaning, first, last) each, known by their place in the list.
"""

from collections import defaultdict
from datetime import timedelta

from django.db import connection

from telemetry.metrics import SUSPECT_BIT
from telemetry.signal.energy import BRIDGE_LONGEST_S, GAP_INTERVALS, GAP_SHORTEST_S, WINDOW
from telemetry.signal.profile_timeline import columns

LOOK_BACK = timedelta(seconds=BRIDGE_LONGEST_S)  # no energy reaches across a longer silence
BEFORE, AFTER = WINDOW + 2, WINDOW
SAID = ("power_consumption", "energy_kwh")
POWER, REGISTER = 1, 2  # places in a row: (at, power_consumption, energy_kwh, suspect)
PLACES = dict(zip(SAID, (POWER, REGISTER), strict=True))
ROW = "r.at, r.power_consumption, r.energy_kwh, r.suspect"
SPANS = "unnest(%s::int[], %s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS s(place, device_id, first, last)"


def fetch(sql, parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def parameters(spans, places=None):
    """What `SPANS` takes; of the spans at `places` only."""
    wanted = range(len(spans)) if places is None else places
    return columns([(place, spans[place][0].device.pk, *spans[place][1:]) for place in wanted], 4)


def reach(meaning) -> timedelta:
    """How far a mean power can speak at most: what follows later has a gap before it."""
    return timedelta(seconds=max(GAP_SHORTEST_S, *(GAP_INTERVALS * p.interval_s for p in meaning.profiles)))


def changed_spans(spans):
    """From where to where the quarters change when the readings of each span are new → (start, end) each."""
    said = said_inside(spans)
    before, after = around_edges(spans, said)
    changed, crossing = [], []
    for place, (meaning, first, last) in enumerate(spans):
        start, end = first, last
        for column, is_new in zip(SAID, said[place], strict=True):
            if is_new:
                start = min([start, *[row[0] for row in before[place] if row[PLACES[column]] is not None][-2:]])
                end = max([end, *(row[0] for row in after[place] if row[PLACES[column]] is not None)])
        has_power, has_register = said[place]
        if has_power:
            start = min(start, first - timedelta(seconds=meaning.at(first).interval_s))
            end = max(end, last + timedelta(seconds=meaning.at(last).interval_s))
            if not has_register:
                crossing.append(place)
        changed.append((start, end))
    return reached_by_bridges(spans, changed, crossing)


def reached_by_bridges(spans, changed, places):
    """Power inside a bridge of the register: what the bridge has left changes from end to end."""
    wide = [(meaning, *span) for (meaning, *_), span in zip(spans, changed, strict=True)]
    places = sorted(bridged(wide, places)) if places else []
    if places:
        inside = [spans[place] for place in places]
        registers = [(False, True)] * len(inside)
        for place, before, after in zip(places, *around_edges(inside, registers), strict=True):
            start, end = changed[place]
            moments = [row[0] for row in (*before, *after) if row[REGISTER] is not None]
            changed[place] = min([start, *moments]), max([end, *moments])
    return changed


def around(spans):
    """Rows (at, power, register, suspect), oldest first, that the energy of each span [start, end) rests on."""
    found = defaultdict(list)
    for place, *row in fetch(
        f"SELECT s.place, r.* FROM {SPANS} CROSS JOIN LATERAL (SELECT {ROW} FROM telemetry_reading r "
        "WHERE r.device_id = s.device_id AND r.at >= s.first AND r.at < s.last "
        "AND (r.power_consumption IS NOT NULL OR r.energy_kwh IS NOT NULL) OFFSET 0) r ORDER BY s.place, r.at",
        parameters(spans),
    ):
        found[place].append(tuple(row))
    bridges = bridged(spans)
    wanted = [
        (True, place in bridges or any(row[REGISTER] is not None for row in found[place]))
        for place in range(len(spans))
    ]
    instant = timedelta(microseconds=1)
    before, after = around_edges([(meaning, first, last - instant) for meaning, first, last in spans], wanted)
    return [[*before[place], *found[place], *after[place]] for place in range(len(spans))]


def said_inside(spans):
    """(has power, has a register) of each span, both ends included."""
    tests = ", ".join(
        "EXISTS (SELECT 1 FROM telemetry_reading r WHERE r.device_id = s.device_id AND r.at >= s.first "
        f"AND r.at <= s.last AND r.{column} IS NOT NULL)"
        for column in SAID
    )
    return [said for *said, _ in fetch(f"SELECT {tests}, s.place FROM {SPANS} ORDER BY s.place", parameters(spans))]


def with_register(spans) -> set:
    """Places of the spans [start, end) whose energy a register may have a say in: none inside, near, or bridging."""
    near = f"""
    EXISTS (SELECT 1 FROM (SELECT r.energy_kwh FROM telemetry_reading r WHERE r.device_id = s.device_id
            AND r.at >= s.first - %s AND r.at < s.first ORDER BY r.at DESC LIMIT {BEFORE}) b
            WHERE energy_kwh IS NOT NULL)
    OR EXISTS (SELECT 1 FROM (SELECT r.energy_kwh FROM telemetry_reading r WHERE r.device_id = s.device_id
               AND r.at >= s.last AND r.at < s.last + %s ORDER BY r.at LIMIT {AFTER}) a
               WHERE energy_kwh IS NOT NULL)
    OR EXISTS (SELECT 1 FROM telemetry_reading r WHERE r.device_id = s.device_id AND r.at >= s.first
               AND r.at < s.last AND r.energy_kwh IS NOT NULL)"""
    rows = fetch(f"SELECT s.place FROM {SPANS} WHERE {near} OR {BRIDGED}", [*parameters(spans), LOOK_BACK, LOOK_BACK])
    return {place for (place,) in rows}


BRIDGED = (
    "EXISTS (SELECT 1 FROM telemetry_quarterhour q WHERE q.device_id = s.device_id AND q.bridged_kwh IS NOT NULL "
    "AND q.starts_at > s.first - interval '15 minutes' AND q.starts_at < s.last)"
)


def bridged(spans, places=None) -> set:
    """Places of the spans into which a bridge reaches."""
    rows = fetch(f"SELECT s.place FROM {SPANS} WHERE {BRIDGED}", parameters(spans, places))
    return {place for (place,) in rows}


def around_edges(spans, wanted):
    """The last few rows before each span and the first few after it; those that carry the `wanted` (power, register)
    even where others lie between: a device may send one value a request, or its register once a day."""
    sides = nearest(spans)
    for side, rows_of in enumerate(sides):
        for column, is_wanted in zip(SAID, zip(*wanted, strict=True), strict=True):
            lacking = [
                place
                for place, needs in enumerate(is_wanted)
                if needs and not any(says(row, column) for row in rows_of[place])
            ]
            for place, *row in far(spans, lacking, column, is_before=side == 0):
                rows_of[place].append(tuple(row))
    return [[in_order(rows_of[place]) for place in range(len(spans))] for rows_of in sides]


def in_order(rows):
    """Oldest first, each once: one may have been found twice."""
    return [row for _, row in sorted({row[0]: row for row in rows}.items())]


def says(row, column) -> bool:
    """Whether a row carries a value of `column` that is not suspect."""
    return row[PLACES[column]] is not None and not row[3] & SUSPECT_BIT[column]


def nearest(spans):
    """({place: rows before}, {place: rows after})"""
    found = defaultdict(list), defaultdict(list)
    for side, place, *row in fetch(
        f"WITH s AS MATERIALIZED (SELECT * FROM {SPANS}) "
        f"SELECT 0, s.place, r.* FROM s CROSS JOIN LATERAL (SELECT {ROW} FROM telemetry_reading r "
        "WHERE r.device_id = s.device_id AND r.at >= s.first - %s AND r.at < s.first "
        f"ORDER BY r.at DESC LIMIT {BEFORE}) r UNION ALL "
        f"SELECT 1, s.place, r.* FROM s CROSS JOIN LATERAL (SELECT {ROW} FROM telemetry_reading r "
        "WHERE r.device_id = s.device_id AND r.at > s.last AND r.at <= s.last + %s "
        f"ORDER BY r.at LIMIT {AFTER}) r",
        [*parameters(spans), LOOK_BACK, LOOK_BACK],
    ):
        found[side][place].append(tuple(row))
    return found


def far(spans, places, column, is_before):
    """Rows (place, …) that carry `column`, far from the span: the roll-up knows where to look."""
    if not places:
        return []
    if is_before:
        quarters = "q.starts_at >= s.first - %s AND q.starts_at <= s.first"
        readings = "r.at >= q.starts_at - interval '2 hours' AND r.at < s.first"
        order, most = "DESC", BEFORE
    else:
        quarters = "q.starts_at >= s.last - interval '15 minutes' AND q.starts_at <= s.last + %s"
        readings = "r.at > s.last AND r.at <= q.starts_at + interval '2 hours'"
        order, most = "ASC", AFTER
    return fetch(
        f"SELECT s.place, r.* FROM {SPANS} CROSS JOIN LATERAL (SELECT q.starts_at FROM telemetry_quarterhour q "
        f"WHERE q.device_id = s.device_id AND {quarters} AND q.{column}_count > 0 "
        f"ORDER BY q.starts_at {order} LIMIT 1) q "
        f"CROSS JOIN LATERAL (SELECT {ROW} FROM telemetry_reading r WHERE r.device_id = s.device_id AND {readings} "
        f"AND r.{column} IS NOT NULL AND r.suspect & {SUSPECT_BIT[column]} = 0 ORDER BY r.at {order} LIMIT {most}) r",
        [*parameters(spans, places), LOOK_BACK],
    )
