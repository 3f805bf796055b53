"""POST /ingest: refused requests, and what of a known device goes to quarantine."""

import gzip
import json

import pytest

from telemetry.models import QuarantineItem, Reading
from telemetry.tests.payload_examples import EXAMPLE, reading_payload, response_counts

pytestmark = pytest.mark.sql


def test_one_bad_reading_does_not_block_the_buffer(post, device):
    batch = [
        reading_payload(1),
        "odd",
        reading_payload(2, temperature="warm"),
        reading_payload(3, temperature=None),
        {"timestamp": "2025-01-16", "humidity": 1},
    ]
    answer = post(batch, device.key)
    assert response_counts(answer) == (201, 1, 0, 4)
    assert answer.json()["warnings"][0] == "reading 2: reading: a JSON object is expected"
    assert QuarantineItem.objects.filter(reason="invalid", device=device).count() == 4


def test_a_batch_of_nothing_usable_is_kept_and_answered_with_200(post, device):
    assert response_counts(post([{"temperature": None}], device.key)) == (200, 0, 0, 1)


def test_a_broken_line_goes_to_quarantine_alone(post, device):
    body = json.dumps(reading_payload(1)) + '\n{"temperature": 8'
    assert response_counts(post(body, device.key, "application/x-ndjson")) == (201, 1, 0, 1)
    held = QuarantineItem.objects.get()
    assert (held.reason, bytes(held.payload)) == ("unreadable", b'{"temperature": 8')


def test_a_single_reading_with_nothing_usable_is_told_per_field_and_kept(post, device):
    answer = post({"timestamp": "2025-01-16T10:30:00Z", "temperature": "warm", "humidity": True}, device.key)
    body = answer.json()
    assert answer.status_code == 422
    assert body["errors"] == {"temperature": ["warm is not a number"], "humidity": ["a number is expected"]}
    assert (body["status"], body["quarantined"], QuarantineItem.objects.get().reason) == ("error", 1, "invalid")


def test_a_single_reading_with_a_naive_time_is_told_so(post, device):
    answer = post({"timestamp": "2025-01-16T10:30:00", "temperature": 1}, device.key)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["timestamp"])


def test_a_body_that_cannot_be_parsed_says_where_and_its_beginning_is_kept(post, device):
    answer = post(b'{"temperature": 850.5, "note": "' + b"x" * 5000, device.key)
    assert (answer.status_code, "Position 31" in answer.json()["detail"]) == (400, True)
    held = QuarantineItem.objects.get()
    assert (held.reason, held.device_id, len(held.payload)) == ("unreadable", device.pk, 2048)


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000, b"\xff\xfe", b"", b"null", b'"\\ud800"'])
def test_no_body_is_ever_a_500(post, device, body):
    assert post(body, device.key).status_code == 400


@pytest.mark.parametrize("field", ["device_id", "timestamp", "age_ms", "sent_at", "temperature", "odd"])
def test_no_value_is_ever_a_500(post, device, field):
    for odd in (None, True, 10**400, "\x00", "\ud800", [], {}, [[[]]], "9" * 5000, -1, 1e308):
        for body in ({"humidity": 1, field: odd}, [{"humidity": 1, field: odd}]):
            assert post(body, device.key).status_code in (200, 201, 403, 422)


def test_too_many_bytes(post, device, settings):
    settings.INGEST_MAX_BYTES = 100
    answer = post(EXAMPLE, device.key)
    assert answer.status_code == 413
    assert (answer.json()["max_bytes"], answer.json()["max_readings"]) == (100, 5000)
    zipped = post(gzip.compress(b" " * 10_000), device.key, HTTP_CONTENT_ENCODING="gzip")
    assert zipped.status_code == 413


def test_too_many_readings(post, device, settings):
    settings.INGEST_MAX_READINGS = 2
    answer = post([reading_payload(1), reading_payload(2), reading_payload(3)], device.key)
    assert (answer.status_code, answer.json()["max_readings"]) == (413, 2)
    assert not Reading.objects.exists()


def test_a_type_not_understood(post, device):
    answer = post("<temperature>5</temperature>", device.key, "application/xml")
    assert (answer.status_code, "application/json" in answer.json()["detail"]) == (415, True)
    answer = post(EXAMPLE, device.key, HTTP_CONTENT_ENCODING="br")
    assert (answer.status_code, "gzip" in answer.json()["encodings"]) == (415, True)


def test_a_body_without_type_is_taken_for_json(post, device):
    assert post(EXAMPLE, device.key, content_type="").status_code == 201


def test_get_is_not_allowed(client, device):
    assert client.get("/ingest", **device.key).status_code == 405
