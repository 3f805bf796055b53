"""POST /ingest: refused requests, and what of a known device goes to quarantine."""

import gzip
import json
from urllib.parse import quote

import pytest

from telemetry.ingest.rejections import refusal_counter
from telemetry.models import QuarantineItem, Reading, RefusalCount
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


@pytest.mark.parametrize(
    ("method", "body", "content_type", "status"),
    [
        ("POST", "{", "application/json", 400),
        ("GET", "", "", 405),
        ("DELETE", "", "", 405),
        ("POST", "<t>1</t>", "application/xml", 415),
        ("POST", '{"note":1}', "application/json", 422),
        ("POST", '[{"note":1}]', "application/json", 422),
    ],
)
def test_every_refusal_of_a_known_key_is_counted(client, server_clock, device, now, method, body, content_type, status):
    answer = client.generic(method, "/ingest", body, content_type=content_type, **device.key)
    refusal_counter.flush(now)
    assert (answer.status_code, RefusalCount.objects.get(device=device, status=status).count) == (status, 1)


ODD_TEXTS = ["", "\x00", "a", "=", "&", "a=\x00", "temperature=", "temperature=\x00", "temperature=1&device_id=\x00"]
ODD_TEXTS += [
    "timestamp=\x00&temp=1",
    "a" * 5000 + "=1",
    "&".join(f"f{n}=1" for n in range(600)),
    "%",
    "%00=%ff&temp=1",
]
ODD_TEXTS += ["temp,hum\n1", "temp\n\x00", 'temp,"\n1,"', "temp;temp\n1;2", "temp\n" * 9, "\n\n", ",\n,", "temp=1\x85x"]


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "text/csv", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "a/b"],
)
def test_no_text_is_ever_a_500(post, device, content_type, settings):
    settings.INGEST_DEVICE_RATE = settings.INGEST_BACKFILL_RATE = 0
    for text in (*ODD_TEXTS, "--x\r\n\r\n--x--", "--x\r\nContent-Disposition: form-data; name=temp\r\n\r\n1\r\n--x--"):
        answer = post(text.encode(), device.key, content_type)
        assert answer.status_code in (200, 201, 400, 403, 415, 422), (text[:40], answer.content)
        assert len(answer.content) < 512


def test_no_query_is_ever_a_500(client, device, settings):
    settings.INGEST_DEVICE_RATE = settings.INGEST_BACKFILL_RATE = 0
    for query in (*map(quote, ODD_TEXTS), *ODD_TEXTS[8:11], "temp=1&temp=2", "temp=%FF", "temp=1&ts=%00"):
        answer = client.generic("GET", f"/ingest?{query}", **device.key)
        assert answer.status_code in (200, 201, 400, 403, 405, 422), (query[:40], answer.content)
