"""429 for devices above their rate limit, in WSGI, before Django builds a request.

A flood costs other devices what its rejections cost, and most of that would be handlers, signals and views. Rejected
here is only a cached key whose live and backfill buckets are both empty, or one of them after too many requests were
parsed in vain; nothing is ever accepted here, so a revoked key stores nothing.
Keys sent otherwise than by these headers are rejected by the view.
"""

import json

from carbonseed.runtime.ingest_fast_path import INGEST_PATHS
from carbonseed.runtime.monitoring import REQUESTS
from devices.key_cache import cached_key
from devices.keys import matches_secret, split_key
from telemetry.ingest.answers import IngestError, format_timestamp
from telemetry.ingest.rejections import refusal_counter
from telemetry.ingest.request_body import MAX_DRAIN_BYTES
from telemetry.ingest.views import IngestView, flood_refusal


def rate_limited(application):
    """The WSGI application behind the rate limit."""

    def rate_limited_application(environ, start_response):
        is_post = environ["PATH_INFO"] in INGEST_PATHS and environ["REQUEST_METHOD"] == "POST"
        rejection = rejection_for(environ) if is_post and "HTTP_ORIGIN" not in environ else None
        return (
            rejection_response(rejection, environ, start_response)
            if rejection
            else application(environ, start_response)
        )

    return rate_limited_application


def rejection_for(environ) -> IngestError | None:
    parts = split_key(key_from_headers(environ))
    cached = cached_key(parts[0]) if parts else None
    if cached is None or not matches_secret(parts[1], cached.key.secret_hash):
        return None
    return flood_refusal(cached.key, IngestView.ticks())


def key_from_headers(environ) -> str:
    if key := environ.get("HTTP_X_API_KEY") or environ.get("HTTP_API_KEY"):
        return key
    scheme, _space, rest = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    return rest if scheme.lower() in ("bearer", "token") else ""


def rejection_response(rejection, environ, start_response) -> list[bytes]:
    """The 429 that the view would send, counted in the same metrics."""
    now = IngestView.now()
    if rejection.device_pk:
        refusal_counter.record(rejection.device_pk, rejection.status, now)
    REQUESTS.labels("POST", environ["PATH_INFO"].lstrip("/"), rejection.status).inc()
    content_length = environ.get("CONTENT_LENGTH") or "0"
    if content_length.isdecimal() and int(content_length) <= MAX_DRAIN_BYTES:
        environ["wsgi.input"].read(int(content_length))
    body = json.dumps({"status": "error", **rejection.fields, "server_time": format_timestamp(now)}).encode()
    headers = {"Content-Type": "application/json", "Content-Length": len(body), "Retry-After": rejection.wait}
    start_response(f"{rejection.status} Too Many Requests", [(name, str(value)) for name, value in headers.items()])
    return [body]
