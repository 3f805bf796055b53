"""Virtual devices buffer and re-send as the firmware does."""

from datetime import UTC, datetime, timedelta

import pytest
import requests

from carbonseed.demo import personas
from carbonseed.demo.virtual_devices import VirtualDevice

NOW = datetime(2026, 3, 18, 9, 30, tzinfo=UTC)


class FakeResponse:
    def __init__(self, status_code, retry_after=None):
        self.status_code, self.ok, self.text = status_code, status_code < 400, ""
        self.headers = {"Retry-After": retry_after} if retry_after else {}


class FakeServer:
    """Gives the queued answers one after the other, then 201; records the size of each batch."""

    def __init__(self, *answers):
        self.answers, self.posts = list(answers), []

    def post(self, url, json, timeout):
        self.posts.append(len(json) if isinstance(json, list) else 1)
        answer = self.answers.pop(0) if self.answers else FakeResponse(201)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def device():
    machine = next(one for one in personas.machines(NOW) if one.device_id == "ESP32-SF-001")
    return VirtualDevice(machine, "cs_key", "http://server", log=lambda text: None, is_quiet=True)


def read(device, times):
    for place in range(times):
        device.read(NOW + timedelta(seconds=15 * place), 15)


def test_a_single_reading_is_sent_as_one(device):
    device.session = FakeServer()
    read(device, 1)
    assert (device.flush(), device.session.posts, len(device.queue)) == (0, [1], 0)


@pytest.mark.parametrize(
    "trouble", [requests.ConnectionError(), requests.Timeout(), FakeResponse(500), FakeResponse(401)]
)
def test_readings_wait_while_the_server_is_in_trouble_and_go_in_one_batch_after_it(device, trouble):
    device.session = FakeServer(trouble)
    read(device, 1)
    assert device.flush() > 0
    read(device, 30)
    assert (device.flush(), device.session.posts, len(device.queue)) == (0, [1, 31], 0)


@pytest.mark.parametrize("status", [429, 503])
def test_the_server_says_how_long_to_wait(device, status):
    device.session = FakeServer(FakeResponse(status, retry_after="17"))
    read(device, 2)
    assert (device.flush(), len(device.queue)) == (17, 2)


def test_a_batch_too_large_is_halved(device):
    device.session = FakeServer(FakeResponse(413), FakeResponse(413))
    read(device, 40)
    assert (device.flush(), device.session.posts) == (0, [40, 20, 10, 10, 10, 10])


def test_a_refused_reading_does_not_block_the_rest(device):
    device.session = FakeServer(FakeResponse(422))
    read(device, 1)
    assert (device.flush(), len(device.queue)) == (0, 0)


def test_the_oldest_go_first_when_the_queue_is_full(device):
    read(device, 5_010)
    assert len(device.queue) == 5_000
    assert device.queue[0]["timestamp"] == (NOW + timedelta(seconds=150)).isoformat()
