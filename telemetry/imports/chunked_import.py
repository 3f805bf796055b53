"""A day file's way in: stretch by stretch, each its own transaction with what is told of its lines.

A stretch is at most as many lines as one request of a device may carry. What was settled is written with the readings
themselves, so that an import that was killed goes on after its last stretch, and one that is run again finds only
duplicates.
"""

from collections import Counter
from itertools import islice
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from telemetry.imports.formats import DayFileReader
from telemetry.imports.line_validation import LineJudge, Outcome, Told, foreseen
from telemetry.models import DayFile, DayFileLine
from telemetry.storage.partitions import ensure_months, month_of
from telemetry.storage.quarantine_writer import Held, Reason, hold
from telemetry.storage.upsert import settle
from telemetry.storage.writer import ALONE, contiguous, note_arrivals

INFLATED_TIMES = 16  # a gzipped CSV is a fifth to a tenth of what it holds; more is no logger's


class Lost(Exception):
    """Another worker took this file over."""


class Stretch(NamedTuple):
    last_line: int
    counts: Counter
    told: list[Told]
    outcomes: dict  # of the readings, by key
    judged: object


def reader_of(stream) -> DayFileReader:
    return DayFileReader(stream, settings.IMPORT_MAX_BYTES * INFLATED_TIMES)


def judge_of(reader, factory, device, zone, now) -> LineJudge:
    """A zone that the file's own head names goes before the chosen one."""
    return LineJudge(factory, device, reader.zone or zone, now)


def foresee(reader, judge):
    """Each Stretch as an import would find it now; a line repeated in another stretch still counts as new."""
    for lines in stretches(reader):
        judged = judge.judge(lines)
        yield told_of(lines, judged, foreseen(judged.rows))


def take_in(reader, judge, day_file, now, at):
    """Import what lies after `day_file.last_line`; `at()` says how many bytes are read. Yields each Stretch, kept."""
    for lines in stretches(reader, after=day_file.last_line):
        judged = judge.judge(lines)
        ensure_months({month_of(row.at) for row in judged.rows})
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(ALONE)
            outcomes = settle(cursor, judged.rows) if judged.rows else {}
            stretch = told_of(lines, judged, outcomes)
            hold(cursor, [*judged.held, *contradicting(outcomes)], now)
            note_heard(cursor, outcomes, now)
            tell(day_file, stretch)
            note(day_file, at(), stretch)
        yield stretch


def stretches(reader, after=0):
    lines = (line for line in reader if line.number > after)
    while some := list(islice(lines, settings.INGEST_MAX_READINGS)):
        yield some


def told_of(lines, judged, outcomes) -> Stretch:
    conflicts = [conflict for outcome in outcomes.values() for conflict in outcome.conflicts]
    told = [
        Told(judged.numbers[id(row.raw)], Outcome.QUARANTINED, why.partition(":")[0], why.partition(": ")[2])
        for row, why in conflicts
    ]
    told = sorted([*judged.told, *told])
    counts = Counter(
        lines=len(lines),
        accepted=sum(len(outcome.accepted) for outcome in outcomes.values()),
        duplicates=sum(len(outcome.duplicates) for outcome in outcomes.values()),
        quarantined=len(judged.held) + len(conflicts),
        refused=sum(one.outcome == Outcome.REFUSED for one in told),
        suspect=judged.suspect,
    )
    return Stretch(lines[-1].number, counts, told, outcomes, judged)


def contradicting(outcomes):
    return [
        Held(row.factory_pk, row.device_pk, Reason.CONFLICT, why, row.raw)
        for outcome in outcomes.values()
        for row, why in outcome.conflicts
    ]


def note_heard(cursor, outcomes, now):
    """For the digest. The device itself was heard when it wrote the line, not now: its silence goes on."""
    spans = contiguous(key for key, outcome in outcomes.items() if outcome.accepted)
    last = {device: last_at for device, _first_at, last_at, _readings in spans}  # spans come in time order
    note_arrivals(cursor, [(*span, min(now, last[span[0]]), "") for span in spans])


def tell(day_file, stretch):
    DayFileLine.objects.bulk_create(
        DayFileLine(day_file=day_file, number=number, outcome=outcome, field=field[:64], why=why[:300])
        for number, outcome, field, why in stretch.told
    )


def note(day_file, read_bytes, stretch):
    """How far it got, and what came of it; only while it is still this worker's. Raises Lost."""
    counts = {name: F(name) + stretch.counts[name] for name in DayFile.COUNTS}
    mine = DayFile.objects.filter(pk=day_file.pk, claim=day_file.claim)
    if not mine.update(read_bytes=read_bytes, last_line=stretch.last_line, claimed_at=Now(), **counts):
        raise Lost
