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
    rng = random.Random(f"{seed} {fault}")
    traits = {
        "load_kw": rng.uniform(15, 60), "base_c": rng.uniform(24, 32), "rise_c": rng.uniform(20, 600),
        "shake": rng.uniform(0.8, 3.5), "noise": rng.uniform(0.01, 0.04), "slow": rng.uniform(1, 6),
    }  # fmt: skip
    rows, heat = [], 0.0
    at = END - timedelta(days=DAYS)
    while at < END:
        running = is_running(at, rng)
        load = (0.75 + 0.25 * rng.random()) if running else 0.04
        heat += (load - heat) / traits["slow"]
        weather = 4 * math.sin(2 * math.pi * (at.hour + at.minute / 60 - 9) / 24)
        rows.append(
            [
                at,
                noisy(rng, traits["base_c"] + weather + traits["rise_c"] * heat, traits["noise"]),
                noisy(rng, traits["load_kw"] * load, traits["noise"]),
                noisy(rng, 0.1 + traits["shake"] * load, 2 * traits["noise"]),
                noisy(rng, 90 + 60 * heat, traits["noise"]),
            ]
        )
        at += QUARTER
    injected = inject_fault(rows, fault, rng, traits) if fault else None
    return [(row[0], tuple(row[1:])) for row in rows], injected


def is_running(at, rng):
    """Two shifts on six days; now and then an hour's stop."""
    return at.weekday() != 6 and 6 <= at.hour < 22 and rng.random() > 0.015


def noisy(rng, value, share):
    return max(0.0, value * (1 + rng.gauss(0, share)))


def inject_fault(rows, name, rng, traits):
    start = END - timedelta(days=1) + timedelta(hours=rng.uniform(*STARTS_AT_H))
    first = next(place for place, row in enumerate(rows) if row[0] >= start)
    last = FAULTS[name](rows, first, rng, traits)
    return Fault(name, rows[first][0], rows[last][0] + QUARTER)


def spike(rows, first, rng, traits):
    """A jam: an hour at well over the usual load, with heat and shaking."""
    last = first + 3
    for row in rows[first : last + 1]:
        row[2] *= rng.uniform(1.6, 2.0)
        row[3] *= rng.uniform(1.8, 2.5)
    return last


def drift(rows, first, rng, traits):
    """A fouled cooler: temperature climbs for eight hours."""
    last = min(len(rows) - 1, first + 31)
    for place in range(first, last + 1):
        rows[place][1] *= 1 + 0.35 * (place - first + 1) / 32
    return last


def stuck(rows, first, rng, traits):
    """A sensor that stands still while the machine goes on, from a value of the running machine to its stop."""
    value = rows[first][3]
    last = min(len(rows) - 1, first + 60)
    for row in rows[first : last + 1]:
        row[3] = value
    return last


def bearing(rows, first, rng, traits):
    """A bearing that goes: vibration doubles and more within the day, and warms the machine a little."""
    last = min(len(rows) - 1, first + 47)
    for place in range(first, last + 1):
        grown = (place - first + 1) / 48
        rows[place][3] *= 1 + 1.8 * grown**1.5
        rows[place][1] *= 1 + 0.05 * grown
    return last


def phase(rows, first, rng, traits):
    """A missing phase: a third less power at the same work, more shaking, a warmer motor."""
    last = min(len(rows) - 1, first + 23)
    for row in rows[first : last + 1]:
        row[2] *= 0.62
        row[3] *= 1.5
        row[1] *= 1.08
    return last


FAULTS = {"spike": spike, "drift": drift, "stuck": stuck, "bearing": bearing, "missing phase": phase}
