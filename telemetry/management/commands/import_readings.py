"""Import an SD card's day files; prints the result of each line and the totals."""

import hashlib
import sys
from collections import Counter
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError
from django.utils import timezone

from devices.models import Device
from factories.models import Factory
from telemetry.imports import chunked_import, workflow
from telemetry.imports.formats import NotADayFile
from telemetry.models import DayFile


class Command(BaseCommand):
    help = (
        "Import readings from CSV with a head row, NDJSON or a JSON array, gzipped or not. Safe to run twice: what is "
        "there already counts as duplicate. Ends with status 1 if a line was refused."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", type=Path)
        parser.add_argument("--factory", metavar="NAME_OR_ID", help="needed where several factories have devices")
        parser.add_argument("--device", metavar="ID", help="the machine all lines belong to: its device id or number")
        parser.add_argument("--zone", type=zone_name, help="of times without an offset, as Asia/Kolkata")
        parser.add_argument("--dry-run", action="store_true", help="say what would become of each line, store nothing")

    def handle(self, *, files, factory, device, zone, dry_run, **options) -> None:
        device, zone = find_device(device, factory) if device else None, zone or ""
        factory = device.factory if device else find_factory(factory)
        missing = [str(path) for path in files if not path.is_file()]
        if missing:
            raise CommandError(f"There is no file {', '.join(missing)}.")
        totals = Counter()
        for path in files:
            totals += self.import_file(path, factory, device, zone, dry_run)
        if len(files) > 1:
            self.stdout.write(f"together: {summary_line(totals, dry_run)}")
        if totals["refused"]:
            sys.exit(1)

    def import_file(self, path, factory, device, zone, dry_run) -> Counter:
        counts, size, now = Counter(), path.stat().st_size, timezone.now()
        day_file = None if dry_run else create_day_file(path, size, factory, device, zone, now)
        try:
            with path.open("rb") as stream:
                reader = chunked_import.reader_of(stream)
                validator = chunked_import.validator_of(reader, factory, device, zone, now)
                if day_file:
                    batches = chunked_import.import_batches(reader, validator, day_file, now, stream.tell)
                else:
                    batches = chunked_import.preview_batches(reader, validator)
                for batch in batches:
                    self.print_line_results(path, batch)
                    counts += batch.counts
                    self.print_progress(stream.tell(), size)
                remarks = workflow.file_remarks(reader)
        except NotADayFile as error:
            if day_file:
                workflow.finish(day_file, DayFile.State.FAILED, error=str(error))
            raise CommandError(f"{path}: {error}") from error
        except OperationalError as error:
            raise CommandError(f"{path}: the database did not answer; run it again. {error}") from error
        if day_file:
            workflow.finish(day_file, DayFile.State.DONE, **remarks)
        for note in filter(None, [*remarks["notes"], remarks["cut"]]):
            self.stdout.write(f"{path}: {note}")
        self.stdout.write(f"{path}: {summary_line(counts, dry_run)}")
        return counts

    def print_line_results(self, path, batch) -> None:
        for line in batch.line_results:
            self.stdout.write(f"{path}:{line.number}: {line.field}: {line.why} ({line.outcome.label})")

    def print_progress(self, done, size) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{100 * done // max(size, 1)} %", ending="\r")


def summary_line(counts, dry_run) -> str:
    would = "would be " if dry_run else ""
    parts = [f"{counts[name]:,} {name}" for name in ("duplicates", "quarantined", "refused")]
    suspect = f", {counts['suspect']:,} of them with a suspect value" if counts["suspect"] else ""
    return f"{counts['lines']:,} lines: {counts['accepted']:,} {would}accepted, {', '.join(parts)}{suspect}"


def create_day_file(path, size, factory, device, zone, now) -> DayFile:
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    return DayFile.objects.create(
        factory=factory, device=device, uploaded_at=now, name=path.name[:200], size=size, sha256=sha256, zone=zone,
        state=DayFile.State.IMPORTING, claim=uuid4().hex, claimed_at=now,
    )  # fmt: skip


def find_factory(name_or_id) -> Factory:
    factories = Factory.objects.current()
    if name_or_id:
        factories = factories.filter(pk=int(name_or_id)) if is_number(name_or_id) else factories.filter(name=name_or_id)
    matches = list(factories[:2])
    if len(matches) != 1:
        problem = (
            "Several factories have this name; give its number." if matches else f"There is no factory {name_or_id!r}."
        )
        raise CommandError(problem if name_or_id else "Say which factory: --factory NAME_OR_ID, or --device ID.")
    return matches[0]


def find_device(name_or_id, factory) -> Device:
    devices = Device.objects.current().filter(factory__archived_at=None).select_related("factory")
    if factory:
        devices = devices.filter(factory=find_factory(factory))
    matches = list(devices.filter(device_id=name_or_id)[:2])
    if not matches and is_number(name_or_id):
        matches = list(devices.filter(pk=int(name_or_id)))
    if len(matches) != 1:
        several = f"Several factories have a device {name_or_id}; say which: --factory NAME_OR_ID."
        raise CommandError(several if matches else f"There is no device {name_or_id!r}.")
    return matches[0]


def is_number(text) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def zone_name(text) -> str:
    """argparse turns the ValueError into a message."""
    try:
        return ZoneInfo(text).key
    except (KeyError, OSError) as error:
        raise ValueError(text) from error
