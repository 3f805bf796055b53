"""What a device's first values raise: watts, watt-hours, gravity, °F, a reversed transformer."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from devices.models import DeviceProfile
from telemetry.analytics.unit_prescreen import may_be_odd
from telemetry.analytics.unit_questions import Place, questions
from telemetry.metrics import METRIC_NAMES


def series(now, values, every_s=900, metric="power_consumption", **fields):
    blank = dict.fromkeys(METRIC_NAMES)
    moments = [now + timedelta(seconds=every_s * place) for place in range(len(values))]
    rows = zip(moments, values, strict=True)
    return [SimpleNamespace(**{**blank, "at": at, metric: value, **fields}) for at, value in rows]


def asked(readings, place=None, **profile):
    """{kind: question}; the quick look overlooks none of them."""
    meaning, place = DeviceProfile(**profile), place or Place()
    found = {one.kind: one for one in questions(readings, lambda at: meaning, place)}
    assert not found or may_be_odd(readings, lambda at: meaning, place)
    return found


@pytest.mark.parametrize(
    "values, profile",
    [
        ([32_500], {"rated_kw": 40}),
        ([450], {"rated_kw": 40}),
        ([3_250], {}),  # no single machine draws so much
        ([0, 0, 32_000], {"rated_kw": 40}),  # it stood still first
    ],
)
def test_watts_sent_as_kilowatts_are_asked_about_at_the_first_value(now, values, profile):
    question = asked(series(now, values), **profile)["power_unit"]
    assert question.suggested == {"power_kind": "W"} and question.seen == values[-1]


@pytest.mark.parametrize(
    "values, profile",
    [
        ([32, 38], {"rated_kw": 40}),
        ([450], {}),
        ([32_500], {"rated_kw": 40, "power_kind": "W"}),
        ([32_500], {"power_kind": "register"}),
        ([32, 33, 31, 32, 34, 32_000], {"rated_kw": 40}),  # one wild value of a machine that is known
    ],
)
def test_a_plausible_power_is_not(now, values, profile):
    assert asked(series(now, values), **profile) == {}


def test_an_incomer_may_draw_more_than_a_machine(now):
    assert asked(series(now, [3_250]), Place(max_kw=10_000)) == {}
    assert asked(series(now, [32_500]), Place(max_kw=10_000))["power_unit"].expected == 10_000


def test_watt_hours_since_the_last_reading(now):
    question = asked(series(now, [4_000] * 3, every_s=900), power_kind="kWh", interval_s=900, rated_kw=20)["power_unit"]
    assert (question.suggested, round(question.seen)) == ({"energy_unit": "Wh"}, 16_000)


@pytest.mark.parametrize(
    "values, profile, kw",
    [
        ([439_534, 439_552, 439_570, 439_588], {"rated_kw": 1}, 72),
        ([5_000_000, 5_004_000, 5_008_000, 5_012_000], {"rated_kw": 20}, 16_000),
        ([5_000_000, 5_004_000, 5_008_000, 5_012_000], {}, 16_000),
    ],
)
@pytest.mark.parametrize("metric", ["energy_kwh", "power_consumption"])
def test_a_register_in_watt_hours_is_asked_about_after_four_quarters(now, values, profile, kw, metric):
    profile = {**profile, "power_kind": "register"} if metric == "power_consumption" else profile
    question = asked(series(now, values, metric=metric), **profile)["register_unit"]
    assert (question.suggested, question.seen, question.metric) == ({"energy_unit": "Wh"}, kw, metric)


def test_a_register_is_compared_with_the_power_of_the_same_device(now):
    readings = series(now, [5_000_000, 5_000_100, 5_000_200, 5_000_300], metric="energy_kwh", power_consumption=0.4)
    assert asked(readings)["register_unit"].against == "power"


@pytest.mark.parametrize(
    "values, profile",
    [
        ([1204, 1204.5, 1205, 88_315, 88_315.5, 88_316], {"rated_kw": 5}),  # one step: the meter was swapped
        ([439_534, 439_552, 439_570, 439_588], {"rated_kw": 1, "energy_unit": "Wh"}),
        ([100, 102, 104, 106], {"rated_kw": 10}),
    ],
)
def test_a_step_or_a_register_that_counts_right_is_not(now, values, profile):
    assert asked(series(now, values, metric="energy_kwh"), **profile) == {}


def vibration(now, *vectors):
    return [
        SimpleNamespace(
            **{
                **dict.fromkeys(METRIC_NAMES),
                "at": now + timedelta(minutes=place),
                **dict(zip(("vibration_x", "vibration_y", "vibration_z"), vector, strict=True)),
            }
        )
        for place, vector in enumerate(vectors)
    ]


@pytest.mark.parametrize(
    "vectors",
    [
        [(0.1, 0.2, 9.81)],
        [(9.7, 0.4, 0.2)],  # mounted on its side
        [(None, None, 9.79)],
        [(0.1, 0.2, -9.81)],
        [(0.4, -0.2, 1.0)],  # no RMS is negative
        [(6.9, 0.3, 6.95), (6.92, 0.3, 6.94), (6.94, 0.3, 6.93)],  # mounted askew
    ],
)
def test_gravity_in_a_vibration_is_asked_about(now, vectors):
    assert asked(vibration(now, *vectors))["vibration_gravity"].suggested == {"vibration_kind": "raw"}
    assert asked(vibration(now, *vectors), vibration_kind="raw") == {}


@pytest.mark.parametrize("vectors", [[(2.1, 1.8, 2.3)], [(9.5, 9.6, 9.8)], [(6.9, 0.3, 6.95), (2, 0.3, 2)]])
def test_a_machine_that_shakes_is_not(now, vectors):
    assert asked(vibration(now, *vectors)) == {}


@pytest.mark.parametrize(
    "value, humidity, place, profile, is_asked",
    [
        (86, 45, Place(), {}, True),  # so much water is in no air
        (79, None, Place(), {"temperature_max": 80}, True),
        (86, None, Place(is_air=True), {}, True),
        (86, None, Place(), {}, False),  # a bearing
        (86, 5, Place(), {}, False),  # an oven
        (86, 45, Place(is_air=False), {}, False),
        (34, 60, Place(is_air=True), {}, False),
        (850, 45, Place(), {}, False),
    ],
)
def test_a_hall_at_86_may_be_fahrenheit(now, value, humidity, place, profile, is_asked):
    readings = series(now, [value], metric="temperature", humidity=humidity)
    assert (list(asked(readings, place, **profile)) == ["temperature_fahrenheit"]) is is_asked


def test_negative_power_of_a_machine_that_feeds_none_back(now):
    question = asked(series(now, [-5.2]), rated_kw=10)["power_sign"]
    assert question.suggested == {"exports_power": True}
    assert asked(series(now, [-5.2]), rated_kw=10, exports_power=True) == {}
    assert asked(series(now, [-0.02]), rated_kw=10) == {}  # noise of a transformer around zero


def test_a_machine_as_it_should_be_is_not_looked_at_twice(now):
    readings = series(now, [32.5, 33, 0, 31], energy_kwh=1205, temperature=850, humidity=45, vibration_z=2.3)
    assert not may_be_odd(readings, lambda at: DeviceProfile(rated_kw=40), Place())
