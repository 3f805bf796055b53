"""Concurrent clients, and a database that becomes unavailable: with real threads, transactions and a real server."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg2
import pytest
from django.db import connection, connections, transaction
from django.test import Client

from devices.tests.cast import make_device
from factories.tests.cast import FactoryMaker
from telemetry.models import DirtySpan, QuarantineItem, Reading
from telemetry.storage.partitions import month_of
from telemetry.storage.writer import ensure_cached_months
from telemetry.tests.payload_examples import reading_payload

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sql]
TAKES_LOCKS = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


@pytest.fixture
def sender(server_clock, settings, now):
    """A device whose rows are committed, and no limit in its way."""
    settings.INGEST_DEVICE_RATE = settings.INGEST_BACKFILL_RATE = 0
    ensure_cached_months({month_of(now)})
    return make_device(FactoryMaker(name="Steel Forge"))


def send(body, device):
    try:
        answer = Client().post("/ingest", json.dumps(body), content_type="application/json", **device.key)
        return answer.status_code, answer.json()
    finally:
        connections.close_all()


def at_once(bodies, device):
    barrier = threading.Barrier(len(bodies))

    def one(body):
        barrier.wait()
        return send(body, device)

    with ThreadPoolExecutor(len(bodies)) as pool:
        return list(pool.map(one, bodies))


def total(answers, name):
    return sum(body[name] for _status, body in answers)


def test_two_clients_with_the_same_buffer_store_every_reading_once(sender):
    buffer = [{"timestamp": 1737000000 + n, "temperature": n} for n in range(500)]
    for _round in range(3):
        Reading.objects.all().delete()
        answers = at_once([buffer, buffer[::-1], buffer[:250]], sender)
        assert {status for status, _body in answers} <= {200, 201}
        assert Reading.objects.count() == 500
        assert (total(answers, "accepted"), total(answers, "duplicates")) == (500, 750)
        assert not QuarantineItem.objects.exists()


def test_partial_readings_at_once_become_one_whole(sender):
    parts = [
        reading_payload(temperature=20),
        reading_payload(humidity=45),
        reading_payload(pressure=900),
        reading_payload(gas_index=300),
        reading_payload(humidity=45),
    ]
    answers = at_once(parts, sender)
    assert Reading.objects.values_list("temperature", "humidity", "pressure", "gas_index").get() == (20, 45, 900, 300)
    assert (total(answers, "accepted"), total(answers, "duplicates")) == (4, 1)


def test_of_contradictions_at_once_one_is_stored_and_the_others_held(sender):
    answers = at_once([reading_payload(temperature=n) for n in range(4)], sender)
    assert (total(answers, "accepted"), total(answers, "quarantined")) == (1, 3)
    stored = Reading.objects.get().temperature
    held = {json.loads(bytes(row.payload))["temperature"] for row in QuarantineItem.objects.filter(reason="conflict")}
    assert held == set(range(4)) - {stored}


def test_the_same_conflict_at_once_is_held_once(sender):
    send(reading_payload(temperature=1), sender)
    answers = at_once([reading_payload(temperature=2)] * 3, sender)
    assert (total(answers, "quarantined"), QuarantineItem.objects.get().times) == (3, 3)


def test_a_second_client_waits_for_the_first_and_counts_right_when_it_gives_up(sender, now):
    """Another transaction holds the key and rolls back: what waited is then the one that stores."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Reading.objects.create(device=sender, at=now, temperature=1)
            waiting = pool.submit(send, reading_payload(temperature=2), sender)
            wait_for_a_lock()
            transaction.set_rollback(True)
        assert waiting.result()[1]["accepted"] == 1
    assert Reading.objects.get().temperature == 2


def test_a_key_held_too_long_is_a_503_and_nothing_is_half_stored(sender, now):
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        Reading.objects.create(device=sender, at=now, temperature=1)
        waiting = pool.submit(send, [reading_payload(29), reading_payload(30), {"temperature": None}], sender)
        status, body = waiting.result(timeout=4)
        transaction.set_rollback(True)
    assert (status, body["status"]) == (503, "error")
    assert not Reading.objects.exists()
    assert not DirtySpan.objects.exists()
    assert not QuarantineItem.objects.exists()


def wait_for_a_lock():
    for _again in range(400):
        with connection.cursor() as cursor:
            cursor.execute(TAKES_LOCKS)
            if cursor.fetchone()[0]:
                return
            cursor.execute("SELECT pg_sleep(0.01), pg_stat_clear_snapshot()")
    raise AssertionError("nobody waits")


def test_a_connection_that_the_server_ended_is_opened_again(sender, client):
    """The backend is killed while nobody uses it, as a restart would."""

    def post():
        return client.post("/ingest", json.dumps(reading_payload()), content_type="application/json", **sender.key)

    assert post().status_code == 201
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    end(pid)
    assert post().json()["duplicates"] == 1


def test_ended_in_the_middle_of_a_request_nothing_is_stored_and_nothing_acknowledged(sender, now):
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        Reading.objects.create(device=sender, at=now, temperature=1)
        waiting = pool.submit(send, [reading_payload(29), reading_payload(30)], sender)
        wait_for_a_lock()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
        status, _body = waiting.result(timeout=4)
        transaction.set_rollback(True)
    assert status == 503
    assert not Reading.objects.exists()
    assert send([reading_payload(29), reading_payload(30)], sender)[1]["accepted"] == 2


def end(pid):
    def from_another_connection():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        connection.close()

    thread = threading.Thread(target=from_another_connection)
    thread.start()
    thread.join()


def test_without_any_database_the_answer_is_503(sender, client, settings):
    connection.close()
    kept = connection.settings_dict["PORT"]
    connection.settings_dict["PORT"] = "1"  # nobody listens there
    try:
        answer = client.post("/ingest", json.dumps(reading_payload()), content_type="application/json", **sender.key)
    finally:
        connection.settings_dict["PORT"] = kept
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer.json()["status"] == "error"


def test_a_connection_that_breaks_off_in_the_middle_of_an_answer_is_a_503(sender, client, monkeypatch):
    """psycopg2 has no better word for it than DatabaseError: a backend was killed, the server with it."""

    def broken_off(*_, **__):
        with connection.wrap_database_errors:
            raise psycopg2.DatabaseError("server closed the connection unexpectedly")

    monkeypatch.setattr("telemetry.ingest.views.store", broken_off)
    answer = client.post("/ingest", json.dumps(reading_payload()), content_type="application/json", **sender.key)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")


def test_a_success_is_only_said_after_commit(sender, now):
    """Inside somebody else's transaction the pipeline refuses to work at all."""
    from telemetry.storage.writer import store

    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        store([], [], now=now)
