"""Counters that lie, as people report them: every case, however its readings were cut into posts and in any order."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devices.tests.cast import make_device
from telemetry.models import DoubtfulStep, QuarterHour
from telemetry.rollups.digest import digest
from telemetry.storage.partitions import ensure_span
from telemetry.tests.stored_readings import add_dirty_span, insert

pytestmark = [pytest.mark.django_db, pytest.mark.sql]
TEN = datetime(2025, 1, 13, 4, 30, tzinfo=UTC)  # 10:00 in India
WH = [439_534.0 + 18 * place for place in range(5)]


def every(values, every_s=900, column="power_consumption", start=TEN):
    """Rows every 15 minutes; None leaves that moment out."""
    return [
        {"at": start + timedelta(seconds=every_s * place), column: value}
        for place, value in enumerate(values)
        if value is not None
    ]


def twice(values, after_s=2):
    """Each value again, a little later."""
    return sorted(
        (row for later_s in (0, after_s) for row in every(values, start=TEN + timedelta(seconds=later_s))),
        key=lambda row: row["at"],
    )


DEAD_AND_BACK = [13423.7, 13424.2, *[0.0] * 8, 13429.2, 13429.7]
DELTA = {"power_kind": "kWh"}
REGISTER = {"power_kind": "register"}
MONTHLY = [
    {"at": datetime(2024, 10, 1, 3, 30, tzinfo=UTC), "power_consumption": 10_000.0},
    {"at": datetime(2024, 11, 1, 3, 35, tzinfo=UTC), "power_consumption": 12_480.0},
]
# name: (profile, readings, (measured kWh, bridged kWh), doubts as (before, after, reason))
CASES = {
    "reads zero for two hours and comes back": ({**REGISTER, "rated_kw": 5}, every(DEAD_AND_BACK), (1.0, 5.0), []),
    "the same as a register beside power": (
        {"rated_kw": 5}, every(DEAD_AND_BACK, column="energy_kwh"), (1.0, 5.0), [],
    ),
    "the same without a rating": (REGISTER, every(DEAD_AND_BACK), (1.0, 5.0), []),
    "reads zero every 30 seconds for an hour": (
        {**REGISTER, "interval_s": 30, "rated_kw": 5},
        every([*[100 + 0.01 * place for place in range(60)], *[0.0] * 120, 101.0, 101.01], 30), (0.60, 0.41), [],
    ),
    "is misread at another level for a day": (
        {**REGISTER, "rated_kw": 5}, every([500.0, 501.0, *[7.3] * 96, 530.0, 531.0]), (2.0, 29.0), [],
    ),
    "is set back to 0 by a reboot": (
        {**REGISTER, "rated_kw": 5}, every([50.0, 51.0, 0.0, 0.0, 0.5, 1.5]), (2.5, 0), [],
    ),
    "falls to zero and stands there for nine days": (
        {**REGISTER, "rated_kw": 5, "interval_s": 21_600}, every([50.0, 51.0, *[0.0] * 36], 21_600), (1.0, 0), [],
    ),
    "meter swapped for one with a higher register": (
        {**REGISTER, "rated_kw": 5}, every([1204.0, 1204.5, 1205.0, 88315.0, 88315.5, 88316.0]), (2.0, 0),
        [(1205.0, 88315.0, "rise")],
    ),
    "meter swapped, without a rating": (
        REGISTER, every([1204.0, 1204.5, 1205.0, 88315.0, 88315.5, 88316.0]), (2.0, 0), [(1205.0, 88315.0, "rise")],
    ),
    "chip counter jumps up for good": (
        {**REGISTER, "rated_kw": 2}, every([0.40, 0.45, 0.492942, 3137.403564, 3137.45, 3137.50]),
        (0.092942 + 0.096436, 0), [(0.492942, 3137.403564, "rise")],
    ),
    "jumps up and falls back a day later": (
        {**REGISTER, "rated_kw": 5}, every([100.0, 101.0, *[5000.0 + place / 2 for place in range(96)], 150.0, 151.0]),
        (2.0, 49.0), [],
    ),
    "Wh for kWh, small": (
        {"rated_kw": 1}, every(WH, column="energy_kwh"), (0, 0), [(WH[0], WH[-1], "unit")],
    ),
    "Wh for kWh": (
        {"rated_kw": 20}, every([5e6 + 4000 * place for place in range(20)], column="energy_kwh"), (0, 0),
        [(5e6, 5e6 + 4000 * 19, "unit")],
    ),
    "Wh, and said so": (
        {"rated_kw": 1, "energy_unit": "Wh"}, every(WH, column="energy_kwh"), (0.072, 0), [],
    ),
    "kWh since the last reading, sent again two seconds later": (
        {**DELTA, "rated_kw": 4}, twice([0.5] * 5), (2.5, 0), [(0.5, 0.5, "repeated")] * 5,
    ),
    "kWh since the last reading, above the rating": (
        {**DELTA, "rated_kw": 4}, every([0.5, 50.0, 0.5]), (1.0, 0), [(0.5, 50.0, "rise")],
    ),
    "read 31 days and 5 minutes apart": ({**REGISTER, "interval_s": 86_400}, MONTHLY, (0, 2480.0), []),
    "rolls over at a known width": (
        {**REGISTER, "rated_kw": 5, "register_width": 100_000}, every([99_999.0, 99_999.5, 0.3, 0.8]), (1.8, 0), [],
    ),
    "rolls over at a known width during an outage": (
        {**REGISTER, "rated_kw": 5, "register_width": 83_886.08}, every([83_880.0, *[None] * 8, 1.0]), (0, 7.08), [],
    ),
    "rolls over at an unknown width": (
        {**REGISTER, "rated_kw": 5}, every([99_999.0, 99_999.5, 0.3, 0.8]), (1.0, 0), [],
    ),
    "counts whole kWh": ({**REGISTER, "rated_kw": 5, "interval_s": 30}, every([7, 7, 7, 8, 8, 9], 30), (2, 0), []),
    "a large machine without a rating starts": (
        REGISTER, every([1000.0, 1000.0, 1150.0, 1300.0, 1450.0]), (450.0, 0), [],
    ),
}  # fmt: skip


def stored(steel_forge, fields, rows, parts, number=0):
    """A device with these readings, stored and digested part by part."""
    device = make_device(steel_forge, f"ESP32-SF-9{number:02}")
    device.profiles.update(**{"interval_s": 900, **fields})
    ensure_span(rows[0]["at"], rows[-1]["at"])
    for part in parts:
        chosen = [rows[place] for place in sorted(part)]
        insert(device, chosen)
        add_dirty_span(device, chosen[0]["at"], chosen[-1]["at"], len(chosen))
        digest(TEN + timedelta(days=3))
    return device


def outcome(device):
    """((measured kWh, bridged kWh), doubts)"""
    rows = QuarterHour.objects.filter(device=device).values_list("energy_kwh", "bridged_kwh")
    sums = tuple(pytest.approx(sum(row[place] or 0 for row in rows), abs=1e-6) for place in (0, 1))
    doubts = DoubtfulStep.objects.filter(device=device).order_by("after_at")
    return sums, [(step.before_value, step.after_value, step.reason) for step in doubts]


def quarters_of(device):
    names = ("starts_at", "energy_kwh", "bridged_kwh", "covered_s", "received")
    return {
        at: [None if value is None else pytest.approx(value, abs=1e-6) for value in its]
        for at, *its in QuarterHour.objects.filter(device=device).values_list(*names)
    }


def doubts_of(device):
    names = ("metric", "before_at", "before_value", "after_at", "after_value", "reason", "decision")
    steps = DoubtfulStep.objects.filter(device=device).order_by("after_at")
    return [
        (*its, pytest.approx(gained, abs=1e-6), pytest.approx(possible, abs=1e-6))
        for *its, gained, possible in steps.values_list(*names, "gained_kwh", "possible_kwh")
    ]


@pytest.mark.parametrize("name", CASES)
def test_a_counter(steel_forge, name):
    fields, rows, sums, doubts = CASES[name]
    assert outcome(stored(steel_forge, fields, rows, [range(len(rows))])) == (sums, doubts)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("order", ["one by one", "newest first", "every second one late"])
def test_a_counter_in_any_cut_and_order(steel_forge, name, order):
    fields, rows, sums, doubts = CASES[name]
    places = range(len(rows))
    if len(rows) > 40:  # in posts of a quarter of it
        places = [range(start, min(start + 30, len(rows))) for start in range(0, len(rows), 30)]
        parts = {
            "one by one": places,
            "newest first": places[::-1],
            "every second one late": places[::2] + places[1::2],
        }
        parts = parts[order]
    elif order == "every second one late":
        parts = [[*places[::2]], *([place] for place in places[1::2])]
    else:
        parts = [[place] for place in (places if order == "one by one" else reversed(places))]
    device = stored(steel_forge, fields, rows, parts)
    assert outcome(device) == (sums, doubts)
    whole = stored(steel_forge, fields, rows, [range(len(rows))], 1)
    assert quarters_of(device) == quarters_of(whole) and doubts_of(device) == doubts_of(whole)


SHOWN = st.sampled_from([0.0, 0.0, 0.5, 100.0, 101.0, 5000.0, 88_315.0])  # of a register that lies
STEPS_S = st.sampled_from([2, 60, 300, 900, 900, 900, 7200, 100_000])


@st.composite
def lying_counters(draw):
    """(fields of the profile, rows) of a counter that stands, falls, jumps, comes back and sends twice."""
    kind = draw(st.sampled_from(["register", "register", "energy_kwh", "kWh"]))
    fields = {
        "power_kind": "kW" if kind == "energy_kwh" else kind,
        "rated_kw": draw(st.sampled_from([5.0, None])),
        "interval_s": draw(st.sampled_from([60, 900])),
    }
    at, level, rows = TEN, draw(SHOWN), []
    for _ in range(draw(st.integers(2, 14))):
        step_s = draw(STEPS_S)
        at += timedelta(seconds=step_s)
        gain = draw(st.sampled_from([0.0, 1.0, 4.0])) * step_s / 3600
        level = draw(SHOWN) if draw(st.integers(0, 3)) == 0 else level + gain
        value = draw(st.sampled_from([0.5, 0.5, 0.25, 50.0])) if kind == "kWh" else level
        rows.append({"at": at, "energy_kwh" if kind == "energy_kwh" else "power_consumption": value})
    return fields, rows


class Undone(Exception):
    pass


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(lying_counters(), st.lists(st.integers(0, 3), min_size=14, max_size=14))
def test_the_same_readings_have_the_same_energy_and_the_same_doubts_in_any_cut(steel_forge, counter, batches):
    fields, rows = counter
    parts = [[place for place in range(len(rows)) if batches[place] == batch] for batch in range(4)]
    try:
        with transaction.atomic():
            cut = stored(steel_forge, fields, rows, [part for part in parts if part])
            whole = stored(steel_forge, fields, rows, [range(len(rows))], 1)
            assert (quarters_of(cut), doubts_of(cut)) == (quarters_of(whole), doubts_of(whole))
            raise Undone
    except Undone:
        pass
