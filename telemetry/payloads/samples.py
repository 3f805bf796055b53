"""One raw reading → a ReadingSample, or a Reject with an error per field. Pure."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from math import isfinite
from typing import Any, NamedTuple, TypeVar

from telemetry.metrics import METRIC_NAMES
from telemetry.payloads.times import parse_age, parse_moment

DEVICE_CLOCK, SERVER_CLOCK, SHIFTED_CLOCK = 0, 1, 2  # telemetry.models.Clock
FUTURE_TOLERANCE = timedelta(minutes=5)
ENVELOPE_FIELDS = frozenset({"device_id", "timestamp", "age_ms", "sent_at"})
KNOWN_FIELDS = ENVELOPE_FIELDS.union(METRIC_NAMES)
UNWARNED_EXTRA_FIELDS = frozenset({"firmware_version"})  # stored with the unknown fields, without a warning
NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
NO_VALUES = (None,) * len(METRIC_NAMES)
MISSING_VALUE_TEXTS = frozenset({"", "null", "none", "nan", "-nan", "inf", "-inf", "+inf", "infinity", "-infinity"})
USUAL_VALUE_TYPES = frozenset({float, type(None)})  # what a metric's value is
MAX_DEVICE_ID_LENGTH = 64
Parsed = TypeVar("Parsed")
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # NUL and surrogates: PostgreSQL's jsonb refuses them


class ReadingSample(NamedTuple):
    """A reading that can be stored. `values` are in the order of `metrics.METRIC_NAMES`, in the units as sent."""

    device_id: str | None  # as sent; None where the key alone identifies the device
    at: datetime
    clock: int
    values: tuple
    extra: dict | None  # fields this service does not know, and values of known ones that are no numbers
    warnings: tuple
    raw: dict


class Reject(NamedTuple):
    """A reading that cannot be stored, and why; `reason` is one of `QuarantineItem.Reason`."""

    device_id: str | None
    reason: str
    errors: dict  # field → what is wrong with it
    raw: object

    @property
    def detail(self) -> str:
        return "; ".join(f"{field}: {problem}" for field, problem in self.errors.items())[:500]


def parse_sample(
    raw: Any, *, now: datetime, oldest: datetime, received_at: datetime | None = None
) -> ReadingSample | Reject:
    """`received_at`: the server time from which ages count; default `now`, earlier for a release from quarantine."""
    if not isinstance(raw, dict):
        return Reject(None, "invalid", {"reading": "a JSON object is expected"}, raw)
    try:
        device_id = parse_device_id(raw.get("device_id"))
    except ValueError as error:
        return Reject(None, "invalid", {"device_id": str(error)}, raw)
    try:
        at, clock = event_time(raw, received_at or now)
    except BadField as error:
        return Reject(device_id, "invalid", {error.field: str(error)}, raw)
    values, problems = parse_metrics(raw)
    if values == NO_VALUES:
        problems = (
            problems or {name: "no value" for name in METRIC_NAMES if name in raw} or {"reading": "holds no metric"}
        )
        return Reject(device_id, "invalid", problems, raw)
    if at > now + FUTURE_TOLERANCE:
        return Reject(device_id, "future", {"timestamp": f"{at.isoformat()} lies ahead of the server's clock"}, raw)
    if at < oldest:
        return Reject(device_id, "too_old", {"timestamp": f"{at.isoformat()} is older than what is kept"}, raw)
    extra, warnings = collect_extra(raw, problems)
    return ReadingSample(device_id, at, clock, values, extra, warnings, raw)


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


def event_time(raw: dict, received_at: datetime) -> tuple[datetime, int]:
    """The event time and its clock: the timestamp (shifted by `sent_at`), else by `age_ms`, else the server's time."""
    timestamp = parse_field("timestamp", parse_moment, raw)
    if timestamp is not None:
        sent_at = parse_field("sent_at", parse_moment, raw) if "sent_at" in raw else None
        if sent_at is None:
            return timestamp, DEVICE_CLOCK
        return time_before("sent_at", received_at, sent_at - timestamp), SHIFTED_CLOCK
    elapsed = parse_field("age_ms", parse_age, raw)
    if elapsed is not None:
        return time_before("age_ms", received_at, elapsed), SHIFTED_CLOCK
    return received_at, SERVER_CLOCK


def has_own_time(raw: Any) -> bool:
    """Whether a resend of this reading has the same event time."""
    return isinstance(raw, dict) and raw.get("timestamp") not in (None, "") and raw.get("sent_at") in (None, "")


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


def parse_metrics(raw: dict) -> tuple[tuple, dict]:
    """The metrics' values in registry order, and the error of each that is not a number."""
    values = tuple(map(raw.get, METRIC_NAMES))
    if USUAL_VALUE_TYPES.issuperset(map(type, values)) and isfinite(sum(filter(None, values))):
        return values, {}
    checked: list[float | None] = []
    problems = {}
    for name in METRIC_NAMES:
        value = raw.get(name)
        try:
            checked.append(parse_number(value))
        except ValueError as error:
            checked.append(None)
            problems[name] = str(error)
    return tuple(checked), problems


def parse_number(value: Any) -> float | None:
    """A finite float; None for a missing value. Raises ValueError for anything that is not a number."""
    if value is None:
        return None
    if isinstance(value, str):
        text = value.strip()
        if text.lower() in MISSING_VALUE_TEXTS:
            return None
        if not NUMBER.fullmatch(text):
            raise ValueError(f"{sanitise_text(text)} is not a number")
        value = float(text)
    elif isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("a number is expected")
    try:
        value = float(value)
    except OverflowError:  # an integer beyond a double counts as infinite
        return None
    return value if isfinite(value) else None


def collect_extra(raw: dict, problems: dict) -> tuple[dict | None, tuple]:
    """Unknown fields and invalid values, sanitised for jsonb, and a warning for each."""
    if raw.keys() <= KNOWN_FIELDS and not problems:
        return None, ()
    unknown = [name for name in raw if name not in KNOWN_FIELDS]
    extra = {sanitise_json(name): sanitise_json(raw[name]) for name in [*unknown, *problems]}
    warnings = [f"{name}: {problem}; kept aside" for name, problem in problems.items()]
    warnings += [f"{sanitise_text(name)}: unknown field, kept" for name in unknown if name not in UNWARNED_EXTRA_FIELDS]
    return extra, tuple(warnings)


def sanitise_text(text: str) -> str:
    """Untrusted text for a response or a page: truncated, without characters that terminals or PostgreSQL refuse."""
    return UNSTORABLE.sub("\ufffd", text[:40])


def sanitise_json(value: Any) -> Any:
    """A value that jsonb accepts: no NUL, no lone surrogates, no infinite numbers. Depth is bounded by `body`."""
    if isinstance(value, str):
        return UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, dict):
        return {sanitise_json(name): sanitise_json(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [sanitise_json(inner) for inner in value]
    return value


def payload_bytes(raw: Any) -> bytes:
    """A reading as quarantine stores it: ASCII JSON, so that nothing is lost; bytes stay bytes."""
    return raw if isinstance(raw, bytes) else json.dumps(raw).encode()
