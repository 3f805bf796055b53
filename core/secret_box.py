"""Credentials at rest: sealed with the first of CREDENTIAL_KEYS, opened with any of them, so that keys can rotate."""

import json
from base64 import urlsafe_b64encode
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class UnsealError(ValueError):
    """None of the keys there are opens it."""


def seal(credentials: dict) -> str:
    return cipher().encrypt(json.dumps(credentials).encode()).decode()


def unseal(sealed: str) -> dict:
    """Raises Sealed."""
    try:
        return json.loads(cipher().decrypt(sealed.encode()))
    except InvalidToken as error:
        raise UnsealError(
            "It was sealed with a key that is not among CREDENTIAL_KEYS any more; enter it anew."
        ) from error


def cipher() -> MultiFernet:
    return MultiFernet([Fernet(derive_key(text)) for text in settings.CREDENTIAL_KEYS])


def derive_key(text: str) -> bytes:
    """Any long text makes a key: nobody has to know Fernet's own form."""
    return urlsafe_b64encode(sha256(text.encode()).digest())
