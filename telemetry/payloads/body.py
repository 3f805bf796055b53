"""Request body → raw readings: an object, array, {"readings": […]}, NDJSON, CSV or form fields, gzipped or not. Pure.

What starts as JSON is JSON, whatever its content type says.
JSON is parsed strictly with three exceptions, for firmware that prints floats with printf: a bare NaN or Infinity in
any spelling is null, a number beyond a double is infinite, and a lone surrogate stays until it is sanitised. Of a
duplicate key the last one counts, as everywhere in JSON.
"""

import json
import re
import zlib
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from telemetry.payloads.bad_body import TooLarge, Unreadable, UnsupportedMediaType
from telemetry.payloads.fields import LINE_PROTOCOL_ADVICE, csv_in, form_in, is_line_protocol

JSON_TYPES = ("application/json", "text/json", "text/plain", "")
NDJSON_TYPES = ("application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines")
ENCODINGS = ("gzip", "identity")
JSON_STARTS = (b"{", b"[")
GZIP_MAGIC = b"\x1f\x8b"
CONTAINERS = frozenset({dict, list})
MAX_DEPTH = 32  # levels; PostgreSQL's jsonb parser and Python's both have a limit
MAX_ENVELOPE_BYTES = 1024  # fields beside "readings" are stored with each of them
MAX_GZIP_MEMBERS = 1_000  # of one gzip body; each costs a copy of the rest, and a logger writes a few a day
MAX_INTEGER_DIGITS = 400  # digits; a double ends at 309
BARE_WORD = re.compile(r'"(?:[^"\\]|\\.)*+"?|(?P<word>-?\b(?:nan|inf(?:inity)?)\b)', re.IGNORECASE | re.DOTALL)


class ParsedBody(NamedTuple):
    is_single: bool  # one bare object: a manual test, or firmware without a buffer
    readings: list  # dicts as decoded; an Unreadable in place of an NDJSON line that is not one


def parse_body(
    body: bytes, *, content_type: str = "", encoding: str = "", max_bytes: int, max_readings: int
) -> ParsedBody:
    """Raises UnsupportedMediaType, TooLarge or Unreadable."""
    text = inflate(body, encoding or sniffed_encoding(body), max_bytes).removeprefix(b"\xef\xbb\xbf")
    parsed = parse_text(text, content_type, max_readings)
    if len(parsed.readings) > max_readings:
        raise TooLarge(f"{len(parsed.readings)} readings; at most {max_readings} fit one request.")
    return parsed


def parse_text(text: bytes, content_type: str, max_readings: int) -> ParsedBody:
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type in NDJSON_TYPES:
        return parse_ndjson(text, max_readings)
    if text.lstrip()[:1] in JSON_STARTS:
        return parse_document(text, max_readings)
    if (form := form_in(text, media_type, content_type)) is not None:
        return ParsedBody(True, [form])
    if (lines := csv_in(text, media_type, max_readings)) is not None:
        return ParsedBody(False, lines)
    if is_line_protocol(text):
        raise UnsupportedMediaType(LINE_PROTOCOL_ADVICE)
    if media_type in JSON_TYPES or (media_type.startswith("application/") and media_type.endswith("+json")):
        return parse_document(text, max_readings)
    raise UnsupportedMediaType(
        f"Content type {media_type[:60]!r} is not read here; application/json, NDJSON, CSV and form fields are."
    )


def sniffed_encoding(body: bytes) -> str:
    """Of a body whose client does not name it; neither JSON nor any text starts so."""
    return "gzip" if body.startswith(GZIP_MAGIC) else ""


def inflate(body: bytes, encoding: str, max_bytes: int) -> bytes:
    """The body decompressed, to at most `max_bytes`. Raises UnsupportedMediaType, TooLarge or Unreadable."""
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        if len(body) > max_bytes:
            raise TooLarge(f"More than {max_bytes} bytes.")
        return body
    if encoding not in ("gzip", "x-gzip"):
        raise UnsupportedMediaType(f"Content encoding {encoding[:60]!r} is not read here; gzip is.")
    output = b""
    for _member in range(MAX_GZIP_MEMBERS):  # a gzip file may be several, one after the other
        if not body:
            return output
        member = zlib.decompressobj(wbits=31)
        try:
            output += member.decompress(body, max_bytes + 1 - len(output))
        except zlib.error as error:
            raise Unreadable(f"The gzip data is damaged after {len(output)} bytes.") from error
        if len(output) > max_bytes:
            raise TooLarge(f"More than {max_bytes} bytes once inflated.")
        if not member.eof:
            raise Unreadable(f"The gzip data ends early, after {len(output)} bytes.")
        body = member.unused_data.lstrip(b"\0")
    if body:
        raise TooLarge(f"More than {MAX_GZIP_MEMBERS} gzip members in one request.")
    return output


def body_preview(body: bytes, encoding: str, max_bytes: int = 2048) -> bytes:
    """The beginning of an unreadable body, decompressed as far as possible: the payload shown in quarantine."""
    if (encoding or sniffed_encoding(body)).strip().lower() not in ("gzip", "x-gzip"):
        return body[:max_bytes]
    try:
        return zlib.decompressobj(wbits=31).decompress(body, max_bytes) or body[:max_bytes]
    except zlib.error:
        return body[:max_bytes]


def parse_document(text: bytes, max_readings: int) -> ParsedBody:
    """One JSON document; several objects, one per line, are parsed as NDJSON whatever the content type."""
    try:
        document = decode(text)
    except Unreadable:
        first, newline, rest = text.strip().partition(b"\n")
        if newline and rest and is_object(first):
            return parse_ndjson(text, max_readings)
        raise
    if isinstance(document, list):
        return ParsedBody(False, document)
    if not isinstance(document, dict):
        raise Unreadable("Position 0: a reading is a JSON object.")
    if "readings" not in document:
        return ParsedBody(True, [document])
    return ParsedBody(False, unwrap_envelope(document))


def unwrap_envelope(document: dict) -> list:
    """The readings of {"readings": […], …}; fields beside them are defaults of each reading."""
    readings = document.pop("readings")
    if not isinstance(readings, list):
        raise Unreadable("readings: a list of objects is expected.")
    if not document:
        return readings
    if len(json.dumps(document)) > MAX_ENVELOPE_BYTES:
        raise Unreadable(f"More than {MAX_ENVELOPE_BYTES} bytes stand beside readings.")
    return [document | reading if isinstance(reading, dict) else reading for reading in readings]


def parse_ndjson(text: bytes, max_readings: int) -> ParsedBody:
    """NDJSON. A truncated line (power failure) does not lose the others; no readable line at all raises Unreadable."""
    numbered_lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(numbered_lines) > max_readings:
        raise TooLarge(f"{len(numbered_lines)} lines; at most {max_readings} readings fit one request.")
    readings = [decode_line(number, line) for number, line in numbered_lines]
    problems = [reading for reading in readings if isinstance(reading, Unreadable)]
    if len(problems) == len(readings):
        raise problems[0] if problems else Unreadable("Position 0: the body is empty.")
    return ParsedBody(False, readings)


def decode_line(number: int, line: bytes) -> dict | Unreadable:
    try:
        reading = decode(line)
    except Unreadable as error:
        problem = Unreadable(f"Line {number}: {error}")
    else:
        if isinstance(reading, dict):
            return reading
        problem = Unreadable(f"Line {number}: a reading is a JSON object.")
    problem.line = line
    return problem


def is_object(line: bytes) -> bool:
    try:
        return isinstance(decode(line), dict)
    except Unreadable:
        return False


def decode(text: bytes) -> Any:
    """One JSON value, with msgspec first for speed. Raises Unreadable with the position."""
    try:
        try:
            value = msgspec.json.decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError):
            value = decode_leniently(text)
    except RecursionError as error:
        raise Unreadable(f"Nested more than {MAX_DEPTH} levels deep.") from error
    if not is_shallow(text, value):
        validate_depth(value)
    return value


def decode_leniently(text: bytes) -> Any:
    if not text.strip():
        raise Unreadable("Position 0: the body is empty.")
    try:
        return json.loads(
            BARE_WORD.sub(normalise_bare_word, text.decode()),
            parse_constant=lambda _word: None,
            parse_int=bounded_integer,
        )
    except json.JSONDecodeError as error:
        raise Unreadable(f"Position {error.pos} (line {error.lineno}, column {error.colno}): {error.msg}.") from error
    except UnicodeDecodeError as error:
        raise Unreadable(f"Position {error.start}: not UTF-8.") from error


def normalise_bare_word(match: re.Match[str]) -> str:
    """nan, -inf, INFINITY … as the words Python parses, padded to the same length so that positions stay right."""
    word = match["word"]
    if word is None:
        return match[0]
    return "Infinity".rjust(len(word)) if len(word) >= len("Infinity") else "NaN".rjust(len(word))


def bounded_integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= MAX_INTEGER_DIGITS else float("-inf" if digits[0] == "-" else "inf")


def is_shallow(text: bytes, value: Any) -> bool:
    """Too few brackets to be deep, or a list of objects with one bracket each: nearly every body."""
    brackets = text.count(b"{") + text.count(b"[")
    is_list_of_containers = type(value) is list and CONTAINERS.issuperset(map(type, value))
    return brackets <= MAX_DEPTH or (is_list_of_containers and brackets == 1 + len(value))


def validate_depth(value: Any) -> None:
    """Raises Unreadable for a value nested deeper than MAX_DEPTH, without recursion of its own."""
    level = [value]
    for _depth in range(MAX_DEPTH + 1):
        level = [inner for outer in level for inner in child_values(outer) if type(inner) in CONTAINERS]
        if not level:
            return
    raise Unreadable(f"Nested more than {MAX_DEPTH} levels deep.")


def child_values(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
