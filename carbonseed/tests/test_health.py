"""What load balancers, roll-outs and Prometheus ask, and what anyone gets while the database is away."""

from datetime import timedelta

import pytest
from django.db import InterfaceError, OperationalError, connection

from carbonseed.runtime import health
from carbonseed.runtime.monitoring import BacklogCollector
from telemetry.models import ProcessedSpan
from telemetry.tests.stored_readings import add_dirty_span


def test_health_asks_nothing(client, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "healthy"})


def test_a_load_balancer_may_ask_by_address(client, settings):
    settings.ALLOWED_HOSTS = ["carbonseed.example.in"]
    assert client.get("/health", headers={"Host": "10.0.0.7"}).status_code == 200


def test_ready_once_every_part_is_there(client, db):
    answer = client.get("/ready")
    parts = {"status": "ready", "database": "ok", "migrations": "ok", "broker": "ok"}
    assert (answer.status_code, answer.json()) == (200, parts)


def test_not_ready_before_the_migrations(client, db, monkeypatch):
    monkeypatch.setattr(health, "unapplied_migrations", lambda: ["0002_more"])
    answer = client.get("/ready")
    assert (answer.status_code, answer.json()["migrations"]) == (503, "not ready")


def test_not_ready_without_a_broker(client, db, settings, monkeypatch):
    monkeypatch.setattr(health, "is_broker_reachable", lambda: False)
    answer = client.get("/ready")
    assert (answer.status_code, answer.json()["broker"], answer["Retry-After"]) == (503, "not ready", "5")


def test_metrics_are_not_there_without_a_token(client, settings):
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.parametrize("given", ["", "Bearer wrong", "Bearer überraschung", "Basic c2VjcmV0"])
def test_metrics_are_not_there_with_a_wrong_token(client, settings, given):
    settings.METRICS_TOKEN = "secret"
    assert client.get("/metrics", headers={"Authorization": given}).status_code == 404


def test_metrics_tell_requests_by_route_and_what_waits(client, db, settings, device):
    settings.METRICS_TOKEN = "secret"
    client.get("/login/?api_key=cs_never_shown")
    text = client.get("/metrics", headers={"Authorization": "Bearer secret"}).content.decode()
    assert 'carbonseed_http_requests_total{method="GET",route="login/",status="200"}' in text
    assert "carbonseed_devices_sending 1.0" in text
    assert "carbonseed_database_up 1.0" in text
    assert "never_shown" not in text


def test_metrics_tell_how_late_an_alert_is_and_how_large_the_backlog(device, now):
    def gauges():
        return {metric.name: metric.samples[0].value for metric in BacklogCollector().backlogs(now)}

    names = ("present_oldest_seconds", "backlog_readings", "backlog_spans", "backlog_oldest_seconds")
    assert [gauges()[f"carbonseed_{name}"] for name in names] == [0, 0, 0, 0]
    came = now - timedelta(minutes=3)
    for readings, key_prefix, received_at in ((500, "cs_abc", came), (20, "", now - timedelta(days=300))):
        add_dirty_span(
            device, now - timedelta(days=9), now - timedelta(days=8), readings,
            received_at=received_at, key_prefix=key_prefix,
        )  # fmt: skip
    add_dirty_span(device, now, now, is_present=True, received_at=now - timedelta(seconds=4))
    assert [gauges()[f"carbonseed_{name}"] for name in names] == [4, 520, 2, 180]  # a file's line came at its own time
    spans = {"first_at": now, "last_at": now, "is_present": True}
    ProcessedSpan.objects.create(device=device, received_at=now - timedelta(seconds=7), **spans)
    assert gauges()["carbonseed_present_oldest_seconds"] == 7  # summed, and not judged yet


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_page_without_its_database_says_wait(db, asha, page, error):
    answer = get_while_away(page(asha), "/dashboard/", error, Accept="text/html")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer["Content-Type"].split(";")[0] in ("text/html", "text/plain")


@pytest.mark.parametrize("address", ["/devices", "/alerts"])
def test_the_api_says_it_in_json(db, asha, page, address):
    answer = get_while_away(page(asha), address, OperationalError)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "not reachable" in answer.json()["detail"]


def get_while_away(browser, address, error, **headers):
    """The answer when every query fails as it does with the server gone."""

    def gone(execute, *arguments):
        raise error("server closed the connection unexpectedly")

    browser.raise_request_exception = False
    with connection.execute_wrapper(gone):
        return browser.get(address, headers=headers)
