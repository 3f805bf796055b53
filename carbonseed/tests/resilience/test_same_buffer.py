"""Several clients send the same buffer at the same moment: each reading is stored once, each request counted right."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from carbonseed.tests.resilience.sending import DeviceConnection

pytestmark = pytest.mark.slow
ROUNDS = 8
SIZE = 300
START = 1_760_000_000


def buffer(number, **values):
    """The readings of round `number`, none of which another round has."""
    first = START + number * SIZE
    return [{"timestamp": at, **(values or {"temperature": (at % 1000) / 4})} for at in range(first, first + SIZE)]


def at_once(service, key, bodies):
    """→ what each was answered, all sent at the same moment on connections that were open already."""
    barrier = threading.Barrier(len(bodies))

    def send(body):
        line = DeviceConnection(service.port, key)
        line.connect()
        barrier.wait()
        answer = line.post(body)
        line.close()
        return answer

    with ThreadPoolExecutor(len(bodies)) as pool:
        return list(pool.map(send, bodies))


def total(answers, name):
    return sum(answer.body[name] for answer in answers)


def assert_adds_up(answers, bodies):
    """Request by request: what became of each of its readings, and the status that follows from it."""
    for answer, body in zip(answers, bodies, strict=True):
        size = len(body) if isinstance(body, list) else 1
        assert answer.body["accepted"] + answer.body["duplicates"] + answer.body["quarantined"] == size
        assert answer.status == (201 if answer.body["accepted"] else 200)


@pytest.mark.parametrize("clients", [2, 6])
def test_the_same_buffer_at_once(service, clients):
    factory = f"Same buffer, {clients}"
    key = service.register("D0", factory=factory)["D0"]
    for number in range(ROUNDS):
        ahead = buffer(number)
        bodies = [ahead[::-1] if client % 2 else ahead for client in range(clients)]
        answers = at_once(service, key, bodies)
        assert_adds_up(answers, bodies)
        assert (total(answers, "accepted"), total(answers, "quarantined")) == (SIZE, 0)
    stored = service.stored(factory)
    assert stored == {("D0", one["timestamp"]): one["temperature"] for n in range(ROUNDS) for one in buffer(n)}
    assert service.logged_arrivals(factory) == len(stored)


def test_buffers_that_overlap_and_single_readings_out_of_them(service):
    key = service.register("D0", factory="Overlap")["D0"]
    for number in range(ROUNDS):
        ahead = buffer(number)
        bodies = [ahead[:200], ahead[100:], ahead[50:250][::-1], ahead[0], ahead[150], ahead[150], ahead[-1]]
        answers = at_once(service, key, bodies)
        assert_adds_up(answers, bodies)
        assert (total(answers, "accepted"), total(answers, "quarantined")) == (SIZE, 0)
    assert len(service.stored("Overlap")) == service.logged_arrivals("Overlap") == ROUNDS * SIZE


def test_each_half_of_every_reading_at_once(service):
    """One client knows the temperatures, another the humidities, a third both: merged, and nothing counted twice."""
    key = service.register("D0", factory="Halves")["D0"]
    for number in range(ROUNDS):
        warm, damp = buffer(number, temperature=850.5), buffer(number, humidity=45)[::-1]
        bodies = [warm, damp, buffer(number, temperature=850.5, humidity=45)]
        answers = at_once(service, key, bodies)
        assert_adds_up(answers, bodies)
        assert total(answers, "quarantined") == 0
        assert SIZE <= total(answers, "accepted") <= 2 * SIZE  # the whole first: both halves of it are duplicates
    whole = "SELECT count(*) FROM telemetry_reading r JOIN devices_device d ON d.id = r.device_id "
    whole += "JOIN factories_factory f ON f.id = d.factory_id WHERE f.name = 'Halves' AND temperature = 850.5 "
    assert service.query(whole + "AND humidity = 45") == [(ROUNDS * SIZE,)]


def test_two_clients_that_contradict_each_other(service):
    """Of each reading one client's value stays, the other's is held; which, may differ from reading to reading."""
    key = service.register("D0", factory="Contradictions")["D0"]
    won = 0
    for number in range(ROUNDS):
        bodies = [buffer(number, temperature=1), buffer(number, temperature=2)[::-1]]
        answers = at_once(service, key, bodies)
        assert_adds_up(answers, bodies)
        assert (total(answers, "accepted"), total(answers, "duplicates")) == (SIZE, 0)
        won += answers[0].body["accepted"]
    stored = list(service.stored("Contradictions").values())
    assert (stored.count(1), stored.count(2)) == (won, ROUNDS * SIZE - won)
    held = "SELECT sum(q.times) FROM telemetry_quarantineitem q JOIN factories_factory f ON f.id = q.factory_id "
    assert service.query(held + "WHERE f.name = 'Contradictions' AND q.reason = 'conflict'") == [(ROUNDS * SIZE,)]
