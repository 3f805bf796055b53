"""Bodies that are no JSON: form fields, multipart, and CSV whose first line names its columns. Pure.

Values stay texts; `samples` parses them like the texts of JSON.
"""

import csv
import email
import re
from urllib.parse import parse_qsl

from telemetry.metrics import METRIC_NAMES
from telemetry.payloads.bad_body import TooLarge, Unreadable, UnsupportedMediaType
from telemetry.payloads.names import field_of

FORM_TYPE, MULTIPART_TYPE = "application/x-www-form-urlencoded", "multipart/form-data"
CSV_TYPES = ("text/csv", "application/csv")
PLAIN_TYPES = (
    "text/plain",
    "application/octet-stream",
    "application/json",
    "text/json",
    "",
)  # what clients say unasked
MAX_FIELDS = 500  # of one form
FORM = re.compile(rb"[A-Za-z_][\w.%+-]*=[^&=\r\n{\"]*(?:&[A-Za-z_][\w.%+-]*=[^&=\r\n{\"]*)*")
LINE_PROTOCOL = re.compile(
    rb"[^\s,=]+(?:,[^\s,=]+=[^\s,=]+)*[ ]+[^\s,=]+=[^\s,=]+(?:,[^\s,=]+=[^\s,=]+)*(?:[ ]+-?\d+)?"
)
# In a URL or a form a + is a blank: 2025-01-16T16:00:00+05:30 that was not escaped.
LOST_PLUS = re.compile(r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?) (\d\d:?\d\d)")
DELIMITERS = (",", ";", "\t")
LINE_PROTOCOL_ADVICE = (
    "This is InfluxDB line protocol, which is not read here; JSON is. In Telegraf: outputs.http with "
    'data_format = "json" and a json_transformation (see docs/ingest.md).'
)
HEAD_ADVICE = "The first line of a CSV names its columns, such as timestamp,temperature,power_consumption."


def form_in(text: bytes, media_type: str, content_type: str) -> dict | None:
    """The one reading of a form, by its type or its looks; None for anything else. Raises Unreadable."""
    if media_type == MULTIPART_TYPE:
        return parse_multipart(text, content_type)
    if media_type == FORM_TYPE or (media_type in PLAIN_TYPES and FORM.fullmatch(text.strip())):
        return parse_form(text.decode("utf-8", "replace"))
    return None


def parse_form(text: str) -> dict:
    """Fields of a form or a query; of a name that stands twice the last counts. Raises Unreadable."""
    try:
        pairs = parse_qsl(text.strip(), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        raise Unreadable(f"More than {MAX_FIELDS} fields.") from None
    return {name: LOST_PLUS.sub(r"\1+\2", value) for name, value in pairs}


def parse_multipart(text: bytes, content_type: str) -> dict:
    """The fields of multipart/form-data, as `curl -F` sends them. Raises Unreadable."""
    head = b"Content-Type: " + content_type.encode("ascii", "replace").replace(b"\n", b" ") + b"\r\n\r\n"
    message = email.message_from_bytes(head + text)
    if not message.is_multipart():
        raise Unreadable("Position 0: multipart/form-data without the boundary that its content type names.")
    fields = {}
    for part in message.walk():
        name = part.get_param("name", header="content-disposition")
        value = part.get_payload(decode=True)  # None of what holds parts itself
        if isinstance(name, str) and isinstance(value, bytes):
            fields[name] = value.decode("utf-8", "replace").strip()
    return fields


def csv_in(text: bytes, media_type: str, max_readings: int) -> list | None:
    """The readings of a CSV, by its type or by a first line that names a metric; None for anything else.

    Raises UnsupportedMediaType for one without names, TooLarge.
    """
    if media_type not in (*CSV_TYPES, *PLAIN_TYPES):
        return None
    lines = [line for line in text.decode("utf-8", "replace").splitlines() if line.strip()]
    names = cells_of(lines[0], delimiter_of(lines[0])) if lines else []
    fields = [field_of(name) for name in names]
    if media_type not in CSV_TYPES and not (
        len(lines) > 1 and any(field and field.name in METRIC_NAMES for field in fields)
    ):
        return None
    if not any(fields):
        raise UnsupportedMediaType(HEAD_ADVICE)
    if len(lines) - 1 > max_readings:
        raise TooLarge(f"{len(lines) - 1} lines; at most {max_readings} readings fit one request.")
    delimiter = delimiter_of(lines[0])
    return [row_of(number, line, names, delimiter) for number, line in enumerate(lines[1:], 2)]


def row_of(number: int, line: str, names: list[str], delimiter: str) -> dict | Unreadable:
    cells = cells_of(line, delimiter)
    if len(cells) == len(names):
        return {name: cell for name, cell in zip(names, cells, strict=True) if name}
    problem = Unreadable(f"Line {number}: {len(cells)} cells under {len(names)} names.")
    problem.line = line.encode()
    return problem


def cells_of(line: str, delimiter: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter))]
    except csv.Error:
        return []


def delimiter_of(head: str) -> str:
    return max(DELIMITERS, key=head.count)


def is_line_protocol(text: bytes) -> bool:
    """Looks at the first line, shortened: InfluxDB's own format, as Telegraf sends it unless told otherwise."""
    first = text.lstrip()[:1000].splitlines()
    return bool(first and LINE_PROTOCOL.fullmatch(first[0].strip()))
