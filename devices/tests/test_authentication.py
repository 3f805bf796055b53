"""Who is sending: every header a client may carry its key in, and every key that is refused."""

import base64
import json
import logging
import sys
from datetime import timedelta

import pytest
from django.urls import resolve

from devices.authentication import authenticate_key
from devices.key_issuing import issue_key, revoke_key
from devices.log_redaction import RedactedFormatter, RedactedJsonFormatter
from devices.profile_changes import change_profile
from devices.tests.cast import make_device
from factories.models import Factory

pytestmark = pytest.mark.sql
READING = json.dumps({"temperature": 850.5})


@pytest.fixture
def post(client):
    def send(url="/ingest", **headers):
        return client.post(url, READING, content_type="application/json", **headers)

    return send


def basic(user, password):
    return {"HTTP_AUTHORIZATION": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


@pytest.mark.parametrize(
    "header",
    [
        lambda key: {"HTTP_X_API_KEY": key},
        lambda key: {"HTTP_AUTHORIZATION": f"Bearer {key}"},
        lambda key: {"HTTP_AUTHORIZATION": f"Token {key}"},
        lambda key: {"HTTP_AUTHORIZATION": f"bearer  {key} "},
        lambda key: basic("ESP32-SF-001", key),
        lambda key: basic("", key),
        lambda key: {"url": f"/ingest?api_key={key}"},
        lambda key: {"url": f"/ingest/?a=1&api_key={key}&b="},
    ],
)
def test_a_key_may_come_in_any_of_these_ways(post, device, header):
    assert post(**header(device.key_text)).status_code == 201


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"HTTP_X_API_KEY": "cs_000000000000_" + "x" * 43},
        {"HTTP_X_API_KEY": "nonsense"},
        {"HTTP_X_API_KEY": "\x00\ud7ff"},
        {"HTTP_AUTHORIZATION": "Bearer"},
        {"HTTP_AUTHORIZATION": "Digest abc"},
        {"HTTP_AUTHORIZATION": "Basic ???"},
        {"HTTP_AUTHORIZATION": "Basic /w=="},
        {"url": "/ingest?api_key="},
    ],
)
def test_without_a_good_key_the_answer_says_how_to_send_one(post, device, header):
    answer = post(**header)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["status"] == "error"


def test_a_right_prefix_with_a_wrong_secret_is_refused(post, device):
    wrong = device.key_text[:-1] + ("A" if device.key_text[-1] != "A" else "B")
    assert post(HTTP_X_API_KEY=wrong).status_code == 401


def test_a_revoked_key_is_refused_and_the_other_still_works(post, device, now):
    _key, second = issue_key(device, now=now)
    revoke_key(device.keys.last(), now=now)
    assert post(**device.key).status_code == 401
    assert post(HTTP_X_API_KEY=second).status_code == 201


def test_an_expired_key_is_refused(post, device, now):
    device.keys.update(expires_at=device.keys.get().created_at + timedelta(microseconds=1))
    assert post(**device.key).status_code == 401


def test_the_keys_of_an_archived_device_refuse(post, device, now):
    device.archived_at = now
    device.save()
    assert post(**device.key).status_code == 401


def test_the_keys_of_an_archived_factory_refuse(post, device, now):
    device.factory.archived_at = now
    device.factory.save()
    assert post(**device.key).status_code == 401


def test_a_device_key_under_another_devices_name_is_told_both_names_and_no_secret(post, device):
    answer = post(**basic("ESP32-SF-002", device.key_text))
    assert answer.status_code == 403
    assert "ESP32-SF-001" in answer.json()["detail"]
    assert "ESP32-SF-002" in answer.json()["detail"]
    assert device.key_text not in answer.content.decode()


def test_with_a_gateway_key_the_user_of_basic_names_the_device(post, device, steel_forge, now):
    _key, gateway = issue_key(steel_forge, now=now)
    assert post(**basic(device.device_id, gateway)).status_code == 201
    assert post(**basic("ESP32-CW-001", gateway)).status_code == 404
    assert post(**basic("\x00", gateway)).status_code == 422


def test_a_gateway_key_of_one_factory_knows_no_device_of_another(post, device, chem_works, now):
    _key, gateway = issue_key(chem_works, now=now)
    assert post(**basic(device.device_id, gateway)).status_code == 404


def test_a_paused_device_is_told_to_come_back_in_an_hour(post, steel_forge):
    answer = post(**make_device(steel_forge, is_active=False).key)
    assert (answer.status_code, answer["Retry-After"]) == (503, "3600")


def test_one_query_says_who_is_sending_once_a_key_is_known(device, now, django_assert_num_queries):
    authenticate_key(device.key_text, None, now)
    with django_assert_num_queries(1):
        sender = authenticate_key(device.key_text, None, now)
        assert sender.device.factory.name == sender.factory.name == "Steel Forge"
        assert len(sender.device.profiles.all()) == 1


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (lambda device, now: device.keys.update(revoked_at=now), 401),
        (lambda device, now: device.keys.all().delete(), 401),
        (lambda device, now: type(device).objects.update(is_active=False), 503),
        (lambda device, now: type(device).objects.update(archived_at=now), 401),
        (lambda device, now: Factory.objects.update(archived_at=now), 401),
        (lambda device, now: type(device).objects.update(device_id="ANOTHER"), 403),
    ],
)
def test_a_change_holds_from_the_next_request_on(post, device, now, change, status):
    assert post(**basic("ESP32-SF-001", device.key_text)).status_code == 201
    change(device, now)
    assert post(**basic("ESP32-SF-001", device.key_text)).status_code == status


def test_a_changed_profile_is_read_again(device, now):
    assert authenticate_key(device.key_text, None, now).device.profile_at(now).power_kind == "kW"
    device.profiles.update(power_kind="W")
    assert authenticate_key(device.key_text, None, now).device.profile_at(now).power_kind == "W"
    change_profile(device, valid_from=now, power_kind="register")
    assert authenticate_key(device.key_text, None, now).device.profile_at(now).power_kind == "register"


def test_a_persons_token_opens_no_device_door_and_a_key_none_of_a_persons(post, device, api, asha, client):
    assert client.get("/auth/me", **device.key).status_code in (401, 403)
    client.force_login(asha, backend="django.contrib.auth.backends.ModelBackend")
    assert post().status_code == 401


@pytest.mark.parametrize("formatter", [RedactedFormatter("%(message)s"), RedactedJsonFormatter("%(message)s")])
def test_a_log_line_never_shows_a_key(device, formatter):
    line = f'"POST /ingest?a=1&api_key={device.key_text}&b=2 HTTP/1.1" 201 and {device.key_text}'
    record = logging.LogRecord("django.server", logging.INFO, "", 0, "%s", (line,), None)
    record.request = f"<WSGIRequest: POST '/api/v1/{device.key_text}/telemetry'>"  # as django.request adds it
    written = formatter.format(record)
    assert "POST /ingest?a=1&api_key=…&b=2 HTTP/1.1" in written.encode().decode("unicode_escape").replace("â\x80¦", "…")
    assert device.key_text[16:] not in written


def test_neither_does_a_traceback(device):
    try:
        raise ValueError(device.key_text)
    except ValueError:
        record = logging.LogRecord("odd", logging.ERROR, "", 0, "failed", (), sys.exc_info())
    written = RedactedFormatter("%(message)s").format(record)
    assert "ValueError: cs_" in written
    assert device.key_text[16:] not in written


def test_every_handler_of_the_service_leaves_keys_out(settings):
    formatters = {
        settings.LOGGING["formatters"][handler["formatter"]]["()"] for handler in settings.LOGGING["handlers"].values()
    }
    assert {name.rpartition(".")[0] for name in formatters} == {"devices.log_redaction"}


def test_a_key_in_the_url_reaches_no_log(post, device, caplog):
    caplog.set_level(logging.DEBUG)
    answer = post(url=f"/ingest?api_key={device.key_text}&x=1")
    assert answer.wsgi_request.META["QUERY_STRING"] == "x=1"
    assert "api_key" not in answer.wsgi_request.get_full_path()
    assert "api_key" not in answer.wsgi_request.GET
    post(url=f"/ingest?api_key={device.key_text[:-1]}")
    assert device.key_text[:30] not in caplog.text


def test_a_key_in_the_url_is_struck_also_from_a_query_read_before(device, rf):
    request = rf.post(f"/ingest?api_key={device.key_text}&x=1", READING, content_type="application/json")
    assert request.GET["api_key"] == device.key_text
    assert resolve("/ingest").func(request).status_code == 201
    assert request.GET.dict() == {"x": "1"}
