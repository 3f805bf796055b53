"""Sending in tests, with both clocks of the door in the test's hands."""

import json

import pytest

from telemetry.ingest.views import IngestView


class Ticks:
    """The monotonic clock of the rate limits, moved by hand."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def ticks(monkeypatch):
    clock = Ticks()
    monkeypatch.setattr(IngestView, "ticks", clock)
    return clock


@pytest.fixture
def server_clock(monkeypatch, now):
    monkeypatch.setattr(IngestView, "now", staticmethod(lambda: now))


@pytest.fixture
def post(client, server_clock):
    """`post(body, key)`: what somebody says with this key header."""

    def send(body, key, content_type="application/json", url="/ingest", **headers):
        data = body if isinstance(body, bytes | str) else json.dumps(body)
        return client.post(url, data, content_type=content_type, **key, **headers)

    return send
