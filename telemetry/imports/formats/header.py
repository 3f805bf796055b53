"""A table's first line: which column is which field, in which unit, and in whose time. Pure."""

import re
from typing import NamedTuple
from zoneinfo import ZoneInfo

from telemetry.imports.formats.lines import NotADayFile
from telemetry.metrics import BY_NAME, METRICS, STORED

WITH_UNIT = re.compile(r"^(?P<name>[^()]*?)\s*(?:\((?P<unit>[^()]*)\))?$")
OF_AN_EXPORT = (
    "received_at",
    "clock",
    "power_kind",
    "suspect",
    "extra",
)  # telemetry.export.columns.HEAD has them beside
LABELS = {metric.label.lower().replace(" ", "_"): metric.name for metric in METRICS}
KWH = ("kw", "w", "kwh", "register")
SAME_UNIT = {
    "°C": ("°c", "c", "degc", "deg c", "celsius"),
    "index": ("index", ""),
    "m/s²": ("m/s²", "m/s2", "m/s^2"),
    "% RH": ("% rh", "%rh", "%", "rh"),
    "hPa": ("hpa", "mbar"),
    "kWh": ("kwh",),
    "as set": ("as set", *KWH),
}


class Head(NamedTuple):
    fields: list[str]  # of each column
    zone: str  # the time column's own, as the XLSX export writes it; else ""
    power_kind: str  # the power column's unit, where it says one; else ""
    notes: list[str]


def head_of(cells) -> Head:
    """Raises NotADayFile naming the column."""
    said = [WITH_UNIT.match(cell.strip().lower()) for cell in cells]
    fields = [field_of(match["name"] if match else cell) for match, cell in zip(said, cells, strict=True)]
    units = {field: (match["unit"] if match else None) for field, match in zip(fields, said, strict=True)}
    twice = sorted({field for field in fields if field and fields.count(field) > 1})
    if twice:
        raise NotADayFile(f"The column {twice[0]} stands twice in the head.")
    if "timestamp" not in fields:
        raise NotADayFile(f"The head has no column timestamp; it has {', '.join(filter(None, fields))[:200]}.")
    if not set(fields) & set(STORED):
        raise NotADayFile(f"The head names no metric; these are known: {', '.join(STORED)}.")
    for field in STORED:
        refuse_other_unit(field, units.get(field))
    power = units.get("power_consumption") or ""
    return Head(fields, zone_of(units["timestamp"], cells), power if power in KWH else "", notes_of(fields))


def field_of(name):
    """Our name, whatever its case and blanks; a label of ours ("Gas index") counts too."""
    name = re.sub(r"[\s_-]+", "_", name.strip().lower())
    return LABELS.get(name, name)


def refuse_other_unit(field, unit):
    wanted = BY_NAME[field].unit
    if unit is not None and unit.strip() not in SAME_UNIT[wanted]:
        raise NotADayFile(f"The column {field} is in {unit!r}; {wanted} is expected.")


def zone_of(unit, cells):
    """The time column may name its zone: "timestamp (Asia/Kolkata)"."""
    if not unit:
        return ""
    name = next(cell for cell in cells if unit in cell.lower()).strip()
    name = WITH_UNIT.match(name)["unit"].strip()
    try:
        return ZoneInfo(name).key
    except (ValueError, KeyError, OSError):
        raise NotADayFile(f"The column timestamp is in {name!r}, which is no time zone such as Asia/Kolkata.") from None


def notes_of(fields):
    known = {"timestamp", "device_id", *STORED, *OF_AN_EXPORT}
    unknown = [field for field in fields if field and field not in known]
    notes = [f"Unknown columns are kept beside the readings: {', '.join(unknown)[:200]}."] if unknown else []
    if "received_at" in fields:
        notes.append("received_at and suspect are not taken over: both are found anew.")
    return notes
