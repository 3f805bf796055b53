"""Keeping what was said: COPY into a temporary table, from there into the readings, in one transaction with its trail.

Every sample ends as exactly one of *accepted* (new, or merged into a stored reading that lacked these metrics),
*duplicate* (nothing it says is new) or *conflict* (another value for a metric already there: the first stays, this one
goes to quarantine), also while another client sends the same buffer: new keys are inserted in key order, so that the
second waits for the first; what was there already is then locked and judged.
"""

import json
from datetime import datetime, timedelta
from io import BytesIO
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from django.db import IntegrityError, OperationalError, connection, transaction
from psycopg2.extras import execute_batch

from telemetry.copying import packed
from telemetry.hold import Held, Reason, hold
from telemetry.merging import Outcome, State, judge
from telemetry.metrics import STORED
from telemetry.partitions import ensure_months, month_of

COLUMNS = ", ".join(["device_id", "at", "received_at", "clock", "suspect", "extra", *STORED])
PREPARE = """
SET LOCAL statement_timeout = '3s'; SET LOCAL lock_timeout = '2s'; SET LOCAL client_min_messages = 'warning';
CREATE TEMP TABLE IF NOT EXISTS incoming (LIKE telemetry_reading) ON COMMIT DELETE ROWS; DELETE FROM incoming
"""  # beyond these times the answer is 503: ESPHome reboots after 4.5 s without one
COPY = f"COPY incoming ({COLUMNS}) FROM STDIN WITH (FORMAT binary)"
INSERT = f"""
INSERT INTO telemetry_reading ({COLUMNS}) SELECT {COLUMNS} FROM incoming ORDER BY device_id, at
ON CONFLICT DO NOTHING RETURNING device_id, at
"""
LOCK_STORED = f"""
SELECT r.device_id, r.at, r.suspect, r.extra::text, {", ".join(f"r.{name}" for name in STORED)}
FROM incoming i JOIN telemetry_reading r ON r.device_id = i.device_id AND r.at = i.at
WHERE r.at BETWEEN %s AND %s ORDER BY r.device_id, r.at FOR UPDATE OF r
"""
UPDATE = f"""
UPDATE telemetry_reading SET suspect = %s, extra = %s, {", ".join(f"{name} = %s" for name in STORED)}
WHERE device_id = %s AND at = %s
"""
ARRIVED = "INSERT INTO telemetry_arrival (device_id, first_at, last_at, readings, received_at, key_prefix) VALUES "
ONE_SPAN = timedelta(hours=6)  # a longer silence starts another span: the digest rebuilds no years between
seen_months = set()  # partitions known to be there; where retention dropped one, the insert says so


class Row(NamedTuple):
    """A checked sample on its way into the table."""

    device_pk: int
    factory_pk: int
    at: datetime
    clock: int
    suspect: int
    values: tuple
    extra: dict | None
    raw: object

    @property
    def key(self):
        return self.device_pk, self.at


class Stored(NamedTuple):
    """What became of the rows and the held of one request."""

    accepted: int
    duplicates: int
    quarantined: int
    conflicts: list  # (Row, what contradicts)


def store(rows: list[Row], held: list[Held] = (), *, now, key_prefix="") -> Stored:
    """Keep all of it, or raise a database error and keep nothing. What it returns is committed."""
    months = {month_of(row.at) for row in rows}
    for attempt in (1, 2):
        make_months(months)
        try:
            with transaction.atomic(durable=True), connection.cursor() as cursor:
                return keep(cursor, rows, held, now=now, key_prefix=key_prefix)
        except IntegrityError as error:
            if attempt == 2 or "no partition of relation" not in str(error):
                raise
            seen_months.clear()


def make_months(months):
    """Outside the transaction: another request must not wait for this one's partition."""
    if not months <= seen_months:
        ensure_months(months)
        seen_months.update(months)


def keep(cursor, rows: list[Row], held: list[Held] = (), *, now, key_prefix="") -> Stored:
    """`store` inside the caller's transaction, for those who have more to write in it."""
    prepare(cursor)
    outcomes = settle(cursor, rows, now) if rows else {}
    conflicts = [conflict for outcome in outcomes.values() for conflict in outcome.conflicts]
    held = [*held, *(Held(row.factory_pk, row.device_pk, Reason.CONFLICT, why, row.raw) for row, why in conflicts)]
    hold(cursor, held, now)
    note_arrivals(cursor, [key for key, outcome in outcomes.items() if outcome.accepted], now, key_prefix)
    return Stored(
        accepted=sum(outcome.accepted for outcome in outcomes.values()),
        duplicates=sum(outcome.duplicates for outcome in outcomes.values()),
        quarantined=len(held),
        conflicts=conflicts,
    )


def prepare(cursor):
    """Once in each transaction, before `settle`."""
    cursor.execute(PREPARE)


def settle(cursor, rows, now) -> dict[tuple, Outcome]:
    """Key → what became of its rows, in key order."""
    by_key = attrgetter("key")
    groups = {key: list(same) for key, same in groupby(sorted(rows, key=by_key), key=by_key)}
    outcomes = {key: judge(State(), same) for key, same in groups.items()}
    copy_in(cursor, [(*key, groups[key][0].clock, outcome.state) for key, outcome in outcomes.items()], now)
    cursor.execute(INSERT)
    if cursor.rowcount < len(groups):
        fresh = set(cursor.fetchall())
        settle_with_stored(cursor, {key: same for key, same in groups.items() if key not in fresh}, outcomes)
    return outcomes


def copy_in(cursor, readings, now):
    stream = packed(
        ((device, at, clock, state.suspect, state.extra, state.values) for device, at, clock, state in readings), now
    )
    with connection.wrap_database_errors:  # Django's cursor wraps execute(), not this
        cursor.copy_expert(COPY, BytesIO(stream))


def settle_with_stored(cursor, groups, outcomes):
    """Judge the rows whose keys were there already against what stands there, locked until commit."""
    moments = [at for _device, at in groups]
    cursor.execute(LOCK_STORED, [min(moments), max(moments)])
    stored = {
        (device, at): State(tuple(values), suspect, json.loads(extra) if extra else None)
        for device, at, suspect, extra, *values in cursor.fetchall()
        if (device, at) in groups
    }
    if len(stored) < len(groups):
        raise OperationalError("A month was dropped while readings of it came in.")
    outcomes |= {key: judge(stored[key], rows) for key, rows in groups.items()}
    changed = [(key, outcomes[key].state) for key in groups if outcomes[key].state != stored[key]]
    write_states(cursor, changed)


def write_states(cursor, changed):
    """Replace what stands at each key: (key, State)."""
    with connection.wrap_database_errors:
        execute_batch(
            cursor,
            UPDATE,
            [
                (state.suspect, json.dumps(state.extra) if state.extra else None, *state.values, *key)
                for key, state in changed
            ],
        )


def note_arrivals(cursor, touched, now, key_prefix):
    """Tell the digest which spans changed; in the same transaction, so that no late commit slips past it."""
    spans = contiguous(touched)
    if spans:
        cursor.execute(
            ARRIVED + ", ".join(["(%s, %s, %s, %s, %s, %s)"] * len(spans)),
            [value for span in spans for value in (*span, now, key_prefix)],
        )


def contiguous(touched) -> list[tuple]:
    """Keys → (device_pk, first_at, last_at, readings), a new span after each silence longer than ONE_SPAN."""
    spans = []
    for device, at in sorted(touched):
        if spans and spans[-1][0] == device and at - spans[-1][2] <= ONE_SPAN:
            spans[-1] = (device, spans[-1][1], at, spans[-1][3] + 1)
        else:
            spans.append((device, at, at, 1))
    return spans
