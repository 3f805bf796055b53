"""From bytes to samples: what a device may send, and why something of it cannot be taken. Pure.

`read()` turns a request's body into readings as they came, `sample_of()` turns one of them into a Sample or a Reject.
"""

from telemetry.payloads.body import ENCODINGS, BadBody, NotUnderstood, Said, TooLarge, Unreadable, read, start_of
from telemetry.payloads.columns import Columns, columns_of
from telemetry.payloads.samples import Reject, Sample, kept_bytes, sample_of

__all__ = [
    "ENCODINGS",
    "BadBody",
    "Columns",
    "NotUnderstood",
    "Reject",
    "Said",
    "Sample",
    "TooLarge",
    "Unreadable",
    "columns_of",
    "kept_bytes",
    "read",
    "sample_of",
    "start_of",
]
