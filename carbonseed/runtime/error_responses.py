"""Error responses outside the API: a page for a browser, JSON for every other client.

A device whose client was set up for another address (InfluxDB's, ThingsBoard's) hears where readings go, and its
machine's page counts what it was refused. A key, wherever it stands, is never part of an answer.
"""

import re
from urllib.parse import unquote_plus

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import Resolver404
from django.utils import timezone
from django.views import csrf, defaults

from devices.authentication import InvalidDeviceKey, read_credentials
from devices.key_cache import cached_key, current_key
from devices.keys import KEY_PATTERN, matches_secret
from devices.log_redaction import redact_keys
from devices.models import DeviceKey
from telemetry.ingest.rejections import refusal_counter

READINGS_GO_TO = "There is nothing at this address; readings go to POST /ingest."
KEY_HEADERS = (
    "HTTP_X_API_KEY",
    "HTTP_API_KEY",
    "HTTP_AUTHORIZATION",
    "HTTP_X_AUTHORIZATION",
    "HTTP_X_THINGSPEAKAPIKEY",
)
KEY_IN_QUERY = re.compile(r"(?:^|&)(?:api_?key|key|token)=", re.IGNORECASE)
CLIENT_PATHS = ("/api/", "/ingest", "/data/", "/auth/")
MAX_PATH_CHARACTERS = 100


def wants_page(request: HttpRequest) -> bool:
    """Whether a browser asks: it says that it takes HTML. A client that brings a key is none, whatever it says."""
    return (
        "text/html" in request.META.get("HTTP_ACCEPT", "")
        and not request.path_info.startswith(CLIENT_PATHS)
        and not any(name in request.META for name in KEY_HEADERS)
        and not KEY_IN_QUERY.search(request.META.get("QUERY_STRING", ""))
        and not KEY_PATTERN.search(request.path_info)
    )


def error_json(status: int, detail: str, **fields: str) -> JsonResponse:
    return JsonResponse({"detail": detail, **fields}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400."""
    if wants_page(request):
        return defaults.bad_request(request, exception)
    is_host = isinstance(exception, DisallowedHost)
    return error_json(400, "This host name is not served here." if is_host else "This request could not be read.")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler403."""
    if wants_page(request):
        return defaults.permission_denied(request, exception)
    return error_json(403, str(exception) or "Your role does not include this.")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return csrf.csrf_failure(request, reason) if wants_page(request) else error_json(403, f"CSRF: {reason}")


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404."""
    is_unknown_address = isinstance(exception, Resolver404)
    if is_unknown_address:
        count_refusal(request)
    if wants_page(request):
        return defaults.page_not_found(request, exception)
    if not is_unknown_address:
        return error_json(404, "There is nothing at this address.")
    return error_json(404, READINGS_GO_TO, documentation=f"{settings.SITE_URL}/docs")


def server_error(request: HttpRequest) -> HttpResponse:
    return defaults.server_error(request) if wants_page(request) else error_json(500, "This went wrong on the server.")


class MethodNotAllowedMiddleware:
    """A 405 of a page says which methods are allowed in its header alone; a client is told in words."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.status_code != 405 or response.streaming or response.content or wants_page(request):
            return response
        answer = error_json(405, f"{request.method} is not allowed here.")
        answer["Allow"] = response.get("Allow", "")
        return answer


def count_refusal(request: HttpRequest) -> None:
    """Count an unknown address for the device or gateway whose key came with it."""
    try:
        key = known_key(request)
    except (DatabaseError, InterfaceError):
        return
    if key is None:
        return
    now = timezone.now()
    path = redact_keys(request.path_info)[:MAX_PATH_CHARACTERS]
    refusal_counter.record_unread(key.pk, 404, f"{request.method} {path}: readings go to POST /ingest", b"", now)
    if key.device_id:
        refusal_counter.record(key.device_id, 404, now)


def known_key(request: HttpRequest) -> DeviceKey | None:
    """The key in a header, in the path or in the query; None for one that is wrong or not there."""
    match = next(filter(None, map(KEY_PATTERN.search, places_of_keys(request))), None)
    if match is None:
        return None
    prefix, secret = match.groups()
    cached = cached_key(prefix) or current_key(prefix)
    return cached.key if cached and matches_secret(secret, cached.key.secret_hash) else None


def places_of_keys(request: HttpRequest) -> list[str]:
    try:
        credentials, _device_id = read_credentials(request)
    except InvalidDeviceKey:
        credentials = None
    headers = [request.META.get(name, "") for name in KEY_HEADERS]
    return [credentials or "", *headers, request.path_info, unquote_plus(request.META.get("QUERY_STRING", ""))]
