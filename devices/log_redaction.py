"""Redaction of device keys in log lines. Pure."""

import logging
import re

QUERY_KEY_PATTERN = re.compile(r"(api_key=)[^&\s\"']+")
KEY_PATTERN = re.compile(r"(cs_[0-9a-f]{12}_)[A-Za-z0-9_-]{8,}")


def redact_keys(text: str) -> str:
    return KEY_PATTERN.sub(r"\1…", QUERY_KEY_PATTERN.sub(r"\1…", text))


class RedactKeysFilter(logging.Filter):
    def filter(self, record) -> bool:
        message = record.getMessage()
        if "cs_" in message or "api_key=" in message:
            record.msg, record.args = redact_keys(message), ()
        return True
