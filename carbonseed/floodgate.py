"""The posts of a device that is too fast, refused before Django has made anything of them.

A flood costs the others what its refusals cost, and most of that would be handlers, signals and views. Refused here is
only a key that has been looked up before and whose bucket is in debt; nothing is ever allowed here, so a revoked key
stores nothing, whatever is remembered of it. Who shows a key otherwise than by these headers is refused by the view.
"""

import json

from carbonseed.devices_first import INGEST
from carbonseed.monitoring import REQUESTS
from devices.keys import is_secret_of, split_key
from devices.known_keys import remembered
from telemetry.body import READ_OUT_BYTES
from telemetry.ingest import IngestView, Refused, flood_refusal, stamp
from telemetry.refusals import tally


def gated(application):
    """The WSGI application behind the gate."""

    def gated_application(environ, start_response):
        is_post = environ["PATH_INFO"] in INGEST and environ["REQUEST_METHOD"] == "POST"
        refusal = refusal_of(environ) if is_post and "HTTP_ORIGIN" not in environ else None
        return answer(refusal, environ, start_response) if refusal else application(environ, start_response)

    return gated_application


def refusal_of(environ) -> Refused | None:
    parts = split_key(shown_key(environ))
    known = remembered(parts[0]) if parts else None
    if known is None or not is_secret_of(parts[1], known.key.secret_hash):
        return None
    return flood_refusal(known.key, IngestView.ticks())


def shown_key(environ) -> str:
    scheme, _space, rest = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    return environ.get("HTTP_X_API_KEY") or (rest if scheme.lower() in ("bearer", "token") else "")


def answer(refusal, environ, start_response) -> list[bytes]:
    """As the view would, counted like there."""
    now = IngestView.now()
    if refusal.device_pk:
        tally.note(refusal.device_pk, refusal.status, now)
    REQUESTS.labels("POST", environ["PATH_INFO"].lstrip("/"), refusal.status).inc()
    declared = environ.get("CONTENT_LENGTH") or "0"
    if declared.isdecimal() and int(declared) <= READ_OUT_BYTES:
        environ["wsgi.input"].read(int(declared))
    body = json.dumps({"status": "error", **refusal.fields, "server_time": stamp(now)}).encode()
    headers = {"Content-Type": "application/json", "Content-Length": len(body), "Retry-After": refusal.wait}
    start_response(f"{refusal.status} Too Many Requests", [(name, str(value)) for name, value in headers.items()])
    return [body]
