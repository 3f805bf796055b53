"""POST /ingest: every body, answer and code of the contract."""

import json

import pytest

from telemetry.ingest import IngestView
from telemetry.models import Arrival, Clock, Reading

URL = "/ingest"
EXAMPLE = {
    "device_id": "ESP32-SF-001",
    "timestamp": "2025-01-16T10:30:00Z",
    "temperature": 850.5,
    "gas_index": 320.0,
    "vibration_x": 2.1,
    "vibration_y": 1.8,
    "vibration_z": 2.3,
    "humidity": 45.0,
    "pressure": 1013.2,
    "power_consumption": 32.5,
}


@pytest.fixture(autouse=True)
def server_clock(monkeypatch, now):
    monkeypatch.setattr(IngestView, "now", staticmethod(lambda: now))


@pytest.fixture
def post(client, device):
    """`post(body)`: what the device says, with its own key unless another header is given."""

    def send(body, content_type="application/json", url=URL, **headers):
        data = body if isinstance(body, bytes | str) else json.dumps(body)
        return client.post(url, data, content_type=content_type, **(headers or device.key))

    return send


def test_the_example_of_the_contract_is_stored(post, device, now):
    answer = post(EXAMPLE)
    assert answer.status_code == 201
    assert answer.json() == {
        "status": "success",
        "accepted": 1,
        "duplicates": 0,
        "quarantined": 0,
        "warnings": [],
        "server_time": "2025-01-16T10:30:00Z",
    }
    reading = Reading.objects.get()
    assert (reading.device_id, reading.at, reading.received_at) == (device.pk, now, now)
    assert (reading.temperature, reading.power_consumption, reading.energy_kwh) == (850.5, 32.5, None)
    assert (reading.clock, reading.suspect, reading.extra) == (Clock.DEVICE, 0, None)


def test_a_slash_at_the_end_changes_nothing(post):
    assert post(EXAMPLE, url="/ingest/").status_code == 201


def test_an_arrival_tells_the_digest_what_was_stored(post, device, now):
    post(EXAMPLE)
    arrival = Arrival.objects.get()
    assert (arrival.device_id, arrival.first_at, arrival.last_at, arrival.readings) == (device.pk, now, now, 1)
    assert arrival.key_prefix == device.keys.get().prefix


def test_the_same_again_is_a_duplicate_and_a_success(post):
    post(EXAMPLE)
    again = post(EXAMPLE)
    assert (again.status_code, again.json()["duplicates"], Reading.objects.count()) == (200, 1, 1)
    assert Arrival.objects.count() == 1
