"""Where a device was silent: found in the quarter hours, sharpened to the second from the readings on either side."""

from collections import defaultdict
from datetime import timedelta

from telemetry import quarters
from telemetry.energy import GAP_INTERVALS, GAP_SHORTEST_S
from telemetry.totals import fetch

SHORTEST = timedelta(seconds=GAP_SHORTEST_S)
LOOK_AROUND = timedelta(days=31)


def silences(meanings, windows) -> dict[int, list]:
    """{device: [(start, end)]}: more than 30 minutes and three intervals without a reading, clipped to its window."""
    found = {pk: [] for pk in meanings}
    if not meanings:
        return found
    heard = heard_edges(windows)
    for pk, runs in candidates(meanings, windows, heard).items():
        begins, ends = windows[pk]
        for start, end in runs:
            # A silence that began before the window or is not over yet is judged by its whole length where known.
            if (end - start) > threshold(meanings[pk], begins) and min(end, ends) > max(start, begins):
                found[pk].append((max(start, begins), min(end, ends)))
    return found


def threshold(meaning, moment) -> timedelta:
    return max(SHORTEST, timedelta(seconds=GAP_INTERVALS * meaning.at(moment).interval_s))


def heard_edges(windows):
    """{device: (last quarter heard before its window, first one heard after it)}, None where there is none."""
    pks = [pk for pk, its in windows.items() if its]
    rows = fetch(
        "SELECT d.pk, (SELECT q.starts_at FROM telemetry_quarterhour q WHERE q.device_id = d.pk AND q.received > 0 "
        "AND q.starts_at < d.begins AND q.starts_at >= d.begins - %s ORDER BY q.starts_at DESC LIMIT 1), "
        "(SELECT q.starts_at FROM telemetry_quarterhour q WHERE q.device_id = d.pk AND q.received > 0 "
        "AND q.starts_at >= d.ends AND q.starts_at < d.ends + %s ORDER BY q.starts_at LIMIT 1) "
        "FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS d(pk, begins, ends)",
        [LOOK_AROUND, LOOK_AROUND, pks, [windows[pk][0] for pk in pks], [windows[pk][1] for pk in pks]],
    )
    return {pk: (before, after) for pk, before, after in rows}


def candidates(meanings, windows, heard):
    """{device: [(last reading before, first reading after)]} around each run of silent quarters."""
    pks = list(meanings)
    froms = [heard[pk][0] or quarters.floor(windows[pk][0]) for pk in pks]
    untils = [(heard[pk][1] + quarters.QUARTER) if heard[pk][1] else windows[pk][1] for pk in pks]
    shortest = [threshold(meanings[pk], windows[pk][0]) - quarters.QUARTER for pk in pks]
    rows = fetch(
        """
        WITH d AS (SELECT * FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::interval[])
                   AS d(pk, since, until, shortest)),
        runs AS (
            SELECT d.pk, d.shortest, q.starts_at AS a,
                   lead(q.starts_at) OVER (PARTITION BY d.pk ORDER BY q.starts_at) AS b
            FROM d JOIN telemetry_quarterhour q
            ON q.device_id = d.pk AND q.starts_at >= d.since AND q.starts_at < d.until AND q.received > 0
        )
        SELECT pk, a, b,
               (SELECT max(at) FROM telemetry_reading
                WHERE device_id = pk AND at >= a AND at < a + interval '15 minutes' AND at >= %s AND at < %s),
               (SELECT min(at) FROM telemetry_reading
                WHERE device_id = pk AND at >= b AND at < b + interval '15 minutes' AND at >= %s AND at < %s)
        FROM runs WHERE b IS NULL OR b - a > shortest ORDER BY pk, a
        """,
        [pks, froms, untils, shortest, *all_within(froms, untils), *all_within(froms, untils)],
    )
    found, first_heard = defaultdict(list), {}
    for pk, a, b, last_at, next_at in rows:
        first_heard.setdefault(pk, a)
        # Where the raw readings have been dropped the quarters' own boundaries must do.
        found[pk].append((last_at or a + quarters.QUARTER, next_at or b or windows[pk][1]))
    for pk, first_at in first_readings(meanings, froms, untils).items():
        if heard[pk][0] is None and first_at > windows[pk][0]:
            found[pk].insert(0, (windows[pk][0], first_at))
    for pk in pks:
        if pk not in first_heard:  # not one word: silent throughout
            found[pk] = [windows[pk]]
    return found


def all_within(froms, untils):
    """Bounds that the planner knows beforehand: it then opens only the partitions between them."""
    return min(froms), max(untils) + quarters.QUARTER


def first_readings(meanings, froms, untils):
    """{device: its first reading in the window}, by the quarter where the reading itself is gone."""
    return dict(
        fetch(
            "SELECT d.pk, COALESCE((SELECT min(at) FROM telemetry_reading WHERE device_id = d.pk "
            "AND at >= q.starts_at AND at < q.starts_at + interval '15 minutes' AND at >= %s AND at < %s), "
            "q.starts_at) FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS d(pk, since, until) "
            "CROSS JOIN LATERAL (SELECT starts_at FROM telemetry_quarterhour WHERE device_id = d.pk AND received > 0 "
            "AND starts_at >= d.since AND starts_at < d.until ORDER BY starts_at LIMIT 1) q",
            [*all_within(froms, untils), list(meanings), froms, untils],
        )
    )
