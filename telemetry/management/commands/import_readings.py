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

from core.number_format import indian
from core.table_files import named_choices
from core.table_files.choices import ALL, ChoiceError, Choices, choices_from_json
from core.table_files.days import DayOrder
from devices.models import Device
from factories.models import Factory
from telemetry.imports import chunked_import, workflow
from telemetry.imports.dry_run_values import DryRunValues
from telemetry.imports.formats import NotADayFile, Survey
from telemetry.models import DayFile


class Command(BaseCommand):
    help = (
        "Import readings from CSV with a head row, NDJSON or a JSON array, gzipped or not. Safe to run twice: what is "
        "there already counts as duplicate. Where a table can be read in two ways it stops and names the option that "
        "says which. Ends with status 1 if a line was refused."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", type=Path)
        parser.add_argument("--factory", metavar="NAME_OR_ID", help="needed where several factories have devices")
        parser.add_argument("--device", metavar="ID", help="the machine all lines belong to: its device id or number")
        parser.add_argument("--zone", type=zone_name, help="of times without an offset, as Asia/Kolkata")
        parser.add_argument("--dry-run", action="store_true", help="show what would be stored, store nothing")
        add_choices(parser)

    def handle(self, *, files, factory, device, zone, dry_run, **options) -> None:
        self.said = said_choices(options)
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
        now, size = timezone.now(), path.stat().st_size
        day_file = None if dry_run else create_day_file(path, size, factory, device, zone, now)
        try:
            found = self.survey(path)
            counts = self.import_lines(path, found, factory, device, zone, day_file, now)
        except (NotADayFile, ChoiceError) as error:
            if day_file:
                workflow.finish(day_file, DayFile.State.FAILED, error=str(error)[:500])
            raise CommandError(f"{path}: {error}") from error
        except OperationalError as error:
            raise CommandError(f"{path}: the database did not answer; run it again. {error}") from error
        self.stdout.write(f"{path}: {summary_line(counts, dry_run)}")
        return counts

    def survey(self, path) -> Survey:
        """How the file is read. Raises NotADayFile with the options that are missing where it has to be asked."""
        if named_choices.names_headings(self.said):
            with path.open("rb") as stream:
                columns = chunked_import.survey_of(stream, Choices()).columns
            choices = named_choices.numbered(self.said, [(column.number, column.heading) for column in columns])
        else:
            choices = choices_from_json(self.said)
        with path.open("rb") as stream:
            found = chunked_import.survey_of(stream, choices)
        if found.questions:
            raise NotADayFile(" ".join(question_text(question, found) for question in found.questions))
        return found

    def import_lines(self, path, found, factory, device, zone, day_file, now) -> Counter:
        counts, values, size = Counter(), DryRunValues(factory.zone), path.stat().st_size
        with path.open("rb") as stream:
            reader = chunked_import.reader_of(stream, found.layout)
            validator = chunked_import.validator_of(reader, factory, device, zone, now)
            if day_file:
                batches = chunked_import.import_batches(reader, validator, day_file, now, stream.tell)
            else:
                batches = chunked_import.preview_batches(reader, validator)
            for batch in batches:
                self.print_line_results(path, batch)
                values.add(batch, validator)
                counts += batch.counts
                self.print_progress(stream.tell(), size)
        notes, cut = workflow.file_remarks(reader, found.notes)
        if day_file:
            layout = found.layout.as_json() if found.layout else {}
            workflow.finish(day_file, DayFile.State.DONE, notes=notes, cut=cut, layout=layout)
        for note in filter(None, [*notes, cut]):
            self.stdout.write(f"{path}: {note}")
        for line in values_text(values.as_json()) if not day_file else ():
            self.stdout.write(f"{path}: {line}")
        return counts

    def print_line_results(self, path, batch) -> None:
        for line in batch.line_results:
            self.stdout.write(f"{path}:{line.number}: {line.field}: {line.why} ({line.outcome.label})")

    def print_progress(self, done, size) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{100 * done // max(size, 1)} %", ending="\r")


def add_choices(parser) -> None:
    """How a table is read, where it has to be said; a COLUMN is its number, from 1, or its heading."""
    parser.add_argument("--head-line", type=int, metavar="N", help="the line of the headings; 0: the table has none")
    parser.add_argument(
        "--column", action="append", default=[], metavar="COLUMN=FIELD",
        help="what a column is: timestamp, date, time, a metric, power_consumption/kw …; empty: left out",
    )  # fmt: skip
    parser.add_argument(
        "--decimal",
        action="append",
        default=[],
        metavar="[COLUMN=]point|comma",
        help="the decimal sign, of a column or all",
    )
    parser.add_argument("--dates", choices=[order.value for order in DayOrder], help="which comes first: 05/04/2025")


def said_choices(options) -> dict:
    return {
        "head_line": options.get("head_line"),
        "columns": dict(pair(text, "--column") for text in options.get("column") or ()),
        "decimals": dict(
            pair(text if "=" in text else f"{ALL}={text}", "--decimal") for text in options["decimal"] or ()
        ),
        "dates": options.get("dates") or "",
    }


def pair(text, option) -> tuple[str, str]:
    name, separator, value = text.rpartition("=")
    if not separator or not name:
        raise CommandError(f"{option} {text}: COLUMN=VALUE is expected.")
    return name.strip(), value.strip()


def question_text(question, found) -> str:
    """A question with the options that answer it."""
    key, _, number = question.key.partition(".")
    if key == "decimals":
        return f"{question.sentence} Say --decimal {number}=point or --decimal {number}=comma."
    if key == "dates":
        return f"{question.sentence} Say --dates day_first or --dates month_first."
    proposed = " ".join(f"--column {column.number}={column.role}" for column in found.columns if column.role)
    return f"{question.sentence} As proposed: {proposed}"


def values_text(values) -> list[str]:
    """The values of a dry run, a line each."""
    lines = []
    if values["first_at"]:
        months = ", ".join(f"{month} ({count:,})" for month, count in values["months"].items())
        lines.append(f"from {values['first_at']} to {values['last_at']}; {months}")
    for row in values["rows"]:
        figures = ", ".join(f"{name} {value:g}" for name, value in row["values"].items())
        lines.append(f"line {row['line']}: {row['at']} {figures}")
    for metric in values["metrics"]:
        least, greatest = (
            f"{name} {indian(metric[name]['value'], 3)} (line {metric[name]['line']})" for name in ("least", "greatest")
        )
        total = indian(metric["sum"], 3)
        lines.append(f"{metric['metric']}: {metric['readings']:,} values, {least}, {greatest}, sum {total}")
    return lines


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
