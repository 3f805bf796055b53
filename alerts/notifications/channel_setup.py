"""Add, validate and remove the notification channels of a person; used by the page and the API."""

from datetime import datetime

from django.core.exceptions import ValidationError

from alerts.models import Channel
from alerts.notifications.channels import DeliveryError, messaging_service, ssrf_guard, webhook
from core import secret_box
from factories.models import User

MAX_CHANNELS = 10


def validate_label(user: User, label: str) -> str:
    """The label without surrounding space. Raises ValidationError where another channel has it."""
    label = label.strip()
    if Channel.objects.for_user(user).filter(label=label).exists():
        raise ValidationError("You have a way of this name already.")
    return label


def validate_count(user: User) -> None:
    """Raises ValidationError where the person has MAX_CHANNELS already."""
    if Channel.objects.for_user(user).count() >= MAX_CHANNELS:
        raise ValidationError(f"At most {MAX_CHANNELS} ways fit one person; remove one first.")


def hint_of(kind: str, url: str) -> str:
    """Check an address → the part of it that may be shown. Raises ValidationError where it may not be reached."""
    try:
        if kind == Channel.Kind.SERVICE:
            return messaging_service.service_name(url.strip())
        return ssrf_guard.target_of(url.strip()).host[:80]
    except DeliveryError as error:
        raise ValidationError(str(error)) from error


def add_channel(user: User, *, kind: str, label: str, url: str, hint: str) -> tuple[Channel, str]:
    """Store a channel with validated values → (channel, the webhook's new secret or "").

    Only the encrypted credentials keep the secret: the caller shows it once.
    """
    secret = webhook.new_secret() if kind == Channel.Kind.WEBHOOK else ""
    credentials = {"url": url.strip()} | ({"secret": secret} if secret else {})
    channel = Channel.objects.create(
        user=user, kind=kind, label=label, hint=hint, encrypted_credentials=secret_box.seal(credentials)
    )
    return channel, secret


def remove_channel(channel: Channel, *, now: datetime) -> None:
    """Delete the credentials and switch the channel off; its deliveries stay on record."""
    channel.removed_at, channel.encrypted_credentials, channel.is_on = now, "", False
    channel.save(update_fields=["removed_at", "encrypted_credentials", "is_on"])
