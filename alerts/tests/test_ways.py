"""By which ways a person hears of an alert, when, and that no way reaches where it must not."""

import json
import threading
from datetime import UTC, date, datetime, time, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from django.core import mail
from standardwebhooks.webhooks import Webhook

from alerts import audience, life, sending, trials
from alerts.models import Alert, Channel, Delivery, Preference
from alerts.tests.cast import minutes, say
from alerts.watch import judge_digested
from alerts.ways import NotSent, service, targets, webhook
from factories import posting, vault
from factories.rights import Role

pytestmark = pytest.mark.django_db
PUBLIC = [(2, 1, 6, "", ("93.184.216.34", 443))]


class Receiver:
    """A web server of the owner's that keeps what it is sent."""

    def __init__(self):
        self.got, self.status = [], 200
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((dict(self.headers), body))
                self.send_response(receiver.status)
                if receiver.status == 302:
                    self.send_header("Location", "http://169.254.169.254/")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?site=1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver(settings):
    settings.WEBHOOKS_REACH_PRIVATE = True
    found = Receiver()
    yield found
    found.stop()


def hook(person, url, label="ERP"):
    secret = webhook.new_secret()
    sealed = vault.seal({"url": url, "secret": secret})
    return Channel.objects.create(user=person, kind="webhook", label=label, hint="erp", sealed=sealed), secret


def alarm(device, now, **said):
    say(device, now, **(said or {"temperature": 950}))
    judge_digested(now)


def test_a_webhook_arrives_signed_as_the_public_libraries_verify_it(receiver, device, asha, now):
    channel, secret = hook(asha, receiver.url)
    alarm(device, now)
    by_hook = Delivery.objects.get(channel=channel)
    really_now = datetime.now(UTC)  # the library refuses old timestamps by the clock on the wall
    Delivery.objects.update(created_at=really_now)
    assert sending.send(by_hook.pk, now=really_now)
    [(headers, body)] = receiver.got
    told = Webhook(secret).verify(body, {name.lower(): value for name, value in headers.items()})
    assert told["alerts"][0]["title"] == "Temperature above 900 °C" and told["factory"]["name"] == "Steel Forge"
    with pytest.raises(Exception, match=r"[Ss]ignature"):
        Webhook(webhook.new_secret()).verify(body, {name.lower(): value for name, value in headers.items()})
    assert Delivery.objects.get(channel=None).sent_at is None  # each way has a row of its own


def test_a_way_that_is_down_delays_no_other_and_says_why(receiver, device, asha, now):
    channel, _ = hook(asha, receiver.url)
    receiver.status = 503
    alarm(device, now)
    by_hook, by_mail = Delivery.objects.get(channel=channel), Delivery.objects.get(channel=None)
    assert not sending.send(by_hook.pk, now=now)
    assert sending.send(by_mail.pk, now=now) and len(mail.outbox) == 1
    by_hook.refresh_from_db()
    channel.refresh_from_db()
    assert by_hook.error == channel.error == "127.0.0.1 answered 503."
    receiver.status = 200
    assert sending.send(by_hook.pk, now=by_hook.next_attempt_at)


def test_nothing_is_followed_elsewhere(receiver, asha, now):
    channel, _ = hook(asha, receiver.url)
    receiver.status = 302
    with pytest.raises(NotSent, match="answered 302"):
        trials.send(channel, now=now)
    assert len(receiver.got) == 1


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.8", "172.16.1.1", "192.168.1.7", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1",
     "fe80::1%eth0", "fc00::1", "::ffff:10.0.0.1", "2002:a00:1::", "64:ff9b::a00:1", "224.0.0.1"],
)  # fmt: skip
def test_a_name_that_means_a_private_address_is_not_reached(address):
    def resolve(*_, **__):
        return [*PUBLIC, (2, 1, 6, "", (address, 443))]

    with pytest.raises(NotSent, match="not a public address"):
        targets.target_of("https://innocent.example/", resolve)


@pytest.mark.parametrize(
    "url",
    ["http://example.com/", "ftp://example.com/", "https://", "https://user:pass@example.com/", "file:///etc/passwd",
     "https://example.com:notaport/"],
)  # fmt: skip
def test_what_is_no_public_web_address_is_refused(url):
    with pytest.raises(NotSent):
        targets.target_of(url, lambda *_, **__: PUBLIC)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::808:808"])
def test_a_public_address_is_reached(address):
    found = [(2, 1, 6, "", (address, 443))]
    assert targets.target_of("https://hooks.example/", lambda *_, **__: found).address == address


def test_the_connection_goes_to_the_address_that_was_looked_at():
    target = targets.target_of("https://hooks.example:8443/a?b=1", lambda *_, **__: PUBLIC)
    assert target == ("https", "hooks.example", 8443, "93.184.216.34", "/a?b=1")
    connection = posting.opened(target.scheme, target.host, target.port, 5, target.address)
    assert (connection.host, connection.server_hostname, connection.assert_hostname) == (
        "93.184.216.34", "hooks.example", "hooks.example",
    )  # fmt: skip


@pytest.mark.parametrize(
    "url", ["json://10.0.0.1/", "ntfy://inside.example/t", "mailto://u:p@x.example", "xml://localhost"]
)
def test_services_that_could_reach_any_host_are_not_on_the_list(url):
    with pytest.raises(NotSent, match="not among those"):
        service.named(url)


def test_a_service_that_is_on_the_list_is_named_and_an_incomplete_address_refused():
    assert service.named("tgram://123456789:AAGx1234567890abcdefghij1234567890abc/12345") == "Telegram"
    with pytest.raises(NotSent, match="not complete"):
        service.named("tgram://short")


def test_a_message_goes_to_the_service_with_the_link_that_answers(device, asha, now, monkeypatch):
    said = []
    monkeypatch.setattr(service, "send", lambda credentials, title, body: said.append((credentials, title, body)))
    sealed = vault.seal({"url": "tgram://123456789:AAGx1234567890abcdefghij1234567890abc/12345"})
    channel = Channel.objects.create(user=asha, kind="service", label="Phone", hint="Telegram", sealed=sealed)
    alarm(device, now)
    assert sending.send(Delivery.objects.get(channel=channel).pk, now=now)
    [(credentials, title, body)] = said
    assert credentials["url"].startswith("tgram://") and "tgram" not in channel.sealed
    assert title.startswith("Critical: ") and "Acknowledge: " in body and "/tap/" in body


def test_credentials_survive_a_change_of_keys_and_not_its_loss(settings):
    sealed = vault.seal({"url": "x"})
    settings.CREDENTIAL_KEYS = ["a new key of enough characters, surely", *settings.CREDENTIAL_KEYS]
    assert vault.opened(sealed) == {"url": "x"}
    settings.CREDENTIAL_KEYS = settings.CREDENTIAL_KEYS[:1]
    with pytest.raises(vault.Sealed):
        vault.opened(sealed)


# Who, what, when


def wish(person, factory, **values):
    return Preference.objects.create(user=person, factory=factory, **values)


def test_an_operator_hears_once_they_ask_and_only_what_they_asked_for(device, asha, vik, now):
    wish(vik, device.factory, lowest="critical")
    alarm(device, now, temperature=950, gas_index=500)
    told = {(row.recipient, row.alert.severity) for row in Delivery.objects.all()}
    assert told == {(asha, "critical"), (asha, "warning"), (vik, "critical")}


def test_who_switched_it_off_hears_nothing(device, asha, now):
    wish(asha, device.factory, is_on=False)
    alarm(device, now)
    assert Alert.objects.exists() and not Delivery.objects.exists()


IST = timedelta(hours=5, minutes=30)


def at(clock):
    """That time of 16 January 2025 in the factory's zone."""
    return datetime.combine(date(2025, 1, 16), clock, UTC) - IST


@pytest.mark.parametrize(
    ("said", "clock", "severity", "waits"),
    [
        ({}, time(3), "warning", None),
        ({"quiet_from": time(22), "quiet_until": time(6)}, time(3), "warning", at(time(6))),
        ({"quiet_from": time(22), "quiet_until": time(6)}, time(23), "warning", at(time(6)) + timedelta(days=1)),
        ({"quiet_from": time(22), "quiet_until": time(6)}, time(12), "warning", None),
        ({"quiet_from": time(22), "quiet_until": time(6)}, time(6), "warning", None),
        ({"quiet_from": time(22), "quiet_until": time(6)}, time(3), "critical", None),
        ({"quiet_from": time(22), "quiet_until": time(6), "critical_always": False}, time(3), "critical", at(time(6))),
        ({"quiet_from": time(12), "quiet_until": time(14)}, time(13), "info", at(time(14))),
        ({"rhythm": "hourly"}, time(9, 20), "warning", at(time(10))),
        ({"rhythm": "daily", "digest_at": time(8)}, time(9), "warning", at(time(8)) + timedelta(days=1)),
        ({"rhythm": "daily", "digest_at": time(8)}, time(7), "warning", at(time(8))),
        ({"rhythm": "hourly", "quiet_from": time(22), "quiet_until": time(6)}, time(21, 30), "info",
         at(time(6)) + timedelta(days=1)),
    ],
)  # fmt: skip
def test_when_a_message_may_go(steel_forge, said, clock, severity, waits):
    found = audience.not_before(Preference(**said), severity, at(clock), steel_forge.zone)
    assert found == waits


def test_what_waits_for_the_morning_comes_as_one_message(device, asha, now):
    wish(asha, device.factory, rhythm="hourly", critical_always=False)
    alarm(device, now, temperature=950, gas_index=500)
    assert sending.sweep(now + minutes(2)) == 0
    later = Delivery.objects.first().next_attempt_at
    assert [sending.send(pk, now=later) for pk in Delivery.objects.values_list("pk", flat=True)] == [True, False]
    [letter] = mail.outbox
    assert letter.subject == "2 alerts, 1 critical (Steel Forge)"
    assert "Temperature above" in letter.alternatives[0].content and "Gas index" in letter.alternatives[0].content
    assert not Delivery.objects.unsent().exists()


def many(device, person, count, now):
    for number in range(count):
        alert = Alert.objects.create(
            factory=device.factory, device=device, alert_type="temperature", severity="warning",
            title=f"Alert {number}", message=f"Number {number}.", triggered_at=now, status="resolved", resolved_at=now,
        )  # fmt: skip
        Delivery.objects.create(alert=alert, recipient=person, created_at=now)


def test_a_flood_collapses_into_one_message(device, asha, now):
    many(device, asha, 40, now)
    for pk in Delivery.objects.values_list("pk", flat=True):
        sending.send(pk, now=now)
    assert [letter.subject for letter in mail.outbox] == ["40 alerts (Steel Forge)"]


def test_who_got_many_messages_lately_gets_the_rest_together(device, asha, now):
    for number in range(sending.FLOOD + 4):
        many(device, asha, 1, now)
        moment = now + timedelta(seconds=20 * number)
        sending.send(Delivery.objects.latest("pk").pk, now=moment)
    assert len(mail.outbox) == sending.FLOOD
    waiting = Delivery.objects.unsent()
    assert waiting.count() == 4 and not waiting.exclude(attempts=0).exists()
    sending.send(waiting.first().pk, now=now + sending.FLOOD_SPAN + minutes(1))
    assert mail.outbox[-1].subject == "4 alerts (Steel Forge)" and not Delivery.objects.unsent().exists()


def test_a_snoozed_alert_sends_nothing_until_it_is_over(device, asha, now):
    alarm(device, now)
    life.snooze(Alert.objects.get(), by=asha, now=now, minutes=30)
    delivery = Delivery.objects.get()
    assert not sending.send(delivery.pk, now=now)
    delivery.refresh_from_db()
    assert (delivery.next_attempt_at, delivery.attempts, mail.outbox) == (now + minutes(30), 0, [])
    assert sending.send(delivery.pk, now=now + minutes(30))


def test_what_was_found_late_comes_with_the_next_common_message(device, asha, now):
    say(device, now - timedelta(hours=3), temperature=950)
    say(device, now - timedelta(hours=2), temperature=850)
    judge_digested(now)
    assert Alert.objects.get().found_late
    delivery = Delivery.objects.get()
    assert now < delivery.next_attempt_at <= now + timedelta(hours=1)
    assert not sending.send(delivery.pk, now=now)
    assert sending.send(delivery.pk, now=delivery.next_attempt_at)
    assert mail.outbox[0].subject.startswith("Over: ")


def test_history_that_is_brought_in_rings_no_bell(device, asha, now):
    say(device, now - timedelta(days=20), temperature=950)
    say(device, now - timedelta(days=20, minutes=-5), temperature=850)
    judge_digested(now)
    assert Alert.objects.get().found_late and not Delivery.objects.exists()


def test_a_removed_way_is_used_no_more(receiver, device, asha, now):
    channel, _ = hook(asha, receiver.url)
    alarm(device, now)
    Channel.objects.update(removed_at=now, sealed="", is_on=False)
    delivery = Delivery.objects.get(channel=channel)
    assert not sending.send(delivery.pk, now=now)
    delivery.refresh_from_db()
    assert delivery.error == "ERP was removed or switched off." and receiver.got == []


# The page


def test_a_webhook_is_added_its_secret_shown_once_and_its_address_never(page, asha, monkeypatch):
    monkeypatch.setattr(targets.socket, "getaddrinfo", lambda *_, **__: PUBLIC)
    monkeypatch.setattr(targets.target_of, "__defaults__", (lambda *_, **__: PUBLIC,))
    sent = {"form": "webhook", "label": "ERP", "url": "https://erp.example.in/s3cret-path"}
    answer = page(asha).post("/dashboard/profile/notifications/", sent)
    channel = Channel.objects.get()
    assert channel.credentials["secret"] in answer.content.decode() and answer["Cache-Control"] == "no-store"
    later = page(asha).get("/dashboard/profile/notifications/").content.decode()
    assert "erp.example.in" in later and "s3cret" not in later and channel.credentials["secret"] not in later


@pytest.mark.parametrize(
    "sent",
    [{"form": "webhook", "label": "x", "url": "https://127.0.0.1/"}, {"form": "service", "label": "x", "url": "json://h"},
     {"form": "service", "label": "", "url": "tgram://short"}],
)  # fmt: skip
def test_an_address_that_will_not_do_is_refused_at_its_field(page, asha, sent):
    answer = page(asha).post("/dashboard/profile/notifications/", sent)
    assert answer.status_code == 422 and answer.context[f"{sent['form']}_form"].errors["url"]
    assert not Channel.objects.exists()


def test_wishes_are_saved_for_ones_own_factory_alone(page, asha, steel_forge, chem_works):
    def sent(factory, **values):
        told = {"is_on": "on", "by_email": "on", "lowest": "warning", "rhythm": "once", "digest_at": "08:00", **values}
        return {f"w{factory.pk}-{name}": value for name, value in told.items()} | {"form": f"wish-{factory.pk}"}

    address = "/dashboard/profile/notifications/"
    assert page(asha).post(address, sent(steel_forge)).status_code == 302
    assert Preference.objects.get().lowest == "warning"
    half = page(asha).post(address, sent(steel_forge, quiet_from="22:00"))
    assert half.status_code == 422 and "both a beginning and an end" in half.content.decode()
    page(asha).post(address, sent(chem_works))
    assert [row.factory for row in Preference.objects.all()] == [steel_forge]


def test_the_test_button_says_what_came_of_it(page, asha, vik, receiver):
    channel, _ = hook(asha, receiver.url)
    answer = page(asha).post(f"/dashboard/profile/notifications/{channel.pk}/test/", follow=True)
    assert "ERP: the test was taken." in answer.content.decode()
    assert json.loads(receiver.got[0][1])["type"] == "test"
    again = page(asha).post(f"/dashboard/profile/notifications/{channel.pk}/test/", follow=True)
    assert "A test was sent just now" in again.content.decode()
    assert page(vik).post(f"/dashboard/profile/notifications/{channel.pk}/test/").status_code == 404
    assert page(vik).post(f"/dashboard/profile/notifications/{channel.pk}/remove/").status_code == 404


def test_a_viewer_gets_no_link_that_acknowledges(device, vera, now):
    assert vera.memberships.get().role == Role.VIEWER.value
    wish(vera, device.factory)
    alarm(device, now)
    sending.send(Delivery.objects.get(recipient=vera).pk, now=now)
    assert "/tap/" not in mail.outbox[0].body


def test_the_sample_of_the_documentation_verifies_what_is_sent(receiver, asha):
    channel, secret = hook(asha, receiver.url)
    trials.send(channel, now=datetime.now(UTC))
    [(headers, body)] = receiver.got
    page = (Path(__file__).resolve().parents[2] / "docs/notifications.md").read_text()
    sample = {}
    exec(page.split("```python")[1].split("```")[0], sample)  # the page's own words
    told = {name.lower(): value for name, value in headers.items()}
    assert sample["is_genuine"](secret, told, body)
    assert not sample["is_genuine"](secret, told, body + b" ")
    assert not sample["is_genuine"](secret, {**told, "webhook-timestamp": "1700000000"}, body)
