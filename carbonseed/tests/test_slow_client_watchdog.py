"""Bodies that do not come: who waits is known, and with half of the threads waiting the process ends."""

from io import BytesIO

import pytest

from carbonseed.runtime.slow_client_watchdog import PIECE_BYTES, Body, Watch


@pytest.fixture
def ends():
    return []


@pytest.fixture
def watch(ends):
    """Two threads that wait longer than 20 s are too many."""
    return Watch(20, 2, end=lambda: ends.append(True))


@pytest.mark.parametrize("size", [-1, 0, 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES, 10 * PIECE_BYTES])
def test_a_body_reads_as_the_one_below(watch, size):
    said = bytes(range(256)) * (PIECE_BYTES // 64)
    body, below = Body(BytesIO(said), watch), BytesIO(said)
    assert body.read(size) == below.read(size)
    assert body.read() == below.read()
    assert body.read() == b""


def test_lines_too(watch):
    body = Body(BytesIO(b"first\nsecond"), watch)
    assert (body.readline(), body.readline(3), body.readline()) == (b"first\n", b"sec", b"ond")


def test_only_whoever_waits_is_watched(watch):
    class Noting:
        def read(self, size):
            assert len(watch.since) == 1
            return b""

    Body(Noting(), watch).read()
    assert watch.since == {}


def test_a_sender_that_breaks_off_is_not_waited_for(watch):
    class Broken:
        def read(self, size):
            raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        Body(Broken(), watch).read()
    assert watch.since == {}


def test_the_process_ends_when_too_many_wait_for_too_long(watch, ends):
    watch.since = {1: 100.0, 2: 110.0, 3: 125.0}
    watch.look(now=125.0)
    assert ends == []
    watch.look(now=130.5)
    assert ends == [True]
