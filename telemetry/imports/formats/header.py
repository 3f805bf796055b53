"""A CSV header in our own names: the field and unit of each column, and the time zone. Pure."""

import re
from typing import NamedTuple
from zoneinfo import ZoneInfo

from telemetry.imports.formats.lines import NotADayFile
from telemetry.metrics import BY_NAME, METRIC_NAMES, METRICS

NAME_AND_UNIT = re.compile(r"^(?P<name>[^()]*?)\s*(?:\((?P<unit>[^()]*)\))?$")
# In telemetry.export.columns.HEADER beside the fields of a reading.
EXPORT_ONLY_COLUMNS = ("received_at", "clock", "power_kind", "suspect", "extra")
LABELS = {metric.label.lower().replace(" ", "_"): metric.name for metric in METRICS}
POWER_KINDS = ("kw", "w", "kwh", "register")
UNIT_SPELLINGS = {
    "°C": ("°c", "c", "degc", "deg c", "celsius"),
    "index": ("index", ""),
    "m/s²": ("m/s²", "m/s2", "m/s^2"),
    "% RH": ("% rh", "%rh", "%", "rh"),
    "hPa": ("hpa", "mbar"),
    "kWh": ("kwh",),
    "as set": ("as set", *POWER_KINDS),
}


class CsvHeader(NamedTuple):
    fields: list[str]  # of each column
    zone: str  # of the time column, as the XLSX export writes it; else ""
    power_kind: str  # the power column's unit, where given; else ""
    notes: list[str]


def parse_header(cells) -> CsvHeader | None:
    """None for a head that is not in our names; raises NotADayFile naming the column of one that is and is wrong."""
    matches = [NAME_AND_UNIT.match(cell.strip().lower()) for cell in cells]
    fields = [field_of(match["name"] if match else cell) for match, cell in zip(matches, cells, strict=True)]
    units = {field: (match["unit"] if match else None) for field, match in zip(fields, matches, strict=True)}
    if "timestamp" not in fields or not set(fields) & set(METRIC_NAMES):
        return None
    duplicates = sorted({field for field in fields if field and fields.count(field) > 1})
    if duplicates:
        raise NotADayFile(f"The column {duplicates[0]} stands twice in the head.")
    for field in METRIC_NAMES:
        validate_unit(field, units.get(field))
    power = units.get("power_consumption") or ""
    return CsvHeader(
        fields, zone_of(units["timestamp"], cells), power if power in POWER_KINDS else "", notes_of(fields)
    )


def field_of(name) -> str:
    """The field name, normalised in case and blanks; labels ("Gas index") are recognised too."""
    name = re.sub(r"[\s_-]+", "_", name.strip().lower())
    return LABELS.get(name, name)


def validate_unit(field, unit) -> None:
    expected = BY_NAME[field].unit
    if unit is not None and unit.strip() not in UNIT_SPELLINGS[expected]:
        raise NotADayFile(f"The column {field} is in {unit!r}; {expected} is expected.")


def zone_of(unit, cells) -> str:
    """The time zone of a column such as "timestamp (Asia/Kolkata)"; "" without one. Raises NotADayFile."""
    if not unit:
        return ""
    name = next(cell for cell in cells if unit in cell.lower()).strip()
    name = NAME_AND_UNIT.match(name)["unit"].strip()
    try:
        return ZoneInfo(name).key
    except (ValueError, KeyError, OSError):
        raise NotADayFile(f"The column timestamp is in {name!r}, which is no time zone such as Asia/Kolkata.") from None


def notes_of(fields) -> list[str]:
    known_fields = {"timestamp", "device_id", *METRIC_NAMES, *EXPORT_ONLY_COLUMNS}
    unknown = [field for field in fields if field and field not in known_fields]
    notes = [f"Unknown columns are kept beside the readings: {', '.join(unknown)[:200]}."] if unknown else []
    if "received_at" in fields:
        notes.append("received_at and suspect are not taken over: both are found anew.")
    return notes
