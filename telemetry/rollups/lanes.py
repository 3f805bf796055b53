"""Which waiting spans a pass of the digest takes: of one lane, and from each factory in turn.

Two lanes: present readings, which somebody may have to be told of now, and the backlog. A pass is of one of them and
short, so that neither waits for much of the other. Within a lane the factory that had least of the pass is next, so
that a factory with a million waiting readings delays nobody else's one.
"""

from typing import Any

from telemetry.rollups.span_batches import CHUNK
from telemetry.sql import fetch_all
from telemetry.storage.dirty_spans import LoggedSpan, insert_dirty_spans

# What a pass costs, in readings: a span touches rows of its own, and one without readings recounts a week of them.
SPAN_COST, RECOUNT_COST = 50, 5_000

COST = f"{SPAN_COST} + CASE WHEN readings = 0 THEN {RECOUNT_COST} ELSE readings END"
# The factories that have spans in this lane, by one look at the index each; then the oldest spans of each.
# Deleted by an array of keys: after the log was analysed while empty, the planner expects no rows and would repeat the
# selection for every row of a join.
DRAIN = f"""
DELETE FROM telemetry_dirtyspan WHERE id = ANY(ARRAY(
    WITH RECURSIVE waiting AS (
        (SELECT factory_id FROM telemetry_dirtyspan WHERE is_present = %(is_present)s ORDER BY factory_id LIMIT 1)
        UNION ALL
        SELECT (SELECT factory_id FROM telemetry_dirtyspan
                WHERE is_present = %(is_present)s AND factory_id > w.factory_id ORDER BY factory_id LIMIT 1)
        FROM waiting w WHERE w.factory_id IS NOT NULL
    ),
    oldest AS (
        SELECT s.id, s.cost, sum(s.cost) OVER (PARTITION BY w.factory_id ORDER BY s.id) - s.cost AS had
        FROM waiting w CROSS JOIN LATERAL (
            SELECT id, {COST} AS cost FROM telemetry_dirtyspan
            WHERE is_present = %(is_present)s AND factory_id = w.factory_id ORDER BY id LIMIT %(spans)s
        ) s
    ),
    turns AS (SELECT id, sum(cost) OVER (ORDER BY had, id) - cost AS spent FROM oldest)
    SELECT id FROM turns WHERE spent < %(budget)s
)) RETURNING device_id, first_at, last_at, readings, received_at, key_prefix, factory_id, is_present
"""


def waiting() -> tuple[bool, bool]:
    """Whether (present readings, a backlog) wait."""
    tests = ", ".join(f"EXISTS (SELECT 1 FROM telemetry_dirtyspan WHERE is_present = {lane})" for lane in (True, False))
    [lanes] = fetch_all(f"SELECT {tests}", [])
    return lanes[0], lanes[1]


def drain(cursor: Any, *, is_present: bool, budget: int) -> list[LoggedSpan]:
    """Delete and return spans of one lane that cost `budget` or little more, at least one if any waits."""
    cursor.execute(DRAIN, {"is_present": is_present, "budget": budget, "spans": budget // SPAN_COST + 1})
    slices = [slice_off(LoggedSpan._make(row)) for row in cursor.fetchall()]
    insert_dirty_spans(cursor, [rest for _, rest in slices if rest])
    return [span for span, _ in slices]


def slice_off(span: LoggedSpan) -> tuple[LoggedSpan, LoggedSpan | None]:
    """(what this pass takes of a span, what remains for later ones).

    A corrected profile recounts years, and a thousand readings may lie months apart: summing and judging them at once
    would make everybody wait.
    """
    length = span.last_at - span.first_at
    if length <= CHUNK:
        return span, None
    cut_at = span.first_at + CHUNK
    taken = round(span.readings * (CHUNK / length))
    rest = span.readings - taken
    if span.readings:  # a span without any is a corrected profile
        taken, rest = max(1, taken), max(1, rest)
    return span._replace(last_at=cut_at, readings=taken), span._replace(first_at=cut_at, readings=rest)


def requeue(cursor: Any, spans: list[LoggedSpan]) -> None:
    """Put spans that cannot be summed back into the log, behind all others and where they delay no present reading."""
    insert_dirty_spans(cursor, [span._replace(is_present=False) for span in spans])
