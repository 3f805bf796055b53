"""JSON day files: one object a line, or one array, read object by object. Pure."""

import codecs
import json
import re

from telemetry.imports.formats.lines import DAMAGED, LONGEST_LINE, Cut, Line, refuse_more
from telemetry.payloads.body import Unreadable, decode, refuse_depth

BLOCK = 64 * 1024
BETWEEN = re.compile(r"[ \t\r\n,]*")


def line_of(number, content) -> Line | None:
    if not content.strip():
        return None
    try:
        raw = decode(content)
    except Unreadable as error:
        return Line(number, None, f"is no JSON: {error}")
    return Line(number, raw) if isinstance(raw, dict) else Line(number, None, "a reading is a JSON object")


def array(stream, most_bytes):
    """Line of each element, numbered from 1. What cannot be read ends it: the rest cannot be told apart. Raises Cut."""
    decoder, utf_8 = json.JSONDecoder(), codecs.getincrementaldecoder("utf-8-sig")("surrogateescape")
    text, number, taken = "", 0, 0
    while True:
        fresh = block(stream, number) if len(text) <= LONGEST_LINE else b""
        if not fresh:
            raise Cut(f"Reading {number + 1} cannot be read, nor anything after it: {shown(text)}")
        taken += len(fresh)
        refuse_more(taken, most_bytes)
        text += utf_8.decode(fresh)
        place = BETWEEN.match(text, 0 if number else text.find("[") + 1).end()
        while place < len(text) and text[place] != "]":
            try:
                raw, end = decoder.raw_decode(text, place)
            except (ValueError, RecursionError):
                break  # perhaps it goes on in the next block
            number, place = number + 1, BETWEEN.match(text, end).end()
            yield element(number, raw)
        if text[place : place + 1] == "]":
            return
        text = text[place:] if number else text


def element(number, raw) -> Line:
    if not isinstance(raw, dict):
        return Line(number, None, "a reading is a JSON object")
    try:
        refuse_depth(raw)
    except Unreadable as error:
        return Line(number, None, str(error))
    return Line(number, raw)


def block(stream, number):
    try:
        return stream.read(BLOCK)
    except DAMAGED:
        raise Cut(f"The gzip data are damaged or cut off after reading {number}.") from None


def shown(text):
    return repr(text[:40].encode("utf-8", "replace").decode()) if text else "the array does not end."
