"""Parsing of ingest payloads: bytes → samples, or the reason why not. Pure.

`parse_body()` decodes a request body into raw readings, `parse_sample()` turns one of them into a ReadingSample or a
Reject.
"""

from telemetry.payloads.body import (
    ENCODINGS,
    BadBody,
    ParsedBody,
    TooLarge,
    Unreadable,
    UnsupportedMediaType,
    body_preview,
    parse_body,
)
from telemetry.payloads.columns import Columns, columns_of
from telemetry.payloads.samples import ReadingSample, Reject, parse_sample, payload_bytes

__all__ = [
    "ENCODINGS",
    "BadBody",
    "Columns",
    "ParsedBody",
    "ReadingSample",
    "Reject",
    "TooLarge",
    "Unreadable",
    "UnsupportedMediaType",
    "body_preview",
    "columns_of",
    "parse_body",
    "parse_sample",
    "payload_bytes",
]
