"""Test messages: sent synchronously, the outcome is stored with the channel."""

from datetime import timedelta

from django.core.mail import EmailMessage

from alerts.models import Channel
from alerts.notifications.channels import DeliveryError, messaging_service, webhook
from core import secret_box

TEST_TEXT = "This is a test: alerts of your factories will reach you here."
MIN_INTERVAL = timedelta(seconds=10)  # protects the providers


class SentRecently(DeliveryError):
    """The last test is less than MIN_INTERVAL ago."""


def send(channel, *, now) -> None:
    """Send a test message. Raises SentRecently or DeliveryError; the error is stored with the channel too."""
    if channel.tested_at and now - channel.tested_at < MIN_INTERVAL:
        raise SentRecently("A test was sent just now; wait some seconds.")
    Channel.objects.filter(pk=channel.pk).update(tested_at=now)
    try:
        deliver(channel, now)
    except (DeliveryError, secret_box.UnsealError) as error:
        Channel.objects.filter(pk=channel.pk).update(error=str(error)[:500])
        raise DeliveryError(str(error)) from error
    Channel.objects.filter(pk=channel.pk).update(error="")


def deliver(channel, now) -> None:
    """Send the test text by a messaging service or webhook. Raises DeliveryError."""
    if channel.kind == Channel.Kind.SERVICE:
        messaging_service.send(channel.credentials, "Carbonseed", TEST_TEXT)
    else:
        body = {"type": "test", "sent_at": now.isoformat(), "message": TEST_TEXT}
        webhook.send(channel.credentials, f"test_{channel.pk}_{int(now.timestamp())}", body, now=now)


def send_mail(user) -> None:
    """Send a test by the installation's mail server. Raises DeliveryError."""
    try:
        EmailMessage("Test from Carbonseed", TEST_TEXT, to=[user.email]).send()
    except OSError as error:
        raise DeliveryError(f"The mail server did not take it ({type(error).__name__}).") from error
