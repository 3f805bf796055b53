"""Bodies that do not come: who waits is known, and with half of the threads waiting the process ends."""

from io import BytesIO

import pytest

from carbonseed.runtime.slow_client_watchdog import CHUNK_BYTES, MonitoredBody, SlowClientWatchdog


@pytest.fixture
def terminations():
    return []


@pytest.fixture
def watchdog(terminations):
    """Two threads that wait longer than 20 s are too many."""
    return SlowClientWatchdog(20, 2, terminate=lambda: terminations.append(True))


@pytest.mark.parametrize("size", [-1, 0, 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 10 * CHUNK_BYTES])
def test_a_body_reads_as_the_one_below(watchdog, size):
    payload = bytes(range(256)) * (CHUNK_BYTES // 64)
    body, below = MonitoredBody(BytesIO(payload), watchdog), BytesIO(payload)
    assert body.read(size) == below.read(size)
    assert body.read() == below.read()
    assert body.read() == b""


def test_lines_too(watchdog):
    body = MonitoredBody(BytesIO(b"first\nsecond"), watchdog)
    assert (body.readline(), body.readline(3), body.readline()) == (b"first\n", b"sec", b"ond")


def test_only_whoever_waits_is_watched(watchdog):
    class Noting:
        def read(self, size):
            assert len(watchdog.waiting_since) == 1
            return b""

    MonitoredBody(Noting(), watchdog).read()
    assert watchdog.waiting_since == {}


def test_a_sender_that_breaks_off_is_not_waited_for(watchdog):
    class Broken:
        def read(self, size):
            raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        MonitoredBody(Broken(), watchdog).read()
    assert watchdog.waiting_since == {}


def test_the_process_ends_when_too_many_wait_for_too_long(watchdog, terminations):
    watchdog.waiting_since = {1: 100.0, 2: 110.0, 3: 125.0}
    watchdog.check(now=125.0)
    assert terminations == []
    watchdog.check(now=130.5)
    assert terminations == [True]
