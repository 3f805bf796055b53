"""The demo devices' keys. The database keeps only hashes; the texts stay in a file only its owner can read."""

import json
import os
from datetime import datetime

from django.conf import settings

PATH = settings.VAR_DIR / "demo-keys.json"


def save(keys: dict, loaded_at: datetime) -> None:
    """`keys`: device id → text of its key. `loaded_at`: when the demo was loaded; its curves depend on that moment."""
    PATH.parent.mkdir(parents=True, exist_ok=True)
    with open(os.open(PATH, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump({"loaded_at": loaded_at.isoformat(), "keys": keys}, file, indent=1)


def read(path=PATH) -> dict:
    return json.loads(path.read_text())["keys"] if path.exists() else {}


def loaded_at(path=PATH) -> datetime:
    return datetime.fromisoformat(json.loads(path.read_text())["loaded_at"])


def first_key():
    return next(iter(read().items()), ("ESP32-SF-001", "<key>"))
