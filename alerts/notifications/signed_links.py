"""Signed one-click links in messages: the recipient acknowledges without logging in.

A link is signed, names one alert and one person, and is valid for LINK_LIFETIME. Opening it changes nothing: mail
scanners open links. Whether the person may still act is checked on each use.
"""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse

from alerts.models import Alert
from factories.models import User
from factories.roles import Right

SALT = "alerts.notifications.signed_links"
LINK_LIFETIME = timedelta(hours=48)


class InvalidLink(Exception):
    """The link does not work; the message gives the reason, to be shown."""


def token_for(alert, person):
    return signing.dumps([alert.pk, person.pk, fingerprint(person)], salt=SALT)


def link_for(alert, person) -> str:
    return f"{settings.SITE_URL}{reverse('alert_tap', args=[token_for(alert, person)])}"


def fingerprint(person):
    """Changes with the password: changing it invalidates the links sent before."""
    return signing.Signer(salt=SALT).signature(person.password)[:16]


def verify_token(token) -> tuple:
    """Verify a token → (alert, person). Raises InvalidLink."""
    try:
        alert_pk, person_pk, token_fingerprint = signing.loads(token, salt=SALT, max_age=LINK_LIFETIME)
    except signing.SignatureExpired:
        raise InvalidLink("This link has expired. Log in to see the alert.") from None
    except (signing.BadSignature, ValueError, TypeError):
        raise InvalidLink("This link is not complete. Open it again from the message, or log in.") from None
    alert = Alert.objects.select_related("device__factory", "factory", "acknowledged_by").filter(pk=alert_pk).first()
    person = User.objects.filter(pk=person_pk, is_active=True).first()
    if alert is None or person is None or not person.may(Right.ACT_ON_ALERTS, alert.factory):
        raise InvalidLink("This link no longer works: the person it was sent to may not act on this alert.")
    if fingerprint(person) != token_fingerprint:
        raise InvalidLink("This link no longer works: the password was changed since. Log in to see the alert.")
    return alert, person
