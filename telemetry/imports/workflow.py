"""The workflow of a day file: upload, check, answers to what it asks, confirmed import.

Work of a killed worker is resumed. A file with open questions is never imported; what is imported is read as the dry
run read it, by the layout stored with the file.
"""

import logging
from datetime import timedelta
from uuid import uuid4

from auditlog.context import set_actor
from celery import current_app
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from core.table_files.choices import Choices, Question, choices_from_json
from telemetry.imports import blob_chunks, chunked_import
from telemetry.imports.dry_run_values import DryRunValues
from telemetry.imports.formats import Layout, NotADayFile, Survey, layout_from_json
from telemetry.imports.formats.table_survey import COLUMNS
from telemetry.models import DayFile, DayFileLine

State = DayFile.State
RUNNING_STATES = (State.CHECKING, State.IMPORTING)
OPEN_STATES = (State.ASKING, State.CHECKED)  # nothing is imported yet
TASK = "telemetry.tasks.work_on_day_file"
INLINE_BYTES = 256 * 1024  # a smaller file is processed in the request
MAX_PREVIEW_LINES = 1_000  # results stored of a check; the import stores all
CLAIM_TIMEOUT = timedelta(minutes=5)  # a batch takes seconds: after this its worker was killed
UNCONFIRMED_RETENTION = timedelta(days=7)  # checked, and the import not confirmed
RESET_PROGRESS = dict.fromkeys(DayFile.COUNTS, 0) | {"read_bytes": 0, "last_line": 0, "claim": "", "claimed_at": None}
log = logging.getLogger(__name__)


class WrongState(ValueError):
    """The action is not allowed in the state of this file; the message says why."""


@transaction.atomic
def save_upload(factory, device, upload, *, zone, by, now, choices: Choices | None = None) -> DayFile:
    """Store an uploaded file (`name`, `chunks()`), to be checked."""
    day_file = DayFile.objects.create(
        factory=factory, device=device, uploaded_by=by, uploaded_at=now, name=upload.name[:200], size=0, zone=zone,
        choices=(choices or Choices()).as_json(),
    )  # fmt: skip
    size, sha256 = blob_chunks.save_chunks(day_file, upload.chunks(blob_chunks.CHUNK_BYTES))
    DayFile.objects.filter(pk=day_file.pk).update(size=size, sha256=sha256)
    day_file.refresh_from_db()
    return day_file


def run_or_enqueue(day_file, now) -> None:
    """Process a small file at once, a larger one by a worker."""
    if day_file.size <= INLINE_BYTES:
        claim_and_run(day_file.pk, now)
    else:
        enqueue(day_file.pk)
    day_file.refresh_from_db()


def enqueue(pk) -> None:
    try:
        current_app.send_task(TASK, [pk])
    except (BrokerError, OSError) as error:  # the row stays, the sweep enqueues it again
        log.warning("Day file %s waits for the sweep: the broker is away (%s)", pk, error)


def answer(day_file, choices: Choices, zone: str, now) -> None:
    """Check an open file again, read as a person says; another head makes earlier answers void. Raises WrongState."""
    said = choices_from_json(day_file.choices)
    is_other_head = choices.head_line is not None and choices.head_line != day_file.dry_run.get("head_line")
    answers = (choices if is_other_head else said.merged(choices)).as_json()
    with transaction.atomic():
        waiting = DayFile.objects.filter(pk=day_file.pk, state__in=OPEN_STATES)
        if not waiting.update(state=State.CHECKING, choices=answers, zone=zone, error="", **RESET_PROGRESS):
            raise WrongState("This file is being read or imported already.")
        DayFileLine.objects.filter(day_file=day_file).delete()
    run_or_enqueue(day_file, now)


def start_import(day_file, now) -> None:
    """Import a checked file; of two concurrent starts one wins. Raises WrongState."""
    with transaction.atomic():
        waiting = DayFile.objects.filter(pk=day_file.pk, state=State.CHECKED)
        if not waiting.update(state=State.IMPORTING, **RESET_PROGRESS):
            raise WrongState("This file was not waiting to be imported.")
        DayFileLine.objects.filter(day_file=day_file).delete()
    run_or_enqueue(day_file, now)


@transaction.atomic
def discard(day_file) -> None:
    """Delete a file of which nothing was imported. Raises WrongState."""
    row = DayFile.objects.select_for_update().get(pk=day_file.pk)
    if row.state not in OPEN_STATES and not (row.state == State.FAILED and not row.accepted):
        raise WrongState("Only a file of which nothing was imported can be discarded.")
    row.delete()


def claim_and_run(pk, now) -> None:
    """Check or import a file, by its state. Idempotent: one worker claims it."""
    claim = uuid4().hex
    unclaimed = Q(claim="") | Q(claimed_at__lt=now - CLAIM_TIMEOUT)
    if not DayFile.objects.filter(unclaimed, pk=pk, state__in=RUNNING_STATES).update(claim=claim, claimed_at=now):
        return
    day_file = DayFile.objects.select_related("factory", "device", "uploaded_by").get(pk=pk)
    try:
        run(day_file, now)
    except chunked_import.ClaimLost:
        log.warning("Day file %s was taken over by another worker", pk)
    except NotADayFile as error:
        finish(day_file, State.FAILED, error=str(error)[:500])
    except (OperationalError, InterfaceError):
        raise  # its claim expires, and the sweep enqueues it again
    except Exception:
        log.exception("Day file %s cannot be imported", pk)
        finish(day_file, State.FAILED, error="The import stopped on an error of the service; it is in its log.")


def run(day_file, now) -> None:
    if day_file.state == State.CHECKING:
        check(day_file, now)
        return
    layout = layout_from_json(day_file.layout) or surveyed_layout(day_file)
    if layout is ASKED:
        return
    stream = blob_chunks.open_chunks(day_file)
    reader = chunked_import.reader_of(stream, layout)
    validator = chunked_import.validator_of(reader, day_file.factory, day_file.device, day_file.zone, now)
    for _batch in chunked_import.import_batches(reader, validator, day_file, now, stream.tell):
        pass
    finish(day_file, State.DONE, cut=reader.cut[:200])


ASKED = object()  # in place of a layout: the file waits for answers


def surveyed_layout(day_file) -> Layout | object | None:
    """The layout found now; ASKED, with the questions stored, where a person has to say something first."""
    found = survey_day_file(day_file)
    if found.questions:
        finish(
            day_file, State.ASKING, layout={}, notes=found.notes, dry_run=asked(found), choices=day_file.choices
        )  # fmt: skip
        return ASKED
    DayFile.objects.filter(pk=day_file.pk, claim=day_file.claim).update(
        layout=found.layout.as_json() if found.layout else {}, notes=found.notes, dry_run=asked(found)
    )
    day_file.notes, day_file.dry_run = found.notes, asked(found)
    return found.layout


def survey_day_file(day_file) -> Survey:
    """An answer that cannot be meant does not cost the file: it is forgotten, and asked for again with the reason."""
    said, stream = choices_from_json(day_file.choices), blob_chunks.open_chunks(day_file)
    try:
        return chunked_import.survey_of(stream, said, lambda: chunked_import.renew_claim(day_file, stream.tell()))
    except NotADayFile as error:
        if not day_file.choices:
            raise
        day_file.choices = {}
        found = chunked_import.survey_of(blob_chunks.open_chunks(day_file), Choices())
        others = [question for question in found.questions if question.key != COLUMNS]
        found.questions[:] = [Question(COLUMNS, str(error), ()), *others]
        return found


def asked(found: Survey) -> dict:
    """The questions of a survey and the columns they are about."""
    return {
        "questions": [question.as_json() for question in found.questions],
        "columns": [column.as_json() for column in found.columns],
        "head_lines": found.head_lines,
        "head_line": found.layout.head_line if found.layout else None,
        "day_order": found.layout.day_order if found.layout else "",
    }


def check(day_file, now) -> None:
    """Dry run: the counts and values of an import, and the first MAX_PREVIEW_LINES of its line results."""
    DayFile.objects.filter(pk=day_file.pk, claim=day_file.claim).update(**dict.fromkeys(DayFile.COUNTS, 0))
    DayFileLine.objects.filter(day_file=day_file).delete()
    layout = surveyed_layout(day_file)
    if layout is ASKED:
        return
    stream = blob_chunks.open_chunks(day_file)
    reader = chunked_import.reader_of(stream, layout)
    validator = chunked_import.validator_of(reader, day_file.factory, day_file.device, day_file.zone, now)
    values, remaining = DryRunValues(day_file.factory.zone), MAX_PREVIEW_LINES
    for batch in chunked_import.preview_batches(reader, validator):
        values.add(batch, validator)
        with transaction.atomic():
            chunked_import.save_progress(day_file, stream.tell(), batch)
            chunked_import.save_line_results(day_file, batch._replace(line_results=batch.line_results[:remaining]))
        remaining -= len(batch.line_results[:remaining])
    notes, cut = file_remarks(reader, day_file.notes)
    finish(day_file, State.CHECKED, notes=notes, cut=cut, dry_run=day_file.dry_run | {"values": values.as_json()})


def file_remarks(reader, notes) -> tuple[list[str], str]:
    """Remarks on the whole file, once it is read, and where its data are cut."""
    zone = [f"Times without an offset are in {reader.zone}, as the file says."] if reader.zone else []
    return [*zone, *notes], reader.cut[:200]


def finish(day_file, state, **fields) -> None:
    """Set the final state, audited as an act of the uploader; deletes the chunks once nothing needs them."""
    with transaction.atomic(), set_actor(day_file.uploaded_by):
        row = DayFile.objects.select_for_update().get(pk=day_file.pk)
        if row.claim != day_file.claim:
            raise chunked_import.ClaimLost
        row.state, row.claim, row.done_at = state, "", timezone.now()
        for name, value in fields.items():
            setattr(row, name, value)
        row.save(update_fields=["state", "claim", "done_at", *fields])
        if state in (State.DONE, State.FAILED):
            row.chunks.all().delete()


def sweep(now) -> list[int]:
    """Enqueue files left by a lost message or a killed worker; delete unconfirmed ones → pks enqueued."""
    DayFile.objects.filter(state__in=OPEN_STATES, done_at__lt=now - UNCONFIRMED_RETENTION).delete()
    abandoned = Q(claim="", uploaded_at__lt=now - CLAIM_TIMEOUT) | Q(claimed_at__lt=now - CLAIM_TIMEOUT)
    resumed = list(DayFile.objects.filter(abandoned, state__in=RUNNING_STATES).values_list("pk", flat=True))
    for pk in resumed:
        enqueue(pk)
    return resumed
