"""What the load generator sends and how it knows that an answer is complete."""

import json
from datetime import UTC, datetime

import pytest

from benchmarks.figures.batches import split_copy_stream
from benchmarks.load import Sender, length_of
from telemetry.metrics import METRIC_NAMES
from telemetry.storage.binary_copy import pack_rows
from telemetry.storage.writer import ReadingRow

FRAGMENTS = ['"temperature": 850.5}'] * 499


def test_a_sender_never_says_the_same_moment_twice():
    sender = Sender("ESP32-SN-001", "cs_key", 0, 300, FRAGMENTS)
    head, _, body = sender.request(2).decode().partition("\r\n\r\n")
    assert [r["timestamp"] for r in json.loads(body)] == ["1970-01-01T00:00:00Z", "1970-01-01T00:05:00Z"]
    assert json.loads(sender.request(1).decode().partition("\r\n\r\n")[2])["timestamp"] == "1970-01-01T00:10:00Z"
    assert "X-API-Key: cs_key" in head and f"Content-Length: {len(body)}" in head


def test_an_answer_without_its_length_is_an_error():
    assert length_of(b"HTTP/1.1 201 Created\r\ncontent-length: 17") == 17
    with pytest.raises(ValueError):
        length_of(b"HTTP/1.1 201 Created\r\ntransfer-encoding: chunked")


def test_a_copy_stream_is_cut_between_rows():
    at = datetime(2025, 1, 16, tzinfo=UTC)
    values = (850.5, *[None] * (len(METRIC_NAMES) - 1))
    rows = [ReadingRow(pk, 0, at, at, 0, 0, values, {"a": 1} if pk % 2 else None, None) for pk in range(5)]
    assert split_copy_stream(pack_rows(rows), 2) == [pack_rows(rows[i : i + 2]) for i in (0, 2, 4)]
