from datetime import timedelta

import pytest

from devices.tests.cast import make_device
from telemetry.analytics.health import vibration_parts
from telemetry.queries.latest import latest, vibration_health
from telemetry.queries.summary import summarise_many
from telemetry.tests.model_factories import UnitDoubtMaker
from telemetry.tests.stored_readings import store_readings

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


def test_the_last_word_of_every_device_in_three_queries(steel_forge, device, now, django_assert_max_num_queries):
    other, silent = make_device(steel_forge, "ESP32-SF-002"), make_device(steel_forge, "ESP32-SF-003")
    store_readings(device, now - timedelta(minutes=10), [30, 31, 32], temperature=850)
    store_readings(other, now - timedelta(minutes=5), [20], vibration_x=6.0, vibration_y=1.0)
    with django_assert_max_num_queries(5):  # two more fetch profiles and units
        found = latest([device, other, silent], now)
    assert found[device.pk].values == {"power_consumption": 32, "temperature": 850}
    assert (found[other.pk].values["vibration"], found[other.pk].vibration_health) == (6.0, "moderate")
    assert silent.pk not in found


def test_vibration_that_may_hold_gravity_is_no_state_of_the_machine(device, now):
    store_readings(device, now, [9.81], metric="vibration_z", vibration_x=0.1, vibration_y=0.2)
    assert latest([device], now)[device.pk].vibration_health == "critical"
    UnitDoubtMaker(device=device, kind="vibration_gravity", metric="vibration", suggested={"vibration_kind": "raw"})
    assert latest([device], now)[device.pk].vibration_health == "unknown"
    summaries = summarise_many([device], now - timedelta(hours=1), now, now)
    part = vibration_parts([device], now - timedelta(hours=1), now, summaries)[device.pk]
    assert part.value is None and "gravity may be in it" in part.words


def test_one_metric_a_request_is_put_together(device, now):
    store_readings(device, now - timedelta(seconds=2), [30])
    store_readings(device, now - timedelta(seconds=1), [850], metric="temperature")
    assert latest([device])[device.pk].values == {"power_consumption": 30, "temperature": 850}


def test_an_old_value_is_not_passed_off_as_new(device, now):
    store_readings(device, now - timedelta(hours=2), [850], metric="temperature")
    store_readings(device, now, [30])
    assert latest([device])[device.pk].values == {"power_consumption": 30}


def test_a_suspect_value_is_named_and_not_shown(device, now):
    store_readings(device, now, [30], temperature=-300, suspect=1)
    found = latest([device])[device.pk]
    assert (found.values, found.suspect) == ({"power_consumption": 30}, {"temperature": -300})


@pytest.mark.parametrize(
    ("kind", "values", "kw"),
    [("kW", [30, 36], 36), ("W", [30_000, 36_000], 36), ("kWh", [1, 3], 36), ("register", [100, 103], 36)],
)
def test_power_is_kilowatts_whatever_the_device_sends(device, now, kind, values, kw):
    device.profiles.update(power_kind=kind)
    store_readings(device, now - timedelta(minutes=5), values)
    assert latest([device])[device.pk].values["power_consumption"] == pytest.approx(kw)


@pytest.mark.parametrize(("minutes", "is_offline"), [(14, False), (15, False), (16, True)])
def test_a_device_silent_for_three_intervals_is_offline(device, now, minutes, is_offline):
    store_readings(device, now - timedelta(minutes=minutes), [9.0], metric="vibration_x")
    found = latest([device], now)[device.pk]
    assert (found.is_offline, found.vibration_health) == (is_offline, "unknown" if is_offline else "critical")


def test_raw_acceleration_says_nothing_of_health(device, now):
    device.profiles.update(vibration_kind="raw")
    store_readings(device, now, [9.8], metric="vibration_z")
    assert latest([device], now)[device.pk].vibration_health == "unknown"


@pytest.mark.parametrize(("value", "health"), [(None, "unknown"), (4.99, "good"), (5, "moderate"), (8, "critical")])
def test_vibration_health(value, health):
    assert vibration_health(value) == health
