"""Since when nothing that a key sends can be stored: counted from the first such request, over with a success."""

from datetime import timedelta

import pytest

from devices.key_issuing import issue_key
from telemetry.ingest.rejections import RefusalCounter, refusal_counter
from telemetry.ingest.views import IngestView
from telemetry.models import KeyUse, UnreadStreak
from telemetry.tests.payload_examples import reading_payload

pytestmark = pytest.mark.sql


@pytest.fixture
def gateway(steel_forge, now):
    key, text = issue_key(steel_forge, now=now)
    key.header = {"HTTP_X_API_KEY": text}
    return key


def streak_of(key, now):
    refusal_counter.flush(now)
    return UnreadStreak.objects.filter(key=key).first()


def test_it_holds_since_when_how_often_and_what_came_last(post, gateway, device, now):
    post("{", gateway.header)
    for _again in range(3):
        post({"device_id": device.device_id, "values": {"temp": 1}}, gateway.header)
    streak = streak_of(gateway, now)
    assert (streak.since, streak.requests, streak.last_at, streak.status) == (now, 4, now, 422)
    assert "metric" in streak.detail
    assert streak.payload == '{"device_id": "ESP32-SF-001", "values": {"temp": 1}}'


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ([{"device_id": "NOWHERE", "temperature": 1}], 200),
        ({"device_id": "NOWHERE", "temperature": 1}, 404),
        ("{", 400),
        ([{"timestamp": "2025-02-16T10:30:00Z", "device_id": "ESP32-SF-001", "temperature": 1}], 200),
    ],
)
def test_whatever_the_answer_was(post, gateway, device, now, body, status):
    assert post(body, gateway.header).status_code == status
    assert streak_of(gateway, now).status == status


def test_a_success_ends_it_before_it_is_written_and_after(post, client, device, now, monkeypatch):
    key = device.keys.get()
    post("{", device.key)
    assert streak_of(key, now).requests == 1
    post("{", device.key)
    post(reading_payload(), device.key)
    assert streak_of(key, now).requests == 1
    KeyUse.objects.create(key=key, used_at=now + timedelta(minutes=1))  # as the digest writes it
    later = now + timedelta(minutes=2)
    monkeypatch.setattr(IngestView, "now", staticmethod(lambda: later))
    client.post("/ingest", "{", content_type="application/json", **device.key)
    streak = streak_of(key, later)
    assert (streak.since, streak.requests) == (later, 1)


def test_a_duplicate_was_read_and_a_refusal_for_speed_or_of_a_wrong_key_says_nothing(post, device, now, settings):
    post(reading_payload(), device.key)
    post(reading_payload(), device.key)
    post(reading_payload(), {"HTTP_X_API_KEY": device.key_text[:-2] + "xx"})
    assert streak_of(device.keys.get(), now) is None


def test_no_key_is_kept_with_what_came(post, device, now):
    post(f'{{"api_key": "{device.key_text}", "values": {{}}}}', device.key)
    streak = streak_of(device.keys.get(), now)
    assert device.key_text not in streak.payload
    assert streak.payload.startswith('{"api_key": "cs_')


def test_many_requests_are_one_write_every_few_seconds(device, now, django_assert_max_num_queries):
    counter, key = RefusalCounter(uses_timer=False), device.keys.get()
    with django_assert_max_num_queries(6):  # two writes with their savepoints
        for n in range(1000):
            counter.record_unread(key.pk, 422, "holds no metric", b"{}", now + timedelta(milliseconds=n))
        counter.record_unread(key.pk, 400, "Position 0", b"{", now + timedelta(seconds=6))
    streak = UnreadStreak.objects.get(key=key)
    assert (streak.since, streak.requests, streak.status) == (now, 1001, 400)


def test_a_deleted_key_takes_nothing_along(device, now):
    counter = RefusalCounter(uses_timer=False)
    counter.record_unread(device.keys.get().pk + 10**6, 400, "", b"", now)
    counter.record(device.pk, 400, now)
    assert not UnreadStreak.objects.exists()
    counter.flush(now)
    assert device.refusals.get().count == 1
