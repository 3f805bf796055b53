"""Since when nothing that a key sends can be stored: counted from the first such request, over with a success."""

from datetime import timedelta

import pytest

from devices.key_issuing import issue_key
from devices.tests.cast import make_device
from telemetry.ingest.rejections import RefusalCounter, refusal_counter
from telemetry.ingest.views import IngestView
from telemetry.models import KeyUse, LastSeen, UnreadStreak
from telemetry.tests.model_factories import AT, QuarantineItemMaker
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


# Seen


@pytest.fixture
def unread_gateway(gateway, now):
    UnreadStreak.objects.create(
        key=gateway, since=now - timedelta(hours=3), last_at=now, requests=1204, status=422,
        detail="reading: holds no metric", payload='{"values": {"temp": 31}}',
    )  # fmt: skip
    return gateway


@pytest.fixture
def unread_device(device, now):
    UnreadStreak.objects.create(
        key=device.keys.get(), since=now - timedelta(hours=3), last_at=now, requests=2, status=400,
        detail="Position 1", payload="{<b>",
    )  # fmt: skip
    return device


@pytest.fixture
def clock(monkeypatch, now):
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


def test_the_gateways_page_says_since_when_why_and_what_to_do(page, asha, unread_gateway, clock):
    for path in ("/dashboard/keys/", "/dashboard/machines/"):
        text = page(asha).get(path).content.decode()
        assert f"cs_{unread_gateway.prefix}_…</span> sends can be read since 16 Jan 2025, 13:00" in text
        assert "1,204 requests" in text and "answered 422: reading: holds no metric" in text
        assert "Map its fields to the names of the metrics" in text
        assert "{&quot;values&quot;: {&quot;temp&quot;: 31}}" in text


def test_the_overview_is_red_with_it(page, asha, vera, device, unread_gateway, clock):
    for person in (asha, vera):
        text = page(person).get("/dashboard/").content.decode()
        assert "Act now:" in text
        assert f"cs_{unread_gateway.prefix}_…</span> sends can be read since 16 Jan 2025, 13:00" in text


def test_a_machine_of_which_nothing_is_read_is_red_from_its_first_request(page, asha, vera, unread_device, clock):
    for path in ("/dashboard/machines/", "/dashboard/"):
        assert "Nothing readable" in page(vera).get(path).content.decode()
    text = page(asha).get(f"/dashboard/machines/{unread_device.pk}/").content.decode()
    assert "Nothing it sends can be read since 16 Jan 2025, 13:00" in text
    assert "{&lt;b&gt;" in text


def test_over_the_api(api, asha, vera, chitra, unread_gateway, unread_device, now):
    rows = api(asha).get("/unread").json()
    assert [(row["key"], row["device_id"], row["requests"], row["status"]) for row in rows] == [
        (unread_device.keys.get().prefix, unread_device.pk, 2, 400), (unread_gateway.prefix, None, 1204, 422)
    ]  # fmt: skip
    assert rows[0]["remedy"].startswith("Correct the body")
    assert api(chitra).get("/unread").json() == []
    assert api(chitra).get(f"/unread?factory_id={unread_device.factory_id}").status_code == 404
    [row] = api(vera).get("/devices").json()
    assert row["unread_since"] == "2025-01-16T13:00:00+05:30"
    assert api(vera).get(f"/devices/{unread_device.pk}").json()["unread_since"] == row["unread_since"]


@pytest.mark.parametrize("heard", ["by its own key", "by a gateway"])
def test_a_reading_that_is_stored_ends_it_everywhere(page, api, asha, unread_device, now, clock, heard):
    if heard == "by its own key":
        KeyUse.objects.create(key=unread_device.keys.get(), used_at=now)
    else:
        LastSeen.objects.create(device=unread_device, heard_at=now, reading_at=now)
    assert api(asha).get("/unread").json() == []
    assert api(asha).get("/devices").json()[0]["unread_since"] is None
    assert "sends can be read" not in page(asha).get(f"/dashboard/machines/{unread_device.pk}/").content.decode()


def test_an_odd_request_or_two_between_good_ones_say_nothing(api, asha, unread_device, now):
    KeyUse.objects.create(key=unread_device.keys.get(), used_at=now - timedelta(days=1))
    assert api(asha).get("/unread").json() == []
    UnreadStreak.objects.update(requests=3)
    assert len(api(asha).get("/unread").json()) == 1
    assert api(asha).get("/devices").json()[0]["unread_since"] is not None


def test_a_machine_that_has_stopped_sending_is_offline_and_a_revoked_key_is_nobodys(
    page, api, asha, unread_device, now, clock
):
    UnreadStreak.objects.update(last_at=now - timedelta(days=2))
    assert "Nothing readable" not in page(asha).get("/dashboard/machines/").content.decode()
    unread_device.keys.update(revoked_at=now)
    assert api(asha).get("/unread").json() == []
    assert api(asha).get("/devices").json()[0]["unread_since"] is None


def test_what_a_gateway_sends_for_a_machine_shows_on_the_machine(post, client, page, vera, gateway, device, now, clock):
    other = make_device(device.factory, "ESP32-SF-002")
    post({"device_id": other.device_id, "temperature": 1, "timestamp": "2025-01-16T10:29:00Z"}, gateway.header)
    post({"device_id": device.device_id, "values": {"temp": 31}}, gateway.header)
    text = page(vera).get(f"/dashboard/machines/{device.pk}/").content.decode()
    assert "Nothing it sends can be read since 16 Jan 2025, 16:00" in text
    assert "1 request," in text and "answered 422" in text
    assert "sends can be read" not in page(vera).get(f"/dashboard/machines/{other.pk}/").content.decode()
    LastSeen.objects.create(device=device, heard_at=now, reading_at=now)
    assert "sends can be read" not in page(vera).get(f"/dashboard/machines/{device.pk}/").content.decode()


def test_a_conflict_was_read(page, vera, device, clock):
    QuarantineItemMaker(device=device, reason="conflict", last_at=AT)
    assert "Nothing readable" not in page(vera).get("/dashboard/machines/").content.decode()
