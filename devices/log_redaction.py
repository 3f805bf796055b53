"""Redaction of device keys in log lines. Pure."""

import logging
import re

from pythonjsonlogger.json import JsonFormatter

QUERY_KEY_PATTERN = re.compile(r"(api[_-]?key=)[^&\s\"']+", re.IGNORECASE)
KEY_PATTERN = re.compile(r"(cs_[0-9a-f]{12}_)[A-Za-z0-9_-]{8,}")


def redact_keys(text: str) -> str:
    if "cs_" not in text and "key=" not in text.lower():
        return text
    return KEY_PATTERN.sub(r"\1…", QUERY_KEY_PATTERN.sub(r"\1…", text))


class RedactedFormatter(logging.Formatter):
    """Redacts the whole line: a key may stand in the address of a request or in a traceback."""

    def format(self, record) -> str:
        return redact_keys(super().format(record))


class RedactedJsonFormatter(JsonFormatter):
    def format(self, record) -> str:
        return redact_keys(super().format(record))
