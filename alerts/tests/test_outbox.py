"""An owner hears of an alert once; a dead broker, worker or mail server delays the message and loses nothing."""

import socket
from datetime import timedelta
from email import message_from_bytes

import pytest
from aiosmtpd.controller import Controller
from django.core import mail

from alerts import lifecycle
from alerts.evaluation.evaluator import evaluate_new_readings
from alerts.models import CLAIM_LEASE, Alert, Delivery
from alerts.notifications import dispatcher
from alerts.tests.cast import minutes, store_reading
from factories.roles import Role
from factories.tests.cast import member

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


@pytest.fixture
def delivery(device, asha, now):
    store_reading(device, now, temperature=950)
    evaluate_new_readings(now)
    return Delivery.objects.get()


def test_only_the_owners_of_the_factory_hear_of_it(device, asha, vik, vera, ira, chitra, admin_user, now):
    member(device.factory, Role.OWNER, email="gone@steelforge.in", is_active=False)
    store_reading(device, now, temperature=950)
    evaluate_new_readings(now)
    assert [delivery.recipient for delivery in Delivery.objects.all()] == [asha]


def test_the_message_says_the_fact_and_where_to_act(delivery, settings, now):
    settings.SITE_URL = "https://carbonseed.example"
    assert dispatcher.send(delivery.pk, now=now)
    [message] = mail.outbox
    assert message.to == ["asha@steelforge.in"]
    assert message.subject == "Critical: Temperature above 900 °C, Main furnace (Steel Forge)"
    assert message.body.startswith("Main furnace is 950.0 °C, 50.0 above its limit of 900 °C, since 16:00")
    link = f"https://carbonseed.example/dashboard/alerts/{delivery.alert_id}/"
    assert link in message.body
    assert link in message.alternatives[0].content


def test_a_message_is_sent_once_however_often_it_is_asked_for(delivery, now):
    assert [dispatcher.send(delivery.pk, now=now) for _ in range(3)] == [True, False, False]
    assert len(mail.outbox) == 1


def test_only_one_worker_claims_a_message(delivery, now):
    assert [dispatcher.claim(delivery.pk, now) for _ in range(2)] == [True, False]


def test_a_worker_killed_between_claim_and_send_loses_nothing(delivery, now, handed_over):
    dispatcher.claim(delivery.pk, now)
    assert dispatcher.sweep(now + minutes(1)) == 0
    later = now + CLAIM_LEASE + minutes(1)
    assert dispatcher.sweep(later) == 1
    assert handed_over == [delivery.pk]
    assert dispatcher.send(delivery.pk, now=later)
    assert len(mail.outbox) == 1


def test_a_mail_server_that_refuses_is_asked_again_and_then_given_up(delivery, now, monkeypatch):
    def refuse(*_):
        raise ConnectionRefusedError("no route\x00 to host")

    monkeypatch.setattr(mail.EmailMultiAlternatives, "send", refuse)
    waited, at = [], now
    for _ in range(dispatcher.MAX_ATTEMPTS):
        assert not dispatcher.send(delivery.pk, now=at)
        delivery.refresh_from_db()
        if delivery.next_attempt_at > at:
            waited.append(delivery.next_attempt_at - at)
            assert not dispatcher.send(delivery.pk, now=delivery.next_attempt_at - timedelta(seconds=1))
            at = delivery.next_attempt_at
    assert all(
        abs(waits / meant - 1) <= dispatcher.JITTER for waits, meant in zip(waited, dispatcher.BACKOFF, strict=True)
    )
    assert waited != dispatcher.BACKOFF  # those who failed together do not try again together
    assert (delivery.attempts, delivery.given_up_at) == (5, at)
    assert "no route to host" in delivery.error
    assert dispatcher.sweep(now + timedelta(days=9)) == 0


def test_the_sweep_finds_what_the_broker_lost(delivery, now, handed_over):
    assert dispatcher.sweep(now) == 0  # a worker is about to take it
    assert dispatcher.sweep(now + minutes(2)) == 1
    assert handed_over == [delivery.pk]


def test_a_broker_that_is_away_does_not_break_judging(
    device, asha, now, monkeypatch, django_capture_on_commit_callbacks
):
    def away(*_, **__):
        raise OSError("broker is away")

    monkeypatch.setattr("celery.canvas.Signature.apply_async", away)
    store_reading(device, now, temperature=950)
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        evaluate_new_readings(now)
    assert callbacks
    assert Alert.objects.open().exists()
    assert Delivery.objects.due(now).count() == 1


def test_a_new_message_is_handed_over_when_the_judgement_is_kept(
    device, asha, now, handed_over, django_capture_on_commit_callbacks
):
    store_reading(device, now, temperature=950)
    with django_capture_on_commit_callbacks(execute=True):
        evaluate_new_readings(now)
        assert handed_over == []
    assert handed_over == [Delivery.objects.get().pk]


def test_who_is_no_owner_any_more_gets_no_message(delivery, asha, now):
    asha.memberships.all().delete()
    assert not dispatcher.send(delivery.pk, now=now)
    delivery.refresh_from_db()
    assert (mail.outbox, delivery.given_up_at) == ([], now)


def test_a_message_about_what_is_over_says_so(delivery, asha, now):
    lifecycle.resolve(delivery.alert, by=asha, now=now)
    dispatcher.send(delivery.pk, now=now)
    assert mail.outbox[0].subject.startswith("Over: ")


def test_it_arrives_at_a_real_mail_server(delivery, settings, now):
    class Box:
        letters = []

        async def handle_DATA(self, server, session, envelope):
            self.letters.append((envelope.rcpt_tos, message_from_bytes(envelope.content)))
            return "250 kept"

    server = Controller(Box(), hostname="127.0.0.1", port=free_port())
    server.start()
    try:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.hostname, server.port
        assert dispatcher.send(delivery.pk, now=now)
    finally:
        server.stop()
    [(to, letter)] = Box.letters
    text, html = letter.get_payload()
    assert to == ["asha@steelforge.in"]
    assert "50.0 above its limit of 900 °C" in text.get_payload(decode=True).decode()
    assert "See and acknowledge" in html.get_payload(decode=True).decode()


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture
def handed_over(monkeypatch):
    """What the workers were told of, in place of a broker."""
    pks = []
    monkeypatch.setattr(dispatcher, "enqueue", pks.append)
    return pks
