"""Validation of day file lines with the rules of ingest: each is stored, quarantined or refused."""

import json
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection

from devices.models import Device, PowerKind
from telemetry.imports.formats import NotADayFile
from telemetry.ingest.validation import build_row
from telemetry.metrics import METRIC_NAMES
from telemetry.models import Clock, DayFileLine
from telemetry.payloads import Reject, in_device_units, parse_sample
from telemetry.payloads.samples import parse_device_id
from telemetry.payloads.sanitising import sanitise_text
from telemetry.payloads.times import parse_moment
from telemetry.signal.plausibility import PlausibilityChecker
from telemetry.signal.profile_timeline import ProfileTimeline
from telemetry.storage.conflict_resolution import ReadingState, resolve
from telemetry.storage.partitions import retention_floor
from telemetry.storage.quarantine_writer import NewQuarantineItem, Reason
from telemetry.storage.writer import ReadingRow

Outcome = DayFileLine.Outcome
SEND_TIME_FIELDS = ("age_ms", "sent_at")  # meaningless in a file, which has no time of sending
CLOCKS = {label: number for number, label in Clock.choices}
# Quarantined by the contract; lines with other faults are refused, since the file can be corrected.
QUARANTINE_REASONS = (Reason.FUTURE, Reason.TOO_OLD)
POWER_COLUMN, ENERGY_COLUMN = "power_consumption", "energy_kwh"
KWH = {"wh": Decimal("0.001"), "kwh": Decimal(1), "mwh": Decimal(1000)}


class ImportLineResult(NamedTuple):
    """The result of a line that is not simply accepted or a duplicate."""

    number: int
    outcome: str
    field: str
    why: str


class LineValidationResult(NamedTuple):
    """A batch of lines, validated but not yet compared with the stored readings."""

    rows: list
    quarantine_items: list[NewQuarantineItem]
    line_results: list[ImportLineResult]
    line_numbers: dict  # id of a row's raw → line number
    suspect: int


class LineRefused(ValueError):
    def __init__(self, field, why):
        super().__init__(why)
        self.field = field


class LineValidator:
    """`device`: the machine of the file, or None where each line must name one of the factory's.

    `zone`: of times without an offset, or "".
    """

    def __init__(self, factory, device, zone, now):
        self.factory, self.device, self.now, self.oldest = factory, device, now, retention_floor(now)
        self.zone = ZoneInfo(zone) if zone else None
        devices = Device.objects.current().filter(factory=factory)
        devices = devices.filter(pk=device.pk) if device else devices
        self.by_name = devices_by_name(devices.select_related("factory").prefetch_related("profiles", "hardware"))
        self.checks = {}
        if device and not self.by_name:
            raise NotADayFile("The machine was archived; nothing more can be brought for it.")

    def validate(self, lines) -> LineValidationResult:
        result = LineValidationResult([], [], [], {}, 0)
        suspect = 0
        for line in lines:
            try:
                row = self.build_row(line, result)
            except LineRefused as refusal:
                result.line_results.append(ImportLineResult(line.number, Outcome.REFUSED, refusal.field, str(refusal)))
                continue
            if row is not None:
                suspect += bool(row.suspect)
                result.rows.append(row)
                result.line_numbers[id(row.raw)] = line.number
        return result._replace(suspect=suspect)

    def build_row(self, line, result) -> ReadingRow | None:
        """The row to store; None for a line in quarantine or without a reading. Raises LineRefused."""
        if line.is_left_out:
            result.line_results.append(ImportLineResult(line.number, Outcome.LEFT_OUT, line.field, line.problem))
            return None
        if line.raw is None:
            raise LineRefused(line.field, line.problem)
        device = self.resolve_device(line.raw.get("device_id"))
        reading = {**line.raw, "device_id": device.device_id, "timestamp": self.resolve_time(line.raw)}
        self.convert_energy(line, reading, device)
        sample = parse_sample(reading, now=self.now, oldest=self.oldest)
        if isinstance(sample, Reject) and sample.reason in QUARANTINE_REASONS:
            result.quarantine_items.append(
                NewQuarantineItem(self.factory.pk, device.pk, sample.reason, sample.detail, sample.raw)
            )
            result.line_results.extend(
                ImportLineResult(line.number, Outcome.QUARANTINED, *error) for error in sample.errors.items()
            )
            return None
        if not isinstance(sample, Reject) and sample.said_units:
            sample = in_device_units(sample, self.checks_of(device)[1].at(sample.at))
        if isinstance(sample, Reject) and "reading" in sample.errors:
            raise LineRefused("reading", "holds no metric")
        if isinstance(sample, Reject):
            raise LineRefused(*next(iter(sample.errors.items())))
        self.validate_power_unit(line, sample, device)
        for name in METRIC_NAMES:
            if sample.extra and name in sample.extra:
                result.line_results.append(
                    ImportLineResult(
                        line.number, Outcome.REMARK, name, f"{sanitise_text(str(reading[name]))} is no number"
                    )
                )
        clock = CLOCKS.get(line.export_fields.get("clock"), sample.clock)
        plausible, _ = self.checks_of(device)
        return build_row(sample._replace(clock=clock), device, plausible.suspect_bits(sample), self.now)

    def checks_of(self, device) -> tuple[PlausibilityChecker, ProfileTimeline]:
        if device.pk not in self.checks:
            self.checks[device.pk] = PlausibilityChecker(device.profiles.all()), ProfileTimeline(device)
        return self.checks[device.pk]

    def convert_energy(self, line, reading, device) -> None:
        """A register in the unit that its column has → the unit in which the machine sends it."""
        unit = line.export_fields.get("energy_unit")
        if not unit or ENERGY_COLUMN not in reading:
            return
        try:
            at, value = parse_moment(reading["timestamp"]), Decimal(reading[ENERGY_COLUMN])
        except (ValueError, InvalidOperation):
            return  # parse_sample says what is wrong
        _, timeline = self.checks_of(device)
        scale = KWH[unit] / KWH[str(getattr(timeline.at(at), "energy_unit", "kWh")).lower()]
        if scale != 1:
            reading[ENERGY_COLUMN] = f"{value * scale:f}"

    def power_unit(self, row) -> str:
        """In words, by the machine's profile of the row's time."""
        _, timeline = self.checks[row.device_pk]
        return str(PowerKind(timeline.at(row.at).power_kind).label)

    def resolve_device(self, device_id) -> Device:
        try:
            name = parse_device_id(device_id)
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

    def resolve_time(self, raw) -> object:
        """The line's timestamp, with the offset of the chosen zone where it has none. Raises LineRefused."""
        for field in SEND_TIME_FIELDS:
            if raw.get(field) not in (None, ""):
                raise LineRefused(field, "counts from the moment of sending, which a file does not know")
        timestamp = raw.get("timestamp")
        if timestamp in (None, ""):
            raise LineRefused("timestamp", "is missing; an imported reading needs a time of its own")
        if self.zone is None or not isinstance(timestamp, str):
            return timestamp
        try:
            local = datetime.fromisoformat(timestamp.strip())
        except ValueError:
            return timestamp
        return timestamp if local.tzinfo else with_offset(local, self.zone)

    def validate_power_unit(self, line, sample, device) -> None:
        """Refuse a file in W for a machine with a profile in kW: nothing else would show values wrong by a thousand."""
        kind = line.export_fields.get("power_kind", "").lower()
        if not kind or sample.values[METRIC_NAMES.index(POWER_COLUMN)] is None:
            return
        _, timeline = self.checks_of(device)
        expected = str(timeline.at(sample.at).power_kind)
        if kind != expected.lower():
            raise LineRefused(
                POWER_COLUMN, f"is {sanitise_text(kind)} in the file, {expected} by the machine's profile of that time"
            )


def devices_by_name(devices) -> dict[str, Device]:
    """Devices by current and former ids: the card of a unit that was replaced belongs to its machine."""
    by_unit = {unit.unit: device for device in devices for unit in device.hardware.all()}
    return by_unit | {device.device_id: device for device in devices}


def with_offset(local, zone) -> str:
    """ISO 8601 with offset. Raises LineRefused for a time that a clock change makes ambiguous or skips."""
    first, second = local.replace(tzinfo=zone, fold=0), local.replace(tzinfo=zone, fold=1)
    if first.utcoffset() != second.utcoffset():
        raise LineRefused("timestamp", f"comes twice or never in {zone.key}, where clocks change then; add its offset")
    return first.isoformat()


def preview_outcomes(rows) -> dict[tuple, object]:
    """{key: ResolutionOutcome} that storing `rows` now would have; nothing is written or locked."""
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
