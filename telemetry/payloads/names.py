"""Names as devices send them → the fields of a reading: in any case, and by the usual short names. Pure.

`field_of` is the one lookup. An exact name wins over another spelling of it, and that over an alias.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from telemetry.metrics import METRIC_NAMES
from telemetry.payloads.times import NO_TIME_VALUES, NoOffset, parse_moment

ENVELOPE_FIELDS = frozenset({"device_id", "timestamp", "age_ms", "sent_at"})
KNOWN_FIELDS = ENVELOPE_FIELDS.union(METRIC_NAMES)
KEY_FIELD = "api_key"  # a device's key in its body: never stored
MAX_NAME_LENGTH = 40
MAX_REMEMBERED, MAX_REMEMBERED_LENGTH = 2_000, 600  # sets of names; characters of one
SEPARATORS = re.compile(r"[\s_.-]+")
NAME_AND_UNIT = re.compile(r"(?P<name>[^()\[\]]+?)\s*[(\[](?P<unit>[^()\[\]]{1,12})[)\]]")
# Every name is squeezed: lower case, no separators (`Power_kW` is `powerkw`). A second part is the unit it says.
ALIASES_OF: dict[str, tuple[str, ...]] = {
    KEY_FIELD: ("xapikey",),
    "timestamp": ("ts", "time", "t", "datetime", "epoch"),
    "temperature": ("temp", "tempc °C", "temperaturec °C", "tempf °F", "temperaturef °F"),
    "humidity": ("hum", "rh", "relativehumidity", "humiditypct"),
    "pressure": ("pres", "press", "baro", "pressurehpa hPa", "pressurembar hPa", "pressurepa Pa", "pressurekpa kPa"),
    "gas_index": ("mq135",),
    "vibration_x": ("vibx",),
    "vibration_y": ("viby",),
    "vibration_z": ("vibz",),
    "power_consumption": (
        *("power", "activepower", "kw kW", "powerkw kW", "kwtotal kW", "totalkw kW", "watt W", "watts W"),
        *("powerw W", "powerwatts W"),
    ),
    "energy_kwh": ("energy", "kwh kWh", "kwhtotal kWh", "totalkwh kWh", "wh Wh", "energywh Wh"),
}
ASKED_ALIASES = frozenset({"energy"})  # said in the answer, since as many devices count Wh under it


class Field(NamedTuple):
    """A field of a reading, and what its name says about it."""

    name: str
    unit: str = ""  # "" where the name says none
    is_alias: bool = False  # and not only another spelling


class Renamed(NamedTuple):
    """A reading by the service's own names."""

    raw: dict  # as sent, without a key
    reading: dict
    units: dict[str, str]  # metric → unit that its name said
    aside: dict  # names as sent → values, of fields that are there under a better name, or cannot be what they say
    warnings: tuple[str, ...]


def squeeze(name: str) -> str:
    return SEPARATORS.sub("", name).lower()


def _known_names() -> dict[str, Field]:
    aliases = {}
    for name, spellings in ALIASES_OF.items():
        for spelling in spellings:
            alias, _space, unit = spelling.partition(" ")
            aliases[alias] = Field(name, unit, is_alias=True)
    return aliases | {squeeze(name): Field(name) for name in (*KNOWN_FIELDS, KEY_FIELD)}


KNOWN_NAMES = _known_names()
remembered: dict[tuple[str, ...], dict[str, Field]] = {}  # the names of a reading → what `find_unexact` says


def field_of(sent: str, channels: Mapping[str, Field] | None = None) -> Field | None:
    """The field that a name as sent stands for; None for an unknown one.

    `channels`: a device's own, by squeezed name; they win over aliases, not over a metric's own name.
    """
    if len(sent) > MAX_NAME_LENGTH:
        return None
    field = _field_of(sent)
    channel = channels.get(squeeze(sent)) if channels and (field is None or field.is_alias) else None
    return channel or field


@lru_cache(maxsize=4096)
def _field_of(sent: str) -> Field | None:
    field = KNOWN_NAMES.get(squeeze(sent))
    match = None if field else NAME_AND_UNIT.fullmatch(sent.strip())
    if match is None:
        return field
    field = KNOWN_NAMES.get(squeeze(match["name"]))
    return field and field._replace(unit=match["unit"].strip() if field.name in METRIC_NAMES else "")


def rename(raw: dict, channels: Mapping[str, Field] | None = None) -> Renamed | None:
    """None where every known field already has its exact name, as nearly always."""
    fields = remembered_fields(tuple(raw)) if channels is None else find_unexact(raw, channels)
    if not fields:
        return None
    keys = {sent for sent, field in fields.items() if field.name == KEY_FIELD}
    raw = {sent: value for sent, value in raw.items() if sent not in keys} if keys else raw
    reading = {sent: value for sent, value in raw.items() if sent not in fields}
    units: dict[str, str] = {}
    aside, warnings = {}, []
    for sent, field in sorted(fields.items(), key=lambda item: (item[1].is_alias, item[0] in ("t", "T"))):
        if sent in keys:
            continue
        value, present = raw[sent], reading.get(field.name)
        problem = problem_of(sent, value, field, present, reading)
        if problem:
            aside[sent] = value
            warnings.append(f"{sent}: {problem}; kept aside")
        elif is_missing(present):
            reading[field.name] = value
            units |= {field.name: field.unit} if field.unit else {}
            warnings += [f"{sent}: read as {field.name}"] if squeeze(sent) in ASKED_ALIASES else []
    return Renamed(raw, reading, units, aside, tuple(warnings))


def remembered_fields(names: tuple[str, ...]) -> dict[str, Field]:
    """As `find_unexact`, remembered: a device sends the same names every time."""
    fields = remembered.get(names)
    if fields is None:
        fields = find_unexact(names)
        if len(remembered) < MAX_REMEMBERED and sum(map(len, names)) <= MAX_REMEMBERED_LENGTH:
            remembered[names] = fields
    return fields


def find_unexact(names: Iterable[str], channels: Mapping[str, Field] | None = None) -> dict[str, Field]:
    """Known fields under other names than their own."""
    return {sent: field for sent in names if sent not in KNOWN_FIELDS and (field := field_of(sent, channels))}


def problem_of(sent: str, value: Any, field: Field, present: Any, reading: dict) -> str:
    """Why a field is not taken for what its name says; "" where it is, or says what is there already."""
    if is_missing(value):
        return ""
    if not is_missing(present):
        return "" if value == present else f"{field.name} is there too and counts"
    if field.name == "timestamp" and field.is_alias and not is_some_time(value):
        return "is no moment"
    if squeeze(sent) == "t" and "temperature" not in reading and not is_present_time(value):
        return "a time or a temperature? say timestamp or temp"
    return ""


def is_missing(value: Any) -> bool:
    return value is None or value == ""


def is_some_time(value: Any) -> bool:
    try:
        return value in NO_TIME_VALUES or parse_moment(value) is not None
    except NoOffset:
        return True  # refused with what to add, not passed over
    except ValueError:
        return False


def is_present_time(value: Any) -> bool:
    """A moment of this century's clocks; 31.5 is none, and may be a temperature."""
    try:
        moment = parse_moment(value)
    except NoOffset:
        return True
    return moment is not None and moment.year >= 2020
