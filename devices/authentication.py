"""Authentication of senders: a device by its own key, or a gateway by its factory's. Accepted forms:

`X-API-Key: <key>` or `Api-Key: <key>`, `Authorization: Bearer <key>` or `Token <key>`, HTTP Basic (user = device id,
password = key); where only the URL can be edited, `?api_key=<key>`, removed before anything can log it;
and as `api_key` among the fields of a short body.
"""

import base64
import binascii
import re
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication

from devices.key_cache import CachedKey, cached_key, current_key
from devices.keys import hash_secret, matches_secret, split_key
from devices.models import Device, DeviceKey
from factories.models import Factory

QUERY_KEYS = frozenset({"apikey", "xapikey"})  # in lower case, without - and _
KEY_IN_BODY = re.compile(rb'\bapi[_-]?key"?\s*[=:]\s*"?(cs_[0-9a-f]{12}_[A-Za-z0-9_-]+)', re.IGNORECASE)
DUMMY_HASH = hash_secret("")  # compared for an unknown prefix, against timing attacks
PAUSED_RETRY_AFTER_S = 3600


class DeviceKeyScheme(OpenApiAuthenticationExtension):
    """The security scheme of device keys in the OpenAPI description."""

    target_class = "devices.authentication.DeviceKeyAuthentication"
    name = "deviceKey"
    match_subclasses = True

    def get_security_definition(self, auto_schema) -> dict:
        return {"type": "apiKey", "in": "header", "name": "X-API-Key"}


class Sender(NamedTuple):
    """`request.user` of an authenticated device request; not a User."""

    cached_key: CachedKey
    factory: Factory
    device: Device | None  # None: a gateway, which may send for any device of the factory
    claimed_device_id: str | None  # the user of HTTP Basic
    is_authenticated = True
    is_active = True

    @property
    def key(self) -> DeviceKey:
        return self.cached_key.key


class InvalidDeviceKey(exceptions.AuthenticationFailed):
    """401. `device_pk`: the device of the key, where its public prefix is known."""

    def __init__(self, detail, device_pk=None) -> None:
        super().__init__(detail)
        self.device_pk = device_pk


class DeviceMismatch(exceptions.PermissionDenied):
    """403: the key belongs to one device, the request names another."""

    def __init__(self, device, claimed_device_id) -> None:
        super().__init__(f"This key belongs to {device.device_id}; the request names {claimed_device_id}.")
        self.device_pk = device.pk


class DevicePaused(exceptions.APIException):
    """503, because on a 4xx some clients discard their buffer."""

    status_code = 503
    wait = PAUSED_RETRY_AFTER_S

    def __init__(self, device_id, device_pk=None) -> None:
        super().__init__(f"{device_id} is paused; keep the readings and try again later.")
        self.device_pk = device_pk


class StrikesKeyInUrl:
    """View mixin for `DeviceKeyAuthentication`: accepts keys in the URL and removes them from the request."""

    def setup(self, request, *args, **kwargs) -> None:
        request.key_in_url = pop_query_key(request)
        super().setup(request, *args, **kwargs)


class DeviceKeyAuthentication(BaseAuthentication):
    """Authenticates from the key cache where possible; a view that finds the key stale calls `reauthenticate`."""

    def authenticate(self, request) -> tuple:
        text, claimed_device_id = read_credentials(request)
        if text is None:
            raise InvalidDeviceKey("A device key is needed: X-API-Key, Authorization: Bearer, HTTP Basic or ?api_key=.")
        cached = self.cached_sender(text, claimed_device_id, request.now)
        sender = cached or authenticate_key(text, claimed_device_id, request.now)
        return sender, sender.key

    def cached_sender(self, text, claimed_device_id, now) -> Sender | None:
        """None unless cached and accepted: a rejection is never based on cached state, which may be stale."""
        parts = split_key(text)
        cached = cached_key(parts[0]) if parts else None
        if cached is None or not matches_secret(parts[1], cached.key.secret_hash):
            return None
        self.check_before_lookup(cached.key)
        with suppress(InvalidDeviceKey, DeviceMismatch, DevicePaused):
            return sender_from_key(cached, claimed_device_id, now)

    def check_before_lookup(self, key) -> None:
        """Hook for checks that need no query, such as rate limits."""

    def authenticate_header(self, request) -> str:
        return 'Bearer realm="Carbonseed devices"'


def read_credentials(request) -> tuple[str | None, str | None]:
    """(key, claimed device id) of a request."""
    if header := request.META.get("HTTP_X_API_KEY") or request.META.get("HTTP_API_KEY"):
        return header, None
    scheme, _space, rest = request.META.get("HTTP_AUTHORIZATION", "").strip().partition(" ")
    if scheme.lower() in ("bearer", "token"):
        return rest.strip(), None
    if scheme.lower() == "basic":
        return parse_basic_auth(rest)
    key = getattr(request, "key_in_url", None)
    return (getattr(request, "key_in_body", None) if key is None else key), None


def names_key(request) -> bool:
    """Whether headers or query name a key, so that the body need not be looked at."""
    headers = request.META
    is_in_header = "HTTP_X_API_KEY" in headers or "HTTP_AUTHORIZATION" in headers or "HTTP_API_KEY" in headers
    return is_in_header or getattr(request, "key_in_url", None) is not None


def key_in_body(body: bytes) -> str | None:
    """`api_key` of a form or an object, for clients that can set neither header nor address."""
    match = KEY_IN_BODY.search(body)
    return match[1].decode() if match else None


def pop_query_key(request: HttpRequest) -> str | None:
    """Remove the key from the query string, so that no error page or log line shows it, and return it."""
    if not request.META.get("QUERY_STRING"):
        return None
    query = parse_qsl(request.META["QUERY_STRING"], keep_blank_values=True)
    key = next((value for name, value in query if is_key_name(name)), None)
    if key is not None:
        request.META["QUERY_STRING"] = urlencode([(name, value) for name, value in query if not is_key_name(name)])
        vars(request).pop("GET", None)  # a cached property, to be read anew
    return key


def is_key_name(name: str) -> bool:
    return name.replace("_", "").replace("-", "").lower() in QUERY_KEYS


def parse_basic_auth(encoded: str) -> tuple[str, str | None]:
    try:
        user, _colon, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise InvalidDeviceKey("HTTP Basic is not readable: base64 of device id, colon and key is expected.") from None
    return password, user.strip() or None


def authenticate_key(text: str, claimed_device_id: str | None, now) -> Sender:
    """Authenticate against the database. Raises InvalidDeviceKey, DeviceMismatch or DevicePaused."""
    parts = split_key(text)
    if parts is None:
        raise InvalidDeviceKey("This is no device key; one reads cs_… and was shown when it was made.")
    prefix, secret = parts
    cached = current_key(prefix)
    is_right = matches_secret(secret, cached.key.secret_hash if cached else DUMMY_HASH)
    if cached is None or not is_right:
        raise InvalidDeviceKey("This key is not known here.", cached.key.device_id if cached else None)
    return sender_from_key(cached, claimed_device_id, now)


def reauthenticate(sender: Sender, now) -> Sender:
    """The sender, re-read from the database after the cache proved stale. Raises as `authenticate_key`."""
    cached = current_key(sender.key.prefix)
    if cached is None or cached.key.secret_hash != sender.key.secret_hash:
        raise InvalidDeviceKey("This key is not known here.", sender.key.device_id)
    return sender_from_key(cached, sender.claimed_device_id, now)


def sender_from_key(cached: CachedKey, claimed_device_id: str | None, now) -> Sender:
    key, device = cached.key, cached.key.device
    if not key.is_live(now):
        raise InvalidDeviceKey("This key was revoked or has expired.", key.device_id)
    if key.factory.archived_at or (device and device.archived_at):
        raise InvalidDeviceKey("What this key was made for is no longer in use.", key.device_id)
    if device is None:
        return Sender(cached, key.factory, None, claimed_device_id)
    if claimed_device_id and claimed_device_id != device.device_id:
        raise DeviceMismatch(device, claimed_device_id[:64])
    if not device.is_active:
        raise DevicePaused(device.device_id, device.pk)
    return Sender(cached, key.factory, device, claimed_device_id)
