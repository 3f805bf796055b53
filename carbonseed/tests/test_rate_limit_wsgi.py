"""The gate before Django: it refuses a flood in the view's own words, and never lets anything in."""

import base64
import json
from io import BytesIO

import pytest
from django.core.handlers.wsgi import WSGIHandler

from carbonseed.runtime.monitoring import REQUESTS
from carbonseed.runtime.rate_limit_wsgi import rate_limited
from devices import key_cache
from devices.key_issuing import revoke_key
from telemetry.ingest import rate_limits
from telemetry.ingest.rejections import refusal_counter
from telemetry.models import Reading, RefusalCount
from telemetry.tests.conftest import server_clock, ticks  # noqa: F401 fixtures
from telemetry.tests.payload_examples import reading_payload

pytestmark = pytest.mark.django_db(transaction=True)  # requests open and close connections as in production


@pytest.fixture(autouse=True)
def slow(settings, server_clock, ticks):  # noqa: F811
    """One reading a second, ten at once."""
    settings.INGEST_DEVICE_RATE, settings.INGEST_DEVICE_BURST = 1.0, 10
    settings.INGEST_BACKFILL_RATE, settings.INGEST_BACKFILL_BURST = 1.0, 10
    rate_limits.reset()
    key_cache.cache.clear()


@pytest.fixture
def forwarded():
    """The requests that the gate let through to Django."""
    return []


@pytest.fixture
def unread():
    """What each request left in its connection."""
    return []


@pytest.fixture
def post(forwarded, unread):
    """`post(body, HTTP_X_API_KEY=…)` to the whole WSGI application → (status, body, headers)."""
    django = WSGIHandler()

    def recording_application(environ, start_response):
        forwarded.append(environ)
        return django(environ, start_response)

    application = rate_limited(recording_application)

    def send(body, path="/ingest", method="POST", **headers):
        payload, started = json.dumps(body).encode(), []
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(payload)),
            "SERVER_NAME": "testserver",
            "SERVER_PORT": "80",
            "wsgi.input": BytesIO(payload),
            "wsgi.url_scheme": "http",
            **headers,
        }
        content = b"".join(application(environ, lambda *start: started.extend(start)))
        unread.append(environ["wsgi.input"].read())
        return int(started[0][:3]), json.loads(content), {name.lower(): value for name, value in started[1]}

    return send


def flood(post, device):
    """What takes both of the device's buckets far into debt."""
    for start in (1736000000, 1737023300):  # of days ago, and of the last minutes
        buffer = [{"timestamp": start + n, "temperature": 1} for n in range(30)]
        assert post(buffer, **device.key)[0] == 201


def test_a_flood_is_refused_at_the_gate_without_a_query(post, forwarded, device, now, django_assert_num_queries):
    flood(post, device)
    refusal_counter.record(device.pk, 429, now)  # the first refusal is written at once, the next with others
    with django_assert_num_queries(0):
        status, body, headers = post(reading_payload(), **device.key)
    assert len(forwarded) == 2
    assert (status, body) == (
        429,
        {"status": "error", "detail": "Too fast; wait 20 s.", "server_time": "2025-01-16T10:30:00Z"},
    )
    assert (headers["retry-after"], headers["content-type"]) == ("20", "application/json")


def test_view_and_gate_refuse_in_the_same_words(post, forwarded, unread, device):
    flood(post, device)
    basic = base64.b64encode(f"{device.device_id}:{device.key_text}".encode()).decode()
    by_the_view = post(reading_payload(), HTTP_AUTHORIZATION=f"Basic {basic}")
    assert len(forwarded) == 3
    by_the_gate = post(reading_payload(), HTTP_AUTHORIZATION=f"Bearer {device.key_text}")
    assert len(forwarded) == 3
    assert by_the_gate[:2] == by_the_view[:2]
    assert by_the_gate[2]["retry-after"] == by_the_view[2]["retry-after"]
    assert unread == [b"", b"", b"", b""]  # so the connection is good for the next request


def test_refusals_are_counted_where_the_others_are(post, device, now):
    def counted():
        return REQUESTS.labels("POST", "ingest", 429)._value.get()

    flood(post, device)
    before = counted()
    for _again in range(3):
        post(reading_payload(), **device.key)
    refusal_counter.flush(now)
    assert RefusalCount.objects.get(device=device, status=429).count == 3
    assert counted() - before == 3


def test_once_the_debt_is_paid_it_passes(post, device, ticks):  # noqa: F811
    flood(post, device)
    assert post(reading_payload(), **device.key)[0] == 429
    ticks.now += 21
    assert post(reading_payload(), **device.key)[0] == 201


def test_a_revoked_key_stores_nothing_whatever_is_remembered_of_it(post, device, now, ticks):  # noqa: F811
    flood(post, device)
    stored = Reading.objects.count()
    revoke_key(device.keys.get(), now=now)
    assert post(reading_payload(), **device.key)[0] == 429
    ticks.now += 21
    assert post(reading_payload(), **device.key)[0] == 401
    assert Reading.objects.count() == stored


def test_of_a_key_only_its_secret_tells_that_it_floods(post, forwarded, device):
    flood(post, device)
    assert post(reading_payload(), HTTP_X_API_KEY=device.key_text[:-2] + "xx")[0] == 401
    assert len(forwarded) == 3


@pytest.mark.parametrize("asked", [{"method": "GET"}, {"path": "/data/latest"}, {"HTTP_ORIGIN": "https://a.example"}])
def test_everything_else_goes_by(post, forwarded, device, asked):
    flood(post, device)
    post(reading_payload(), **asked, **device.key)
    assert len(forwarded) == 3
