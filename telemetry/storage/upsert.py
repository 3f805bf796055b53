"""Upsert of rows of which some may be stored already: exact, also while another client sends the same.

Through a temporary table: new keys are inserted in key order, so that of two clients the second waits for the first;
existing rows are then locked and resolved (`conflict_resolution`).
"""

import json
from itertools import groupby
from operator import attrgetter

from django.db import OperationalError, connection
from psycopg2.extras import execute_batch

from telemetry.metrics import METRIC_NAMES
from telemetry.storage.binary_copy import COLUMNS, copy_into
from telemetry.storage.conflict_resolution import ReadingState, ResolutionOutcome, resolve

INCOMING = "CREATE TEMP TABLE IF NOT EXISTS incoming (LIKE telemetry_reading) ON COMMIT DELETE ROWS"
INSERT = f"""
INSERT INTO telemetry_reading ({COLUMNS}) SELECT {COLUMNS} FROM incoming ORDER BY device_id, at
ON CONFLICT DO NOTHING RETURNING device_id, at
"""
LOCK_STORED = f"""
SELECT r.device_id, r.at, r.suspect, r.extra::text, {", ".join(f"r.{name}" for name in METRIC_NAMES)}
FROM incoming i JOIN telemetry_reading r ON r.device_id = i.device_id AND r.at = i.at
WHERE r.at BETWEEN %s AND %s ORDER BY r.device_id, r.at FOR UPDATE OF r
"""
UPDATE = f"""
UPDATE telemetry_reading SET suspect = %s, extra = %s, {", ".join(f"{name} = %s" for name in METRIC_NAMES)}
WHERE device_id = %s AND at = %s
"""


def upsert(cursor, rows) -> dict[tuple, ResolutionOutcome]:
    """Store `rows` (`writer.ReadingRow`), once per transaction → {key: ResolutionOutcome}, in key order."""
    by_key = attrgetter("key")
    groups = {key: list(group) for key, group in groupby(sorted(rows, key=by_key), key=by_key)}
    outcomes = {key: resolve(ReadingState(), group) for key, group in groups.items()}
    cursor.execute(INCOMING)
    copy_into(cursor, "incoming", [with_state(groups[key][0], outcome.state) for key, outcome in outcomes.items()])
    cursor.execute(INSERT)
    if cursor.rowcount < len(groups):
        inserted_keys = set(cursor.fetchall())
        resolve_with_stored(cursor, {key: group for key, group in groups.items() if key not in inserted_keys}, outcomes)
    return outcomes


def with_state(first, state):
    return first._replace(suspect=state.suspect, values=state.values, extra=state.extra)


def resolve_with_stored(cursor, groups, outcomes) -> None:
    """Resolve the rows whose keys exist already against the stored values, which stay locked until commit."""
    moments = [at for _device, at in groups]
    cursor.execute(LOCK_STORED, [min(moments), max(moments)])
    stored = {
        (device, at): ReadingState(tuple(values), suspect, json.loads(extra) if extra else None)
        for device, at, suspect, extra, *values in cursor.fetchall()
        if (device, at) in groups
    }
    if len(stored) < len(groups):
        raise OperationalError("A month was dropped while readings of it came in.")
    outcomes |= {key: resolve(stored[key], rows) for key, rows in groups.items()}
    write_states(cursor, [(key, outcomes[key].state) for key in groups if outcomes[key].state != stored[key]])


def write_states(cursor, changed) -> None:
    """Overwrite the stored values: (key, ReadingState) each."""
    with connection.wrap_database_errors:
        execute_batch(
            cursor,
            UPDATE,
            [
                (state.suspect, json.dumps(state.extra) if state.extra else None, *state.values, *key)
                for key, state in changed
            ],
        )
