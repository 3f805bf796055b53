"""Parsing of ingest payloads: bytes → samples, or the reason why not. Pure.

`parse_body()` decodes a request body into raw readings, `parse_batch()` turns them into a ReadingSample or a Reject
each; `parse_sample()` does so for one that was not sent just now. `in_device_units()` then asks the device's profile.
"""

from telemetry.payloads.bad_body import BadBody, TooLarge, Unreadable, UnsupportedMediaType
from telemetry.payloads.batches import parse_batch
from telemetry.payloads.body import ENCODINGS, ParsedBody, body_preview, parse_body
from telemetry.payloads.columns import Columns, columns_of
from telemetry.payloads.device_units import in_device_units
from telemetry.payloads.fields import parse_form
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
    "in_device_units",
    "parse_batch",
    "parse_body",
    "parse_form",
    "parse_sample",
    "payload_bytes",
]
