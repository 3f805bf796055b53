"""Who is sending: a device by its own key, or a gateway by its factory's. Every header that clients know is read.

`X-API-Key: <key>`, `Authorization: Bearer <key>` or `Token <key>`, HTTP Basic (user = device id, password = key), and
for firmware where only the URL can be edited `?api_key=<key>`, struck from the request before anything can log it.
"""

import base64
import binascii
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication

from devices.keys import hash_secret, is_secret_of, split_key
from devices.known_keys import Known, known_now, remembered
from devices.models import Device, DeviceKey
from factories.models import Factory

QUERY_KEY = "api_key"
NO_SECRET = hash_secret("")  # compared with for an unknown prefix, so that it takes no less time
PAUSE_SECONDS = 3600


class DeviceKeyScheme(OpenApiAuthenticationExtension):
    """The key in the API's description."""

    target_class = "devices.authentication.DeviceKeyAuthentication"
    name = "deviceKey"
    match_subclasses = True

    def get_security_definition(self, auto_schema):
        return {"type": "apiKey", "in": "header", "name": "X-API-Key"}


class Sender(NamedTuple):
    """`request.user` of an authenticated device request: no person, and never mistaken for one."""

    known: Known
    factory: Factory
    device: Device | None  # None: a gateway, which may speak for any device of the factory
    named: str | None  # the device id in HTTP Basic's user
    is_authenticated = True
    is_active = True

    @property
    def key(self) -> DeviceKey:
        return self.known.key


class KeyRefused(exceptions.AuthenticationFailed):
    """401. `device_pk` is the one the key was made for, where its public prefix is known."""

    def __init__(self, detail, device_pk=None):
        super().__init__(detail)
        self.device_pk = device_pk


class AnotherDevice(exceptions.PermissionDenied):
    """403: the key belongs to one device, the request names another."""

    def __init__(self, device, named):
        super().__init__(f"This key belongs to {device.device_id}; the request names {named}.")
        self.device_pk = device.pk


class Paused(exceptions.APIException):
    """503: on a 4xx some clients would throw their buffer away."""

    status_code = 503
    wait = PAUSE_SECONDS

    def __init__(self, device_id):
        super().__init__(f"{device_id} is paused; keep the readings and try again later.")


class StrikesKeyInUrl:
    """A view with `DeviceKeyAuthentication` takes keys in the URL too: struck before anything else sees the request."""

    def setup(self, request, *args, **kwargs):
        request.key_in_url = strike_key(request)
        super().setup(request, *args, **kwargs)


class DeviceKeyAuthentication(BaseAuthentication):
    """A sender is what is remembered of its key; a view that finds it changed has it `asked_again`."""

    def authenticate(self, request):
        text, named = presented(request)
        if text is None:
            raise KeyRefused("A device key is needed: X-API-Key, Authorization: Bearer, HTTP Basic or ?api_key=.")
        sender = self.remembered_sender(text, named, request.now) or sender_of(text, named, request.now)
        return sender, sender.key

    def remembered_sender(self, text, named, now):
        """None where nothing is remembered, or what is would refuse it: no refusal rests on what may have changed."""
        parts = split_key(text)
        known = remembered(parts[0]) if parts else None
        if known is None or not is_secret_of(parts[1], known.key.secret_hash):
            return None
        self.refuse_early(known.key)
        with suppress(KeyRefused, AnotherDevice, Paused):
            return live_sender(known, named, now)

    def refuse_early(self, key):
        """What a view refuses before it costs the database anything: nothing."""

    def authenticate_header(self, request):
        return 'Bearer realm="Carbonseed devices"'


def presented(request) -> tuple[str | None, str | None]:
    """(key, device id named beside it) of a request."""
    if header := request.META.get("HTTP_X_API_KEY"):
        return header, None
    scheme, _space, rest = request.META.get("HTTP_AUTHORIZATION", "").strip().partition(" ")
    if scheme.lower() in ("bearer", "token"):
        return rest.strip(), None
    if scheme.lower() == "basic":
        return basic(rest)
    return getattr(request, "key_in_url", None), None


def strike_key(request: HttpRequest) -> str | None:
    """The key in the query string, which no later error page or log line will show."""
    query = parse_qsl(request.META.get("QUERY_STRING", ""), keep_blank_values=True)
    found = next((value for name, value in query if name == QUERY_KEY), None)
    if found is not None:
        request.META["QUERY_STRING"] = urlencode([(name, value) for name, value in query if name != QUERY_KEY])
        vars(request).pop("GET", None)  # a cached property, to be read anew
    return found


def basic(encoded: str) -> tuple[str, str | None]:
    try:
        user, _colon, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise KeyRefused("HTTP Basic is not readable: base64 of device id, colon and key is expected.") from None
    return password, user.strip() or None


def sender_of(text: str, named: str | None, now) -> Sender:
    """As the database has it now. Raises KeyRefused, AnotherDevice or Paused."""
    parts = split_key(text)
    if parts is None:
        raise KeyRefused("This is no device key; one reads cs_… and was shown when it was made.")
    prefix, secret = parts
    known = known_now(prefix)
    is_right = is_secret_of(secret, known.key.secret_hash if known else NO_SECRET)
    if known is None or not is_right:
        raise KeyRefused("This key is not known here.", known.key.device_id if known else None)
    return live_sender(known, named, now)


def asked_again(sender: Sender, now) -> Sender:
    """The sender as the database has it now, where it was taken for what was remembered. Raises as `sender_of`."""
    known = known_now(sender.key.prefix)
    if known is None or known.key.secret_hash != sender.key.secret_hash:
        raise KeyRefused("This key is not known here.", sender.key.device_id)
    return live_sender(known, sender.named, now)


def live_sender(known: Known, named: str | None, now) -> Sender:
    key, device = known.key, known.key.device
    if not key.is_live(now):
        raise KeyRefused("This key was revoked or has expired.", key.device_id)
    if key.factory.archived_at or (device and device.archived_at):
        raise KeyRefused("What this key was made for is no longer in use.", key.device_id)
    if device is None:
        return Sender(known, key.factory, None, named)
    if named and named != device.device_id:
        raise AnotherDevice(device, named[:64])
    if not device.is_active:
        raise Paused(device.device_id)
    return Sender(known, key.factory, device, named)
