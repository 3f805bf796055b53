"""What load balancers, roll-outs and Prometheus ask, and what anyone gets while the database is away."""

import pytest
from django.db import InterfaceError, OperationalError, connection

from carbonseed.runtime import health


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
