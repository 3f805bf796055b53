"""Clients that break off, dawdle, lie about lengths or send bombs: each is answered or dropped, nobody else suffers."""

import socket
import time
import zlib
from pathlib import Path

import pytest

from carbonseed.tests.processes import wait_until
from carbonseed.tests.resilience.sending import REQUEST_HEAD, DeviceConnection
from carbonseed.tests.resilience.service import Service

pytestmark = [pytest.mark.slow, pytest.mark.alone]
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def keys(service):
    """Of as many devices as there are tests, each of which takes one."""
    return iter(service.register(*(f"D{number}" for number in range(20)), factory="Rude clients").values())


@pytest.fixture
def connection(service, keys):
    made = DeviceConnection(service.port, next(keys))
    yield made
    made.close()


def reading(at, **values):
    return {"timestamp": 1_760_000_000 + at, **(values or {"temperature": 850.5})}


def head(key, *more):
    return (REQUEST_HEAD.format(key=key) + "".join(f"{one}\r\n" for one in more) + "\r\n").encode()


def test_a_connection_is_good_for_the_next_request_after_any_error(connection):
    """Also where headers and body come apart, as Arduino's HTTPClient sends them."""
    connection.connect()
    first, key = connection.socket, connection.key
    wrong = [
        (key, b"{", 400),
        (key, b'{"temperature": null}', 422),
        (key, b'{"device_id": "X", "temperature": 1}', 403),
        ("cs_nonsense", b'{"temperature": 1}', 401),
        ("cs_nonsense", b" " * 60_000, 401),
        (key, b"[" + b"{}," * 5_001 + b"{}]", 413),
    ]
    for sent_key, body, status in wrong:
        connection.socket.sendall(head(sent_key, f"Content-Length: {len(body)}"))
        time.sleep(0.05)
        connection.socket.sendall(body)
        assert connection.read_answer().status == status
    assert connection.post(reading(1)).status == 201
    assert connection.socket is first


def test_a_body_in_chunks_however_small(connection):
    connection.connect()
    connection.socket.sendall(head(connection.key, "Transfer-Encoding: chunked"))
    body = b'{"timestamp": 1760000000, "temperature": 850.5}'
    for start in range(0, len(body), 5):
        piece = body[start : start + 5]
        connection.socket.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
        time.sleep(0.01)
    connection.socket.sendall(b"0\r\n\r\n")
    assert connection.read_answer().body["accepted"] == 1


def test_a_body_without_end_is_cut_off(connection):
    connection.connect()
    connection.socket.sendall(head(connection.key, "Transfer-Encoding: chunked"))
    sent = 0
    with pytest.raises(OSError):  # whichever way the system says that the other side has closed
        while sent < 64 * MIB:
            connection.socket.sendall(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
            sent += 0x10000
    assert sent < 64 * MIB


@pytest.mark.parametrize("length", ["2147483648", "99999999999999999999", "-5", "five"])
def test_a_length_that_cannot_be_is_refused_unread(connection, length):
    connection.connect()
    connection.socket.sendall(head(connection.key, f"Content-Length: {length}"))
    assert connection.read_answer().status in (400, 413)


def test_a_bomb_costs_no_memory(service, connection):
    """Half a gigabyte of nothing in half a megabyte; of two gigabytes the packed two megabytes would be too many."""
    packer, nothing = zlib.compressobj(9, wbits=31), bytes(16 * MIB)
    bomb = b"".join(packer.compress(nothing) for _ in range(32)) + packer.flush()
    before = peak_memory(service)
    for _ in range(4):
        connection.connect()
        connection.socket.sendall(head(connection.key, f"Content-Length: {len(bomb)}", "Content-Encoding: gzip") + bomb)
        assert connection.read_answer().status == 413
    assert peak_memory(service) - before < 64 * MIB


def peak_memory(service) -> int:
    """The most that any web worker has ever held, in bytes."""
    if not Path("/proc/self/status").exists():
        return 0
    texts = [Path(f"/proc/{pid}/status").read_text() for pid in service.web_workers()]
    return max(int(text.split("VmHWM:")[1].split()[0]) for text in texts) * 1024


def test_a_slow_sender_is_heard_out(service, connection):
    body = b'{"timestamp": 1760000000, "temperature": 850.5}'
    connection.connect()
    connection.socket.sendall(head(connection.key, f"Content-Length: {len(body)}"))
    for place in range(len(body)):
        connection.socket.sendall(body[place : place + 1])
        time.sleep(0.02)
    assert connection.read_answer().body["accepted"] == 1


def test_half_a_body_is_nothing(service, connection):
    body = b'{"timestamp": 1760000000, "temperature": 850.5}'
    connection.connect()
    connection.socket.sendall(head(connection.key, f"Content-Length: {len(body)}") + body[:-5])
    connection.socket.shutdown(socket.SHUT_WR)
    assert connection.read_answer().status == 400
    connection.close()
    assert connection.post(reading(1)).body["accepted"] == 1


def test_units_that_lose_power_in_the_middle_of_a_post_do_not_end_the_service(server):
    """More of them than the web process has threads; none ever closes its connection."""
    with Service(server, WEB_WORKERS="1", WEB_THREADS="4", WEB_STALL_SECONDS="1") as service:
        keys = service.register("D0", factory="Power cuts")
        dead = [socket.create_connection(("127.0.0.1", service.port)) for _ in range(6)]
        for one in dead:
            one.sendall(head(keys["D0"], "Content-Length: 500") + b'{"timestamp": 1760000')
        wait_until(lambda: is_accepted(service, keys["D0"]), 30)
        for one in dead:
            one.close()


def is_accepted(service, key):
    connection = DeviceConnection(service.port, key, timeout_s=2)
    try:
        return connection.post(reading(1)).status in (200, 201)
    except OSError:
        return False
    finally:
        connection.close()


def test_a_hundred_that_connect_and_say_nothing_keep_nobody_waiting(service, connection):
    silent = [socket.create_connection(("127.0.0.1", service.port)) for _ in range(100)]
    for one in silent[::2]:
        one.sendall(b"POST /ingest HTT")
    began = time.monotonic()
    assert connection.post(reading(1)).status == 201
    assert time.monotonic() - began < 4.5
    for one in silent:
        one.close()
