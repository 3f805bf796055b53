"""Five weeks of quarter hours of an invented machine, and faults put into its last day. Seeded: the same every time."""

import math
import random
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

END = datetime(2026, 3, 12, 0, 0, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
DAYS = 29
STARTS_AT_H = (6.0, 11.0)  # when a fault begins on the last day


class Fault(NamedTuple):
    """`at` and `until`: when it is in the values; None for a machine without a fault."""

    name: str
    at: datetime
    until: datetime


def quarter_hours(seed: int, fault: str | None):
    """([(moment, (temperature, power, vibration, gas index))], Fault or None)"""
    luck = random.Random(f"{seed} {fault}")
    nature = {
        "load_kw": luck.uniform(15, 60), "base_c": luck.uniform(24, 32), "rise_c": luck.uniform(20, 600),
        "shake": luck.uniform(0.8, 3.5), "noise": luck.uniform(0.01, 0.04), "slow": luck.uniform(1, 6),
    }  # fmt: skip
    rows, heat = [], 0.0
    at = END - timedelta(days=DAYS)
    while at < END:
        running = is_running(at, luck)
        load = (0.75 + 0.25 * luck.random()) if running else 0.04
        heat += (load - heat) / nature["slow"]
        weather = 4 * math.sin(2 * math.pi * (at.hour + at.minute / 60 - 9) / 24)
        rows.append(
            [
                at,
                noisy(luck, nature["base_c"] + weather + nature["rise_c"] * heat, nature["noise"]),
                noisy(luck, nature["load_kw"] * load, nature["noise"]),
                noisy(luck, 0.1 + nature["shake"] * load, 2 * nature["noise"]),
                noisy(luck, 90 + 60 * heat, nature["noise"]),
            ]
        )
        at += QUARTER
    told = put(rows, fault, luck, nature) if fault else None
    return [(row[0], tuple(row[1:])) for row in rows], told


def is_running(at, luck):
    """Two shifts on six days; now and then an hour's stop."""
    return at.weekday() != 6 and 6 <= at.hour < 22 and luck.random() > 0.015


def noisy(luck, value, share):
    return max(0.0, value * (1 + luck.gauss(0, share)))


def put(rows, name, luck, nature):
    start = END - timedelta(days=1) + timedelta(hours=luck.uniform(*STARTS_AT_H))
    first = next(place for place, row in enumerate(rows) if row[0] >= start)
    last = FAULTS[name](rows, first, luck, nature)
    return Fault(name, rows[first][0], rows[last][0] + QUARTER)


def spike(rows, first, luck, nature):
    """A jam: an hour at well over the usual load, with heat and shaking."""
    last = first + 3
    for row in rows[first : last + 1]:
        row[2] *= luck.uniform(1.6, 2.0)
        row[3] *= luck.uniform(1.8, 2.5)
    return last


def drift(rows, first, luck, nature):
    """A fouled cooler: temperature climbs for eight hours."""
    last = min(len(rows) - 1, first + 31)
    for place in range(first, last + 1):
        rows[place][1] *= 1 + 0.35 * (place - first + 1) / 32
    return last


def stuck(rows, first, luck, nature):
    """A sensor that stands still while the machine goes on, from a value of the running machine to its stop."""
    value = rows[first][3]
    last = min(len(rows) - 1, first + 60)
    for row in rows[first : last + 1]:
        row[3] = value
    return last


def bearing(rows, first, luck, nature):
    """A bearing that goes: vibration doubles and more within the day, and warms the machine a little."""
    last = min(len(rows) - 1, first + 47)
    for place in range(first, last + 1):
        grown = (place - first + 1) / 48
        rows[place][3] *= 1 + 1.8 * grown**1.5
        rows[place][1] *= 1 + 0.05 * grown
    return last


def phase(rows, first, luck, nature):
    """A missing phase: a third less power at the same work, more shaking, a warmer motor."""
    last = min(len(rows) - 1, first + 23)
    for row in rows[first : last + 1]:
        row[2] *= 0.62
        row[3] *= 1.5
        row[1] *= 1.08
    return last


FAULTS = {"spike": spike, "drift": drift, "stuck": stuck, "bearing": bearing, "missing phase": phase}
