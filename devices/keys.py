"""Generation, parsing and verification of device keys. Pure.

A key reads `cs_<prefix>_<secret>`: the prefix is public and identifies the row; of the secret only a SHA-256 is stored.
32 random bytes need neither a slow hash nor a pepper, so rotating SECRET_KEY does not invalidate keys.
"""

import hashlib
import hmac
import re
import secrets
from typing import NamedTuple

KEY_PATTERN = re.compile(r"cs_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")


class NewKey(NamedTuple):
    prefix: str
    secret_hash: str
    text: str  # shown once, never stored


def new_key() -> NewKey:
    prefix, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    return NewKey(prefix, hash_secret(secret), f"cs_{prefix}_{secret}")


def split_key(text: str) -> tuple[str, str] | None:
    """(prefix, secret) of a well-formed key, else None."""
    match = KEY_PATTERN.fullmatch(text.strip())
    return (match[1], match[2]) if match else None


def hash_secret(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def matches_secret(secret: str, secret_hash: str) -> bool:
    return hmac.compare_digest(hash_secret(secret), secret_hash)
