"""One raw reading → a ReadingSample, or a Reject with an error per field. Pure."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from telemetry.metrics import METRIC_NAMES
from telemetry.payloads.metric_values import Interpreted, parse_metrics
from telemetry.payloads.names import KNOWN_FIELDS, is_missing, rename
from telemetry.payloads.sanitising import UNSTORABLE, sanitise_json, sanitise_text
from telemetry.payloads.times import FIRST_SET_CLOCK, is_bare_count, parse_age, parse_moment, set_clocks_since
from telemetry.payloads.unread import describe_unread, may_hold_a_metric

DEVICE_CLOCK, SERVER_CLOCK, SHIFTED_CLOCK = 0, 1, 2  # telemetry.models.Clock
# Of a sample that still has to be placed among the others of its request (`payloads.batches`): a time before 2020 on a
# clock that was never set, or such a number of seconds or milliseconds since nobody knows when. Never stored.
UNSET_CLOCK, UNSET_COUNTER = -1, -2
UNSET_CLOCKS = frozenset({UNSET_CLOCK, UNSET_COUNTER})
FUTURE_TOLERANCE = timedelta(minutes=5)
UNWARNED_EXTRA_FIELDS = frozenset({"firmware_version"})  # stored with the unknown fields, without a warning
NO_VALUES = (None,) * len(METRIC_NAMES)
MAX_DEVICE_ID_LENGTH = 64
Parsed = TypeVar("Parsed")


class ReadingSample(NamedTuple):
    """A reading that can be stored. `values` are in the order of `metrics.METRIC_NAMES`, in the units as sent."""

    device_id: str | None  # as sent; None where the key alone identifies the device
    at: datetime
    clock: int
    values: tuple
    extra: dict | None  # fields this service does not know, and values of known ones that are no numbers
    warnings: tuple
    raw: dict
    said_units: tuple = ()  # (metric, unit) of power and energy sent with a unit: `device_units` converts them


class Reject(NamedTuple):
    """A reading that cannot be stored, and why; `reason` is one of `QuarantineItem.Reason`."""

    device_id: str | None
    reason: str
    errors: dict  # field → what is wrong with it
    raw: object
    holds_metric: bool = True  # False: no known field that could be a value, so another format altogether
    ahead_by: timedelta | None = None  # of the server's clock, where that is why

    @property
    def detail(self) -> str:
        return "; ".join(f"{field}: {problem}" for field, problem in self.errors.items())[:500]


def parse_sample(
    raw: Any, *, now: datetime, oldest: datetime, received_at: datetime | None = None, takes_unset_clock: bool = False
) -> ReadingSample | Reject:
    """`received_at`: the server time from which ages count; default `now`, earlier for a release from quarantine.

    `takes_unset_clock`: a time before 2020 gives a sample of UNSET_CLOCKS, for the caller to place; else it is too old.
    """
    if not isinstance(raw, dict):
        return Reject(None, "invalid", {"reading": "a JSON object is expected"}, raw, holds_metric=False)
    is_plain = raw.keys() <= KNOWN_FIELDS
    renamed = None if is_plain else rename(raw)
    reading, raw = (raw, raw) if renamed is None else (renamed.reading, renamed.raw)
    try:
        device_id = parse_device_id(reading.get("device_id"))
    except ValueError as error:
        return Reject(None, "invalid", {"device_id": str(error)}, raw, may_hold_a_metric(reading))
    values, interpreted = parse_metrics(reading) if is_plain or not renamed else parse_metrics(reading, renamed.units)
    try:
        at, clock = event_time(reading, received_at or now, oldest)
    except BadField as error:
        if not may_hold_a_metric(reading):
            return Reject(device_id, "invalid", {"reading": describe_unread(raw)}, raw, holds_metric=False)
        return Reject(device_id, "invalid", {error.field: str(error)}, raw)
    if values == NO_VALUES:
        return reject_of_no_value(device_id, reading, raw, interpreted.problems)
    if at > now + FUTURE_TOLERANCE:
        ahead = {"timestamp": f"{at.isoformat()} lies ahead of the server's clock"}
        return Reject(device_id, "future", ahead, raw, ahead_by=at - now)
    if at < oldest and not (takes_unset_clock and clock in UNSET_CLOCKS):
        return Reject(device_id, "too_old", {"timestamp": f"{at.isoformat()} is older than what is kept"}, raw)
    if clock < 0 and not takes_unset_clock:
        clock = DEVICE_CLOCK
    if is_plain and not interpreted.problems:
        return ReadingSample(device_id, at, clock, values, None, interpreted.notes, raw, interpreted.said_units)
    extra, warnings = collect_extra(reading, interpreted)
    if renamed is not None:
        extra, warnings = with_renamed(extra, warnings, renamed)
    return ReadingSample(device_id, at, clock, values, extra, warnings, raw, interpreted.said_units)


def reject_of_no_value(device_id: str | None, reading: dict, raw: dict, problems: dict) -> Reject:
    if not may_hold_a_metric(reading):
        return Reject(device_id, "invalid", problems or {"reading": describe_unread(raw)}, raw, holds_metric=False)
    missing = {name: "no value" for name in METRIC_NAMES if name in reading}
    return Reject(device_id, "invalid", problems or missing, raw)


def with_renamed(extra: dict | None, warnings: tuple, renamed: Any) -> tuple[dict | None, tuple]:
    """With the fields that were left aside for a better name, and what was said about names."""
    if renamed.aside:
        extra = (extra or {}) | sanitise_json(renamed.aside)
    return extra, (*map(sanitise_warning, renamed.warnings), *warnings)


def sanitise_warning(text: str) -> str:
    return UNSTORABLE.sub("\ufffd", text[:120])


class BadField(ValueError):
    def __init__(self, field: str, problem: str) -> None:
        super().__init__(problem)
        self.field = field


def parse_device_id(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if type(value) is str and len(value) <= MAX_DEVICE_ID_LENGTH and value.isascii() and value.isprintable():
        return value.strip() or None
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("a text is expected")
    if isinstance(value, int) and abs(value) >= 10**MAX_DEVICE_ID_LENGTH:
        raise ValueError("is too long")
    name = str(value).strip()
    if len(name) > MAX_DEVICE_ID_LENGTH or UNSTORABLE.search(name):
        raise ValueError(f"at most {MAX_DEVICE_ID_LENGTH} printable characters are expected")
    return name or None


def event_time(reading: dict, received_at: datetime, oldest: datetime) -> tuple[datetime, int]:
    """The event time and its clock: the timestamp (shifted by `sent_at`), else by `age_ms`, else the server's time.

    A clock that is not set reads a time before 2020: an age then says more, and a time of sending on the other side of
    its setting says nothing.
    """
    timestamp = parse_field("timestamp", parse_moment, reading)
    if timestamp is not None:
        sent_at = parse_field("sent_at", parse_moment, reading) if "sent_at" in reading else None
        is_set = timestamp >= FIRST_SET_CLOCK or timestamp >= set_clocks_since(oldest)
        if sent_at is not None and (sent_at >= set_clocks_since(oldest)) == is_set:
            return time_before("sent_at", received_at, sent_at - timestamp), SHIFTED_CLOCK
        if is_set:
            return timestamp, DEVICE_CLOCK
        if is_missing(reading.get("age_ms")):
            return timestamp, UNSET_COUNTER if is_bare_count(reading["timestamp"]) else UNSET_CLOCK
    elapsed = parse_field("age_ms", parse_age, reading)
    if elapsed is not None:
        return time_before("age_ms", received_at, elapsed), SHIFTED_CLOCK
    return received_at, SERVER_CLOCK


def has_own_time(raw: Any) -> bool:
    """Whether a resend of this reading has the same event time."""
    if not isinstance(raw, dict):
        return False
    renamed = rename(raw)
    reading = renamed.reading if renamed else raw
    if is_missing(reading.get("timestamp")) or not is_missing(reading.get("sent_at")):
        return False
    try:
        moment = parse_moment(reading["timestamp"])
    except ValueError:
        return True
    return moment is not None and moment >= FIRST_SET_CLOCK


def parse_field(name: str, parser: Callable[[Any], Parsed], raw: dict) -> Parsed:
    try:
        return parser(raw.get(name))
    except ValueError as error:
        raise BadField(name, str(error)) from None


def time_before(field: str, received_at: datetime, elapsed: timedelta) -> datetime:
    try:
        return received_at - elapsed
    except OverflowError:
        raise BadField(field, "is out of range") from None


def collect_extra(reading: dict, interpreted: Interpreted) -> tuple[dict | None, tuple]:
    """Unknown fields and invalid values, sanitised for jsonb, and a warning for each."""
    unknown = [name for name in reading if name not in KNOWN_FIELDS]
    extra = {sanitise_json(name): sanitise_json(reading[name]) for name in [*unknown, *interpreted.problems]}
    warnings = [f"{name}: {problem}; kept aside" for name, problem in interpreted.problems.items()]
    warnings += [f"{sanitise_text(name)}: unknown field, kept" for name in unknown if name not in UNWARNED_EXTRA_FIELDS]
    return extra or None, (*interpreted.notes, *warnings)


def payload_bytes(raw: Any) -> bytes:
    """A reading as quarantine stores it: ASCII JSON, so that nothing is lost; bytes stay bytes."""
    return raw if isinstance(raw, bytes) else json.dumps(raw).encode()
