"""Notification channels and deliveries over the API: one's own alone, secrets shown once, addresses never."""

import json

import pytest

from alerts.models import Channel, Delivery
from alerts.notifications.channels import ssrf_guard
from alerts.tests.cast import fire_alert
from alerts.tests.model_factories import ChannelMaker, DeliveryMaker

pytestmark = pytest.mark.django_db
CHANNELS, DELIVERIES = "/notification-channels", "/deliveries"
TELEGRAM = "tgram://123456789:AAGx1234567890abcdefghij1234567890abc/12345"
SHOWN = {"id", "kind", "label", "hint", "is_on", "created_at", "tested_at", "sent_at", "error"}


@pytest.fixture
def public_dns(monkeypatch):
    """Every name resolves to a public address."""
    records = [(2, 1, 6, "", ("93.184.216.34", 443))]
    monkeypatch.setattr(ssrf_guard.target_of, "__defaults__", (lambda *_, **__: records,))


def test_a_webhook_is_added_and_its_secret_shown_in_that_answer_alone(api, asha, public_dns):
    body = {"kind": "webhook", "label": "ERP", "url": "https://erp.example.in/s3cret-path"}
    made = api(asha).post(CHANNELS, body)
    channel = Channel.objects.get()
    assert (made.status_code, set(made.json()), made["Cache-Control"]) == (201, {*SHOWN, "secret"}, "no-store")
    assert made.json()["secret"] == channel.credentials["secret"]
    assert channel.credentials["url"] == body["url"]
    listed = api(asha).get(CHANNELS)
    assert [(set(row), row["hint"]) for row in listed.json()] == [(SHOWN, "erp.example.in")]
    assert "s3cret" not in listed.content.decode() and "s3cret" not in made.content.decode()
    assert channel.credentials["secret"] not in listed.content.decode()


def test_a_messaging_service_has_no_secret_to_show(api, asha):
    made = api(asha).post(CHANNELS, {"kind": "service", "label": " Phone ", "url": TELEGRAM})
    assert (made.status_code, made.json()["label"], made.json()["hint"]) == (201, "Phone", "Telegram")
    assert made.json()["secret"] == ""
    assert TELEGRAM not in made.content.decode()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "webhook", "url": "https://127.0.0.1/"}, "url"),
        ({"kind": "webhook", "url": "http://erp.example.in/"}, "url"),
        ({"kind": "service", "url": "json://10.0.0.1/"}, "url"),
        ({"kind": "service", "url": "tgram://short"}, "url"),
        ({"kind": "webhook"}, "url"),
        ({"kind": "pigeon", "url": TELEGRAM}, "kind"),
        ({"kind": "service", "url": TELEGRAM, "label": "two\nlines"}, "label"),
        ({"kind": "service", "url": TELEGRAM, "label": "ERP"}, "label"),
        ({"kind": "service", "url": TELEGRAM, "label": " ERP "}, "label"),
    ],
)
def test_what_the_page_refuses_is_refused_by_field(api, asha, public_dns, monkeypatch, body, field):
    ChannelMaker(user=asha, label="ERP")
    if "127.0.0.1" in body.get("url", ""):
        monkeypatch.undo()  # this address needs no name service
    answer = api(asha).post(CHANNELS, {"label": "New", **body})
    assert (answer.status_code, list(answer.json())) == (400, [field])
    assert Channel.objects.count() == 1


def test_ten_channels_fit_one_person(api, asha):
    ChannelMaker.create_batch(10, user=asha)
    answer = api(asha).post(CHANNELS, {"kind": "service", "label": "Phone", "url": TELEGRAM})
    assert (answer.status_code, "At most 10 ways" in answer.content.decode()) == (400, True)


def test_a_test_says_what_came_of_it_and_is_not_repeated_at_once(api, asha, receiver):
    channel = ChannelMaker(user=asha, url=receiver.url)
    address = f"{CHANNELS}/{channel.pk}/test"
    taken = api(asha).post(address)
    assert (taken.status_code, taken.json()["error"]) == (200, "")
    assert taken.json()["tested_at"] and json.loads(receiver.got[0][1])["type"] == "test"
    again = api(asha).post(address)
    assert (again.status_code, again["Retry-After"], len(receiver.got)) == (429, "10", 1)
    Channel.objects.update(tested_at=None)
    receiver.status = 503
    refused = api(asha).post(address)
    assert (refused.status_code, refused.json()) == (400, {"detail": "127.0.0.1 answered 503."})
    assert api(asha).get(CHANNELS).json()[0]["error"] == "127.0.0.1 answered 503."


def test_a_removed_channel_keeps_nothing_to_reach_it_by_and_its_deliveries(api, asha, device, now):
    channel = ChannelMaker(user=asha)
    fire_alert(device, now)
    assert api(asha).delete(f"{CHANNELS}/{channel.pk}").status_code == 204
    channel.refresh_from_db()
    assert (channel.encrypted_credentials, channel.is_on, channel.removed_at is not None) == ("", False, True)
    assert api(asha).get(CHANNELS).json() == []
    assert api(asha).delete(f"{CHANNELS}/{channel.pk}").status_code == 404
    assert Delivery.objects.filter(channel=channel).count() == 1


def test_a_channel_is_nobody_elses_not_even_an_admins(api, asha, vik, admin_user):
    channel = ChannelMaker(user=asha)
    for other in (vik, admin_user):
        assert api(other).get(CHANNELS).json() == []
        assert api(other).post(f"{CHANNELS}/{channel.pk}/test").status_code == 404
        assert api(other).delete(f"{CHANNELS}/{channel.pk}").status_code == 404
    assert api().get(CHANNELS).status_code == 401
    assert Channel.objects.live().count() == 1


def test_channels_are_filtered_and_cost_the_same_for_one_and_three(api, asha, django_assert_num_queries):
    client = api(asha)
    ChannelMaker(user=asha)
    with django_assert_num_queries(1):
        assert len(client.get(CHANNELS).json()) == 1
    ChannelMaker.create_batch(2, user=asha)
    with django_assert_num_queries(1):
        assert len(client.get(f"{CHANNELS}?kind=webhook").json()) == 3
    assert client.get(f"{CHANNELS}?kind=service").json() == []
    assert client.get(f"{CHANNELS}?kind=pigeon").status_code == 400


def test_deliveries_are_ones_own_with_their_state(api, asha, vik, device, now):
    channel = ChannelMaker(user=asha, label="ERP")
    fire_alert(device, now)
    by_mail = Delivery.objects.get(channel=None)
    Delivery.objects.filter(pk=by_mail.pk).update(sent_at=now)
    rows = api(asha).get(DELIVERIES).json()
    assert {(row["channel"], row["channel_id"], row["title"]) for row in rows} == {
        ("ERP", channel.pk, "Temperature above 900 °C"),
        ("e-mail", None, "Temperature above 900 °C"),
    }
    assert [row["channel"] for row in api(asha).get(f"{DELIVERIES}?state=sent").json()] == ["e-mail"]
    assert [row["channel"] for row in api(asha).get(f"{DELIVERIES}?state=waiting").json()] == ["ERP"]
    assert api(asha).get(f"{DELIVERIES}?state=given_up").json() == []
    assert len(api(asha).get(f"{DELIVERIES}?channel_id={channel.pk}").json()) == 1
    assert api(asha).get(f"{DELIVERIES}/{by_mail.pk}").json()["alert_id"] == by_mail.alert_id
    assert api(vik).get(DELIVERIES).json() == []
    assert api(vik).get(f"{DELIVERIES}/{by_mail.pk}").status_code == 404
    assert api(asha).delete(f"{DELIVERIES}/{by_mail.pk}").status_code == 405


def test_deliveries_cost_the_same_for_one_and_three(api, asha, device, now, django_assert_num_queries):
    client = api(asha)
    fire_alert(device, now)
    with django_assert_num_queries(1):
        assert len(client.get(DELIVERIES).json()) == 1
    alert = Delivery.objects.get().alert
    for channel in ChannelMaker.create_batch(2, user=asha):
        DeliveryMaker(alert=alert, recipient=asha, channel=channel)
    with django_assert_num_queries(1):
        assert len(client.get(DELIVERIES).json()) == 3
