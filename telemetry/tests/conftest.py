"""Requests to ingest in tests, with both of its clocks set by the test."""

import json

import pytest

from telemetry.ingest.views import IngestView


class Ticks:
    """The monotonic clock of the rate limits, set by the test."""

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
    """`post(body, key)`: the response to a body sent with this key header."""

    def send(body, key, content_type="application/json", url="/ingest", **headers):
        data = body if isinstance(body, bytes | str) else json.dumps(body)
        return client.post(url, data, content_type=content_type, **key, **headers)

    return send
