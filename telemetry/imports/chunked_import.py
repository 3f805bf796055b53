"""Import of a day file in batches of lines, each a transaction of its own with the line results and the progress.

A batch is at most as many lines as one request of a device may carry. Progress is written with the readings, so that an
import that was killed resumes after its last batch, and one that is repeated finds only duplicates.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from core.table_files.choices import Choices
from telemetry.imports.formats import DayFileReader, Layout, Survey, survey
from telemetry.imports.line_validation import ImportLineResult, LineValidator, Outcome, preview_outcomes
from telemetry.models import DayFile, DayFileLine
from telemetry.storage.dirty_spans import LoggedSpan, contiguous_spans, insert_dirty_spans
from telemetry.storage.partitions import ensure_months, month_of
from telemetry.storage.quarantine_writer import NewQuarantineItem, Reason, quarantine
from telemetry.storage.upsert import upsert
from telemetry.storage.writer import SOLO_TIMEOUTS

MAX_INFLATION_RATIO = 16  # a gzipped CSV is a fifth to a tenth of its size; a higher ratio is not from a logger


class ClaimLost(Exception):
    """Another worker has claimed this file."""


class LineBatchResult(NamedTuple):
    last_line: int
    counts: Counter
    line_results: list[ImportLineResult]
    outcomes: dict  # of the readings, by key
    validation: object


def survey_of(stream, choices: Choices, beat=lambda: None) -> Survey:
    """How the file is read, and what has to be asked about it. Raises NotADayFile, and what `beat` raises."""
    return survey(stream, settings.IMPORT_MAX_BYTES * MAX_INFLATION_RATIO, choices, beat)


def reader_of(stream, layout: Layout | None) -> DayFileReader:
    return DayFileReader(stream, settings.IMPORT_MAX_BYTES * MAX_INFLATION_RATIO, layout)


def validator_of(reader, factory, device, zone, now) -> LineValidator:
    """A zone named in the file's header takes precedence over the chosen one."""
    return LineValidator(factory, device, reader.zone or zone, now)


def preview_batches(reader, validator) -> Iterator[LineBatchResult]:
    """Yields the LineBatchResult an import would have now; a line repeated in another batch still counts as new."""
    for lines in line_batches(reader):
        validation = validator.validate(lines)
        yield batch_result(lines, validation, preview_outcomes(validation.rows))


def import_batches(reader, validator, day_file, now, position) -> Iterator[LineBatchResult]:
    """Import the lines after `day_file.last_line`. `position()`: bytes read. Yields each LineBatchResult, committed."""
    for lines in line_batches(reader, after=day_file.last_line):
        validation = validator.validate(lines)
        ensure_months({month_of(row.at) for row in validation.rows})
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(SOLO_TIMEOUTS)
            outcomes = upsert(cursor, validation.rows) if validation.rows else {}
            result = batch_result(lines, validation, outcomes)
            quarantine(cursor, [*validation.quarantine_items, *conflict_items(outcomes)], now)
            insert_accepted_spans(cursor, outcomes, now, {row.device_pk: row.factory_pk for row in validation.rows})
            save_line_results(day_file, result)
            save_progress(day_file, position(), result)
        yield result


def line_batches(reader, after=0) -> Iterator[list]:
    lines = (line for line in reader if line.number > after)
    while batch := list(islice(lines, settings.INGEST_MAX_READINGS)):
        yield batch


def batch_result(lines, validation, outcomes) -> LineBatchResult:
    conflicts = [conflict for outcome in outcomes.values() for conflict in outcome.conflicts]
    line_results = [
        ImportLineResult(
            validation.line_numbers[id(row.raw)], Outcome.QUARANTINED, why.partition(":")[0], why.partition(": ")[2]
        )
        for row, why in conflicts
    ]
    line_results = sorted([*validation.line_results, *line_results])
    counts = Counter(
        lines=len(lines),
        accepted=sum(len(outcome.accepted) for outcome in outcomes.values()),
        duplicates=sum(len(outcome.duplicates) for outcome in outcomes.values()),
        quarantined=len(validation.quarantine_items) + len(conflicts),
        refused=sum(line.outcome == Outcome.REFUSED for line in line_results),
        suspect=validation.suspect,
    )
    return LineBatchResult(lines[-1].number, counts, line_results, outcomes, validation)


def conflict_items(outcomes) -> list[NewQuarantineItem]:
    return [
        NewQuarantineItem(row.factory_pk, row.device_pk, Reason.CONFLICT, why, row.raw)
        for outcome in outcomes.values()
        for row, why in outcome.conflicts
    ]


def insert_accepted_spans(cursor, outcomes, now, factory_by_device) -> None:
    """Dirty spans for the digest, as a backlog.

    received_at is the reading's own time: an import does not end a device's silence.
    """
    spans = contiguous_spans(key for key, outcome in outcomes.items() if outcome.accepted)
    last = {device: last_at for device, _first_at, last_at, _readings in spans}  # spans come in time order
    insert_dirty_spans(
        cursor, [LoggedSpan(*span, min(now, last[span[0]]), "", factory_by_device[span[0]]) for span in spans]
    )


def save_line_results(day_file, result) -> None:
    DayFileLine.objects.bulk_create(
        DayFileLine(day_file=day_file, number=number, outcome=outcome, field=field[:64], why=why[:300])
        for number, outcome, field, why in result.line_results
    )


def save_progress(day_file, read_bytes, result) -> None:
    """Add the counts and the position, while this worker holds the claim. Raises ClaimLost."""
    counts = {name: F(name) + result.counts[name] for name in DayFile.COUNTS}
    claimed = DayFile.objects.filter(pk=day_file.pk, claim=day_file.claim)
    if not claimed.update(read_bytes=read_bytes, last_line=result.last_line, claimed_at=Now(), **counts):
        raise ClaimLost


def renew_claim(day_file, read_bytes) -> None:
    """While a long file is surveyed, which stores nothing. Raises ClaimLost."""
    claimed = DayFile.objects.filter(pk=day_file.pk, claim=day_file.claim)
    if not claimed.update(claimed_at=Now(), read_bytes=read_bytes):
        raise ClaimLost
