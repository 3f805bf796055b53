"""Reading a request: its body up to a maximum size, and the fields of its query."""

from contextlib import suppress

from django.conf import settings

from telemetry.payloads import BadBody, ParsedBody, TooLarge, Unreadable, parse_body, parse_form
from telemetry.payloads.names import KEY_FIELD, field_of

MAX_DRAIN_BYTES = 64 * 1024
MAX_KEYED_BYTES = 4096  # of a body that is read before its key is known, since it holds the key


def read_body(request, max_bytes: int) -> bytes:
    """At most `max_bytes`; with chunked transfer (Telegraf with gzip) the length is unknown beforehand.

    Raises TooLarge or Unreadable.
    """
    try:
        declared = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        declared = 0
    if declared > max_bytes:
        raise TooLarge(f"{declared} bytes; at most {max_bytes} fit one request.")
    is_chunked = not declared and "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower()
    try:
        body = (request.META["wsgi.input"] if is_chunked else request).read(max_bytes + 1)
    except OSError as error:
        raise Unreadable("The connection ended before the body did.") from error
    if len(body) < declared:
        raise Unreadable(f"The body ends after {len(body)} of {declared} bytes.")
    return body


def read_keyed_body(request) -> bytes:
    """The body of a request that names its key nowhere else; empty unless it is short and says how long it is."""
    declared = request.META.get("CONTENT_LENGTH") or "0"
    is_short = declared.isascii() and declared.isdecimal() and len(declared) < 6
    if not is_short or not 0 < int(declared) <= MAX_KEYED_BYTES:
        return b""
    with suppress(BadBody):
        return read_body(request, MAX_KEYED_BYTES)
    return b""


def size_limits() -> dict:
    return {"max_bytes": settings.INGEST_MAX_BYTES, "max_readings": settings.INGEST_MAX_READINGS}


def parse_request(request, body: bytes) -> ParsedBody:
    """The readings of a body; of the query where there is none. Raises BadBody.

    Beside a body, known fields of the query fill what a single reading lacks; of several, only their `device_id`.
    """
    fields = query_fields(request)
    if fields and not body.strip():
        return ParsedBody(True, [fields])
    parsed = parse_body(
        body,
        content_type=request.META.get("CONTENT_TYPE", ""),
        encoding=request.META.get("HTTP_CONTENT_ENCODING", ""),
        **size_limits(),
    )
    return with_defaults(parsed, fields) if fields else parsed


def query_fields(request) -> dict:
    """The fields of the query; nothing where none of them is known, and never a key. Raises Unreadable."""
    query = request.META.get("QUERY_STRING")
    fields = parse_form(query) if query else {}
    known = {name: field.name for name in fields if (field := field_of(name))}
    return {name: value for name, value in fields.items() if known.get(name) != KEY_FIELD} if known else {}


def with_defaults(parsed: ParsedBody, fields: dict) -> ParsedBody:
    known = {name: field.name for name in fields if (field := field_of(name))}
    if not parsed.is_single:
        known = {name: field for name, field in known.items() if field == "device_id"}
    defaults = {field: fields[name] for name, field in known.items()}
    readings = [defaults | reading if isinstance(reading, dict) else reading for reading in parsed.readings]
    return parsed._replace(readings=readings) if defaults else parsed


def drain_body(request) -> None:
    """Read and discard the rest of a refused request, if it is short.

    With bytes unread the connection is closed, and a small client that is still sending sees a reset, not its answer.
    """
    declared = request.META.get("CONTENT_LENGTH") or "0"
    if declared.isdecimal() and int(declared) <= MAX_DRAIN_BYTES:
        with suppress(OSError):  # it went away
            request.read()
