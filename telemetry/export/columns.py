"""The cells of an export as SQL over `telemetry_reading r`: each as the file shows it. Pure but for the profiles."""

from xml.sax.saxutils import escape

from telemetry.metrics import BY_NAME, METRIC_NAMES, SUSPECT_BIT
from telemetry.models import Clock

HEADER = ["timestamp", "received_at", "clock", *METRIC_NAMES, "power_kind", "suspect", "extra"]
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
MAX_CELL_CHARACTERS = 32_767  # characters, Excel's own limit
CLOCK = f"CASE r.clock {' '.join(f'WHEN {number} THEN {label!r}' for number, label in Clock.choices)} END"
SUSPECT = (
    "CASE WHEN r.suspect <> 0 THEN concat_ws(' ', "
    + ", ".join(f"CASE WHEN r.suspect & {SUSPECT_BIT[name]} <> 0 THEN '{name}' END" for name in METRIC_NAMES)
    + ") END"
)
# A text that a spreadsheet would take for a formula is quoted; JSON of an object never is, but nothing else makes sure.
ESCAPED_EXTRA = r"CASE WHEN r.extra::text ~ '^[=+\-@\t\r]' THEN '''' || r.extra::text ELSE r.extra::text END"
# What XML and so Excel refuses goes; its own escapes (_x0041_) are escaped.
INVALID_IN_XML = r"[\x01-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
XML_EXTRA = (
    "replace(replace(replace(regexp_replace("
    f"regexp_replace(left(r.extra::text, {MAX_CELL_CHARACTERS}), '{INVALID_IN_XML}', '', 'g'), "
    r"'_x([0-9A-Fa-f]{4})_', '_x005F_x\1_', 'g'), '&', '&amp;'), '<', '&lt;'), '>', '&gt;')"
)


def escape_formula(text: str) -> str:
    """The same rule for what Python writes."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def iso_sql(column):
    """As datetime.isoformat() writes it in UTC: microseconds only where there are some."""
    utc = f"(r.{column} AT TIME ZONE 'UTC')"
    return (
        f"""to_char({utc}, CASE WHEN date_trunc('second', {utc}) = {utc} THEN 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"' """
        f"""ELSE 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"' END)"""
    )


def decimal_sql(column):
    """As repr() writes a float: the shortest text that gives it back, and 32.0 for a whole number."""
    value = f"r.{column}"
    return (
        f"CASE WHEN {value} <> trunc({value}) OR abs({value}) >= 1e16 THEN {value}::text "
        f"WHEN abs({value}) < 1e15 THEN {value}::text || '.0' ELSE {value}::bigint::text || '.0' END"
    )


def power_kind_sql(timeline, template="'{}'"):
    return timeline.case_sql("r.at", lambda profile: template.format(profile.power_kind))


def csv_cells(timeline):
    """One expression for each column of HEAD, and their parameters."""
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


def xlsx_row(timeline, zone):
    """The whole `<row>`; an empty cell stands for what is missing, since cells carry no addresses."""
    kind, parameters = power_kind_sql(timeline, f"'{text_cell('{}')}'")
    moments = [moment_cell(column) for column in ("at", "received_at")]
    clocks = " ".join(f"WHEN {number} THEN '{text_cell(label)}'" for number, label in Clock.choices)
    cells = [
        *moments,
        f"CASE r.clock {clocks} ELSE '<c/>' END",
        *(f"COALESCE('<c><v>' || r.{name}::text || '</v></c>', '<c/>')" for name in METRIC_NAMES),
        kind,
        f"COALESCE('{TEXT_START}' || {SUSPECT} || '{TEXT_END}', '<c/>')",
        f"COALESCE('{TEXT_START}' || {XML_EXTRA} || '{TEXT_END}', '<c/>')",
    ]
    return f"'<row>' || {' || '.join(cells)} || '</row>'", [zone.key] * len(moments) + parameters


TEXT_START, TEXT_END = '<c t="inlineStr"><is><t xml:space="preserve">', "</t></is></c>"


def text_cell(text):
    return f"{TEXT_START}{escape(text)}{TEXT_END}"


def moment_cell(column):
    """Days since 1899-12-30 on the wall clock of the zone given as parameter: a date to Excel."""
    return f"""'<c s="1"><v>' || (date_part('epoch', r.{column} AT TIME ZONE %s) / 86400 + 25569)::text || '</v></c>'"""
