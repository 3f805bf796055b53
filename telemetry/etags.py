"""Whether an answer made of readings, sums and settings could be another one by now: a tag for HTTP's ETag.

An answer is a function of four things, and the tag holds all of them:

* **what was stored**: every stored reading leaves a row in the log of arrivals, in its own transaction; row ids never
  come again, so the set of a device's waiting rows names which of its readings are not summed yet;
* **what was summed**: the digest takes rows off that log, and `Edition` counts each time it does, in the same
  transaction. Log and edition together never return to a state they had before;
* **what people set** (names, profiles, limits, alerts, shifts, the factory's zone): PostgreSQL gives each version of a
  row its `xmin` (who wrote it) and `ctid` (where it lies); those of all rows concerned change with every insert,
  update and delete, whatever code did it;
* **the clock**: silence makes a device offline, a day grows. Answers are made as of the last whole minute (`tick`), so
  they change with it and not in between. Readings count at once all the same.

One statement gives all of it from one snapshot; no reading and no sum is looked at. Where more is waiting for the
digest than is worth comparing there is no tag, and so no 304.
"""

from datetime import datetime, timedelta
from hashlib import blake2b

from django.conf import settings
from django.db import connection

from devices.models import Device, DeviceProfile, Hardware
from factories.models import Factory, Holiday, Shift
from telemetry.models import Edition

ONE_MINUTE = timedelta(minutes=1)
MAX_DIRTY_SPANS = 500  # arrivals of the devices concerned


def whole_minute(now: datetime) -> datetime:
    """The last whole minute: as of when answers that wait for a change are made."""
    return now.replace(second=0, microsecond=0)


def factory_etag(factory, *rows, variant=()) -> str | None:
    """The tag of an answer about all devices of a factory. `rows`: querysets of what else is in it, from any floor."""
    devices = Device.objects.filter(factory=factory)
    return etag(devices, *configuration_of(devices, factory.pk), *rows, variant=variant)


def device_etag(device, *rows, variant=()) -> str | None:
    devices = Device.objects.filter(pk=device.pk)
    return etag(devices, *configuration_of(devices, device.factory_id), *rows, variant=variant)


def configuration_of(devices, factory_pk):
    """What decides how readings of `devices` are understood and expected."""
    return [
        devices,
        DeviceProfile.objects.filter(device__in=devices),
        Hardware.objects.filter(device__in=devices),
        Factory.objects.filter(pk=factory_pk),
        Shift.objects.filter(factory=factory_pk),
        Holiday.objects.filter(factory=factory_pk),
    ]


def etag(devices, *rows, variant=()) -> str | None:
    """Equal only where devices' readings and sums, the `rows` and what is `said` (who asks, what, as of when) are."""
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
        cursor.execute(sql, [*concerned_parameters, limit, limit, *(one for some in parameters for one in some)])
        waiting, *state = cursor.fetchone()
    if waiting > MAX_DIRTY_SPANS:
        return None
    return blake2b(repr((settings.VERSION, state, *variant)).encode(), digest_size=16).hexdigest()


def bump_edition(devices):
    """Count a new edition of `devices`, for whoever changes what is kept of them without the log: a rebuild, a drop."""
    keys, parameters = primary_keys_sql(devices)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Edition._meta.db_table} AS old (device_id, number) SELECT id, 1 FROM ({keys}) d ORDER BY id "
            "ON CONFLICT (device_id) DO UPDATE SET number = old.number + 1",
            parameters,
        )


def primary_keys_sql(rows):
    """SELECT of the rows' primary keys, named id → (sql, parameters)."""
    sql, parameters = rows.order_by().values("pk").query.sql_with_params()
    return f"SELECT k.* FROM ({sql}) AS k(id)", parameters


def row_versions_sql(index, rows):
    """SELECT of one text per row that no other row, and no other state of this row, has."""
    sql, parameters = primary_keys_sql(rows)
    meta = rows.model._meta
    return (
        f"SELECT '{index}:' || t.{meta.pk.column} || ':' || t.xmin || t.ctid AS version "
        f"FROM {meta.db_table} t WHERE t.{meta.pk.column} IN ({sql})"
    ), parameters
