"""Requests that arrive together: one that goes wrong is nobody else's trouble."""

import threading
import time
from contextlib import contextmanager

import psycopg2
import pytest

from carbonseed.tests.processes import wait_until
from carbonseed.tests.resilience.sending import DeviceConnection, DeviceFleet, assert_stored_exactly

pytestmark = [pytest.mark.slow, pytest.mark.alone]
NAMES = [f"D{number}" for number in range(8)]
LOCKED_S = 4
ANSWERED_S = 4.5  # ESPHome gives up then; on an idle machine a few milliseconds
ODD = [
    b"{",
    b"\xff\xfe",
    b"[" * 50_000,
    b'{"timestamp": 0, "temperature": 1}',
    b'{"timestamp": 1760000000, "temperature": NaN}',
    b'{"timestamp": 1760000000, "temperature": 1e308, "note": "a\\u0000\\ud800"}',
    b'{"timestamp": 1760000000, "temperature": -1e308}',
    b'{"timestamp": 4102444800, "temperature": 1}',
    b'[{"timestamp": 1760000001, "temperature": 1}, {"timestamp": 1760000001, "temperature": 2}, 5, null]',
    b'{"device_id": "D1", "timestamp": 1760000001, "temperature": 1}',
    b'{"timestamp": 1546300800, "temperature": 1}',
]


@contextmanager
def locked_reading(service, factory, name, at):
    """Another transaction holds the reading of `name` at `at`, and in the end gives it up."""
    connection = psycopg2.connect(service.server.url())
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO telemetry_reading (device_id, at, temperature) SELECT d.id, to_timestamp(%s), 1 "
            "FROM devices_device d JOIN factories_factory f ON f.id = d.factory_id "
            "WHERE f.name = %s AND d.device_id = %s",
            (at, factory, name),
        )
        assert cursor.rowcount == 1
    yield
    connection.rollback()
    connection.close()


def test_one_that_waits_for_a_lock_holds_up_nobody(service):
    keys = service.register("Stuck", *NAMES, factory="A lock")
    stuck, at = DeviceConnection(service.port, keys.pop("Stuck")), 1_760_900_000
    assert stuck.post({"timestamp": at - 1, "temperature": 1}).status == 201
    with DeviceFleet(service, keys) as load:
        wait_until(lambda: min(load.progress.values()) > 5, 30)
        with locked_reading(service, "A lock", "Stuck", at):
            began = time.monotonic()
            refused = stuck.post({"timestamp": at, "temperature": 2})
            waited_s = time.monotonic() - began
            before = load.progress
            wait_until(lambda: load.progressed_since(before), LOCKED_S)
    assert (refused.status, refused.wait_s) == (503, 5)
    assert waited_s < ANSWERED_S
    assert set(load.answers) <= {200, 201}
    assert load.slowest_s < ANSWERED_S
    assert stuck.post({"timestamp": at, "temperature": 2}).body["accepted"] == 1
    assert service.stored("A lock").pop(("Stuck", at)) == 2


def test_one_that_sends_nonsense_without_end_costs_the_others_nothing(service):
    keys = service.register("Odd", *NAMES, factory="Nonsense")
    odd, stopping, answers = DeviceConnection(service.port, keys.pop("Odd")), threading.Event(), []

    def talk_nonsense():
        while not stopping.is_set():
            answers.extend(odd.post_bytes(body).status for body in ODD)

    with DeviceFleet(service, keys) as load:
        talker = threading.Thread(target=talk_nonsense)
        talker.start()
        wait_until(lambda: len(answers) > 5 * len(ODD) and min(load.progress.values()) > 20, 60)
        stopping.set()
        talker.join(60)
    assert set(answers) <= {200, 201, 400, 403, 422}
    assert set(load.answers) <= {200, 201}
    assert_stored_exactly(service, load, "Nonsense", excluded={"Odd"})
