"""One reading as it came → a Sample, or a Reject that says per field why not. Pure."""

import json
import re
from datetime import datetime, timedelta
from math import isfinite
from typing import NamedTuple

from telemetry.metrics import STORED
from telemetry.payloads.times import age, moment

DEVICE_CLOCK, SERVER_CLOCK, SHIFTED_CLOCK = 0, 1, 2  # telemetry.models.Clock
FUTURE_TOLERANCE = timedelta(minutes=5)
OF_THE_FRAME = frozenset({"device_id", "timestamp", "age_ms", "sent_at"})
KNOWN = OF_THE_FRAME.union(STORED)
EXPECTED_ASIDE = frozenset({"firmware_version"})  # kept with the unknown fields, without a warning
NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
EMPTY = (None,) * len(STORED)
MISSING_WORDS = frozenset({"", "null", "none", "nan", "-nan", "inf", "-inf", "+inf", "infinity", "-infinity"})
NEARLY_ALWAYS = frozenset({float, type(None)})  # what a metric's value is
LONGEST_DEVICE_ID = 64
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # NUL and surrogates: PostgreSQL's jsonb refuses them


class Sample(NamedTuple):
    """A reading that can be stored. `values` stands in the order of `metrics.STORED`, in the units as sent."""

    device_id: str | None  # as named; None where the key alone says who speaks
    at: datetime
    clock: int
    values: tuple
    extra: dict | None  # fields this service does not know, and values of known ones that are no numbers
    warnings: tuple
    raw: dict


class Reject(NamedTuple):
    """A reading that cannot be stored, and why; `reason` is one of `Quarantined.Reason`."""

    device_id: str | None
    reason: str
    errors: dict  # field → what is wrong with it
    raw: object

    @property
    def detail(self):
        return "; ".join(f"{field}: {problem}" for field, problem in self.errors.items())[:500]


def sample_of(raw, *, now: datetime, oldest: datetime, received_at: datetime | None = None) -> Sample | Reject:
    """`received_at`: the server's time when it came, from which ages count; now, but for a release from quarantine."""
    if not isinstance(raw, dict):
        return Reject(None, "invalid", {"reading": "a JSON object is expected"}, raw)
    try:
        device_id = named_device(raw.get("device_id"))
    except ValueError as error:
        return Reject(None, "invalid", {"device_id": str(error)}, raw)
    try:
        at, clock = when(raw, received_at or now)
    except BadField as error:
        return Reject(device_id, "invalid", {error.field: str(error)}, raw)
    values, problems = measured(raw)
    if values == EMPTY:
        problems = problems or {name: "no value" for name in STORED if name in raw} or {"reading": "holds no metric"}
        return Reject(device_id, "invalid", problems, raw)
    if at > now + FUTURE_TOLERANCE:
        return Reject(device_id, "future", {"timestamp": f"{at.isoformat()} lies ahead of the server's clock"}, raw)
    if at < oldest:
        return Reject(device_id, "too_old", {"timestamp": f"{at.isoformat()} is older than what is kept"}, raw)
    extra, warnings = set_aside(raw, problems)
    return Sample(device_id, at, clock, values, extra, warnings, raw)


class BadField(ValueError):
    def __init__(self, field, problem):
        super().__init__(problem)
        self.field = field


def named_device(value) -> str | None:
    if value is None or value == "":
        return None
    if type(value) is str and len(value) <= LONGEST_DEVICE_ID and value.isascii() and value.isprintable():
        return value.strip() or None
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("a text is expected")
    if isinstance(value, int) and abs(value) >= 10**LONGEST_DEVICE_ID:
        raise ValueError("is too long")
    name = str(value).strip()
    if len(name) > LONGEST_DEVICE_ID or UNSTORABLE.search(name):
        raise ValueError(f"at most {LONGEST_DEVICE_ID} printable characters are expected")
    return name or None


def when(raw: dict, received_at: datetime) -> tuple[datetime, int]:
    """Its own time (shifted, where `sent_at` says what the device's clock read), else by its age, else the server's."""
    taken = of_field("timestamp", moment, raw)
    if taken is not None:
        sent_at = of_field("sent_at", moment, raw) if "sent_at" in raw else None
        if sent_at is None:
            return taken, DEVICE_CLOCK
        return back("sent_at", received_at, sent_at - taken), SHIFTED_CLOCK
    elapsed = of_field("age_ms", age, raw)
    if elapsed is not None:
        return back("age_ms", received_at, elapsed), SHIFTED_CLOCK
    return received_at, SERVER_CLOCK


def has_own_time(raw) -> bool:
    """Whether sending this again means the same moment again."""
    return isinstance(raw, dict) and raw.get("timestamp") not in (None, "") and raw.get("sent_at") in (None, "")


def of_field(name, reader, raw):
    try:
        return reader(raw.get(name))
    except ValueError as error:
        raise BadField(name, str(error)) from None


def back(field, received_at, elapsed):
    try:
        return received_at - elapsed
    except OverflowError:
        raise BadField(field, "is out of range") from None


def measured(raw: dict) -> tuple[tuple, dict]:
    """The metrics' values in registry order, and what is wrong with those that are no numbers."""
    values = tuple(map(raw.get, STORED))
    if NEARLY_ALWAYS.issuperset(map(type, values)) and isfinite(sum(filter(None, values))):
        return values, {}
    values, problems = [], {}
    for name in STORED:
        said = raw.get(name)
        try:
            values.append(number(said))
        except ValueError as error:
            values.append(None)
            problems[name] = str(error)
    return tuple(values), problems


def number(said) -> float | None:
    """A finite float; None for what counts as missing. Raises ValueError for what is no number at all."""
    if said is None:
        return None
    if isinstance(said, str):
        text = said.strip()
        if text.lower() in MISSING_WORDS:
            return None
        if not NUMBER.fullmatch(text):
            raise ValueError(f"{shown(text)} is not a number")
        said = float(text)
    elif isinstance(said, bool) or not isinstance(said, int | float):
        raise ValueError("a number is expected")
    try:
        said = float(said)
    except OverflowError:  # a whole number beyond a double, as good as infinite
        return None
    return said if isfinite(said) else None


def set_aside(raw: dict, problems: dict) -> tuple[dict | None, tuple]:
    """What is kept beside the metrics, cleaned for JSON in the database, and a warning for each."""
    if raw.keys() <= KNOWN and not problems:
        return None, ()
    unknown = [name for name in raw if name not in KNOWN]
    extra = {cleaned(name): cleaned(raw[name]) for name in [*unknown, *problems]}
    warnings = [f"{name}: {problem}; kept aside" for name, problem in problems.items()]
    warnings += [f"{shown(name)}: unknown field, kept" for name in unknown if name not in EXPECTED_ASIDE]
    return extra, tuple(warnings)


def shown(text: str) -> str:
    """A stranger's text for an answer or a page: short, and nothing a terminal or the database would choke on."""
    return UNSTORABLE.sub("\ufffd", text[:40])


def cleaned(value):
    """What jsonb takes: no NUL, no lone surrogates, no infinite numbers. Depth is bounded by `body`."""
    if isinstance(value, str):
        return UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, dict):
        return {cleaned(name): cleaned(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [cleaned(inner) for inner in value]
    return value


def kept_bytes(raw) -> bytes:
    """A reading as quarantine keeps it: JSON in ASCII, so that nothing it held is lost; bytes stay bytes."""
    return raw if isinstance(raw, bytes) else json.dumps(raw).encode()
