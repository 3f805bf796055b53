"""The web process as production starts it, with clients that keep their connections open."""

import contextlib
import shlex
import socket
import subprocess

import pytest

from carbonseed.runtime import process_manager
from carbonseed.tests.processes import ROOT, free_port, is_up, wait_until

IDLE = 40  # more than a worker's threads by far: dashboards, and devices that send every five minutes
GET_HEALTH = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@pytest.fixture
def port(settings):
    settings.WEB_WORKERS = 1
    port = free_port()
    web = subprocess.Popen(shlex.split(process_manager.web("127.0.0.1", port)), cwd=ROOT)
    try:
        wait_until(lambda: is_up(f"http://127.0.0.1:{port}/health"), 60)
        yield port
    finally:
        web.terminate()
        web.wait(30)


@pytest.mark.slow
def test_idle_connections_keep_nobody_waiting(port):
    with contextlib.ExitStack() as open_ones:
        for _ in range(IDLE):
            idle = open_ones.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            idle.sendall(GET_HEALTH)
            assert idle.recv(4096).startswith(b"HTTP/1.1 200")
