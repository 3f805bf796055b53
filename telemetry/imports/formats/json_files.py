"""JSON day files: NDJSON, or one array, parsed object by object. Pure."""

import codecs
import json
import re
from collections.abc import Iterator

from telemetry.imports.formats.lines import GZIP_ERRORS, MAX_LINE_BYTES, ImportLine, Truncated, enforce_max_bytes
from telemetry.payloads.body import Unreadable, decode, validate_depth

BLOCK_BYTES = 64 * 1024
SEPARATORS = re.compile(r"[ \t\r\n,]*")


def parse_line(number, content) -> ImportLine | None:
    if not content.strip():
        return None
    try:
        raw = decode(content)
    except Unreadable as error:
        return ImportLine(number, None, f"is no JSON: {error}")
    return ImportLine(number, raw) if isinstance(raw, dict) else ImportLine(number, None, "a reading is a JSON object")


def parse_array(stream, max_bytes) -> Iterator[ImportLine]:
    """ImportLine of each element, numbered from 1. Raises Truncated at an unreadable one: no later one is found."""
    decoder, utf_8 = json.JSONDecoder(), codecs.getincrementaldecoder("utf-8-sig")("surrogateescape")
    text, number, read_bytes = "", 0, 0
    while True:
        data = read_block(stream, number) if len(text) <= MAX_LINE_BYTES else b""
        if not data:
            raise Truncated(f"Reading {number + 1} cannot be read, nor anything after it: {excerpt(text)}")
        read_bytes += len(data)
        enforce_max_bytes(read_bytes, max_bytes)
        text += utf_8.decode(data)
        offset = SEPARATORS.match(text, 0 if number else text.find("[") + 1).end()
        while offset < len(text) and text[offset] != "]":
            try:
                raw, end = decoder.raw_decode(text, offset)
            except (ValueError, RecursionError):
                break  # perhaps it continues in the next block
            number, offset = number + 1, SEPARATORS.match(text, end).end()
            yield line_of_element(number, raw)
        if text[offset : offset + 1] == "]":
            return
        text = text[offset:] if number else text


def line_of_element(number, raw) -> ImportLine:
    if not isinstance(raw, dict):
        return ImportLine(number, None, "a reading is a JSON object")
    try:
        validate_depth(raw)
    except Unreadable as error:
        return ImportLine(number, None, str(error))
    return ImportLine(number, raw)


def read_block(stream, number) -> bytes:
    try:
        return stream.read(BLOCK_BYTES)
    except GZIP_ERRORS:
        raise Truncated(f"The gzip data are damaged or cut off after reading {number}.") from None


def excerpt(text) -> str:
    return repr(text[:40].encode("utf-8", "replace").decode()) if text else "the array does not end."
