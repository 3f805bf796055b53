"""SQL expressions of an export's cells, over `telemetry_reading r`, formatted as in the file. Pure but for profiles."""

from core.xlsx.cells import EMPTY, MAX_TEXT, TEXT_END, TEXT_START, text_cell
from core.xlsx.styles import MOMENT_INDEX
from telemetry.metrics import BY_NAME, METRIC_NAMES, SUSPECT_BIT
from telemetry.models import Clock

HEADER = ["timestamp", "received_at", "clock", *METRIC_NAMES, "power_kind", "suspect", "extra"]
CLOCK = f"CASE r.clock {' '.join(f'WHEN {number} THEN {label!r}' for number, label in Clock.choices)} END"
SUSPECT = (
    "CASE WHEN r.suspect <> 0 THEN concat_ws(' ', "
    + ", ".join(f"CASE WHEN r.suspect & {SUSPECT_BIT[name]} <> 0 THEN '{name}' END" for name in METRIC_NAMES)
    + ") END"
)
# core.formula_injection.escape_formula in SQL. JSON of an object never starts so; this makes sure.
ESCAPED_EXTRA = r"CASE WHEN r.extra::text ~ '^[=+\-@\t\r]' THEN '''' || r.extra::text ELSE r.extra::text END"
# core.xlsx.cells.text_cell in SQL: characters invalid in XML are removed, Excel's escapes (_x0041_) are escaped.
INVALID_IN_XML = r"[\x01-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
XML_EXTRA = (
    "replace(replace(replace(regexp_replace("
    f"regexp_replace(left(r.extra::text, {MAX_TEXT}), '{INVALID_IN_XML}', '', 'g'), "
    r"'_x([0-9A-Fa-f]{4})_', '_x005F_x\1_', 'g'), '&', '&amp;'), '<', '&lt;'), '>', '&gt;')"
)


def iso_sql(column) -> str:
    """As datetime.isoformat() in UTC: microseconds only where they are not zero."""
    utc = f"(r.{column} AT TIME ZONE 'UTC')"
    return (
        f"""to_char({utc}, CASE WHEN date_trunc('second', {utc}) = {utc} THEN 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"' """
        f"""ELSE 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"' END)"""
    )


def decimal_sql(column) -> str:
    """As repr() writes a float: the shortest text that round-trips, and 32.0 for a whole number."""
    value = f"r.{column}"
    return (
        f"CASE WHEN {value} <> trunc({value}) OR abs({value}) >= 1e16 THEN {value}::text "
        f"WHEN abs({value}) < 1e15 THEN {value}::text || '.0' ELSE {value}::bigint::text || '.0' END"
    )


def power_kind_sql(timeline, template="'{}'") -> tuple[str, list]:
    return timeline.case_sql("r.at", lambda profile: template.format(profile.power_kind))


def csv_cells(timeline) -> tuple[list[str], list]:
    """One expression for each column of HEADER, and their parameters."""
    kind, parameters = power_kind_sql(timeline)
    return [
        iso_sql("at"),
        iso_sql("received_at"),
        CLOCK,
        *map(decimal_sql, METRIC_NAMES),
        kind,
        SUSPECT,
        ESCAPED_EXTRA,
    ], parameters


def xlsx_header(zone) -> list[str]:
    zoned = [f"{name} ({zone.key})" for name in HEADER[:2]]
    return [*zoned, *(f"{name} ({BY_NAME[name].unit})" if name in BY_NAME else name for name in HEADER[2:])]


def xlsx_row(timeline, zone) -> tuple[str, list]:
    """The whole `<row>`, and its parameters; missing values are empty cells, since cells carry no addresses."""
    kind, parameters = power_kind_sql(timeline, f"'{text_cell('{}')}'")
    moments = [moment_cell(column) for column in ("at", "received_at")]
    clocks = " ".join(f"WHEN {number} THEN '{text_cell(label)}'" for number, label in Clock.choices)
    cells = [
        *moments,
        f"CASE r.clock {clocks} ELSE '{EMPTY}' END",
        *(f"COALESCE('<c><v>' || r.{name}::text || '</v></c>', '{EMPTY}')" for name in METRIC_NAMES),
        kind,
        f"COALESCE('{TEXT_START}' || {SUSPECT} || '{TEXT_END}', '{EMPTY}')",
        f"COALESCE('{TEXT_START}' || {XML_EXTRA} || '{TEXT_END}', '{EMPTY}')",
    ]
    return f"'<row>' || {' || '.join(cells)} || '</row>'", [zone.key] * len(moments) + parameters


def moment_cell(column) -> str:
    """An Excel date: days since 1899-12-30 in local time of the zone given as parameter."""
    days = f"date_part('epoch', r.{column} AT TIME ZONE %s) / 86400 + 25569"
    return f"""'<c s="{MOMENT_INDEX}"><v>' || ({days})::text || '</v></c>'"""
