"""By which ways a person hears of an alert, and that no way reaches where it must not."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core import mail
from standardwebhooks.webhooks import Webhook

from alerts.models import Delivery
from alerts.notifications import channel_tests, dispatcher
from alerts.notifications.channels import DeliveryError, messaging_service, ssrf_guard, webhook
from alerts.tests.cast import fire_alert
from alerts.tests.model_factories import ChannelMaker
from core import outbound_http, secret_box

pytestmark = pytest.mark.django_db
PUBLIC = [(2, 1, 6, "", ("93.184.216.34", 443))]


def test_a_webhook_arrives_signed_as_the_public_libraries_verify_it(receiver, device, asha, now):
    channel = ChannelMaker(user=asha, url=receiver.url)
    secret = channel.credentials["secret"]
    fire_alert(device, now)
    by_hook = Delivery.objects.get(channel=channel)
    really_now = datetime.now(UTC)  # the library refuses old timestamps by the clock on the wall
    Delivery.objects.update(created_at=really_now)
    assert dispatcher.send(by_hook.pk, now=really_now)
    [(headers, body)] = receiver.got
    told = Webhook(secret).verify(body, {name.lower(): value for name, value in headers.items()})
    assert told["alerts"][0]["title"] == "Temperature above 900 °C" and told["factory"]["name"] == "Steel Forge"
    with pytest.raises(Exception, match=r"[Ss]ignature"):
        Webhook(webhook.new_secret()).verify(body, {name.lower(): value for name, value in headers.items()})
    assert Delivery.objects.get(channel=None).sent_at is None  # each way has a row of its own


def test_a_way_that_is_down_delays_no_other_and_says_why(receiver, device, asha, now):
    channel = ChannelMaker(user=asha, url=receiver.url, label="ERP")
    receiver.status = 503
    fire_alert(device, now)
    by_hook, by_mail = Delivery.objects.get(channel=channel), Delivery.objects.get(channel=None)
    assert not dispatcher.send(by_hook.pk, now=now)
    assert dispatcher.send(by_mail.pk, now=now) and len(mail.outbox) == 1
    by_hook.refresh_from_db()
    channel.refresh_from_db()
    assert by_hook.error == channel.error == "127.0.0.1 answered 503."
    receiver.status = 200
    assert dispatcher.send(by_hook.pk, now=by_hook.next_attempt_at)


def test_nothing_is_followed_elsewhere(receiver, asha, now):
    channel = ChannelMaker(user=asha, url=receiver.url, label="ERP")
    receiver.status = 302
    with pytest.raises(DeliveryError, match="answered 302"):
        channel_tests.send(channel, now=now)
    assert len(receiver.got) == 1


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.8", "172.16.1.1", "192.168.1.7", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1",
     "fe80::1%eth0", "fc00::1", "::ffff:10.0.0.1", "2002:a00:1::", "64:ff9b::a00:1", "224.0.0.1"],
)  # fmt: skip
def test_a_name_that_means_a_private_address_is_not_reached(address):
    def resolve(*_, **__):
        return [*PUBLIC, (2, 1, 6, "", (address, 443))]

    with pytest.raises(DeliveryError, match="not a public address"):
        ssrf_guard.target_of("https://innocent.example/", resolve)


@pytest.mark.parametrize(
    "url",
    ["http://example.com/", "ftp://example.com/", "https://", "https://user:pass@example.com/", "file:///etc/passwd",
     "https://example.com:notaport/"],
)  # fmt: skip
def test_what_is_no_public_web_address_is_refused(url):
    with pytest.raises(DeliveryError):
        ssrf_guard.target_of(url, lambda *_, **__: PUBLIC)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::808:808"])
def test_a_public_address_is_reached(address):
    found = [(2, 1, 6, "", (address, 443))]
    assert ssrf_guard.target_of("https://hooks.example/", lambda *_, **__: found).address == address


def test_the_connection_goes_to_the_address_that_was_looked_at():
    target = ssrf_guard.target_of("https://hooks.example:8443/a?b=1", lambda *_, **__: PUBLIC)
    assert target == ("https", "hooks.example", 8443, "93.184.216.34", "/a?b=1")
    connection = outbound_http.new_connection(target.scheme, target.host, target.port, 5, target.address)
    assert (connection.host, connection.server_hostname, connection.assert_hostname) == (
        "93.184.216.34", "hooks.example", "hooks.example",
    )  # fmt: skip


@pytest.mark.parametrize(
    "url", ["json://10.0.0.1/", "ntfy://inside.example/t", "mailto://u:p@x.example", "xml://localhost"]
)
def test_services_that_could_reach_any_host_are_not_on_the_list(url):
    with pytest.raises(DeliveryError, match="not among those"):
        messaging_service.service_name(url)


def test_a_service_that_is_on_the_list_is_named_and_an_incomplete_address_refused():
    assert messaging_service.service_name("tgram://123456789:AAGx1234567890abcdefghij1234567890abc/12345") == "Telegram"
    with pytest.raises(DeliveryError, match="not complete"):
        messaging_service.service_name("tgram://short")


def test_a_message_goes_to_the_service_with_the_link_that_answers(device, asha, now, monkeypatch):
    said = []
    monkeypatch.setattr(
        messaging_service, "send", lambda credentials, title, body: said.append((credentials, title, body))
    )
    channel = ChannelMaker(
        user=asha, kind="service", url="tgram://123456789:AAGx1234567890abcdefghij1234567890abc/12345"
    )
    fire_alert(device, now)
    assert dispatcher.send(Delivery.objects.get(channel=channel).pk, now=now)
    [(credentials, title, body)] = said
    assert credentials["url"].startswith("tgram://") and "tgram" not in channel.encrypted_credentials
    assert title.startswith("Critical: ") and "Acknowledge: " in body and "/tap/" in body


def test_credentials_survive_a_change_of_keys_and_not_its_loss(settings):
    sealed = secret_box.seal({"url": "x"})
    settings.CREDENTIAL_KEYS = ["a new key of enough characters, surely", *settings.CREDENTIAL_KEYS]
    assert secret_box.unseal(sealed) == {"url": "x"}
    settings.CREDENTIAL_KEYS = settings.CREDENTIAL_KEYS[:1]
    with pytest.raises(secret_box.UnsealError):
        secret_box.unseal(sealed)


def test_the_sample_of_the_documentation_verifies_what_is_sent(receiver, asha):
    channel = ChannelMaker(user=asha, url=receiver.url)
    secret = channel.credentials["secret"]
    channel_tests.send(channel, now=datetime.now(UTC))
    [(headers, body)] = receiver.got
    page = (Path(__file__).resolve().parents[2] / "docs/notifications.md").read_text()
    sample = {}
    exec(page.split("```python")[1].split("```")[0], sample)  # the page's own words
    told = {name.lower(): value for name, value in headers.items()}
    assert sample["is_genuine"](secret, told, body)
    assert not sample["is_genuine"](secret, told, body + b" ")
    assert not sample["is_genuine"](secret, {**told, "webhook-timestamp": "1700000000"}, body)
