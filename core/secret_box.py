"""Encryption of credentials at rest: with the first of CREDENTIAL_KEYS, decrypted with any, so that keys can rotate."""

import json
from base64 import urlsafe_b64encode
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class UnsealError(ValueError):
    """None of CREDENTIAL_KEYS decrypts it."""


def seal(credentials: dict) -> str:
    return cipher().encrypt(json.dumps(credentials).encode()).decode()


def unseal(sealed: str) -> dict:
    """The credentials again. Raises UnsealError."""
    try:
        return json.loads(cipher().decrypt(sealed.encode()))
    except InvalidToken as error:
        raise UnsealError(
            "It was sealed with a key that is not among CREDENTIAL_KEYS any more; enter it anew."
        ) from error


def cipher() -> MultiFernet:
    return MultiFernet([Fernet(derive_key(text)) for text in settings.CREDENTIAL_KEYS])


def derive_key(text: str) -> bytes:
    """A Fernet key from any long text, so that CREDENTIAL_KEYS need not be in Fernet's own format."""
    return urlsafe_b64encode(sha256(text.encode()).digest())
