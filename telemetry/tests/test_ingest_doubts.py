"""What the answer says about suspect values: the value, its range, and what it smells of."""

import pytest

from telemetry.metrics import IMPLAUSIBLE_BIT
from telemetry.models import QuarantineItem, Reading
from telemetry.tests.payload_examples import reading_payload, response_counts

pytestmark = pytest.mark.sql
GRAVITY = "vibration_z 9.81: gravity? raw acceleration needs its profile"


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"temperature": 1999}, ["temperature 1999 outside \u221260…1800 °C"]),
        ({"humidity": 140.5}, ["humidity 140.5 outside 0…100 % RH"]),
        ({"power_consumption": -117.86}, ["power_consumption \u2212117.86 outside 0…100000 kW"]),
        ({"power_consumption": 250_000}, ["power_consumption 250000 outside 0…100000 kW: W?"]),
        ({"pressure": 101_325}, ["pressure 101325 outside 300…1100 hPa: Pa?"]),
        ({"gas_index": -1}, ["gas_index \u22121 outside 0…10000"]),
        ({"energy_kwh": -5}, ["energy_kwh \u22125 outside 0…1000000000000 kWh"]),
        ({"vibration_x": 0.1, "vibration_y": 0.2, "vibration_z": 9.81}, [GRAVITY]),
        ({"vibration_z": 9.81, "temperature": 30}, [GRAVITY]),
        ({"vibration_x": 9.6, "vibration_y": 9.6, "vibration_z": 9.6}, []),  # a machine that shakes
        ({"vibration_x": 5.1, "vibration_y": 1.2, "vibration_z": 9.81}, []),
        ({"temperature": 850.5}, []),
        (
            {"vibration_x": -0.35, "vibration_y": 0.12, "vibration_z": 9.81, "power_consumption": -117.86},
            [
                GRAVITY,
                "vibration_x \u22120.35 outside 0…200 m/s²",
                "power_consumption \u2212117.86 outside 0…100000 kW",
            ],
        ),
    ],
)
def test_a_suspect_value_is_named_with_its_range(post, device, sent, said):
    answer = post(reading_payload(**sent), device.key)
    assert response_counts(answer) == (201, 1, 0, 0)
    assert answer.json()["warnings"] == said
    assert len(answer.content) < 512


@pytest.mark.parametrize(
    ("profile", "sent", "said"),
    [
        ({"vibration_kind": "raw"}, {"vibration_z": -9.81}, []),
        ({"temperature_max": 80}, {"temperature": 85}, ["temperature 85 outside \u221260…80 °C"]),
        ({"rated_kw": 50}, {"power_consumption": 32_500}, ["power_consumption 32500 outside 0…500 kW: W?"]),
        (
            {"power_kind": "W", "rated_kw": 5},
            {"power_consumption": 60_000},
            ["power_consumption 60000 outside 0…50000 W"],
        ),
        ({"exports_power": True}, {"power_consumption": -5}, []),
        ({"energy_unit": "Wh"}, {"energy_kwh": -5}, ["energy_kwh \u22125 outside 0…1000000000000 Wh"]),
    ],
)
def test_the_range_is_that_of_the_devices_profile(post, device, profile, sent, said):
    device.profiles.update(**profile)
    assert post(reading_payload(**sent), device.key).json()["warnings"] == said


def test_a_plain_buffer_that_shows_gravity_throughout_says_so_too(post, device):
    buffer = [reading_payload(minute, vibration_x=0.1, vibration_z=9.8 + minute / 1000) for minute in range(20)]
    answer = post(buffer, device.key)
    assert answer.json()["warnings"] == ["vibration_z 9.819: gravity? raw acceleration needs its profile"]
    assert not Reading.objects.exclude(suspect=0).exists()


def test_many_suspect_values_are_said_in_a_short_answer(post, device):
    answer = post([reading_payload(minute, humidity=140 + minute) for minute in range(50)], device.key)
    assert len(answer.content) < 512
    assert answer.json()["warnings"][0] == "humidity 140 outside 0…100 % RH"
    assert answer.json()["warnings"][-1].startswith("and ")
    assert set(Reading.objects.values_list("suspect", flat=True)) == {IMPLAUSIBLE_BIT["humidity"]}


def test_no_answer_is_longer_than_a_small_client_reads(post, device):
    odd = "\x01" * 40
    for body in (
        {"temperature": 1, **{f"{odd}{n}": n for n in range(9)}},
        [{"temperature": 1, odd: 1}] * 9,
        dict.fromkeys(("temperature", "humidity", "pressure", "gas_index", "energy_kwh"), '"' * 200),
        {odd: {odd: {"temperature": 1}}},
        {f"{odd}{n}": n for n in range(9)},
        {"device_id": "\u20ac" * 60, "temperature": 1},
        [{"device_id": "\u20ac" * 60, "temperature": 1}] * 3,
        {"temperature": "\u20ac" * 50, "humidity": 1},
    ):
        assert len(post(body, device.key).content) < 512, body


# A body of which nothing holds a metric


@pytest.mark.parametrize(
    "body",
    [
        [{"note": 1}, {"note": 2}],
        {"readings": [{"note": 1}]},
        [{"temperature": {"value": 21}}],
        [{"temperature": [21]}],
        [[21, 45]],
        [21],
    ],
)
def test_a_batch_of_a_foreign_format_is_red_from_its_first_day(post, device, body):
    answer = post(body, device.key)
    assert (answer.status_code, answer.json()["status"]) == (422, "error")
    assert answer.json()["errors"]
    count = answer.json()["quarantined"]
    assert count == sum(QuarantineItem.objects.values_list("times", flat=True)) > 0
    assert not Reading.objects.exists()


def test_lines_of_a_foreign_format_are_red_too(post, device):
    assert post('{"note":1}\n{"note":2}', device.key, "application/x-ndjson").status_code == 422
    assert post("name,value\n", device.key, "text/csv").status_code == 415


@pytest.mark.parametrize(
    ("body", "counts"),
    [
        ([{"note": 1}, {"timestamp": "2025-01-16T10:00:00Z", "temperature": 1}], (201, 1, 0, 1)),
        ([{"note": 1}, {"temperature": None}], (200, 0, 0, 2)),
        ([{"temperature": "warm"}], (200, 0, 0, 1)),
        ([{"timestamp": "2030-01-01T00:00:00Z", "temperature": 1}], (200, 0, 0, 1)),
        ([{"device_id": "ANOTHER", "temperature": 1}], (200, 0, 0, 1)),
        ([{"timestamp": "2025-01-16", "temperature": 1}], (200, 0, 0, 1)),
        ([], (200, 0, 0, 0)),
    ],
)
def test_a_batch_that_is_understood_is_no_error_whatever_becomes_of_its_readings(post, device, body, counts):
    """Telegraf repeats a refused batch for ever."""
    assert response_counts(post(body, device.key)) == counts


def test_a_gateway_with_a_foreign_format_is_told_what_was_seen_and_not_only_that_it_names_no_device(
    post, device, steel_forge, now
):
    from devices.key_issuing import issue_key

    gateway = {"HTTP_X_API_KEY": issue_key(steel_forge, now=now)[1]}
    answer = post([{"ts": 1737023400000, "values": {"temperature": 42}}], gateway)
    assert (answer.status_code, "`values` is an object" in str(answer.json()["errors"])) == (422, True)
    assert QuarantineItem.objects.get().device is None
