"""Test messages: sent at once, their outcome kept with the channel."""

from datetime import timedelta

from django.core.mail import EmailMessage

from alerts.models import Channel
from alerts.notifications.channels import NotSent, messaging_service, webhook
from core import secret_box

WORDS = "This is a test: alerts of your factories will reach you here."
BETWEEN = timedelta(seconds=10)  # nobody needs a provider hammered


def send(channel, *, now):
    """Raises NotSent; what went wrong is kept with the channel too."""
    if channel.tested_at and now - channel.tested_at < BETWEEN:
        raise NotSent("A test was sent just now; wait some seconds.")
    Channel.objects.filter(pk=channel.pk).update(tested_at=now)
    try:
        bring(channel, now)
    except (NotSent, secret_box.Sealed) as why:
        Channel.objects.filter(pk=channel.pk).update(error=str(why)[:500])
        raise NotSent(str(why)) from why
    Channel.objects.filter(pk=channel.pk).update(error="")


def bring(channel, now):
    if channel.kind == Channel.Kind.SERVICE:
        messaging_service.send(channel.credentials, "Carbonseed", WORDS)
    else:
        body = {"type": "test", "sent_at": now.isoformat(), "message": WORDS}
        webhook.send(channel.credentials, f"test_{channel.pk}_{int(now.timestamp())}", body, now=now)


def send_mail(user):
    """By the installation's mail server. Raises NotSent."""
    try:
        EmailMessage("Test from Carbonseed", WORDS, to=[user.email]).send()
    except OSError as error:
        raise NotSent(f"The mail server did not take it ({type(error).__name__}).") from error
