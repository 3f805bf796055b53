"""Untrusted text and values → what PostgreSQL, a page and a terminal take. Pure."""

import re
from collections.abc import Callable
from math import isfinite
from typing import Any

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # NUL and surrogates: PostgreSQL's jsonb refuses them


def sanitise_text(text: str) -> str:
    """Untrusted text for a response or a page: truncated, without characters that terminals or PostgreSQL refuse."""
    return UNSTORABLE.sub("\ufffd", text[:40])


def sanitise_json(value: Any) -> Any:
    """A value that jsonb accepts: no NUL, no lone surrogates, no infinite numbers. Depth is bounded by `body`."""
    if isinstance(value, str):
        return UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, dict):
        return {sanitise_json(name): sanitise_json(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [sanitise_json(inner) for inner in value]
    return value


def cut_to_bytes(text: str, max_bytes: int, size_of: Callable[[str], int]) -> str:
    """The longest beginning of `text` whose size is within `max_bytes`."""
    while size_of(text) > max_bytes:
        text = text[: -max(1, (size_of(text) - max_bytes) // 6)]  # \u0001 is a character of six
    return text
