"""Lines of a day file through the devices' own checks: each is a row to store, something to hold, or refused."""

import json
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection

from devices.models import Device
from telemetry.imports.formats import NotADayFile
from telemetry.ingest.validation import row_of
from telemetry.metrics import STORED
from telemetry.models import Clock, DayFileLine
from telemetry.payloads import Reject, sample_of
from telemetry.payloads.samples import named_device, shown
from telemetry.signal.plausibility import Plausible
from telemetry.signal.profile_timeline import Meaning
from telemetry.storage.conflict_resolution import State, judge
from telemetry.storage.partitions import oldest_kept
from telemetry.storage.quarantine_writer import Held, Reason

Outcome = DayFileLine.Outcome
FROM_SENDING = ("age_ms", "sent_at")  # a file does not know when it was sent
CLOCKS = {label: number for number, label in Clock.choices}
HELD = (Reason.FUTURE, Reason.TOO_OLD)  # what the contract holds for a decision; the rest is refused, the file remains
POWER_COLUMN = "power_consumption"


class Told(NamedTuple):
    """What is said of a line that is not simply accepted or a duplicate."""

    number: int
    outcome: str
    field: str
    why: str


class Judged(NamedTuple):
    """A stretch of lines, settled but for what the database knows."""

    rows: list
    held: list[Held]
    told: list[Told]
    numbers: dict  # id of a row's raw → line
    suspect: int


class Refusal(ValueError):
    def __init__(self, field, why):
        super().__init__(why)
        self.field = field


class LineJudge:
    """`device`: the machine whose file it is, or None where each line must name one of the factory's.

    `zone`: of times without an offset, or "".
    """

    def __init__(self, factory, device, zone, now):
        self.factory, self.device, self.now, self.oldest = factory, device, now, oldest_kept(now)
        self.zone = ZoneInfo(zone) if zone else None
        devices = Device.objects.current().filter(factory=factory)
        devices = devices.filter(pk=device.pk) if device else devices
        self.by_name = names_of(devices.select_related("factory").prefetch_related("profiles", "hardware"))
        self.known = {}
        if device and not self.by_name:
            raise NotADayFile("The machine was archived; nothing more can be brought for it.")

    def judge(self, lines) -> Judged:
        judged = Judged([], [], [], {}, 0)
        suspect = 0
        for line in lines:
            try:
                row = self.row(line, judged)
            except Refusal as refusal:
                judged.told.append(Told(line.number, Outcome.REFUSED, refusal.field, str(refusal)))
                continue
            if row is not None:
                suspect += bool(row.suspect)
                judged.rows.append(row)
                judged.numbers[id(row.raw)] = line.number
        return judged._replace(suspect=suspect)

    def row(self, line, judged):
        """The row to store; None for what is held. Raises Refusal."""
        if line.raw is None:
            raise Refusal("line", line.problem)
        device = self.device_of(line.raw.get("device_id"))
        said = {**line.raw, "device_id": device.device_id, "timestamp": self.time_of(line.raw)}
        sample = sample_of(said, now=self.now, oldest=self.oldest)
        if isinstance(sample, Reject) and sample.reason in HELD:
            judged.held.append(Held(self.factory.pk, device.pk, sample.reason, sample.detail, sample.raw))
            judged.told.extend(Told(line.number, Outcome.QUARANTINED, *one) for one in sample.errors.items())
            return None
        if isinstance(sample, Reject):
            raise Refusal(*next(iter(sample.errors.items())))
        self.refuse_other_power(line, sample, device)
        for name in STORED:
            if sample.extra and name in sample.extra:
                judged.told.append(Told(line.number, Outcome.REMARK, name, f"{shown(str(said[name]))} is no number"))
        clock = CLOCKS.get(line.aside.get("clock"), sample.clock)
        plausible, _ = self.of(device)
        return row_of(sample._replace(clock=clock), device, plausible.suspects(sample), self.now)

    def of(self, device):
        if device.pk not in self.known:
            self.known[device.pk] = Plausible(device.profiles.all()), Meaning(device)
        return self.known[device.pk]

    def device_of(self, said):
        try:
            name = named_device(said)
        except ValueError as error:
            raise Refusal("device_id", str(error)) from None
        if name is None and self.device is None:
            raise Refusal("device_id", "is missing; the file is not one machine's own")
        device = self.by_name.get(name) if name else self.device
        if device is None and self.device:
            raise Refusal("device_id", f"{shown(name)} is another device; this is {self.device.device_id}'s file")
        if device is None:
            raise Refusal("device_id", f"{shown(name)} is not registered in this factory")
        return device

    def time_of(self, raw):
        """The line's own time, with the offset of the zone that was chosen for those that have none."""
        for field in FROM_SENDING:
            if raw.get(field) not in (None, ""):
                raise Refusal(field, "counts from the moment of sending, which a file does not know")
        said = raw.get("timestamp")
        if said in (None, ""):
            raise Refusal("timestamp", "is missing; an imported reading needs a time of its own")
        if self.zone is None or not isinstance(said, str):
            return said
        try:
            local = datetime.fromisoformat(said.strip())
        except ValueError:
            return said
        return said if local.tzinfo else in_zone(local, self.zone)

    def refuse_other_power(self, line, sample, device):
        """A file in W for a machine whose profile says kW would be wrong by a thousand, and nothing would show it."""
        kind = line.aside.get("power_kind", "").lower()
        if not kind or sample.values[STORED.index(POWER_COLUMN)] is None:
            return
        _, meaning = self.of(device)
        own = str(meaning.at(sample.at).power_kind)
        if kind != own.lower():
            raise Refusal(POWER_COLUMN, f"is {shown(kind)} in the file, {own} by the machine's profile of that time")


def names_of(devices):
    """Device by each name it goes or went by: a card of a unit that was swapped since belongs to its machine."""
    found = {unit.unit: device for device in devices for unit in device.hardware.all()}
    return found | {device.device_id: device for device in devices}


def in_zone(local, zone) -> str:
    """ISO 8601 with offset. Where clocks are set back or on, a time may come twice or never: Refusal."""
    first, second = local.replace(tzinfo=zone, fold=0), local.replace(tzinfo=zone, fold=1)
    if first.utcoffset() != second.utcoffset():
        raise Refusal("timestamp", f"comes twice or never in {zone.key}, where clocks change then; add its offset")
    return first.isoformat()


def foreseen(rows) -> dict[tuple, object]:
    """Key → the Outcome that storing `rows` now would have; nothing is written, and nobody waits."""
    groups = {}
    for row in sorted(rows, key=lambda row: row.key):
        groups.setdefault(row.key, []).append(row)
    stored = stored_at(list(groups))
    return {key: judge(stored.get(key, State()), same) for key, same in groups.items()}


def stored_at(keys) -> dict[tuple, State]:
    if not keys:
        return {}
    moments = [at for _, at in keys]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT r.device_id, r.at, r.suspect, r.extra::text, {', '.join(f'r.{name}' for name in STORED)} "
            "FROM unnest(%s::bigint[], %s::timestamptz[]) AS k(device_id, at) "
            "JOIN telemetry_reading r ON r.device_id = k.device_id AND r.at = k.at WHERE r.at BETWEEN %s AND %s",
            [[pk for pk, _ in keys], moments, min(moments), max(moments)],
        )
        return {
            (device, at): State(tuple(values), suspect, json.loads(extra) if extra else None)
            for device, at, suspect, extra, *values in cursor.fetchall()
        }
