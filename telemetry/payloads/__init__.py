"""From bytes to samples: what a device may send, and why something of it cannot be taken. Pure.

`parse_body()` turns a request's body into readings as they came, `parse_sample()` turns one of them into a ReadingSample or a Reject.
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
