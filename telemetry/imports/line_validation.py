"""Lines of a day file through the devices' own checks: each is a row to store, something to hold, or refused."""

import json
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection

from devices.models import Device
from telemetry.imports.formats import NotADayFile
from telemetry.ingest.validation import build_row
from telemetry.metrics import METRIC_NAMES
from telemetry.models import Clock, DayFileLine
from telemetry.payloads import Reject, parse_sample
from telemetry.payloads.samples import parse_device_id, sanitise_text
from telemetry.signal.plausibility import PlausibilityChecker
from telemetry.signal.profile_timeline import ProfileTimeline
from telemetry.storage.conflict_resolution import ReadingState, resolve
from telemetry.storage.partitions import retention_floor
from telemetry.storage.quarantine_writer import NewQuarantineItem, Reason

Outcome = DayFileLine.Outcome
SEND_TIME_FIELDS = ("age_ms", "sent_at")  # a file does not know when it was sent
CLOCKS = {label: number for number, label in Clock.choices}
QUARANTINE_REASONS = (
    Reason.FUTURE,
    Reason.TOO_OLD,
)  # what the contract holds for a decision; the rest is refused, the file remains
POWER_COLUMN = "power_consumption"


class ImportLineResult(NamedTuple):
    """What is said of a line that is not simply accepted or a duplicate."""

    number: int
    outcome: str
    field: str
    why: str


class LineValidationResult(NamedTuple):
    """A stretch of lines, settled but for what the database knows."""

    rows: list
    held: list[NewQuarantineItem]
    told: list[ImportLineResult]
    numbers: dict  # id of a row's raw → line
    suspect: int


class LineRefused(ValueError):
    def __init__(self, field, why):
        super().__init__(why)
        self.field = field


class LineValidator:
    """`device`: the machine whose file it is, or None where each line must name one of the factory's.

    `zone`: of times without an offset, or "".
    """

    def __init__(self, factory, device, zone, now):
        self.factory, self.device, self.now, self.oldest = factory, device, now, retention_floor(now)
        self.zone = ZoneInfo(zone) if zone else None
        devices = Device.objects.current().filter(factory=factory)
        devices = devices.filter(pk=device.pk) if device else devices
        self.by_name = devices_by_name(devices.select_related("factory").prefetch_related("profiles", "hardware"))
        self.known = {}
        if device and not self.by_name:
            raise NotADayFile("The machine was archived; nothing more can be brought for it.")

    def judge(self, lines) -> LineValidationResult:
        judged = LineValidationResult([], [], [], {}, 0)
        suspect = 0
        for line in lines:
            try:
                row = self.row(line, judged)
            except LineRefused as refusal:
                judged.told.append(ImportLineResult(line.number, Outcome.REFUSED, refusal.field, str(refusal)))
                continue
            if row is not None:
                suspect += bool(row.suspect)
                judged.rows.append(row)
                judged.numbers[id(row.raw)] = line.number
        return judged._replace(suspect=suspect)

    def row(self, line, judged):
        """The row to store; None for what is held. Raises Refusal."""
        if line.raw is None:
            raise LineRefused("line", line.problem)
        device = self.device_of(line.raw.get("device_id"))
        said = {**line.raw, "device_id": device.device_id, "timestamp": self.resolve_time(line.raw)}
        sample = parse_sample(said, now=self.now, oldest=self.oldest)
        if isinstance(sample, Reject) and sample.reason in QUARANTINE_REASONS:
            judged.held.append(NewQuarantineItem(self.factory.pk, device.pk, sample.reason, sample.detail, sample.raw))
            judged.told.extend(
                ImportLineResult(line.number, Outcome.QUARANTINED, *one) for one in sample.errors.items()
            )
            return None
        if isinstance(sample, Reject):
            raise LineRefused(*next(iter(sample.errors.items())))
        self.validate_power_unit(line, sample, device)
        for name in METRIC_NAMES:
            if sample.extra and name in sample.extra:
                judged.told.append(
                    ImportLineResult(
                        line.number, Outcome.REMARK, name, f"{sanitise_text(str(said[name]))} is no number"
                    )
                )
        clock = CLOCKS.get(line.export_fields.get("clock"), sample.clock)
        plausible, _ = self.of(device)
        return build_row(sample._replace(clock=clock), device, plausible.suspect_bits(sample), self.now)

    def of(self, device):
        if device.pk not in self.known:
            self.known[device.pk] = PlausibilityChecker(device.profiles.all()), ProfileTimeline(device)
        return self.known[device.pk]

    def device_of(self, said):
        try:
            name = parse_device_id(said)
        except ValueError as error:
            raise LineRefused("device_id", str(error)) from None
        if name is None and self.device is None:
            raise LineRefused("device_id", "is missing; the file is not one machine's own")
        device = self.by_name.get(name) if name else self.device
        if device is None and self.device:
            raise LineRefused(
                "device_id", f"{sanitise_text(name)} is another device; this is {self.device.device_id}'s file"
            )
        if device is None:
            raise LineRefused("device_id", f"{sanitise_text(name)} is not registered in this factory")
        return device

    def resolve_time(self, raw):
        """The line's own time, with the offset of the zone that was chosen for those that have none."""
        for field in SEND_TIME_FIELDS:
            if raw.get(field) not in (None, ""):
                raise LineRefused(field, "counts from the moment of sending, which a file does not know")
        said = raw.get("timestamp")
        if said in (None, ""):
            raise LineRefused("timestamp", "is missing; an imported reading needs a time of its own")
        if self.zone is None or not isinstance(said, str):
            return said
        try:
            local = datetime.fromisoformat(said.strip())
        except ValueError:
            return said
        return said if local.tzinfo else with_offset(local, self.zone)

    def validate_power_unit(self, line, sample, device):
        """A file in W for a machine whose profile says kW would be wrong by a thousand, and nothing would show it."""
        kind = line.export_fields.get("power_kind", "").lower()
        if not kind or sample.values[METRIC_NAMES.index(POWER_COLUMN)] is None:
            return
        _, meaning = self.of(device)
        own = str(meaning.at(sample.at).power_kind)
        if kind != own.lower():
            raise LineRefused(
                POWER_COLUMN, f"is {sanitise_text(kind)} in the file, {own} by the machine's profile of that time"
            )


def devices_by_name(devices):
    """Device by each name it goes or went by: a card of a unit that was swapped since belongs to its machine."""
    by_unit = {unit.unit: device for device in devices for unit in device.hardware.all()}
    return by_unit | {device.device_id: device for device in devices}


def with_offset(local, zone) -> str:
    """ISO 8601 with offset. Where clocks are set back or on, a time may come twice or never: Refusal."""
    first, second = local.replace(tzinfo=zone, fold=0), local.replace(tzinfo=zone, fold=1)
    if first.utcoffset() != second.utcoffset():
        raise LineRefused("timestamp", f"comes twice or never in {zone.key}, where clocks change then; add its offset")
    return first.isoformat()


def preview_outcomes(rows) -> dict[tuple, object]:
    """Key → the Outcome that storing `rows` now would have; nothing is written, and nobody waits."""
    groups = {}
    for row in sorted(rows, key=lambda row: row.key):
        groups.setdefault(row.key, []).append(row)
    stored = stored_states(list(groups))
    return {key: resolve(stored.get(key, ReadingState()), group) for key, group in groups.items()}


def stored_states(keys) -> dict[tuple, ReadingState]:
    if not keys:
        return {}
    moments = [at for _, at in keys]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT r.device_id, r.at, r.suspect, r.extra::text, {', '.join(f'r.{name}' for name in METRIC_NAMES)} "
            "FROM unnest(%s::bigint[], %s::timestamptz[]) AS k(device_id, at) "
            "JOIN telemetry_reading r ON r.device_id = k.device_id AND r.at = k.at WHERE r.at BETWEEN %s AND %s",
            [[pk for pk, _ in keys], moments, min(moments), max(moments)],
        )
        return {
            (device, at): ReadingState(tuple(values), suspect, json.loads(extra) if extra else None)
            for device, at, suspect, extra, *values in cursor.fetchall()
        }
