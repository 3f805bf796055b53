"""In-process cache of device keys with their related rows, validated by row versions.

Nothing is stored or rejected on stale state: code that acts on a cached key checks its versions in the same
transaction (`stale_keys`), many keys in one query. A revoked key therefore stops working at once, without re-reading
its rows for each of thousands of requests a second.
"""

from typing import NamedTuple

from django.db import connection
from django.db.models import prefetch_related_objects

from core.group_commit import Coalescer
from devices.models import DeviceKey

MAX_CACHED_KEYS = 10_000
MAX_BATCH = 100
VERSIONS_SQL = "SELECT * FROM devices_key_versions(%s)"  # (prefix, versions of its rows); defined in a migration


class KeyChanged(Exception):
    """The cached state of a key is stale."""


class CachedKey(NamedTuple):
    """A key with its factory, device and profiles, as read. Shared between requests: treat as immutable."""

    key: DeviceKey
    versions: str  # of all rows it was read from


cache: dict[str, CachedKey] = {}  # by prefix


def cached_key(prefix: str) -> CachedKey | None:
    return cache.get(prefix)


def current_key(prefix: str) -> CachedKey | None:
    """The key as it is in the database now; concurrent calls share one query."""
    return fetch_key(prefix)


def stale_keys(cached_keys, versions: dict[str, str]) -> list[CachedKey]:
    """Those whose rows have changed; `versions`: the current ones by prefix, from `VERSIONS_SQL`."""
    return [cached for cached in cached_keys if versions.get(cached.key.prefix) != cached.versions]


def prefixes_of(cached_keys) -> list[str]:
    return list({cached.key.prefix for cached in cached_keys})


def refuse_stale(cached: CachedKey) -> None:
    """Raises KeyChanged."""
    if stale_keys([cached], versions_of([cached.key.prefix])):
        raise KeyChanged(cached.key.prefix)


def fetch_keys(prefixes: list[str]) -> list[CachedKey | None]:
    versions = versions_of(prefixes)
    for prefix in prefixes:
        if prefix in cache and cache[prefix].versions != versions.get(prefix):
            del cache[prefix]
    missing = [prefix for prefix in versions if prefix not in cache]
    for key in load_keys(missing) if missing else ():
        # Rows are read after their versions: a change in between makes the entry stale, never wrong.
        cache[key.prefix] = CachedKey(key, versions[key.prefix])
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
