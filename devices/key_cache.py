"""Device keys with all that hangs on them, read once and used for as long as none of those rows has changed.

Nothing is stored, and nobody refused, on what was true a moment ago: whoever acts on a remembered key asks in the same
transaction whether it is `unchanged`, many keys in one query. So a revoked key stops at once, and yet its rows are not
read and made into objects anew for each of thousands of posts a second.
"""

from typing import NamedTuple

from django.db import connection
from django.db.models import prefetch_related_objects

from core.group_commit import Together
from devices.models import DeviceKey

MOST_KEPT = 10_000
MOST_TOGETHER = 100
VERSIONS = "SELECT * FROM devices_key_versions(%s)"  # prefix, what it says of its rows; migration 0003


class KeyChanged(Exception):
    """What was remembered of a key is no longer so."""


class Known(NamedTuple):
    """A key as it stood when it was read, its factory, and its device with profiles fetched. Shared: never changed."""

    key: DeviceKey
    versions: str  # of all the rows it was made of


kept: dict[str, Known] = {}  # by prefix


def remembered(prefix: str) -> Known | None:
    return kept.get(prefix)


def known_now(prefix: str) -> Known | None:
    """The key as the database has it now; those who ask at once ask in one query."""
    return ask_together(prefix)


def changed(knowns, versions: dict[str, str]) -> list[Known]:
    """Those that are no longer as they were read; `versions` as `VERSIONS` has them now."""
    return [known for known in knowns if versions.get(known.key.prefix) != known.versions]


def prefixes_of(knowns) -> list[str]:
    return list({known.key.prefix for known in knowns})


def refuse_changed(known: Known):
    if changed([known], versions_of([known.key.prefix])):
        raise KeyChanged(known.key.prefix)


def knowns_of(prefixes: list[str]) -> list[Known | None]:
    versions = versions_of(prefixes)
    for prefix in prefixes:
        if prefix in kept and kept[prefix].versions != versions.get(prefix):
            del kept[prefix]
    unread = [prefix for prefix in versions if prefix not in kept]
    for key in read(unread) if unread else ():
        kept[key.prefix] = Known(key, versions[key.prefix])  # read after its versions: a change between shows later
    found = [kept.get(prefix) for prefix in prefixes]
    while len(kept) > MOST_KEPT:
        del kept[next(iter(kept))]
    return found


ask_together = Together(knowns_of, most=MOST_TOGETHER)


def versions_of(prefixes: list[str]) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(VERSIONS, [prefixes])
        return dict(cursor.fetchall())


def read(prefixes) -> list[DeviceKey]:
    keys = list(DeviceKey.objects.select_related("device", "factory").filter(prefix__in=prefixes))
    prefetch_related_objects([key.device for key in keys if key.device], "profiles")
    for key in keys:
        if key.device:
            key.device.factory = key.factory
    return keys
