"""Readings before and after a span that decide its energy: who speaks into it, and whose energy it changes."""

from datetime import timedelta

from django.db import connection

from telemetry.energy import BRIDGE_LONGEST_S, WINDOW
from telemetry.metrics import SUSPECT_BIT

LOOK_BACK = timedelta(seconds=BRIDGE_LONGEST_S)  # no energy reaches across a longer silence
BEFORE, AFTER = WINDOW + 2, WINDOW
COLUMNS = ("power_consumption", "energy_kwh")
POWER, REGISTER = 1, 2  # places in a row: (at, power_consumption, energy_kwh, suspect)
PLACES = dict(zip(COLUMNS, (POWER, REGISTER), strict=True))


def changed_span(meaning, first, last):
    """From where to where the quarters change when the readings of `first`–`last` are new → (start, end)."""
    inside = readings(meaning.device, first, last, closed=True)
    start, end = first, last
    has_power = any(row[POWER] is not None for row in inside)
    has_register = any(row[REGISTER] is not None for row in inside)
    before = earlier(meaning.device, first, has_power, has_register)
    after = later(meaning.device, last, has_power, has_register)
    for place, is_new in ((POWER, has_power), (REGISTER, has_register)):
        its_before = [row[0] for row in before if row[place] is not None]
        its_after = [row[0] for row in after if row[place] is not None]
        if is_new:
            start = min([start, *its_before[-2:]])
            end = max([end, *its_after])
    if has_power:
        profile = meaning.at(last)
        start = min(start, first - timedelta(seconds=meaning.at(first).interval_s))
        end = max(end, last + timedelta(seconds=profile.interval_s))
    if has_power and not has_register and bridged(meaning.device, start, end):
        # power inside a bridge of the register: what the bridge has left changes from end to end
        start = min([start, *(row[0] for row in earlier(meaning.device, first, False, True) if row[2] is not None)])
        end = max([end, *(row[0] for row in later(meaning.device, last, False, True) if row[2] is not None)])
    return start, end


def around(device, start, end):
    """Rows (at, power, register, suspect), oldest first, that the energy between `start` and `end` rests on."""
    inside = readings(device, start, end)
    needs_register = any(row[REGISTER] is not None for row in inside) or bridged(device, start, end)
    before = earlier(device, start, True, needs_register)
    after = later(device, end - timedelta(microseconds=1), True, needs_register)
    return [*before, *inside, *after]


def readings(device, start, end, closed=False):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT at, power_consumption, energy_kwh, suspect FROM telemetry_reading WHERE device_id = %s "
            f"AND at >= %s AND at {'<=' if closed else '<'} %s "
            "AND (power_consumption IS NOT NULL OR energy_kwh IS NOT NULL) ORDER BY at",
            [device.pk, start, end],
        )
        return cursor.fetchall()


def earlier(device, moment, power, register):
    """The last few rows before `moment`; those that carry the wanted columns even where others lie between."""
    rows = nearest(device, moment - LOOK_BACK, moment, "at >= %s AND at < %s", "DESC", BEFORE)
    for column, is_wanted in zip(COLUMNS, (power, register), strict=True):
        if is_wanted and not any(says(row, column) for row in rows):
            rows += far_earlier(device, moment, column)
    return sorted(set(rows), key=lambda row: row[0])


def later(device, moment, power, register):
    rows = nearest(device, moment, moment + LOOK_BACK, "at > %s AND at <= %s", "ASC", AFTER)
    for column, is_wanted in zip(COLUMNS, (power, register), strict=True):
        if is_wanted and not any(says(row, column) for row in rows):
            rows += far_later(device, moment, column)
    return sorted(set(rows), key=lambda row: row[0])


def says(row, column) -> bool:
    """Whether a row carries a value of `column` that is not suspect."""
    return row[PLACES[column]] is not None and not row[3] & SUSPECT_BIT[column]


def far_earlier(device, moment, column):
    """A device may send one value a request, or its register once a day: the roll-up knows where to look."""
    quarter = counted_quarter(device, column, "starts_at >= %s AND starts_at <= %s", moment - LOOK_BACK, moment, "DESC")
    if quarter is None:
        return []
    carries = f"at >= %s AND at < %s AND {column} IS NOT NULL AND suspect & {SUSPECT_BIT[column]} = 0"
    return nearest(device, quarter - timedelta(hours=2), moment, carries, "DESC", BEFORE)


def far_later(device, moment, column):
    quarter = counted_quarter(
        device, column, "starts_at >= %s AND starts_at <= %s", moment - timedelta(minutes=15), moment + LOOK_BACK, "ASC"
    )
    if quarter is None:
        return []
    carries = f"at > %s AND at <= %s AND {column} IS NOT NULL AND suspect & {SUSPECT_BIT[column]} = 0"
    return nearest(device, moment, quarter + timedelta(hours=2), carries, "ASC", AFTER)


def nearest(device, start, end, condition, order, limit):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT at, power_consumption, energy_kwh, suspect FROM telemetry_reading "
            f"WHERE device_id = %s AND {condition} ORDER BY at {order} LIMIT {limit}",
            [device.pk, start, end],
        )
        return cursor.fetchall()


def counted_quarter(device, column, condition, start, end, order):
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT starts_at FROM telemetry_quarterhour WHERE device_id = %s AND {condition} "
            f"AND {column}_count > 0 ORDER BY starts_at {order} LIMIT 1",
            [device.pk, start, end],
        )
        row = cursor.fetchone()
        return row[0] if row else None


def bridged(device, start, end) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM telemetry_quarterhour WHERE device_id = %s AND bridged_kwh IS NOT NULL "
            "AND starts_at > %s - interval '15 minutes' AND starts_at < %s)",
            [device.pk, start, end],
        )
        return cursor.fetchone()[0]
