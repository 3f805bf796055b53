"""Errors outside the API: JSON for clients, pages for browsers, and no key in either."""

import base64

import pytest

from devices.key_issuing import issue_key
from telemetry.ingest.rejections import refusal_counter
from telemetry.models import RefusalCount, UnreadStreak

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture
def client(client, db):
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", "/api/v2/write?bucket=carbonseed&org=steel"),
        ("post", "/write?db=carbonseed&precision=s"),
        ("post", "/update"),
        ("get", "/update?field1=31.4"),
        ("post", "/v1/metrics"),
        ("post", "/input/post.json"),
        ("get", "/favicon.txt"),
        ("put", "/ingest/now"),
    ],
)
@pytest.mark.parametrize("accept", ["", "*/*", "application/json"])
def test_a_client_at_an_unknown_address_hears_in_json_where_readings_go(client, settings, method, path, accept):
    answer = getattr(client, method)(path, HTTP_ACCEPT=accept)
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/json")
    assert "readings go to POST /ingest" in answer.json()["detail"]
    assert answer.json()["documentation"] == f"{settings.SITE_URL}/docs"


def test_a_browser_sees_a_page(client):
    answer = client.get("/nothing-here", HTTP_ACCEPT=BROWSER)
    assert (answer.status_code, answer["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "There is nothing at this address" in answer.content.decode()


def test_a_row_that_is_not_there_is_json_too_without_a_word_about_readings(page, asha):
    answer = page(asha).get("/dashboard/machines/999999/", HTTP_ACCEPT="application/json")
    assert (answer.status_code, answer.json()) == (404, {"detail": "There is nothing at this address."})


def key_headers(device):
    basic = base64.b64encode(f"{device.device_id}:{device.key_text}".encode()).decode()
    return [
        ("/api/v2/write", {"HTTP_AUTHORIZATION": f"Token {device.key_text}"}),
        ("/api/v2/write", {"HTTP_AUTHORIZATION": f"Basic {basic}"}),
        ("/update", {"HTTP_X_THINGSPEAKAPIKEY": device.key_text}),
        ("/update", {"HTTP_API_KEY": device.key_text}),
        ("/data", {"HTTP_X_API_KEY": device.key_text}),
        (f"/api/v1/{device.key_text}/telemetry", {}),
        (f"/update?api_key={device.key_text}&field1=31.4", {}),
        (f"/update?key={device.key_text}", {}),
    ]


def test_whatever_carries_a_key_is_no_browser_and_its_refusal_is_counted(client, device):
    requests = key_headers(device)
    for path, headers in requests:
        answer = client.post(path, HTTP_ACCEPT=BROWSER, **headers)
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/json"), path
        assert device.key_text[16:] not in answer.content.decode() + str(answer.headers)
    refusal_counter.flush(refusal_counter.flushed_at)
    assert RefusalCount.objects.get(device=device, status=404).count == len(requests)
    streak = UnreadStreak.objects.get()
    assert (streak.key.device, streak.requests, streak.status) == (device, len(requests), 404)
    assert streak.detail == "POST /update: readings go to POST /ingest"


def test_a_key_in_an_address_is_not_kept(client, device):
    client.post(f"/api/v1/{device.key_text}/telemetry")
    assert UnreadStreak.objects.get().detail.startswith(f"POST /api/v1/cs_{device.keys.get().prefix}_…/telemetry")


def test_a_gateways_too(client, steel_forge, now):
    key, text = issue_key(steel_forge, now=now)
    client.post("/write", HTTP_AUTHORIZATION=f"Token {text}")
    assert UnreadStreak.objects.get().key == key


def test_a_wrong_key_counts_for_nobody(client, device):
    assert client.post("/write", HTTP_X_API_KEY=device.key_text[:-2] + "xx").status_code == 404
    assert client.post("/write", HTTP_AUTHORIZATION="Basic !").status_code == 404
    assert not RefusalCount.objects.exists()


def test_a_method_that_a_page_does_not_take(client):
    answer = client.delete("/login/")
    assert (answer.status_code, answer.json()) == (405, {"detail": "DELETE is not allowed here."})
    assert "POST" in answer["Allow"]
    assert client.post("/health").json() == {"detail": "POST is not allowed here."}
    assert client.delete("/login/", HTTP_ACCEPT=BROWSER).content == b""


def test_a_host_that_is_not_ours(client, settings):
    settings.ALLOWED_HOSTS = ["carbonseed.example.in"]
    answer = client.get("/login/", HTTP_HOST="evil.example")
    assert (answer.status_code, answer.json()) == (400, {"detail": "This host name is not served here."})
    assert "<h1>" in client.get("/login/", HTTP_HOST="evil.example", HTTP_ACCEPT=BROWSER).content.decode()


def test_a_form_without_its_token(asha):
    from django.test import Client

    session = Client(enforce_csrf_checks=True)
    session.force_login(asha, backend="django.contrib.auth.backends.ModelBackend")
    answer = session.post("/dashboard/keys/", HTTP_ACCEPT="*/*")
    assert (answer.status_code, "CSRF" in answer.json()["detail"]) == (403, True)
    assert "<h1>" in session.post("/dashboard/keys/", HTTP_ACCEPT=BROWSER).content.decode()


def test_an_error_of_the_server(client, monkeypatch):
    monkeypatch.setattr("carbonseed.runtime.health.unapplied_migrations", lambda: 1 / 0)
    assert client.get("/ready").json() == {"detail": "This went wrong on the server."}
    assert "Error 500" in client.get("/ready", HTTP_ACCEPT=BROWSER).content.decode()


def test_the_wrong_role_in_ones_own_factory(page, vik):
    answer = page(vik).get("/dashboard/keys/")
    assert (answer.status_code, "role" in answer.json()["detail"]) == (403, True)
