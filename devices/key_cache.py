"""Device keys with all that hangs on them, read once and used for as long as none of those rows has changed.

Nothing is stored, and nobody refused, on what was true a moment ago: whoever acts on a remembered key asks in the same
transaction whether it is `unchanged`, many keys in one query. So a revoked key stops at once, and yet its rows are not
read and made into objects anew for each of thousands of posts a second.
"""

from typing import NamedTuple

from django.db import connection
from django.db.models import prefetch_related_objects

from core.group_commit import Coalescer
from devices.models import DeviceKey

MAX_CACHED_KEYS = 10_000
MAX_BATCH = 100
VERSIONS_SQL = "SELECT * FROM devices_key_versions(%s)"  # prefix, what it says of its rows; migration 0003


class KeyChanged(Exception):
    """What was remembered of a key is no longer so."""


class CachedKey(NamedTuple):
    """A key as it stood when it was read, its factory, and its device with profiles fetched. Shared: never changed."""

    key: DeviceKey
    versions: str  # of all the rows it was made of


cache: dict[str, CachedKey] = {}  # by prefix


def cached_key(prefix: str) -> CachedKey | None:
    return cache.get(prefix)


def current_key(prefix: str) -> CachedKey | None:
    """The key as the database has it now; those who ask at once ask in one query."""
    return fetch_key(prefix)


def stale_keys(cached_keys, versions: dict[str, str]) -> list[CachedKey]:
    """Those that are no longer as they were read; `versions` as `VERSIONS` has them now."""
    return [cached for cached in cached_keys if versions.get(cached.key.prefix) != cached.versions]


def prefixes_of(cached_keys) -> list[str]:
    return list({cached.key.prefix for cached in cached_keys})


def refuse_stale(cached: CachedKey):
    if stale_keys([cached], versions_of([cached.key.prefix])):
        raise KeyChanged(cached.key.prefix)


def fetch_keys(prefixes: list[str]) -> list[CachedKey | None]:
    versions = versions_of(prefixes)
    for prefix in prefixes:
        if prefix in cache and cache[prefix].versions != versions.get(prefix):
            del cache[prefix]
    missing = [prefix for prefix in versions if prefix not in cache]
    for key in load_keys(missing) if missing else ():
        cache[key.prefix] = CachedKey(
            key, versions[key.prefix]
        )  # read after its versions: a change between shows later
    found_keys = [cache.get(prefix) for prefix in prefixes]
    while len(cache) > MAX_CACHED_KEYS:
        del cache[next(iter(cache))]
    return found_keys


fetch_key = Coalescer(fetch_keys, max_batch=MAX_BATCH)


def versions_of(prefixes: list[str]) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(VERSIONS_SQL, [prefixes])
        return dict(cursor.fetchall())


def load_keys(prefixes) -> list[DeviceKey]:
    keys = list(DeviceKey.objects.select_related("device", "factory").filter(prefix__in=prefixes))
    prefetch_related_objects([key.device for key in keys if key.device], "profiles")
    for key in keys:
        if key.device:
            key.device.factory = key.factory
    return keys
