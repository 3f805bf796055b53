"""ETags of responses computed from readings, rollups and settings.

A response is a function of four things, and the tag covers all of them:

* **readings**: every stored reading leaves a row in the log of dirty spans, in its own transaction; row ids are never
  reused, so the set of a device's pending rows identifies which of its readings are not summed yet;
* **rollups**: the digest deletes rows of that log, and `Edition` is incremented each time, in the same transaction. Log
  and edition together never return to an earlier state;
* **settings** (names, profiles, limits, alerts, shifts, the factory's zone): PostgreSQL gives each version of a row its
  `xmin` (writing transaction) and `ctid` (location); those of all rows concerned change with every insert, update and
  delete, whatever code did it;
* **the clock**: silence makes a device offline, a day grows. Responses are computed as of the last whole minute
  (`whole_minute`), so they change with it and not in between. Readings count at once all the same.

One statement reads all of it from one snapshot; no reading and no rollup is read. With too many pending spans there is
no tag, and so no 304.
"""

from datetime import datetime, timedelta
from hashlib import blake2b

from django.conf import settings
from django.db import connection

from devices.models import Device, DeviceProfile, Hardware
from factories.models import Factory, Holiday, Shift
from telemetry.models import DoubtfulStep, Edition, UnitDoubt

ONE_MINUTE = timedelta(minutes=1)
MAX_DIRTY_SPANS = 500  # dirty spans of the devices concerned; with more there is no tag


def whole_minute(now: datetime) -> datetime:
    """The last whole minute, as of which responses with an ETag are computed."""
    return now.replace(second=0, microsecond=0)


def factory_etag(factory, *rows, variant=()) -> str | None:
    """The tag of a response about all devices of a factory. `rows`: querysets of other rows it shows."""
    devices = Device.objects.filter(factory=factory)
    return etag(devices, *configuration_of(devices, factory.pk), *rows, variant=variant)


def device_etag(device, *rows, variant=()) -> str | None:
    devices = Device.objects.filter(pk=device.pk)
    return etag(devices, *configuration_of(devices, device.factory_id), *rows, variant=variant)


def configuration_of(devices, factory_pk) -> list:
    """Querysets of the settings that the interpretation of readings of `devices` depends on."""
    return [
        devices,
        DeviceProfile.objects.filter(device__in=devices),
        Hardware.objects.filter(device__in=devices),
        UnitDoubt.objects.filter(device__in=devices),
        DoubtfulStep.objects.filter(device__in=devices),
        Factory.objects.filter(pk=factory_pk),
        Shift.objects.filter(factory=factory_pk),
        Holiday.objects.filter(factory=factory_pk),
    ]


def etag(devices, *rows, variant=()) -> str | None:
    """Equal only for equal readings and rollups of `devices`, `rows` and `variant` (user, parameters, as of when)."""
    concerned, concerned_parameters = primary_keys_sql(devices)
    versions, parameters = zip(*(row_versions_sql(index, queryset) for index, queryset in enumerate(rows)), strict=True)
    sql = f"""
    WITH concerned AS MATERIALIZED ({concerned}),
    waiting AS (
        SELECT w.id FROM concerned c CROSS JOIN LATERAL
        (SELECT id FROM telemetry_dirtyspan WHERE device_id = c.id LIMIT %s) w LIMIT %s
    )
    SELECT (SELECT count(*) FROM waiting), (SELECT string_agg(id::text, ',' ORDER BY id) FROM waiting),
           (SELECT string_agg(device_id || ':' || number, ',' ORDER BY device_id)
            FROM {Edition._meta.db_table} WHERE device_id IN (SELECT id FROM concerned)),
           (SELECT md5(string_agg(version, ',' ORDER BY version)) FROM ({" UNION ALL ".join(versions)}) v)
    """
    limit = MAX_DIRTY_SPANS + 1
    with connection.cursor() as cursor:
        cursor.execute(sql, [*concerned_parameters, limit, limit, *(value for group in parameters for value in group)])
        waiting, *state = cursor.fetchone()
    if waiting > MAX_DIRTY_SPANS:
        return None
    return blake2b(repr((settings.VERSION, state, *variant)).encode(), digest_size=16).hexdigest()


def bump_edition(devices) -> None:
    """Increment the edition of `devices`, after a change of their rows outside the log: a rebuild, a retention drop."""
    keys, parameters = primary_keys_sql(devices)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Edition._meta.db_table} AS old (device_id, number) SELECT id, 1 FROM ({keys}) d ORDER BY id "
            "ON CONFLICT (device_id) DO UPDATE SET number = old.number + 1",
            parameters,
        )


def primary_keys_sql(rows) -> tuple[str, tuple]:
    """SELECT of the rows' primary keys, as id → (sql, parameters)."""
    sql, parameters = rows.order_by().values("pk").query.sql_with_params()
    return f"SELECT k.* FROM ({sql}) AS k(id)", parameters


def row_versions_sql(index, rows) -> tuple[str, tuple]:
    """SELECT of one text per row, unique to this version of this row."""
    sql, parameters = primary_keys_sql(rows)
    meta = rows.model._meta
    return (
        f"SELECT '{index}:' || t.{meta.pk.column} || ':' || t.xmin || t.ctid AS version "
        f"FROM {meta.db_table} t WHERE t.{meta.pk.column} IN ({sql})"
    ), parameters
